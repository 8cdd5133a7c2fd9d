//! The loop of a run: step what has something to do, poll what was woken, move the clock when nothing can go on.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use account::{Timestamp, World};
use asl::{Action, Answer, Execution, TaskId, TaskRequest};
use serde_json::Value;

use super::alone::Begun;
use super::start::{Permission, QUALIFIER};
use super::{
    Delivery, DriverError, Ended, FunctionFaults, Invocation, Starting, integrate, invoke, to_account, to_asl,
};
use crate::deployment::{Deployment, Machine};

/// Virtual time after which an execution is given up: Step Functions ends a standard execution after a year.
const MAX_MILLIS: i64 = 366 * 86_400_000;

/// What a task does until it has its answer.
pub(super) type Work = Pin<Box<dyn Future<Output = Answer>>>;

/// A task under way.
struct Task {
    work: Work,
    /// Its position among the invocations of its execution, when it is one.
    invocation: Option<usize>,
    state: String,
    woken: Arc<Woken>,
    waker: Waker,
}

/// An execution of the run.
pub(super) struct Live<'a> {
    pub(super) machine: &'a Machine,
    pub(super) name: String,
    pub(super) arn: String,
    /// Kept to tell a repeated start from another one.
    pub(super) input: Value,
    pub(super) started_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    parent: Option<usize>,
    execution: Execution,
    invocations: Vec<Invocation>,
    calls: Vec<std::ops::Range<usize>>,
    wake_at: Option<Timestamp>,
    /// Whether it may have something to do.
    ready: bool,
}

/// A run.
pub(super) struct Running<'a> {
    pub(super) world: &'a World,
    pub(super) deployment: &'a Deployment,
    faults: &'a FunctionFaults,
    seed: u64,
    pub(super) live: Vec<Live<'a>>,
    /// By the position of the execution, then the number of the task in it.
    tasks: BTreeMap<(usize, TaskId), Task>,
    /// Where invocations are kept as they began, if anywhere.
    begun: Option<&'a mut Vec<Begun>>,
}

impl<'a> Running<'a> {
    pub(super) fn new(world: &'a World, deployment: &'a Deployment, faults: &'a FunctionFaults, seed: u64) -> Self {
        Running { world, deployment, faults, seed, live: Vec::new(), tasks: BTreeMap::new(), begun: None }
    }

    /// Keeps each invocation as it begins.
    pub(super) fn keeping(self, begun: &'a mut Vec<Begun>) -> Self {
        Running { begun: Some(begun), ..self }
    }

    pub(super) fn run(mut self, starting: &[Starting]) -> Result<Vec<Ended>, DriverError> {
        let began = self.world.clock().now();
        let mut due: Vec<(Timestamp, usize)> =
            starting.iter().enumerate().map(|(at, start)| (began.after(start.after), at)).collect();
        due.sort();
        let mut due = due.into_iter().peekable();
        // The positions of those that events start, in the order of the events.
        let mut roots: Vec<Option<usize>> = vec![None; starting.len()];
        loop {
            let now = self.world.clock().now();
            while let Some((_, at)) = due.next_if(|(moment, _)| *moment <= now) {
                if let Some(start) = starting.get(at)
                    && let Some(machine) = self.deployment.machines.get(&start.machine)
                {
                    self.check_delivery(&start.delivery)?;
                    if let Some(root) = roots.get_mut(at) {
                        *root = Some(self.live.len());
                    }
                    let name = self.root_name(machine);
                    self.start(machine, name, start.input.clone(), None);
                }
            }
            self.step(now)?;
            let next_event = due.peek().map(|(moment, _)| *moment);
            if next_event.is_none() && self.live.iter().all(|live| live.ended_at.is_some()) {
                return Ok(self.ended(&roots));
            }
            if !self.poll() && !self.live.iter().any(|live| live.ready) {
                self.move_on(began, next_event)?;
            }
        }
    }

    /// Whether EventBridge may start the target with its role. EventBridge itself retries throttling and failures for a
    /// day, so no fault is planned for this call.
    fn check_delivery(&self, delivery: &Delivery) -> Result<(), DriverError> {
        let undelivered = |cause: String| DriverError::Undelivered {
            rule: delivery.rule.clone(),
            target: delivery.target.clone(),
            cause,
        };
        let role = delivery.role.as_ref().ok_or_else(|| undelivered("the target has no role".to_owned()))?;
        let caller = self.deployment.rule_callers.get(role);
        let caller = caller.ok_or_else(|| undelivered(format!("its role `{role}` is not in the template")))?;
        let Permission { resource, qualifier } = Permission::to_start(&delivery.target);
        let keys = qualifier.map(|qualifier| (QUALIFIER, qualifier));
        let region = &self.deployment.surroundings.region;
        if self.world.permits(&caller.access_key_id, region, "states:StartExecution", resource, keys.as_slice()) {
            return Ok(());
        }
        Err(undelivered(format!(
            "User: {} is not authorized to perform: states:StartExecution on resource: {resource} because no \
             identity-based policy allows the states:StartExecution action",
            caller.arn
        )))
    }

