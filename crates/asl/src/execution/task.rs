//! Task states: starting the call, and the events of its life.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Execution;
use super::api::{Action, TaskId, TaskRequest};
use super::failure::{Failed, StateError};
use super::flow;
use super::run::Progress;
use super::thread::{Phase, TaskRun, Thread, ThreadId};
use super::view::View;
use crate::definition::{Credentials, Number, Pattern, Resource, State, Task};
use crate::history::{EventDetails, Failure, ScheduledTask};
use crate::payload::Payload;

impl Execution {
    pub(super) fn start_task(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        task: &Task,
    ) -> Result<Progress, StateError> {
        let token = has_token(&task.resource).then(|| self.new_token());
        let parameters = flow::arguments(&mut self.core, thread, state, token.as_deref())?;
        let timeout_seconds = self.seconds(thread, state, task.timeout.as_ref(), "TimeoutSeconds")?;
        let heartbeat_seconds = self.seconds(thread, state, task.heartbeat.as_ref(), "HeartbeatSeconds")?;
        let credentials = self.credentials(thread, state, task)?;
        if !flow::fits(&self.core, &parameters) {
            return Err(StateError::TooLarge(flow::too_large(&thread.name)));
        }
        self.core.keep(&parameters, &thread.input);
        let role =
            credentials.as_ref().and_then(|value| value.get("RoleArn")).and_then(|role| role.as_str()).map(Arc::from);
        let scheduled = Box::new(ScheduledTask {
            region: Arc::clone(&self.core.region),
            parameters: parameters.clone(),
            timeout_seconds,
            heartbeat_seconds,
            credentials_role_arn: role,
        });
        let details = match &task.resource {
            Resource::LambdaFunction(_) => {
                EventDetails::LambdaFunctionScheduled { resource: Arc::clone(&task.call.resource), task: scheduled }
            }
            Resource::Activity(_) => {
                EventDetails::ActivityScheduled { resource: Arc::clone(&task.call.resource), task: scheduled }
            }
            Resource::Integration { .. } => EventDetails::TaskScheduled { call: task.call.clone(), task: scheduled },
        };
        thread.last = self.core.record(thread.last, details);
        let task_id = TaskId(self.next_task);
        self.next_task += 1;
        self.tasks.insert(task_id, id);
        thread.phase =
            Phase::Task(TaskRun { id: task_id, started: false, timeout_seconds, heartbeat_seconds, beat: 0 });
        self.renew(thread);
        // The clocks of an activity start when a worker takes it.
        if !matches!(task.resource, Resource::Activity(_)) {
            self.start_clocks(id, thread, timeout_seconds, heartbeat_seconds);
        }

        self.actions.push(Action::Schedule(Box::new(TaskRequest {
            id: task_id,
            state: thread.name.to_string(),
            attempt: u32::try_from(thread.retry_count.unwrap_or(0)).unwrap_or(u32::MAX),
            resource: task.resource.clone(),
            parameters: parameters.into_value(),
            credentials: credentials.map(Payload::into_value),
            timeout_seconds,
            heartbeat_seconds,
            task_token: token,
            scheduled_at: self.core.now,
        })));
        Ok(Progress::Blocked)
    }

    fn seconds(
        &mut self,
        thread: &Thread,
        state: &State,
        field: Option<&Number>,
        name: &str,
    ) -> Result<Option<u64>, StateError> {
        let Some(field) = field else { return Ok(None) };
        let seconds = flow::whole_number(&mut self.core, thread, state, field, name)?;
        match u64::try_from(seconds) {
            Ok(seconds) if seconds > 0 => Ok(Some(seconds)),
            _ => Err(StateError::Runtime(format!("The {name} field must be a positive integer but was: {seconds}"))),
        }
    }

    fn credentials(&mut self, thread: &Thread, state: &State, task: &Task) -> Result<Option<Payload>, StateError> {
        let input = match &task.credentials {
            None => return Ok(None),
            Some(_) => flow::effective_input(&mut self.core, thread, state)?,
        };
        let mut view = View::new(&mut self.core, thread);
        view.dollar = input;
        match &task.credentials {
            None => Ok(None),
            Some(Credentials::JsonPath(template)) => {
                template.evaluate(&mut view).map(Some).map_err(StateError::not_found)
            }
            Some(Credentials::Jsonata(template)) => Ok(Some(template.evaluate(&mut view, "Credentials")?)),
        }
    }

