//! Drives one execution through virtual time: the machine says what to do, the handlers and the account do it, and the
//! clock moves only when everything is idle.

mod integrate;
mod invoke;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use account::{Timestamp, World};
use asl::{Action, Answer, Execution, HistoryEvent, TaskId, TaskRequest};
use serde_json::Value;
use thiserror::Error;

use crate::deployment::{Deployment, Machine};

/// Virtual time after which an execution is given up: Step Functions ends a standard execution after a year.
const MAX_DAYS: u64 = 366;

/// Why an execution could not be driven to its end: a fault of the tool or of the definition, not of the response.
#[derive(Debug, Error)]
pub enum DriverError {
    /// The definition calls something that is not simulated.
    #[error(
        "state `{state}`: `{resource}` is not simulated; the simulated account knows lambda:invoke and the integrations of its services"
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
    /// It runs for more than a year of virtual time.
    #[error("the execution has run for more than a year of virtual time")]
    Endless,
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
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub outcome: asl::Outcome,
    /// As `GetExecutionHistory` tells it.
    pub history: Vec<HistoryEvent>,
    /// States entered or retried.
    pub transitions: u64,
    /// Functions invoked, in order.
    pub invocations: Vec<Invocation>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// A task under way.
type Task = Pin<Box<dyn Future<Output = Answer>>>;

/// Runs an execution of a machine to its end.
///
/// # Errors
/// When the definition asks for what is not simulated, or never ends.
pub fn run(
    world: &World,
    deployment: &Deployment,
    machine: &Machine,
    input: Value,
    seed: u64,
) -> Result<Ended, DriverError> {
    let clock = world.clock();
    let started_at = clock.now();
    let name = incident::text::short_hash(&[&machine.arn, &seed.to_string()]);
    let mut execution = Execution::start(
        Arc::clone(&machine.definition),
        asl::Start {
            execution_arn: format!("{}:{name}", machine.arn.replacen(":stateMachine:", ":execution:", 1)),
            execution_name: name,
            state_machine_arn: machine.arn.clone(),
            state_machine_name: machine.name.clone(),
            role_arn: machine.caller.role_arn.clone(),
            input,
            started_at: to_asl(started_at),
            kind: asl::Kind::Standard,
            seed,
            limits: asl::Limits::default(),
        },
    );
    let mut tasks: BTreeMap<TaskId, (Task, Option<usize>, String)> = BTreeMap::new();
    let mut invocations: Vec<Invocation> = Vec::new();
    let mut wake_at = None;
    loop {
        let actions = execution.step(to_asl(clock.now()));
        for action in actions {
            match action {
                Action::Schedule(request) => {
                    let (id, state) = (request.id, request.state.clone());
                    let (task, invocation) = begin(world, deployment, machine, *request, &mut invocations)?;
                    tasks.insert(id, (task, invocation, state));
                }
                Action::Cancel(id) => {
                    tasks.remove(&id);
                }
                Action::WakeAt(at) => wake_at = Some(to_account(at)),
            }
        }
        if let Some(outcome) = execution.outcome() {
            return Ok(Ended {
                outcome: outcome.clone(),
                history: execution.history().to_vec(),
                transitions: execution.transitions(),
                invocations,
                started_at,
                ended_at: clock.now(),
            });
        }
        let answers = poll_to_idle(&mut tasks);
        if answers.is_empty() {
            // Idle: time moves to whatever comes first, a sleeper in a call or a timer of the machine.
            let due = match (clock.next_wake(), wake_at) {
                (Some(sleeper), Some(timer)) => sleeper.min(timer),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => {
                    let state = tasks.into_values().next().map_or_else(|| "?".to_owned(), |(_, _, state)| state);
                    return Err(DriverError::Stuck { state });
                }
            };
            if due.as_millis().saturating_sub(started_at.as_millis()) > (MAX_DAYS * 86_400_000) as i64 {
                return Err(DriverError::Endless);
            }
            if wake_at.is_some_and(|timer| timer <= due) {
                wake_at = None;
            }
            clock.advance_to(due);
        }
        for (id, answer) in answers {
            if let Some((_, Some(index), _)) = tasks.remove(&id)
                && let Some(invocation) = invocations.get_mut(index)
            {
                invocation.ended_at = Some(clock.now());
                if let Answer::Failed { error, .. } = &answer {
                    invocation.error = Some(error.clone());
                }
            }
            execution.deliver(id, answer, to_asl(clock.now()));
        }
    }
}

/// Begins a task; the index of its invocation when it is one.
fn begin(
    world: &World,
    deployment: &Deployment,
    machine: &Machine,
    request: TaskRequest,
    invocations: &mut Vec<Invocation>,
) -> Result<(Task, Option<usize>), DriverError> {
    match integrate::called(&request.resource) {
        Some(integrate::Called::Function) => {
            let (task, step) = invoke::begin(world, deployment, machine, &request);
            invocations.push(Invocation {
                state: request.state,
                step,
                attempt: request.attempt,
                started_at: world.clock().now(),
                ended_at: None,
                error: None,
            });
            Ok((task, Some(invocations.len() - 1)))
        }
        Some(integrate::Called::Service { service, operation }) => {
            Ok((integrate::begin(world, deployment, machine, service, operation, request.parameters), None))
        }
        None => Err(DriverError::NotSimulated { state: request.state, resource: request.resource.to_string() }),
    }
}

/// Polls every task until none can go on, in the order of their ids; the answers of those that ended.
fn poll_to_idle(tasks: &mut BTreeMap<TaskId, (Task, Option<usize>, String)>) -> Vec<(TaskId, Answer)> {
    let flag = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    let mut answers = Vec::new();
    while flag.0.swap(false, Ordering::Relaxed) {
        for (id, (task, ..)) in tasks.iter_mut() {
            if answers.iter().any(|(done, _)| done == id) {
                continue;
            }
            if let Poll::Ready(answer) = task.as_mut().poll(&mut context) {
                answers.push((*id, answer));
            }
        }
    }
    answers
}

/// Set when any task asks to be polled again.
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The same moment in the terms of the engine.
pub(crate) fn to_asl(at: Timestamp) -> asl::Timestamp {
    asl::Timestamp(at.as_millis())
}

/// The same moment in the terms of the account.
pub(crate) fn to_account(at: asl::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.0)
}
