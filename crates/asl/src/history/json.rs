//! Events as JSON: in the shape of the API, and flattened for people and comparisons.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{EventDetails, Failure, HistoryEvent, MapIteration, ScheduledTask, ServiceCall};
use crate::payload::Payload;

impl EventDetails {
    /// The event type, as `PassStateEntered`.
    #[must_use]
    pub fn event_type(&self) -> Cow<'static, str> {
        let name = match self {
            EventDetails::StateEntered { state_type, .. } => {
                return format!("{}StateEntered", state_type.as_str()).into();
            }
            EventDetails::StateExited { state_type, .. } => {
                return format!("{}StateExited", state_type.as_str()).into();
            }
            EventDetails::StateAborted(state_type) => return format!("{}StateAborted", state_type.as_str()).into(),
            EventDetails::ExecutionStarted { .. } => "ExecutionStarted",
            EventDetails::ExecutionSucceeded { .. } => "ExecutionSucceeded",
            EventDetails::ExecutionFailed(_) => "ExecutionFailed",
            EventDetails::ExecutionAborted(_) => "ExecutionAborted",
            EventDetails::ExecutionTimedOut(_) => "ExecutionTimedOut",
            EventDetails::EvaluationFailed { .. } => "EvaluationFailed",
            EventDetails::LambdaFunctionScheduled { .. } => "LambdaFunctionScheduled",
            EventDetails::LambdaFunctionScheduleFailed(_) => "LambdaFunctionScheduleFailed",
            EventDetails::LambdaFunctionStarted => "LambdaFunctionStarted",
            EventDetails::LambdaFunctionStartFailed(_) => "LambdaFunctionStartFailed",
            EventDetails::LambdaFunctionSucceeded { .. } => "LambdaFunctionSucceeded",
            EventDetails::LambdaFunctionFailed(_) => "LambdaFunctionFailed",
            EventDetails::LambdaFunctionTimedOut(_) => "LambdaFunctionTimedOut",
            EventDetails::ActivityScheduled { .. } => "ActivityScheduled",
            EventDetails::ActivityScheduleFailed(_) => "ActivityScheduleFailed",
            EventDetails::ActivityStarted { .. } => "ActivityStarted",
            EventDetails::ActivitySucceeded { .. } => "ActivitySucceeded",
            EventDetails::ActivityFailed(_) => "ActivityFailed",
            EventDetails::ActivityTimedOut(_) => "ActivityTimedOut",
            EventDetails::TaskScheduled { .. } => "TaskScheduled",
            EventDetails::TaskStarted(_) => "TaskStarted",
            EventDetails::TaskStartFailed(..) => "TaskStartFailed",
            EventDetails::TaskSubmitted { .. } => "TaskSubmitted",
            EventDetails::TaskSubmitFailed(..) => "TaskSubmitFailed",
            EventDetails::TaskSucceeded { .. } => "TaskSucceeded",
            EventDetails::TaskFailed(..) => "TaskFailed",
            EventDetails::TaskTimedOut(..) => "TaskTimedOut",
            EventDetails::ParallelStateStarted => "ParallelStateStarted",
            EventDetails::ParallelStateSucceeded => "ParallelStateSucceeded",
            EventDetails::ParallelStateFailed => "ParallelStateFailed",
            EventDetails::MapStateStarted { .. } => "MapStateStarted",
            EventDetails::MapStateSucceeded => "MapStateSucceeded",
            EventDetails::MapStateFailed => "MapStateFailed",
            EventDetails::MapIterationStarted(_) => "MapIterationStarted",
            EventDetails::MapIterationSucceeded(_) => "MapIterationSucceeded",
            EventDetails::MapIterationFailed(_) => "MapIterationFailed",
            EventDetails::MapIterationAborted(_) => "MapIterationAborted",
            EventDetails::MapRunStarted { .. } => "MapRunStarted",
            EventDetails::MapRunSucceeded => "MapRunSucceeded",
            EventDetails::MapRunFailed(_) => "MapRunFailed",
        };
        Cow::Borrowed(name)
    }
}

