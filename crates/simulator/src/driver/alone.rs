//! One invocation by itself, from the account as it was when it began: what a fault in it comes to, without the rest of
//! the run.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use account::World;
use asl::{Answer, TaskRequest};

use super::running::{Woken, Work};
use super::{FunctionFaults, invoke};
use crate::deployment::{Deployment, Machine};

/// Most times that it is tried again here; what takes longer is for a whole run.
const MAX_RETRIES: u32 = 2;

/// An invocation as it began.
pub struct Begun {
    /// The account at that moment.
    world: World,
    /// ARN of the machine that asked for it.
    machine: String,
    request: TaskRequest,
    /// The function, by its step.
    pub step: String,
}

/// How an invocation ended, by itself.
pub struct Ending {
    /// What Step Functions got, after retries.
    pub answer: Answer,
    /// The account afterwards; its calls are those of the invocation.
    pub world: World,
}

impl Begun {
    pub(super) fn new(world: &World, machine: &Machine, request: TaskRequest, step: String) -> Begun {
        let world = world.fork();
        world.forget_calls();
        Begun { world, machine: machine.arn.clone(), request, step }
    }

    /// Runs it on a copy of the account, and again where the definition retries; `prepare` sees the copy before.
    /// `None` when it never ends.
    pub fn run<T>(
        &self,
        deployment: &Deployment,
        functions: &FunctionFaults,
        seed: u64,
        prepare: impl FnOnce(&World) -> T,
    ) -> Option<(Ending, T)> {
        fastrand::seed(seed);
        let machine = deployment.machines.values().find(|machine| machine.arn == self.machine)?;
        let world = self.world.fork();
        let prepared = prepare(&world);
        let mut request = self.request.clone();
        loop {
            let (work, _) = invoke::begin(&world, deployment, machine, functions, &request);
            let answer = drive(&world, work)?;
            let again = match &answer {
                Answer::Failed { error, .. } => pause(machine, &request.state, error),
                _ => None,
            };
            match again {
                Some(pause) if request.attempt < MAX_RETRIES => {
                    world.clock().advance_to(world.clock().now().after(pause));
                    request.attempt += 1;
                }
                _ => return Some((Ending { answer, world }, prepared)),
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

/// Polls to the end and moves the clock whenever nothing else goes on.
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
