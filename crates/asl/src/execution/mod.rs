//! The interpreter: it runs a definition with an input and the answers of tasks, and records a history.
//!
//! It does no IO and reads no clock. One thread of control runs the machine; Parallel and Map states add one for each branch
//! and iteration. A thread runs until it waits for a task, a timer or its children.
//!
//! Invariant: a thread never waits for something that cannot come. Where an invariant does not hold, the execution ends
//! with an internal error that names it (`Execution::internal_error`).

mod api;
mod branch;
mod choice;
mod core;
mod coverage;
mod deliver;
mod end;
mod failure;
mod flow;
mod handling;
mod map;
mod parallel;
mod run;
mod scope;
mod states;
mod task;
mod thread;
mod threads;
mod timer;
mod view;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

pub use api::{Action, Answer, Kind, Limits, Outcome, Start, Status, TaskId, TaskRequest};

use self::core::Core;
use self::coverage::EdgeSet;
use crate::definition::Definition;
use crate::history::{EventDetails, HistoryEvent};
use crate::payload::Payload;
use crate::random::Random;
use crate::time::Timestamp;
use thread::{Thread, ThreadId};
use threads::Threads;
use timer::Timer;

/// A run of a definition.
pub struct Execution {
    definition: Arc<Definition>,
    kind: Kind,
    core: Core,
    threads: Threads,
    ready: VecDeque<ThreadId>,
    timers: BinaryHeap<Timer>,
    tasks: BTreeMap<TaskId, ThreadId>,
    actions: Vec<Action>,
    outcome: Option<Outcome>,
    transitions: u64,
    taken: EdgeSet,
    next_task: u64,
    next_epoch: u64,
}

impl Execution {
    /// Starts an execution. Nothing but `ExecutionStarted` happens before the first `step`.
    #[must_use]
    pub fn start(definition: Arc<Definition>, start: Start) -> Execution {
        let input = Payload::new(start.input);
        let core = Core {
            region: Arc::from(region_of(&start.state_machine_arn)),
            execution_arn: start.execution_arn,
            execution_name: start.execution_name,
            machine_arn: start.state_machine_arn,
            machine_name: start.state_machine_name,
            role_arn: start.role_arn,
            input: input.clone(),
            input_value: OnceCell::new(),
            started_at: start.started_at,
            limits: start.limits,
            now: start.started_at,
            random: Random::new(start.seed),
            history: Vec::new(),
            full: false,
            broken: None,
            kept: 0,
        };
        let mut execution = Execution {
            taken: EdgeSet::none_of(definition.edge_count()),
            definition,
            kind: start.kind,
            core,
            threads: Threads::default(),
            ready: VecDeque::new(),
            timers: BinaryHeap::new(),
            tasks: BTreeMap::new(),
            actions: Vec::new(),
            outcome: None,
            transitions: 0,
            next_task: 1,
            next_epoch: 1,
        };
        execution.begin(input);
        execution
    }

    fn begin(&mut self, input: Payload) {
        let role_arn = Arc::from(self.core.role_arn.as_str());
        self.core.push(0, EventDetails::ExecutionStarted { input: input.clone(), role_arn });
        self.set_machine_timer();
        let first = self.definition.start_of(Definition::ROOT);
        // The first state follows no event, not even ExecutionStarted.
        let thread = self.threads.spawn(Thread::new(None, first, input, 0, Rc::default()));
        self.ready.push_back(thread);
    }

    /// Runs as far as possible at that time; returns what the driver must do, in order. Timers that are due before it fire
    /// at their own time.
    pub fn step(&mut self, now: Timestamp) -> Vec<Action> {
        self.run_ready();
        self.advance(now, true);
        let mut actions = std::mem::take(&mut self.actions);
        if self.outcome.is_none()
            && let Some(next) = self.next_wake()
        {
            actions.push(Action::WakeAt(next));
        }
        actions
    }

    /// The status of the execution.
    #[must_use]
    pub fn status(&self) -> Status {
        self.outcome.as_ref().map_or(Status::Running, |outcome| outcome.status)
    }

    /// The outcome, once the execution has ended.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// The invariant of the engine that did not hold, after which the execution was ended: a fault of the engine, which
    /// Step Functions cannot have. Whoever drives executions reports it as such.
    #[must_use]
    pub fn internal_error(&self) -> Option<&'static str> {
        self.core.broken
    }

    /// The events so far.
    #[must_use]
    pub fn history(&self) -> &[HistoryEvent] {
        &self.core.history
    }

    /// How many states were entered or retried.
    #[must_use]
    pub fn transitions(&self) -> u64 {
        self.transitions
    }

    /// Standard or Express.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// The Region in an ARN; a text without one has an empty one.
fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error;

    #[test]
    fn a_broken_invariant_ends_the_execution_with_its_name() -> Result<(), Box<dyn std::error::Error>> {
        let machine = json!({ "StartAt": "T", "States": {
            "T": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "FunctionName": "f" }, "End": true } } });
        let start = Start {
            execution_arn: "arn:aws:states:us-east-1:111122223333:execution:m:e".to_owned(),
            execution_name: "e".to_owned(),
            state_machine_arn: "arn:aws:states:us-east-1:111122223333:stateMachine:m".to_owned(),
            state_machine_name: "m".to_owned(),
            role_arn: "arn:aws:iam::111122223333:role/r".to_owned(),
            input: json!({}),
            started_at: Timestamp(0),
            kind: Kind::Standard,
            seed: 1,
            limits: Limits::default(),
        };
        let mut execution = Execution::start(Arc::new(Definition::parse(&machine.to_string())?), start);
        execution.step(Timestamp(0));
        assert_eq!((execution.status(), execution.internal_error()), (Status::Running, None));
        let (task, thread) = execution.tasks.iter().next().map(|(task, thread)| (*task, *thread)).ok_or("a task")?;
        drop(execution.threads.take(thread));
        assert!(!execution.deliver(task, Answer::Succeeded(json!({})), Timestamp(1)));
        assert_eq!(execution.internal_error(), Some("a task runs for a thread that is not there"));
        let outcome = execution.outcome().ok_or("an outcome")?;
        assert_eq!((outcome.status, outcome.error.as_deref()), (Status::Failed, Some(error::INTERNAL)));
        Ok(())
    }
}
