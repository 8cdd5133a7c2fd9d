//! Drives executions through virtual time on one world: the engine schedules tasks, the handlers and the account answer
//! them, and the clock moves only when everything is idle.
//!
//! A run begins with the executions that events start, each at its time. An execution may start others, which continue
//! after it has ended; the run ends with the last one. Nothing waits for ever: a run in which nothing can happen any more,
//! or that lasts for more than a year of virtual time, ends with a [`DriverError`].

mod faults;
mod invoke;
mod runner;
mod service_call;
mod snapshot;
mod start_execution;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use account::{Timestamp, World};
use serde_json::Value;
use thiserror::Error;

use crate::InternalError;
use crate::deployment::{Deployment, Machine};
pub(crate) use faults::FunctionFaults;
pub use faults::{FunctionFault, FunctionFaultKind};
pub use snapshot::{InvocationResult, InvocationSnapshot};

/// Why a run could not be driven to its end: a fault of the tool or of the definition, not of the response.
#[derive(Debug, Clone, Error)]
pub enum DriverError {
    /// The definition calls something that is not simulated.
    #[error(
        "state `{state}`: `{resource}` is not simulated; the simulated account knows lambda:invoke, states:startExecution and the integrations of its services"
    )]
    NotSimulated {
        /// Name of the state.
        state: String,
        /// The resource.
        resource: String,
    },
    /// Nothing will ever happen again.
    #[error("the execution waits for something that never comes{}", in_state(state))]
    Stuck {
        /// A state that waits for a task; `None` when no task is under way.
        state: Option<String>,
    },
    /// EventBridge may not start the target of a rule. It does not retry a start that is denied: the event goes to the
    /// dead-letter queue (EventBridge user guide, "Using dead-letter queues to process undelivered events").
    #[error(
        "EventBridge could not start `{target}` for the rule {rule}, so the event is in the dead-letter queue: {cause}"
    )]
    Undelivered {
        /// Logical id of the rule.
        rule: String,
        /// ARN of the target.
        target: String,
        /// Why.
        cause: String,
    },
    /// It runs for more than a year of virtual time.
    #[error("the execution has run for more than a year of virtual time")]
    Endless,
    /// A broken invariant of the tool.
    #[error(transparent)]
    Internal(#[from] InternalError),
}

fn in_state(state: &Option<String>) -> String {
    state.as_ref().map_or_else(String::new, |state| format!(", in state `{state}`"))
}

/// The target of a rule, by which EventBridge starts an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Logical id of the rule.
    pub rule: String,
    /// ARN of the target.
    pub target: String,
    /// Logical id of the target's role.
    pub role: Option<String>,
}

/// An execution that an event starts.
pub(crate) struct Starting {
    /// Virtual time since the beginning of the run.
    pub(crate) after: Duration,
    /// The machine.
    pub(crate) machine: Arc<Machine>,
    /// Who starts it.
    pub(crate) delivery: Delivery,
    /// The input.
    pub(crate) input: Value,
}

/// One invocation of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// State that asked for it.
    pub state: String,
    /// The function, by the name of its crate; `None` when there is no such function.
    pub function: Option<String>,
    /// 0 for the first attempt.
    pub attempt: u32,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it ended; absent when nobody waited for the end.
    pub ended_at: Option<Timestamp>,
    /// The name of the error it ended with.
    pub error: Option<String>,
    /// Whether its output reports on the isolation of a network interface.
    pub isolates: bool,
}

/// An execution that has ended.
pub struct FinishedExecution {
    /// Name of the playbook.
    pub playbook: String,
    /// Version of its definition.
    pub version: String,
    /// Name of the execution.
    pub name: String,
    /// The position of the execution that started it among those of the run; `None` where an event started it.
    pub parent: Option<usize>,
    /// Its input.
    pub input: Value,
    /// How it ended.
    pub outcome: asl::Outcome,
    /// The execution: its history, transitions and edges.
    pub execution: asl::Execution,
    /// Functions invoked, in order.
    pub invocations: Vec<Invocation>,
    /// The positions of its calls in the call log of the world.
    pub calls: Vec<Range<usize>>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Runs executions, and those that they start, to their ends. Those of `starting` come first in the result, in their
/// order; those that they start follow in the order of their start.
///
/// # Errors
/// When a definition calls something that is not simulated, or never ends.
pub(crate) fn run(
    world: &World,
    deployment: &Deployment,
    starting: &[Starting],
    faults: &FunctionFaults,
    seed: u64,
) -> Result<Vec<FinishedExecution>, DriverError> {
    runner::Runner::new(world, deployment, faults, seed).run(starting)
}

/// [`run`], with a snapshot of each invocation of a function as it begins, in order.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_with_snapshots(
    world: &World,
    deployment: &Deployment,
    starting: &[Starting],
    faults: &FunctionFaults,
    seed: u64,
) -> Result<(Vec<FinishedExecution>, Vec<InvocationSnapshot>), DriverError> {
    let mut snapshots = Vec::new();
    let runner = runner::Runner::new(world, deployment, faults, seed).with_snapshots(&mut snapshots);
    let finished = runner.run(starting)?;
    Ok((finished, snapshots))
}

/// The same moment in the terms of the engine.
pub(crate) fn to_asl(at: Timestamp) -> asl::Timestamp {
    asl::Timestamp(at.as_millis())
}

/// The same moment in the terms of the account.
pub(crate) fn to_account(at: asl::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.0)
}
