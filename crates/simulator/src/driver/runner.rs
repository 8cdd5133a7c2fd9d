//! The loop of a run: step the executions that have something to do, poll the tasks that were woken, move the clock when
//! nothing can go on.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use account::{Timestamp, World};
use asl::{Action, Answer, Execution, TaskId, TaskRequest};
use incident::contract;
use serde_json::Value;

use super::snapshot::InvocationSnapshot;
use super::start_execution::{Permission, QUALIFIER};
use super::{
    Delivery, DriverError, FinishedExecution, FunctionFaults, Invocation, Starting, invoke, service_call, to_account,
    to_asl,
};
use crate::InternalError;
use crate::deployment::{Deployment, Machine};

/// Virtual time after which an execution is given up: Step Functions ends a standard execution after a year.
const MAX_MILLIS: i64 = 366 * 86_400_000;

/// A task until it has its answer.
pub(super) type Work = Pin<Box<dyn Future<Output = Answer>>>;

/// A task that waits for its answer.
struct Task {
    work: Work,
    /// Its position among the invocations of its execution, when it is an invocation.
    invocation: Option<usize>,
    state: String,
    woken: Arc<Woken>,
    waker: Waker,
}

/// An execution of the run.
pub(super) struct LiveExecution<'a> {
    pub(super) machine: &'a Machine,
    pub(super) name: String,
    pub(super) arn: String,
    /// Kept to distinguish a repeated start from another one.
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
pub(super) struct Runner<'a> {
    pub(super) world: &'a World,
    pub(super) deployment: &'a Deployment,
    faults: &'a FunctionFaults,
    seed: u64,
    pub(super) live: Vec<LiveExecution<'a>>,
    /// By the position of the execution, then the number of the task in it.
    tasks: BTreeMap<(usize, TaskId), Task>,
    /// Takes a snapshot of each invocation as it begins, where one is wanted.
    snapshots: Option<&'a mut Vec<InvocationSnapshot>>,
}

impl<'a> Runner<'a> {
    pub(super) fn new(world: &'a World, deployment: &'a Deployment, faults: &'a FunctionFaults, seed: u64) -> Self {
        Runner { world, deployment, faults, seed, live: Vec::new(), tasks: BTreeMap::new(), snapshots: None }
    }

    /// Takes a snapshot of each invocation as it begins.
    pub(super) fn with_snapshots(self, snapshots: &'a mut Vec<InvocationSnapshot>) -> Self {
        Runner { snapshots: Some(snapshots), ..self }
    }

    pub(super) fn run(mut self, starting: &'a [Starting]) -> Result<Vec<FinishedExecution>, DriverError> {
        let began = self.world.clock().now();
        let mut due: Vec<(Timestamp, usize, &Starting)> =
            starting.iter().enumerate().map(|(event, start)| (began.after(start.after), event, start)).collect();
        due.sort_by_key(|(moment, event, _)| (*moment, *event));
        let mut due = due.into_iter().peekable();
        // The executions that events start, by the positions of the events.
        let mut roots: BTreeMap<usize, usize> = BTreeMap::new();
        loop {
            let now = self.world.clock().now();
            while let Some((_, event, start)) = due.next_if(|(moment, ..)| *moment <= now) {
                self.check_delivery(&start.delivery)?;
                roots.insert(event, self.live.len());
                let name = self.root_name(&start.machine);
                self.start(&start.machine, name, start.input.clone(), None);
            }
            self.step(now)?;
            let next_event = due.peek().map(|(moment, ..)| *moment);
            if next_event.is_none() && self.live.iter().all(|live| live.ended_at.is_some()) {
                return self.finished(roots.into_values().collect());
            }
            if !self.poll()? && !self.live.iter().any(|live| live.ready) {
                self.move_on(began, next_event)?;
            }
        }
    }

