//! How an execution ends.

use super::Execution;
use super::api::{Action, Outcome, Status};
use crate::error;
use crate::history::{EventDetails, Failure};
use crate::payload::Payload;
use crate::time::Timestamp;

pub(super) enum Ending {
    /// With that output, after that event.
    Succeeded(Payload, u64),
    /// With that failure, after that event.
    Failed(Failure, u64),
    TimedOut,
    Aborted(Failure),
    /// An invariant of the engine does not hold.
    Broken(&'static str),
}

impl Execution {
    /// Ends the execution: records the last event and the outcome, and cancels the tasks that still run.
    pub(super) fn end(&mut self, ending: Ending) {
        if self.outcome.is_some() {
            return;
        }
        let ending = match self.core.broken {
            Some(invariant) => Ending::Broken(invariant),
            None if self.core.full => self.full_history(),
            None => ending,
        };
        let (status, output, failure, previous) = match ending {
            Ending::Succeeded(output, previous) => (Status::Succeeded, Some(output), Failure::default(), previous),
            Ending::Failed(failure, previous) => (Status::Failed, None, failure, previous),
            Ending::TimedOut => (Status::TimedOut, None, Failure::default(), 0),
            Ending::Aborted(failure) => (Status::Aborted, None, failure, 0),
            Ending::Broken(invariant) => {
                let (error, cause) = (Some(error::INTERNAL.into()), Some(invariant.into()));
                (Status::Failed, None, Failure { error, cause }, 0)
            }
        };
        let details = match (status, &output) {
            (Status::Succeeded, Some(output)) => EventDetails::ExecutionSucceeded { output: output.clone() },
            // Only the event names the error.
            (Status::TimedOut, _) => {
                EventDetails::ExecutionTimedOut(Failure { error: Some(error::TIMEOUT.into()), cause: None })
            }
            (Status::Aborted, _) => EventDetails::ExecutionAborted(failure.clone()),
            _ => EventDetails::ExecutionFailed(failure.clone()),
        };
        self.core.push(previous, details);
        self.outcome = Some(Outcome {
            status,
            output: output.map(Payload::into_value),
            error: failure.error.map(|error| error.to_string()),
            cause: failure.cause.map(|cause| cause.to_string()),
        });
        for id in std::mem::take(&mut self.tasks).into_keys() {
            self.actions.push(Action::Cancel(id));
        }
        self.threads.clear();
        self.ready.clear();
        self.timers.clear();
    }

    /// Ends the execution because an invariant of the engine does not hold, rather than let a thread wait forever.
    pub(super) fn end_broken(&mut self, invariant: &'static str) {
        self.core.broken = Some(invariant);
        self.end(Ending::Broken(invariant));
    }

    /// Stops the execution as `StopExecution` does; nothing happens when it has ended. The next `step` returns what is to
    /// be cancelled.
    pub fn stop(&mut self, error: Option<String>, cause: Option<String>, at: Timestamp) {
        self.advance(at, true);
        self.end(Ending::Aborted(Failure { error: error.map(Into::into), cause: cause.map(Into::into) }));
    }
}
