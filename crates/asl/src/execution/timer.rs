//! Timers: waits, retries, timeouts, heartbeats, and the timeout of the machine.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Execution;
use super::end::Ending;
use super::failure::{Failed, FailureKind};
use super::thread::{AfterTimer, Phase, Thread, ThreadId};
use crate::definition::{Number, StateKind};
use crate::error;
use crate::time::Timestamp;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Timer {
    at: Timestamp,
    /// Timers of the same time fire in the order in which they were set.
    order: u64,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The machine's `TimeoutSeconds`.
    Machine,
    /// The longest time that an execution may take.
    Quota,
    /// The wait or the task timeout of a thread in that epoch.
    Thread(ThreadId, u64),
    /// The heartbeat of a task, by its number.
    Heartbeat(ThreadId, u64, u64),
}

/// The earliest timer is the greatest, as the heap gives the greatest first.
impl Ord for Timer {
    fn cmp(&self, other: &Timer) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Timer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Execution {
    fn set(&mut self, at: Timestamp, what: What) {
        self.next_epoch += 1;
        self.timers.push(Timer { at, order: self.next_epoch, what });
    }

    pub(super) fn set_machine_timer(&mut self) {
        let seconds = match self.definition.timeout_seconds() {
            Some(Number::Given(number)) => number.as_u64(),
            _ => None,
        };
        let most = self.kind.longest_seconds();
        let (seconds, what) = match seconds.filter(|seconds| *seconds <= most) {
            Some(seconds) => (seconds, What::Machine),
            None => (most, What::Quota),
        };
        self.set(self.core.started_at.plus_seconds(seconds), what);
    }

    /// Sets the timer of a thread's wait or task; it is stale when the thread's epoch is another.
    pub(super) fn set_timer(&mut self, id: ThreadId, thread: &Thread, at: Timestamp) {
        self.set(at, What::Thread(id, thread.epoch));
    }

    pub(super) fn set_heartbeat(&mut self, id: ThreadId, epoch: u64, beat: u64, at: Timestamp) {
        self.set(at, What::Heartbeat(id, epoch, beat));
    }

    /// Gives a thread a new epoch, which makes its timers stale.
    pub(super) fn renew(&mut self, thread: &mut Thread) {
        self.next_epoch += 1;
        thread.epoch = self.next_epoch;
    }

    fn is_current(&self, what: What) -> bool {
        match what {
            What::Machine | What::Quota => true,
            What::Thread(id, epoch) => self.threads.get(id).is_some_and(|thread| thread.epoch == epoch),
            What::Heartbeat(id, epoch, beat) => self.threads.get(id).is_some_and(|thread| {
                thread.epoch == epoch && matches!(&thread.phase, Phase::Task(task) if task.beat == beat)
            }),
        }
    }

    /// When the driver must call `step` again even if no answer arrives. If only the quota of an execution's duration is
    /// left, there is no such time: the driver then sees that nothing more will happen.
    pub(super) fn next_wake(&mut self) -> Option<Timestamp> {
        let next = self.next_timer()?;
        let quota = self.timers.peek().is_some_and(|timer| timer.what == What::Quota);
        let others = || self.timers.iter().any(|timer| timer.what != What::Quota && self.is_current(timer.what));
        (!quota || others()).then_some(next)
    }

    /// When the next timer fires.
    fn next_timer(&mut self) -> Option<Timestamp> {
        while let Some(timer) = self.timers.peek() {
            if self.is_current(timer.what) {
                return Some(timer.at);
            }
            self.timers.pop();
        }
        None
    }

    /// Advances the clock: fires the timers before that time, or up to and including it if `inclusive`, in order of time,
    /// and runs the threads that become ready.
    pub(super) fn advance(&mut self, now: Timestamp, inclusive: bool) {
        while self.outcome.is_none() {
            let Some(at) = self.next_timer().filter(|at| *at < now || (inclusive && *at == now)) else { break };
            self.core.now = self.core.now.max(at);
            while let Some(timer) = self.timers.peek().filter(|timer| timer.at == at) {
                let what = timer.what;
                self.timers.pop();
                if self.is_current(what) {
                    self.fire(what);
                }
            }
            self.run_ready();
        }
        self.core.now = self.core.now.max(now);
    }

    fn fire(&mut self, what: What) {
        match what {
            What::Machine | What::Quota => self.end(Ending::TimedOut),
            What::Heartbeat(id, ..) => self.time_out(id, FailureKind::Heartbeat),
            What::Thread(id, _) => {
                match self.threads.get_mut(id) {
                    Some(thread) if matches!(thread.phase, Phase::Timer(AfterTimer::Retry)) => {
                        thread.phase = Phase::Retry;
                    }
                    Some(thread) if matches!(thread.phase, Phase::Timer(AfterTimer::Exit)) => {
                        thread.phase = Phase::Resume(Ok(thread.input.clone()));
                    }
                    _ => return self.time_out(id, FailureKind::Other),
                }
                self.ready.push_back(id);
            }
        }
    }

    fn time_out(&mut self, id: ThreadId, kind: FailureKind) {
        let definition = Arc::clone(&self.definition);
        let Some(mut thread) = self.threads.take(id) else {
            return self.end_broken("a timer fires for a thread that is not there");
        };
        let (Phase::Task(run), StateKind::Task(task)) =
            (std::mem::replace(&mut thread.phase, Phase::Running), definition.state(thread.state).kind())
        else {
            return self.end_broken("a timer fires for a thread that does not wait for it");
        };
        self.tasks.remove(&run.id);
        self.actions.push(super::Action::Cancel(run.id));
        let failed = Failed::new(Some(error::TIMEOUT.into()), None, kind);
        self.record_timed_out(&mut thread, task, &failed);
        thread.phase = Phase::Resume(Err(failed));
        self.renew(&mut thread);
        self.ready.push_back(id);
        self.threads.put_back(id, thread);
    }
}
