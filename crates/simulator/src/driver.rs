//! Drives executions through virtual time on one world: the machines say what to do, the handlers and the account do it,
//! and the clock moves only when everything is idle.
//!
//! A run begins with the executions that events start, each at its time. An execution may start others, which go on when
//! it has ended; the run ends with the last one.

mod alone;
mod faults;
mod integrate;
mod invoke;
mod running;
mod start;

use std::ops::Range;
use std::time::Duration;

use account::{Timestamp, World};
use serde_json::Value;
use thiserror::Error;

use crate::deployment::Deployment;
pub use alone::{Begun, Ending};
pub use faults::{FunctionFault, FunctionFaultKind, FunctionFaults};

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
    #[error("the execution waits for something that never comes, in state `{state}`")]
    Stuck {
        /// A state that waits.
        state: String,
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
#[derive(Debug, Clone)]
pub struct Starting {
    /// Virtual time since the beginning of the run.
    pub after: Duration,
    /// Logical id of the machine.
    pub machine: String,
    /// Who starts it.
    pub delivery: Delivery,
    /// The input.
    pub input: Value,
}

/// One invocation of a function, as it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// State that asked for it.
    pub state: String,
    /// The step.
    pub step: String,
    /// 0 for the first attempt.
    pub attempt: u32,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it ended; absent when nobody waited for the end.
    pub ended_at: Option<Timestamp>,
    /// The name of the error it ended with.
    pub error: Option<String>,
}

/// An execution that has ended.
pub struct Ended {
    /// Name of the playbook.
    pub playbook: String,
    /// Version of its definition.
    pub version: String,
    /// Name of the execution.
    pub name: String,
    /// The position of the execution that started it among those of the run; `None` where an event did.
    pub parent: Option<usize>,
    /// What it was started with.
    pub input: Value,
    /// How it ended.
    pub outcome: asl::Outcome,
    /// The execution: its history, transitions and edges.
    pub execution: asl::Execution,
    /// Functions invoked, in order.
    pub invocations: Vec<Invocation>,
    /// The positions of its calls in the record of the world.
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
/// When a definition asks for what is not simulated, or never ends.
pub fn run(
    world: &World,
    deployment: &Deployment,
    starting: &[Starting],
    faults: &FunctionFaults,
    seed: u64,
) -> Result<Vec<Ended>, DriverError> {
    running::Running::new(world, deployment, faults, seed).run(starting)
}

/// [`run`], with each invocation of a function as it began, in order.
///
/// # Errors
/// As [`run`].
pub fn run_keeping(
    world: &World,
    deployment: &Deployment,
    starting: &[Starting],
    faults: &FunctionFaults,
    seed: u64,
) -> Result<(Vec<Ended>, Vec<Begun>), DriverError> {
    let mut begun = Vec::new();
    let ended = running::Running::new(world, deployment, faults, seed).keeping(&mut begun).run(starting)?;
    Ok((ended, begun))
}

/// The same moment in the terms of the engine.
pub fn to_asl(at: Timestamp) -> asl::Timestamp {
    asl::Timestamp(at.as_millis())
}

/// The same moment in the terms of the account.
pub fn to_account(at: asl::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.0)
}