    /// An execution of the run by its position.
    fn execution(&mut self, at: usize) -> Result<&mut LiveExecution<'a>, InternalError> {
        let count = self.live.len();
        self.live
            .get_mut(at)
            .ok_or_else(|| InternalError::new("unknown-execution", format!("execution {at} of {count}")))
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
        self.live.push(LiveExecution {
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
                let live = self.execution(at)?;
                if live.execution.outcome().is_some() {
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
            Action::WakeAt(moment) => self.execution(at)?.wake_at = Some(to_account(moment)),
        }
        Ok(())
    }

    /// Begins a task.
    fn schedule(&mut self, at: usize, request: TaskRequest) -> Result<(), DriverError> {
        let machine = self.execution(at)?.machine;
        let (id, state) = (request.id, request.state.clone());
        let calls_before = self.world.call_count();
        let mut invocation = None;
        let work = match service_call::called(&request.resource) {
            Some(service_call::Called::Function) => {
                let invoked = invoke::begin(self.world, self.deployment, machine, self.faults, &request);
                // The work does nothing before it is polled, so the snapshot is the account before the invocation.
                if let (Some(snapshots), Some(function)) = (&mut self.snapshots, &invoked.function) {
                    snapshots.push(InvocationSnapshot::new(self.world, machine, request.clone(), function.clone()));
                }
                let started_at = self.world.clock().now();
                let live = self.execution(at)?;
                invocation = Some(live.invocations.len());
                live.invocations.push(Invocation {
                    state: request.state,
                    function: invoked.function,
                    attempt: request.attempt,
                    started_at,
                    ended_at: None,
                    error: None,
                    isolates: false,
                });
                invoked.work
            }
            Some(service_call::Called::StartExecution) => self.start_execution(at, machine, request.parameters),
            Some(service_call::Called::Service(call)) => {
                call.begin(self.world, self.deployment, machine, request.parameters)
            }
            None => {
                let resource = request.resource.to_string();
                return Err(DriverError::NotSimulated { state: request.state, resource });
            }
        };
        self.attribute_calls(at, calls_before)?;
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        self.tasks.insert((at, id), Task { work, invocation, state, woken, waker });
        Ok(())
    }

    /// The calls since `before` are those of an execution: only one runs at a time.
    fn attribute_calls(&mut self, at: usize, before: usize) -> Result<(), InternalError> {
        let after = self.world.call_count();
        if after > before {
            let live = self.execution(at)?;
            match live.calls.last_mut() {
                Some(last) if last.end == before => last.end = after,
                _ => live.calls.push(before..after),
            }
        }
        Ok(())
    }

    /// Polls the woken tasks, in the order of their ids, until none can go on, then delivers the answers; whether there
    /// were any.
    fn poll(&mut self) -> Result<bool, InternalError> {
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
                let calls_before = self.world.call_count();
                let task = self.tasks.get_mut(&id).ok_or_else(|| unknown_task(id))?;
                task.woken.clear();
                let polled = task.work.as_mut().poll(&mut Context::from_waker(&task.waker));
                self.attribute_calls(id.0, calls_before)?;
                if let Poll::Ready(answer) = polled {
                    answers.push((id, answer));
                }
            }
        }
        let any = !answers.is_empty();
        for (id, answer) in answers {
            self.deliver(id, answer)?;
        }
        Ok(any)
    }

    fn deliver(&mut self, id: (usize, TaskId), answer: Answer) -> Result<(), InternalError> {
        let now = self.world.clock().now();
        let task = self.tasks.remove(&id).ok_or_else(|| unknown_task(id))?;
        let live = self.execution(id.0)?;
        if let Some(index) = task.invocation {
            let invocation = live.invocations.get_mut(index).ok_or_else(|| unknown_task(id))?;
            invocation.ended_at = Some(now);
            match &answer {
                Answer::Failed { error, .. } => invocation.error = Some(error.clone()),
                Answer::Succeeded(output) => {
                    // The optimized integration wraps the output of the function, an invocation by ARN does not.
                    let output = output.get("Payload").unwrap_or(output);
                    invocation.isolates = contract::reports_isolation(output);
                }
                _ => {}
            }
        }
        live.ready = true;
        // The engine cancels a task before it stops waiting for it, so a task that is known here is known there.
        if live.execution.deliver(id.1, answer, to_asl(now)) { Ok(()) } else { Err(unknown_task(id)) }
    }

    /// Idle: time moves to whatever comes first, a sleeper in a call, a timer of an execution or an event.
    fn move_on(&mut self, began: Timestamp, next_event: Option<Timestamp>) -> Result<(), DriverError> {
        let clock = self.world.clock();
        let timers = self.live.iter().filter_map(|live| live.wake_at).min();
        let Some(moment) = [clock.next_wake(), timers, next_event].into_iter().flatten().min() else {
            let waiting = self.tasks.values().next().map(|task| task.state.clone());
            return Err(DriverError::Stuck { state: waiting });
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

    /// The finished executions: first those that events started, in the order of the events.
    fn finished(self, mut order: Vec<usize>) -> Result<Vec<FinishedExecution>, DriverError> {
        let roots: BTreeSet<usize> = order.iter().copied().collect();
        order.extend((0..self.live.len()).filter(|at| !roots.contains(at)));
        let positions: BTreeMap<usize, usize> = order.iter().enumerate().map(|(to, from)| (*from, to)).collect();
        let mut finished = BTreeMap::new();
        for (at, live) in self.live.into_iter().enumerate() {
            let unfinished = || InternalError::new("unfinished-execution", live.arn.clone());
            let outcome = live.execution.outcome().cloned().ok_or_else(unfinished)?;
            let ended_at = live.ended_at.ok_or_else(unfinished)?;
            let position = *positions.get(&at).ok_or_else(unfinished)?;
            let parent = match live.parent {
                Some(parent) => Some(*positions.get(&parent).ok_or_else(unfinished)?),
                None => None,
            };
            let execution = FinishedExecution {
                playbook: live.machine.playbook.clone(),
                version: live.machine.version.clone(),
                name: live.name,
                parent,
                input: live.input,
                outcome,
                execution: live.execution,
                invocations: live.invocations,
                calls: live.calls,
                started_at: live.started_at,
                ended_at,
            };
            finished.insert(position, execution);
        }
        Ok(finished.into_values().collect())
    }
}

fn unknown_task((execution, task): (usize, TaskId)) -> InternalError {
    InternalError::new("unknown-task", format!("task {task:?} of execution {execution}"))
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
