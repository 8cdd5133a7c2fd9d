//! One thread of control: the whole machine, a branch, or an iteration of a Map.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use jsonata_core::value::JValue;

use super::api::TaskId;
use super::failure::Failed;
use super::scope::Scope;
use crate::definition::StateId;
use crate::history::Assigned;
use crate::payload::Payload;
use crate::time::Timestamp;

/// The place of a thread in the table of threads.
pub(super) type ThreadId = usize;

pub(super) struct Thread {
    pub(super) parent: Option<Parent>,
    pub(super) state: StateId,
    pub(super) name: Arc<str>,
    /// The raw input of the state.
    pub(super) input: Payload,
    pub(super) input_value: OnceCell<JValue>,
    /// The event that says the state was entered, and the one before it.
    pub(super) entered: u64,
    pub(super) before_entered: u64,
    pub(super) entered_at: Timestamp,
    /// The last event of this thread.
    pub(super) last: u64,
    /// The variables it reads. They are those of the thread around it until it assigns one.
    pub(super) scope: Rc<Scope>,
    /// Whether the scope is that of this thread.
    pub(super) has_own_scope: bool,
    /// How often each Retrier of the state has been used.
    pub(super) attempts: Vec<u64>,
    /// How often the state was retried, for states that can be.
    pub(super) retry_count: Option<u64>,
    pub(super) map_item: Option<Rc<MapItem>>,
    pub(super) phase: Phase,
    /// Changes whenever the phase does, so that a timer set before is known to be stale.
    pub(super) epoch: u64,
}

#[derive(Clone, Copy)]
pub(super) struct Parent {
    pub(super) thread: ThreadId,
    pub(super) index: usize,
}

pub(super) struct MapItem {
    pub(super) index: usize,
    pub(super) value: Payload,
}

/// What a thread does next, or waits for.
pub(super) enum Phase {
    /// To enter its state.
    Enter,
    /// To run its state again.
    Retry,
    /// To go on with what its task, branches or timer gave.
    Resume(Result<Payload, Failed>),
    /// For a timer of a Wait state, or before a retry.
    Timer(AfterTimer),
    /// For a task.
    Task(TaskRun),
    /// For branches or iterations.
    Children(Children),
    /// Nothing, ever.
    Stalled,
    /// Nothing: it is running.
    Running,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterTimer {
    Exit,
    Retry,
}

pub(super) struct TaskRun {
    pub(super) id: TaskId,
    pub(super) started: bool,
    pub(super) timeout_seconds: Option<u64>,
    pub(super) heartbeat_seconds: Option<u64>,
    /// The heartbeat timers before this number are stale.
    pub(super) beat: u64,
}

/// The branches of a Parallel state or the iterations of a Map.
pub(super) struct Children {
    /// By index; of a Map also the iterations that have not started.
    pub(super) all: Vec<Child>,
    pub(super) running: usize,
    pub(super) map: Option<MapRun>,
}

pub(super) enum Child {
    /// It has not started, or it has failed.
    Idle,
    Running(ThreadId),
    Ended(Payload),
}

/// What a Map has still to do.
pub(super) struct MapRun {
    pub(super) next_index: usize,
    /// The input of the state after `InputPath`.
    pub(super) input: Payload,
    pub(super) items: Vec<Payload>,
}

impl Children {
    /// Children that have not started.
    pub(super) fn idle(count: usize, map: Option<MapRun>) -> Children {
        Children { all: (0..count).map(|_| Child::Idle).collect(), running: 0, map }
    }

    pub(super) fn started(&mut self, index: usize, id: ThreadId) {
        if let Some(child) = self.all.get_mut(index) {
            *child = Child::Running(id);
            self.running += 1;
        }
    }

    /// Notes that a child runs no more; false when it was not running.
    pub(super) fn stopped(&mut self, index: usize, output: Option<Payload>) -> bool {
        match self.all.get_mut(index) {
            Some(child @ Child::Running(_)) => {
                *child = output.map_or(Child::Idle, Child::Ended);
                self.running -= 1;
                true
            }
            _ => false,
        }
    }

    /// The outputs in the order of the children; `None` unless all have ended.
    pub(super) fn outputs(self) -> Option<Vec<Payload>> {
        let output = |child| match child {
            Child::Ended(output) => Some(output),
            Child::Idle | Child::Running(_) => None,
        };
        self.all.into_iter().map(output).collect()
    }
}

impl Thread {
    /// A thread about to enter its first state, after that event.
    pub(super) fn new(parent: Option<Parent>, state: StateId, input: Payload, last: u64, scope: Rc<Scope>) -> Thread {
        Thread {
            parent,
            state,
            name: Arc::from(""),
            input,
            input_value: OnceCell::new(),
            entered: 0,
            before_entered: 0,
            entered_at: Timestamp::default(),
            last,
            scope,
            has_own_scope: parent.is_none(),
            attempts: Vec::new(),
            retry_count: None,
            map_item: None,
            phase: Phase::Enter,
            epoch: 0,
        }
    }

    /// Assigns variables; false when they would take more than they may.
    pub(super) fn assign(&mut self, assigned: &Assigned) -> bool {
        if !self.has_own_scope {
            self.scope = Rc::new(Scope::inner(&self.scope));
            self.has_own_scope = true;
        }
        Rc::make_mut(&mut self.scope).assign(assigned)
    }
}
