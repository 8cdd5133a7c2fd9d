//! The loop that runs threads.

use std::sync::Arc;

use super::Execution;
use super::core::MAX_KEPT;
use super::end::Ending;
use super::failure::{Failed, StateError};
use super::flow::Produced;
use super::thread::{Phase, Thread, ThreadId};
use crate::definition::{Definition, EdgeKind, Next, State, StateKind};
use crate::error;
use crate::history::{EventDetails, Failure};
use crate::payload::Payload;

/// How the run of a state ended.
pub(super) enum Progress {
    /// The state is done; the event that says so follows the given one.
    Exit { produced: Produced, next: Next, previous: u64 },
    /// The thread waits; its phase says for what.
    Blocked,
}

/// How the run of a thread ended.
enum ThreadResult {
    Waits,
    Ends(Payload),
    Fails(Failed),
}

impl Execution {
    /// Runs the threads that can run until none can.
    pub(super) fn run_ready(&mut self) {
        while self.outcome.is_none() {
            let Some(id) = self.ready.pop_front() else { break };
            let Some(mut thread) = self.threads.take(id) else {
                return self.end_broken("a thread that can run is not there");
            };
            let definition = Arc::clone(&self.definition);
            let fate = self.run(id, &mut thread, &definition);
            if self.outcome.is_some() {
                break;
            }
            match fate {
                ThreadResult::Waits => self.threads.put_back(id, thread),
                ThreadResult::Ends(output) => self.thread_ended(id, thread, output),
                ThreadResult::Fails(failed) => self.thread_failed(id, thread, failed),
            }
        }
    }

    fn run(&mut self, id: ThreadId, thread: &mut Thread, definition: &Definition) -> ThreadResult {
        loop {
            if self.core.full || self.core.is_too_heavy() {
                self.end_when_full();
                return ThreadResult::Waits;
            }
            let state = definition.state(thread.state);
            let progress = match std::mem::replace(&mut thread.phase, Phase::Running) {
                Phase::Enter => {
                    self.enter(thread, state);
                    self.run_state(id, thread, state)
                }
                Phase::Retry => {
                    self.transitions += 1;
                    self.run_state(id, thread, state)
                }
                Phase::Resume(result) => self.resume(thread, state, result),
                waiting => {
                    thread.phase = waiting;
                    return ThreadResult::Waits;
                }
            };
            let progress = match progress {
                Ok(progress) => progress,
                Err(error) => match self.handle(id, thread, state, error) {
                    Ok(progress) => progress,
                    Err(failed) => return ThreadResult::Fails(failed),
                },
            };
            match progress {
                Progress::Blocked => {}
                Progress::Exit { produced, next, previous } => match self.exit(thread, state, produced, next, previous)
                {
                    Ok(Some(output)) => return ThreadResult::Ends(output),
                    Ok(None) => {}
                    Err(failed) => return ThreadResult::Fails(failed),
                },
            }
        }
    }

    fn enter(&mut self, thread: &mut Thread, state: &State) {
        self.transitions += 1;
        self.take_edge(state, EdgeKind::Entered);
        thread.name = Arc::clone(state.shared_name());
        thread.before_entered = thread.last;
        thread.entered_at = self.core.now;
        thread.attempts.clear();
        thread.retry_count = state.handling().is_some().then_some(0);
        let details = EventDetails::StateEntered {
            state_type: state.state_type(),
            name: Arc::clone(&thread.name),
            input: thread.input.clone(),
        };
        thread.entered = self.core.record(thread.last, details);
        thread.last = thread.entered;
    }

    fn run_state(&mut self, id: ThreadId, thread: &mut Thread, state: &State) -> Result<Progress, StateError> {
        match state.kind() {
            StateKind::Pass { result, next } => self.pass(thread, state, result.as_ref(), *next),
            StateKind::Task(task) => self.start_task(id, thread, state, task),
            StateKind::Choice { rules, default } => self.choose(thread, state, rules, *default),
            StateKind::Wait(wait) => self.wait(id, thread, state, wait),
            StateKind::Succeed => self.succeed(thread, state),
            StateKind::Fail(fail) => Err(self.fail(thread, fail)),
            StateKind::Parallel(parallel) => self.start_parallel(id, thread, state, parallel),
            StateKind::Map(map) => self.start_map(id, thread, state, map),
        }
    }

    /// Records the end of a state and moves on; gives the output when the machine of the thread has ended.
    fn exit(
        &mut self,
        thread: &mut Thread,
        state: &State,
        produced: Produced,
        next: Next,
        previous: u64,
    ) -> Result<Option<Payload>, Failed> {
        let Produced { output, assigned } = produced;
        self.core.keep(&output, &thread.input);
        for (_, value) in assigned.iter().flat_map(|assigned| assigned.iter()) {
            self.core.keep(value, &output);
        }
        if let Some(assigned) = &assigned
            && !thread.assign(assigned)
        {
            let error = StateError::TooLarge(super::flow::too_large(&thread.name));
            return Err(self.resolve(thread, error));
        }
        let details = EventDetails::StateExited {
            state_type: state.state_type(),
            name: Arc::clone(&thread.name),
            output: output.clone(),
            assigned,
        };
        thread.last = self.core.record(previous, details);
        match next {
            Next::End => Ok(Some(output)),
            Next::State(next) => {
                thread.state = next;
                thread.input = output;
                thread.input_value.take();
                thread.phase = Phase::Enter;
                Ok(None)
            }
        }
    }

    pub(super) fn end_when_full(&mut self) {
        self.end(self.full_history());
    }

    /// How an execution ends whose history has no place left for an event.
    pub(super) fn full_history(&self) -> Ending {
        let cause = if self.core.is_too_heavy() {
            let mebibytes = MAX_KEPT >> 20;
            format!("The execution history takes more than {mebibytes} MiB of memory.")
        } else {
            let limit = self.core.limits.history_events;
            format!("The execution reached the maximum number of history events ({limit}).")
        };
        let failure = Failure { error: Some(error::RUNTIME.into()), cause: Some(cause.into()) };
        Ending::Failed(failure, self.core.history.len() as u64)
    }
}