impl HistoryEvent {
    /// The event in the shape of `GetExecutionHistory`: payloads are JSON texts, the time is an ISO 8601 text.
    #[must_use]
    pub fn to_api(&self) -> Value {
        let event_type = self.details.event_type();
        let mut event = Map::new();
        event.insert("timestamp".to_owned(), json!(self.timestamp.to_string()));
        event.insert("type".to_owned(), json!(event_type));
        event.insert("id".to_owned(), json!(self.id));
        event.insert("previousEventId".to_owned(), json!(self.previous_event_id));
        let details = Details::of(&self.details).api();
        if !details.is_empty() {
            event.insert(details_key(&self.details, &event_type), Value::Object(details));
        }
        Value::Object(event)
    }

    /// The event as one flat JSON object: `id`, `prev`, `type` and the details by their names in the API, with payloads as JSON
    /// values; the role and the notes on truncation are left out.
    #[must_use]
    pub fn to_flat(&self) -> Value {
        let mut event = Map::new();
        event.insert("id".to_owned(), json!(self.id));
        event.insert("prev".to_owned(), json!(self.previous_event_id));
        event.insert("type".to_owned(), json!(self.details.event_type()));
        event.extend(Details::of(&self.details).flat());
        Value::Object(event)
    }
}

fn details_key(details: &EventDetails, event_type: &str) -> String {
    match details {
        EventDetails::StateEntered { .. } => "stateEnteredEventDetails".to_owned(),
        EventDetails::StateExited { .. } => "stateExitedEventDetails".to_owned(),
        _ => {
            let mut chars = event_type.chars();
            let first: String = chars.next().map(|c| c.to_ascii_lowercase()).into_iter().collect();
            format!("{first}{}EventDetails", chars.as_str())
        }
    }
}

