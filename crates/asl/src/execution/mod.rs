//! The interpreter: a definition, an input and the answers of tasks become a history.
//!
//! It does no IO and reads no clock. One thread of control runs the machine; Parallel and Map states add one for each branch
//! and iteration. A thread runs until it waits for a task, a timer or its children.

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
use self::coverage::Taken;
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
    taken: Taken,
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
            taken: Taken::none_of(definition.edge_count()),
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

    /// The invariant of the engine that did not hold, after which the execution was ended: a fault of the engine, which
    /// Step Functions cannot have. Whoever drives executions reports it as such.
    #[must_use]
    pub fn internal_error(&self) -> Option<&'static str> {
        self.core.broken
    }

    /// What happened so far.
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
