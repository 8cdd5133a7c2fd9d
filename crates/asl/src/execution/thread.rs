//! One thread of control: the whole machine, a branch, or an iteration of a Map.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use jsonata_core::value::JValue;

use super::api::TaskId;
use super::failure::Failed;
use super::scope::Scope;
use crate::definition::StateId;
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
    pub(super) scope: Rc<Scope>,
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

pub(super) struct Children {
    pub(super) running: BTreeMap<usize, ThreadId>,
    pub(super) outputs: Vec<Option<Payload>>,
    pub(super) map: Option<MapRun>,
}

/// What a Map has still to do.
pub(super) struct MapRun {
    pub(super) next_index: usize,
    /// The input of the state after `InputPath`.
    pub(super) input: Payload,
    pub(super) items: Vec<Payload>,
}

impl Thread {
    /// A thread about to enter its first state, after that event.
    pub(super) fn new(parent: Option<Parent>, state: StateId, input: Payload, last: u64, scope: Scope) -> Thread {
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
            scope: Rc::new(scope),
            attempts: Vec::new(),
            retry_count: None,
            map_item: None,
            phase: Phase::Enter,
            epoch: 0,
        }
    }
}