/// The value of one detail.
enum Detail<'a> {
    Text(&'a str),
    Number(u64),
    Json(&'a Payload),
    Variables(&'a [(Arc<str>, Payload)]),
    Role(&'a str),
}

#[derive(Default)]
struct Details<'a>(Vec<(&'static str, Detail<'a>)>);

impl<'a> Details<'a> {
    fn of(details: &'a EventDetails) -> Details<'a> {
        let list = Details::default();
        match details {
            EventDetails::ExecutionStarted { input, role_arn } => list.json("input", input).text("roleArn", role_arn),
            EventDetails::ExecutionFailed(failure)
            | EventDetails::ExecutionAborted(failure)
            | EventDetails::ExecutionTimedOut(failure)
            | EventDetails::LambdaFunctionScheduleFailed(failure)
            | EventDetails::LambdaFunctionStartFailed(failure)
            | EventDetails::LambdaFunctionFailed(failure)
            | EventDetails::LambdaFunctionTimedOut(failure)
            | EventDetails::ActivityScheduleFailed(failure)
            | EventDetails::ActivityFailed(failure)
            | EventDetails::ActivityTimedOut(failure)
            | EventDetails::MapRunFailed(failure) => list.failure(failure),
            EventDetails::ExecutionSucceeded { output }
            | EventDetails::LambdaFunctionSucceeded { output }
            | EventDetails::ActivitySucceeded { output } => list.json("output", output),
            EventDetails::StateEntered { name, input, .. } => list.text("name", name).json("input", input),
            EventDetails::StateExited { name, output, assigned, .. } => {
                let list = list.text("name", name).json("output", output);
                match assigned {
                    Some(variables) => list.with("assignedVariables", Detail::Variables(variables)),
                    None => list,
                }
            }
            EventDetails::EvaluationFailed { failure, location, state } => {
                let list = list.failure(failure).text("state", state);
                match location {
                    Some(location) => list.text("location", location),
                    None => list,
                }
            }
            EventDetails::LambdaFunctionScheduled { resource, task }
            | EventDetails::ActivityScheduled { resource, task } => {
                list.text("resource", resource).json("input", &task.parameters).scheduled(task)
            }
            EventDetails::ActivityStarted { worker_name } => match worker_name {
                Some(name) => list.text("workerName", name),
                None => list,
            },
            EventDetails::TaskScheduled { call, task } => {
                list.call(call).text("region", &task.region).json("parameters", &task.parameters).scheduled(task)
            }
            EventDetails::TaskStarted(call) => list.call(call),
            EventDetails::TaskStartFailed(call, failure)
            | EventDetails::TaskSubmitFailed(call, failure)
            | EventDetails::TaskFailed(call, failure)
            | EventDetails::TaskTimedOut(call, failure) => list.call(call).failure(failure),
            EventDetails::TaskSubmitted { call, output } | EventDetails::TaskSucceeded { call, output } => {
                list.call(call).json("output", output)
            }
            EventDetails::MapStateStarted { length } => list.with("length", Detail::Number(*length)),
            EventDetails::MapIterationStarted(iteration)
            | EventDetails::MapIterationSucceeded(iteration)
            | EventDetails::MapIterationFailed(iteration)
            | EventDetails::MapIterationAborted(iteration) => list.iteration(iteration),
            EventDetails::MapRunStarted { map_run_arn } => list.text("mapRunArn", map_run_arn),
            EventDetails::StateAborted(_)
            | EventDetails::LambdaFunctionStarted
            | EventDetails::ParallelStateStarted
            | EventDetails::ParallelStateSucceeded
            | EventDetails::ParallelStateFailed
            | EventDetails::MapStateSucceeded
            | EventDetails::MapStateFailed
            | EventDetails::MapRunSucceeded => list,
        }
    }

    fn with(mut self, name: &'static str, detail: Detail<'a>) -> Self {
        self.0.push((name, detail));
        self
    }

    fn text(self, name: &'static str, text: &'a str) -> Self {
        self.with(name, Detail::Text(text))
    }

    fn json(self, name: &'static str, payload: &'a Payload) -> Self {
        self.with(name, Detail::Json(payload))
    }

    fn failure(mut self, failure: &'a Failure) -> Self {
        for (name, text) in [("error", &failure.error), ("cause", &failure.cause)] {
            if let Some(text) = text {
                self.0.push((name, Detail::Text(text)));
            }
        }
        self
    }

    fn call(self, call: &'a ServiceCall) -> Self {
        self.text("resourceType", &call.resource_type).text("resource", &call.resource)
    }

    fn iteration(self, iteration: &'a MapIteration) -> Self {
        self.text("name", &iteration.name).with("index", Detail::Number(iteration.index))
    }

    fn scheduled(mut self, task: &'a ScheduledTask) -> Self {
        for (name, seconds) in
            [("timeoutInSeconds", task.timeout_seconds), ("heartbeatInSeconds", task.heartbeat_seconds)]
        {
            if let Some(seconds) = seconds {
                self.0.push((name, Detail::Number(seconds)));
            }
        }
        match &task.credentials_role_arn {
            Some(role) => self.with("taskCredentials", Detail::Role(role)),
            None => self,
        }
    }

    fn api(self) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, detail) in self.0 {
            let value = match detail {
                Detail::Text(text) => json!(text),
                Detail::Number(number) => json!(number),
                Detail::Json(payload) => json!(payload.value().to_string()),
                Detail::Variables(list) => {
                    list.iter().map(|(name, value)| (name.to_string(), json!(value.value().to_string()))).collect()
                }
                Detail::Role(role) => json!({ "roleArn": role }),
            };
            out.insert(name.to_owned(), value);
            if matches!(name, "input" | "output") {
                out.insert(format!("{name}Details"), json!({ "truncated": false }));
            }
        }
        out
    }

    fn flat(self) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, detail) in self.0 {
            let value = match detail {
                Detail::Text(_) if name == "roleArn" => continue,
                Detail::Text(text) => json!(text),
                Detail::Number(number) => json!(number),
                Detail::Json(payload) => payload.value().clone(),
                Detail::Variables(list) => {
                    list.iter().map(|(name, value)| (name.to_string(), value.value().clone())).collect()
                }
                Detail::Role(role) => json!({ "roleArn": role }),
            };
            out.insert(name.to_owned(), value);
        }
        out
    }
}