    /// A task token: opaque, unique within the execution, the same for the same seed.
    fn new_token(&mut self) -> String {
        let mut bytes = Vec::with_capacity(72);
        for _ in 0..9 {
            bytes.extend_from_slice(&self.core.random.next().to_be_bytes());
        }
        STANDARD.encode(bytes)
    }

    fn start_clocks(
        &mut self,
        id: ThreadId,
        thread: &Thread,
        timeout_seconds: Option<u64>,
        heartbeat_seconds: Option<u64>,
    ) {
        if let Some(seconds) = timeout_seconds {
            self.set_timer(id, thread, self.core.now.plus_seconds(seconds));
        }
        if let Some(seconds) = heartbeat_seconds {
            self.set_heartbeat(id, thread.epoch, 0, self.core.now.plus_seconds(seconds));
        }
    }

    /// Records that a call was made, unless that is known.
    pub(super) fn record_started(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        task: &Task,
        run: &mut TaskRun,
        worker: Option<&str>,
    ) {
        if run.started {
            return;
        }
        run.started = true;
        let details = match task.resource {
            Resource::LambdaFunction(_) => EventDetails::LambdaFunctionStarted,
            Resource::Activity(_) => {
                self.start_clocks(id, thread, run.timeout_seconds, run.heartbeat_seconds);
                EventDetails::ActivityStarted { worker_name: worker.map(Arc::from) }
            }
            Resource::Integration { .. } => EventDetails::TaskStarted(task.call.clone()),
        };
        thread.last = self.core.record(thread.last, details);
    }

    /// Records the answer to a submission; only service integrations have an event for it.
    pub(super) fn record_submitted(&mut self, thread: &mut Thread, task: &Task, output: Payload) {
        if let Resource::Integration { .. } = task.resource {
            let details = EventDetails::TaskSubmitted { call: task.call.clone(), output };
            thread.last = self.core.record(thread.last, details);
        }
    }

    pub(super) fn record_succeeded(&mut self, thread: &mut Thread, task: &Task, output: Payload) {
        let details = match task.resource {
            Resource::LambdaFunction(_) => EventDetails::LambdaFunctionSucceeded { output },
            Resource::Activity(_) => EventDetails::ActivitySucceeded { output },
            Resource::Integration { .. } => EventDetails::TaskSucceeded { call: task.call.clone(), output },
        };
        thread.last = self.core.record(thread.last, details);
    }

    pub(super) fn record_failed(&mut self, thread: &mut Thread, task: &Task, failure: Failure) {
        let details = match task.resource {
            Resource::LambdaFunction(_) => EventDetails::LambdaFunctionFailed(failure),
            Resource::Activity(_) => EventDetails::ActivityFailed(failure),
            Resource::Integration { .. } => EventDetails::TaskFailed(task.call.clone(), failure),
        };
        thread.last = self.core.record(thread.last, details);
    }

    /// Records that the call could not be made, or that a job was not accepted.
    pub(super) fn record_start_failed(&mut self, thread: &mut Thread, task: &Task, failure: Failure) {
        let details = match task.resource {
            Resource::LambdaFunction(_) => EventDetails::LambdaFunctionStartFailed(failure),
            Resource::Activity(_) => EventDetails::ActivityScheduleFailed(failure),
            Resource::Integration { pattern: Pattern::RequestResponse, .. } => {
                EventDetails::TaskStartFailed(task.call.clone(), failure)
            }
            Resource::Integration { .. } => EventDetails::TaskSubmitFailed(task.call.clone(), failure),
        };
        thread.last = self.core.record(thread.last, details);
    }

    pub(super) fn record_timed_out(&mut self, thread: &mut Thread, task: &Task, failed: &Failed) {
        let failure = failed.failure.clone();
        let details = match task.resource {
            Resource::LambdaFunction(_) => EventDetails::LambdaFunctionTimedOut(failure),
            Resource::Activity(_) => EventDetails::ActivityTimedOut(failure),
            Resource::Integration { .. } => EventDetails::TaskTimedOut(task.call.clone(), failure),
        };
        thread.last = self.core.record(thread.last, details);
    }
}

/// Whether a task of this resource ends with a token.
fn has_token(resource: &Resource) -> bool {
    match resource {
        Resource::LambdaFunction(_) => false,
        Resource::Activity(_) => true,
        Resource::Integration { pattern, .. } => *pattern != Pattern::RequestResponse,
    }
}
