//! One invocation in isolation, from the account as it was when it began: the effect of a fault in it, without the rest
//! of the run.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use account::World;
use asl::{Answer, TaskRequest};

use super::runner::{Woken, Work};
use super::{FunctionFaults, invoke};
use crate::deployment::{Deployment, Machine};

/// Most retries in isolation; an invocation that needs more is left to a whole run.
const MAX_RETRIES: u32 = 2;

/// An invocation as it began.
pub struct InvocationSnapshot {
    /// The account at that moment.
    world: World,
    /// ARN of the machine that asked for it.
    machine: String,
    request: TaskRequest,
    /// The function, by the name of its crate.
    pub function: String,
}

/// The result of an invocation in isolation.
pub struct InvocationResult {
    /// The answer that Step Functions got, after retries.
    pub answer: Answer,
    /// The account afterwards; its calls are those of the invocation.
    pub world: World,
}

impl InvocationSnapshot {
    pub(super) fn new(world: &World, machine: &Machine, request: TaskRequest, function: String) -> InvocationSnapshot {
        let world = world.fork();
        world.forget_calls();
        InvocationSnapshot { world, machine: machine.arn.clone(), request, function }
    }

    /// Runs it on a copy of the account, and again where the definition retries; `prepare` gets the copy before the run.
    /// `None` when it never ends, and when the machine is not part of the deployment.
    pub(crate) fn run<T>(
        &self,
        deployment: &Deployment,
        faults: &FunctionFaults,
        seed: u64,
        prepare: impl FnOnce(&World) -> T,
    ) -> Option<(InvocationResult, T)> {
        fastrand::seed(seed);
        let machine = deployment.machines.values().find(|machine| machine.arn == self.machine)?;
        let world = self.world.fork();
        let prepared = prepare(&world);
        let mut request = self.request.clone();
        loop {
            let invoked = invoke::begin(&world, deployment, machine, faults, &request);
            let answer = drive(&world, invoked.work)?;
            let again = match &answer {
                Answer::Failed { error, .. } => pause(machine, &request.state, error),
                _ => None,
            };
            match again {
                Some(pause) if request.attempt < MAX_RETRIES => {
                    world.clock().advance_to(world.clock().now().after(pause));
                    request.attempt += 1;
                }
                _ => return Some((InvocationResult { answer, world }, prepared)),
            }
        }
    }
}

/// How long the definition waits before it first tries a state again after an error; `None` when it does not.
fn pause(machine: &Machine, state: &str, error: &str) -> Option<Duration> {
    let (_, state) = machine.definition.states().find(|(name, _)| *name == state)?;
    let retrier = state.handling()?.retry.iter().find(|retrier| retrier.matches(error))?;
    (retrier.max_attempts >= u64::from(MAX_RETRIES)).then(|| Duration::from_secs(retrier.interval_seconds))
}

/// Polls to the end and moves the clock whenever the invocation waits.
fn drive(world: &World, work: Work) -> Option<Answer> {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut work = pin!(work);
    loop {
        if woken.0.swap(false, Ordering::Relaxed) {
            if let Poll::Ready(answer) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(answer);
            }
            continue;
        }
        let clock = world.clock();
        clock.advance_to(clock.next_wake()?);
    }
}
