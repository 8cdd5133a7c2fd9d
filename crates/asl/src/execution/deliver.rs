//! Delivery of task answers.

use std::sync::Arc;

use serde_json::Value;

use super::Execution;
use super::api::{Action, Answer, TaskId};
use super::failure::{Failed, FailureKind, StateError};
use super::flow;
use super::thread::{Phase, TaskRun, Thread};
use crate::definition::{Pattern, Resource, StateKind, Task};
use crate::error;
use crate::history::{EventDetails, Failure, HistoryEvent};
use crate::payload::Payload;
use crate::time::Timestamp;

impl Execution {
    /// Hands in what happened to a task. What follows from it happens in the next `step`. Answers to a task that has ended
    /// or never was are ignored, and reported as false.
    pub fn deliver(&mut self, task: TaskId, answer: Answer, at: Timestamp) -> bool {
        // A timer that was due before the answer came has fired.
        self.advance(at, false);
        let Some(id) = self.tasks.get(&task).copied() else { return false };
        let Some(mut thread) = self.threads.take(id) else {
            self.end_broken("a task runs for a thread that is not there");
            return false;
        };
        let definition = Arc::clone(&self.definition);
        let StateKind::Task(state) = definition.state(thread.state).kind() else {
            self.end_broken("a task runs for a state that is no Task");
            return false;
        };
        let known = match std::mem::replace(&mut thread.phase, Phase::Running) {
            Phase::Task(run) if run.id == task => {
                self.answer(id, &mut thread, state, run, answer);
                true
            }
            other => {
                thread.phase = other;
                false
            }
        };
        self.threads.put_back(id, thread);
        if self.core.full || self.core.is_too_heavy() {
            self.end_when_full();
        }
        known
    }

    fn answer(&mut self, id: usize, thread: &mut Thread, state: &Task, mut run: TaskRun, answer: Answer) {
        let failure =
            |error: String, cause: Option<String>| Failure { error: Some(error.into()), cause: cause.map(Into::into) };
        let result = match answer {
            Answer::Started => {
                self.record_started(id, thread, state, &mut run, None);
                return self.go_on(id, thread, run);
            }
            Answer::StartedBy(worker) => {
                self.record_started(id, thread, state, &mut run, Some(&worker));
                return self.go_on(id, thread, run);
            }
            Answer::Heartbeat => return self.go_on(id, thread, run),
            Answer::Submitted(output) => {
                self.record_started(id, thread, state, &mut run, None);
                self.record_submitted(thread, state, Payload::new(output));
                return self.go_on(id, thread, run);
            }
            Answer::Succeeded(value) => {
                self.record_started(id, thread, state, &mut run, None);
                self.succeeded(thread, state, value)
            }
            Answer::Failed { error, cause } => {
                self.record_started(id, thread, state, &mut run, None);
                let failure = failure(error, cause);
                self.record_failed(thread, state, failure.clone());
                Err(Failed { failure, kind: FailureKind::Task })
            }
            Answer::FailedUnnamed { cause } => {
                self.record_started(id, thread, state, &mut run, None);
                let failure = Failure { error: None, cause: cause.map(Into::into) };
                self.record_failed(thread, state, failure.clone());
                Err(Failed { failure, kind: FailureKind::Task })
            }
            Answer::DoesNotExist(cause) => {
                self.unschedule(thread);
                Err(self.resolve(thread, StateError::Runtime(cause)))
            }
            Answer::TimedOut => {
                self.record_started(id, thread, state, &mut run, None);
                let failed = Failed::new(Some(error::TIMEOUT.into()), None, FailureKind::Other);
                self.record_timed_out(thread, state, &failed);
                self.actions.push(Action::Cancel(run.id));
                Err(failed)
            }
            Answer::StartFailed { error, cause } => {
                if is_submitted_later(state) {
                    self.record_started(id, thread, state, &mut run, None);
                }
                let failure = failure(error, cause);
                self.record_start_failed(thread, state, failure.clone());
                Err(Failed { failure, kind: FailureKind::Task })
            }
        };
        self.tasks.remove(&run.id);
        self.renew(thread);
        thread.phase = Phase::Resume(result);
        self.ready.push_back(id);
    }

    /// Takes back that an activity was scheduled, if nothing has happened since: Step Functions looks for it first.
    fn unschedule(&mut self, thread: &mut Thread) {
        let scheduled = |event: &HistoryEvent| {
            event.id == thread.last && matches!(event.details, EventDetails::ActivityScheduled { .. })
        };
        if self.core.history.last().is_some_and(scheduled)
            && let Some(event) = self.core.history.pop()
        {
            thread.last = event.previous_event_id;
        }
    }

    /// Keeps the task waiting. Every answer counts as a heartbeat.
    fn go_on(&mut self, id: usize, thread: &mut Thread, mut run: TaskRun) {
        if let Some(seconds) = run.heartbeat_seconds {
            run.beat += 1;
            self.set_heartbeat(id, thread.epoch, run.beat, self.core.now.plus_seconds(seconds));
        }
        thread.phase = Phase::Task(run);
    }

    fn succeeded(&mut self, thread: &mut Thread, state: &Task, value: Value) -> Result<Payload, Failed> {
        let output = Payload::new(value);
        if flow::fits(&self.core, &output) {
            self.core.keep(&output, &thread.input);
            self.record_succeeded(thread, state, output.clone());
            return Ok(output);
        }
        let what = match state.resource {
            Resource::Integration { .. } => &state.call.resource_type,
            Resource::LambdaFunction(_) | Resource::Activity(_) => &state.call.resource,
        };
        let failure =
            Failure { error: Some(error::DATA_LIMIT_EXCEEDED.into()), cause: Some(flow::too_large(what).into()) };
        self.record_failed(thread, state, failure.clone());
        Err(Failed { failure, kind: FailureKind::Task })
    }
}

/// Whether the call is made before the task is submitted.
fn is_submitted_later(task: &Task) -> bool {
    matches!(
        task.resource,
        Resource::Integration { pattern: Pattern::Sync | Pattern::Sync2 | Pattern::WaitForTaskToken, .. }
    )
}
