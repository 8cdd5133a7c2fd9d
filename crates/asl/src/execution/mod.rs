//! The interpreter.

mod api;

use std::sync::Arc;

pub use api::{Action, Answer, Kind, Limits, Outcome, Start, Status, TaskId, TaskRequest};

use crate::definition::Definition;
use crate::history::{EventDetails, HistoryEvent};
use crate::payload::Payload;
use crate::time::Timestamp;

/// A run of a definition.
pub struct Execution {
    definition: Arc<Definition>,
    history: Vec<HistoryEvent>,
    outcome: Option<Outcome>,
    transitions: u64,
}

impl Execution {
    /// Starts an execution; nothing runs before the first `step`.
    #[must_use]
    pub fn start(definition: Arc<Definition>, start: Start) -> Execution {
        let input = Payload::new(start.input);
        let details = EventDetails::ExecutionStarted { input, role_arn: Arc::from(start.role_arn) };
        let first = HistoryEvent { id: 1, previous_event_id: 0, timestamp: start.started_at, details };
        Execution { definition, history: vec![first], outcome: None, transitions: 0 }
    }

    /// Runs as far as possible at that time; returns what the driver must do, in order.
    pub fn step(&mut self, _now: Timestamp) -> Vec<Action> {
        let _ = &self.definition;
        Vec::new()
    }

    /// Hands in what happened to a task. Answers to a task that has ended are ignored, and reported as false.
    pub fn deliver(&mut self, _task: TaskId, _answer: Answer, _at: Timestamp) -> bool {
        false
    }

    /// Stops the execution as `StopExecution` does.
    pub fn stop(&mut self, error: Option<String>, cause: Option<String>, _at: Timestamp) {
        self.outcome = Some(Outcome { status: Status::Aborted, output: None, error, cause });
    }

    /// Where the execution stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.outcome.as_ref().map_or(Status::Running, |outcome| outcome.status)
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What happened so far.
    #[must_use]
    pub fn history(&self) -> &[HistoryEvent] {
        &self.history
    }

    /// How many states were entered or retried.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.transitions
    }
}