    /// The name of an execution that an event starts.
    fn root_name(&self, machine: &Machine) -> String {
        let seed = self.seed_text();
        match self.live.len() {
            0 => incident::text::short_hash(&[&machine.arn, &seed]),
            others => incident::text::short_hash(&[&machine.arn, &seed, &others.to_string()]),
        }
    }

    pub(super) fn seed_text(&self) -> String {
        self.seed.to_string()
    }

    /// Starts an execution, at once.
    pub(super) fn start(&mut self, machine: &'a Machine, name: String, input: Value, parent: Option<usize>) {
        let started_at = self.world.clock().now();
        let arn = execution_arn(machine, &name);
        // Each execution has random numbers of its own; the first those of the seed itself.
        let seed = self.seed ^ (self.live.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let execution = Execution::start(
            Arc::clone(&machine.definition),
            asl::Start {
                execution_arn: arn.clone(),
                execution_name: name.clone(),
                state_machine_arn: machine.arn.clone(),
                state_machine_name: machine.name.clone(),
                role_arn: machine.caller.role_arn.clone(),
                input: input.clone(),
                started_at: to_asl(started_at),
                kind: asl::Kind::Standard,
                seed,
                limits: asl::Limits::default(),
            },
        );
        self.live.push(Live {
            machine,
            name,
            arn,
            input,
            started_at,
            ended_at: None,
            parent,
            execution,
            invocations: Vec::new(),
            calls: Vec::new(),
            wake_at: None,
            ready: true,
        });
    }

    /// Steps every execution that may have something to do, and those that are started by it.
    fn step(&mut self, now: Timestamp) -> Result<(), DriverError> {
        let mut at = 0;
        while let Some(live) = self.live.get_mut(at) {
            if std::mem::take(&mut live.ready) && live.ended_at.is_none() {
                for action in live.execution.step(to_asl(now)) {
                    self.act(at, action)?;
                }
                if let Some(live) = self.live.get_mut(at)
                    && live.execution.outcome().is_some()
                {
                    live.ended_at = Some(now);
                    live.wake_at = None;
                }
            }
            at += 1;
        }
        Ok(())
    }

    fn act(&mut self, at: usize, action: Action) -> Result<(), DriverError> {
        match action {
            Action::Schedule(request) => self.schedule(at, *request)?,
            Action::Cancel(id) => {
                self.tasks.remove(&(at, id));
            }
            Action::WakeAt(moment) => {
                if let Some(live) = self.live.get_mut(at) {
                    live.wake_at = Some(to_account(moment));
                }
            }
        }
        Ok(())
    }

    /// Begins a task.
    fn schedule(&mut self, at: usize, request: TaskRequest) -> Result<(), DriverError> {
        let Some(machine) = self.live.get(at).map(|live| live.machine) else { return Ok(()) };
        let (id, state) = (request.id, request.state.clone());
        let before = self.world.call_count();
        let mut invocation = None;
        let work = match integrate::called(&request.resource) {
            Some(integrate::Called::Function) => {
                let (work, step) = invoke::begin(self.world, self.deployment, machine, self.faults, &request);
                // Nothing of the work is done before it is polled.
                if let Some(begun) = &mut self.begun {
                    begun.push(Begun::new(self.world, machine, request.clone(), step.clone()));
                }
                let started_at = self.world.clock().now();
                if let Some(live) = self.live.get_mut(at) {
                    invocation = Some(live.invocations.len());
                    let attempt = request.attempt;
                    live.invocations.push(Invocation {
                        state: request.state,
                        step,
                        attempt,
                        started_at,
                        ended_at: None,
                        error: None,
                    });
                }
                work
            }
            Some(integrate::Called::StartExecution) => self.start_execution(at, machine, request.parameters),
            Some(integrate::Called::Service { service, operation }) => {
                integrate::begin(self.world, self.deployment, machine, service, operation, request.parameters)
            }
            None => {
                let resource = request.resource.to_string();
                return Err(DriverError::NotSimulated { state: request.state, resource });
            }
        };
        self.attribute(at, before);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        self.tasks.insert((at, id), Task { work, invocation, state, woken, waker });
        Ok(())
    }

    /// The calls since `before` are those of an execution: only one runs at a time.
    fn attribute(&mut self, at: usize, before: usize) {
        let after = self.world.call_count();
        let Some(live) = self.live.get_mut(at).filter(|_| after > before) else { return };
        match live.calls.last_mut() {
            Some(last) if last.end == before => last.end = after,
            _ => live.calls.push(before..after),
        }
    }

    /// Polls the woken tasks, in the order of their ids, until none can go on, then hands in the answers; whether there
    /// were any.
    fn poll(&mut self) -> bool {
        let mut answers: Vec<((usize, TaskId), Answer)> = Vec::new();
        loop {
            let woken: Vec<(usize, TaskId)> = self
                .tasks
                .iter()
                .filter(|(id, task)| task.woken.is_set() && !answers.iter().any(|(done, _)| done == *id))
                .map(|(id, _)| *id)
                .collect();
            if woken.is_empty() {
                break;
            }
            for id in woken {
                let before = self.world.call_count();
                let Some(task) = self.tasks.get_mut(&id) else { continue };
                task.woken.clear();
                let polled = task.work.as_mut().poll(&mut Context::from_waker(&task.waker));
                self.attribute(id.0, before);
                if let Poll::Ready(answer) = polled {
                    answers.push((id, answer));
                }
            }
        }
        let any = !answers.is_empty();
        for (id, answer) in answers {
            self.deliver(id, answer);
        }
        any
    }

    fn deliver(&mut self, (at, id): (usize, TaskId), answer: Answer) {
        let now = self.world.clock().now();
        let task = self.tasks.remove(&(at, id));
        let Some(live) = self.live.get_mut(at) else { return };
        if let Some(index) = task.and_then(|task| task.invocation)
            && let Some(invocation) = live.invocations.get_mut(index)
        {
            invocation.ended_at = Some(now);
            if let Answer::Failed { error, .. } = &answer {
                invocation.error = Some(error.clone());
            }
        }
        live.execution.deliver(id, answer, to_asl(now));
        live.ready = true;
    }

    /// Idle: time moves to whatever comes first, a sleeper in a call, a timer of an execution or an event.
    fn move_on(&mut self, began: Timestamp, next_event: Option<Timestamp>) -> Result<(), DriverError> {
        let clock = self.world.clock();
        let timers = self.live.iter().filter_map(|live| live.wake_at).min();
        let Some(moment) = [clock.next_wake(), timers, next_event].into_iter().flatten().min() else {
            let state = self.tasks.values().next().map_or_else(|| "?".to_owned(), |task| task.state.clone());
            return Err(DriverError::Stuck { state });
        };
        if moment.as_millis().saturating_sub(began.as_millis()) > MAX_MILLIS {
            return Err(DriverError::Endless);
        }
        for live in &mut self.live {
            if live.wake_at.is_some_and(|timer| timer <= moment) {
                live.wake_at = None;
                live.ready = true;
            }
        }
        clock.advance_to(moment);
        Ok(())
    }

    /// Everything has ended: those that events started first, in the order of the events.
    fn ended(self, roots: &[Option<usize>]) -> Vec<Ended> {
        let others = (0..self.live.len()).filter(|at| !roots.contains(&Some(*at)));
        let order: Vec<usize> = roots.iter().copied().flatten().chain(others).collect();
        let position = |at: usize| order.iter().position(|found| *found == at);
        let mut ended: Vec<(usize, Ended)> = self
            .live
            .into_iter()
            .enumerate()
            .filter_map(|(at, live)| {
                let outcome = live.execution.outcome()?.clone();
                let ended = Ended {
                    playbook: live.machine.playbook.clone(),
                    version: live.machine.version.clone(),
                    name: live.name,
                    parent: live.parent.and_then(position),
                    input: live.input,
                    outcome,
                    execution: live.execution,
                    invocations: live.invocations,
                    calls: live.calls,
                    started_at: live.started_at,
                    ended_at: live.ended_at?,
                };
                Some((position(at)?, ended))
            })
            .collect();
        ended.sort_by_key(|(position, _)| *position);
        ended.into_iter().map(|(_, ended)| ended).collect()
    }
}

/// The ARN of an execution of a machine.
pub(super) fn execution_arn(machine: &Machine, name: &str) -> String {
    format!("{}:{name}", machine.arn.replacen(":stateMachine:", ":execution:", 1))
}

/// Set when a task asks to be polled again.
pub(super) struct Woken(pub(super) AtomicBool);

impl Woken {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
