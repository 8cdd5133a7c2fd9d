//! The tasks of a case: recorded attempts, or functions that behave as described.

use serde_json::{Map, Value, json};

use super::case::Case;
use super::compare::same;
use crate::definition::Resource;
use crate::execution::{Answer, TaskRequest};

/// What comes back for one call, in order, with the milliseconds after it was made.
pub(super) type Answers = Vec<(u64, Answer)>;

/// Milliseconds a call takes where nothing says otherwise.
const LATENCY: u64 = 10;

pub(super) struct Mocks<'a> {
    case: &'a Case,
    /// State name to the attempts that have been used.
    used: Map<String, Value>,
    requests: u64,
}

impl<'a> Mocks<'a> {
    pub(super) fn new(case: &'a Case) -> Mocks<'a> {
        Mocks { case, used: Map::new(), requests: 0 }
    }

    pub(super) fn answer(&mut self, request: &TaskRequest) -> Answers {
        if let Some(attempt) = self.attempt(request) {
            return recorded(&attempt, request);
        }
        match &request.resource {
            Resource::LambdaFunction(arn) => self.invoke(arn, &request.parameters, false),
            Resource::Integration { service, action, sdk: false, .. } if service == "lambda" && action == "invoke" => {
                let name = request.parameters.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
                let payload = request.parameters.get("Payload").cloned().unwrap_or_else(|| json!({}));
                self.invoke(name, &payload, true)
            }
            Resource::Activity(arn) if !self.case.mocks.contains_key(&request.state) => {
                vec![(0, Answer::DoesNotExist(format!("The activity {arn} does not exist.")))]
            }
            _ => Vec::new(),
        }
    }

    /// The first attempt not used yet whose request fits, else the first not used yet.
    fn attempt(&mut self, request: &TaskRequest) -> Option<Value> {
        let attempts = self.case.mocks.get(&request.state)?.as_array()?;
        let used = self
            .used
            .entry(request.state.clone())
            .or_insert_with(|| Value::Array(vec![Value::Bool(false); attempts.len()]));
        let used = used.as_array_mut()?;
        let unused =
            || attempts.iter().zip(used.iter()).enumerate().filter(|(_, (_, used))| **used == Value::Bool(false));
        let fitting = unused()
            .find(|(_, (attempt, _))| attempt.get("request").is_some_and(|wanted| same(wanted, &request.parameters)));
        let (at, (attempt, _)) = fitting.or_else(|| unused().next())?;
        let attempt = attempt.clone();
        *used.get_mut(at)? = Value::Bool(true);
        Some(attempt)
    }

    fn invoke(&mut self, name: &str, event: &Value, integration: bool) -> Answers {
        self.requests += 1;
        let behaviour = self.case.functions.get(name).or_else(|| {
            let short = name.rsplit(':').next()?;
            self.case
                .functions
                .iter()
                .find(|(key, _)| key.rsplit(':').next() == Some(short))
                .map(|(_, behaviour)| behaviour)
        });
        let Some(behaviour) = behaviour else {
            let cause = format!("Function not found: {name} (Service: Lambda, Status Code: 404)");
            return vec![
                (0, Answer::Started),
                (LATENCY, Answer::Failed { error: "Lambda.ResourceNotFoundException".to_owned(), cause: Some(cause) }),
            ];
        };
        let (delay, answer) = self.behave(behaviour, event, integration, 0);
        vec![(0, Answer::Started), (delay, answer)]
    }

    fn behave(&self, behaviour: &Value, event: &Value, integration: bool, depth: usize) -> (u64, Answer) {
        let text = |name: &str| behaviour.get(name).and_then(Value::as_str).unwrap_or_default();
        let value = match text("kind") {
            "echo" => event.clone(),
            "return" => behaviour.get("value").cloned().unwrap_or_default(),
            "repeat" => {
                let count = behaviour
                    .get("count")
                    .and_then(Value::as_u64)
                    .and_then(|count| usize::try_from(count).ok())
                    .unwrap_or(0);
                json!(text("char").repeat(count))
            }
            "format" => json!(text("template").replace("{event}", event.as_str().unwrap_or_default())),
            "sleep" if depth < 8 => {
                let seconds = behaviour.get("seconds").and_then(Value::as_u64).unwrap_or(0);
                let then = behaviour.get("then").cloned().unwrap_or_else(|| json!({ "kind": "return" }));
                let (delay, answer) = self.behave(&then, event, integration, depth + 1);
                return (delay + seconds * 1000, answer);
            }
            "fail" => return (LATENCY, self.failure(behaviour, integration)),
            _ => Value::Null,
        };
        let value = if integration {
            json!({ "ExecutedVersion": "$LATEST", "Payload": value, "SdkHttpMetadata": {}, "SdkResponseMetadata": {}, "StatusCode": 200 })
        } else {
            value
        };
        (LATENCY, Answer::Succeeded(value))
    }

    /// A function's error: with the integration its JSON is compact, called by ARN it is as Python writes it.
    fn failure(&self, behaviour: &Value, integration: bool) -> Answer {
        let field = |name: &str| behaviour.get(name).cloned().unwrap_or_default();
        let request_id = json!(format!("00000000-0000-4000-8000-{:012}", self.requests));
        let fields = [
            ("errorMessage", field("errorMessage")),
            ("errorType", field("errorType")),
            ("requestId", request_id),
            ("stackTrace", behaviour.get("stackTrace").cloned().unwrap_or_else(|| json!([]))),
        ];
        let (colon, comma) = if integration { (":", ",") } else { (": ", ", ") };
        let list: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
        let error = behaviour.get("errorType").and_then(Value::as_str).unwrap_or_default().to_owned();
        Answer::Failed { error, cause: Some(format!("{{{}}}", list.join(comma))) }
    }
}

fn recorded(attempt: &Value, request: &TaskRequest) -> Answers {
    let started = match attempt.get("workerName").and_then(Value::as_str) {
        Some(worker) => Answer::StartedBy(worker.to_owned()),
        None => Answer::Started,
    };
    let mut answers = vec![(0, started)];
    if let Some(submitted) = attempt.get("submitted") {
        answers.push((LATENCY, Answer::Submitted(submitted.clone())));
    }
    if attempt.get("timedOut") == Some(&Value::Bool(true)) {
        // The engine's own timer ends the attempt; without one, the service did.
        if request.timeout_seconds.is_none() && request.heartbeat_seconds.is_none() {
            answers.push((2 * LATENCY, Answer::TimedOut));
        }
    } else if attempt.get("error").is_some() || attempt.get("cause").is_some() {
        let text = |name: &str| match attempt.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        let (error, cause) = (text("error"), text("cause"));
        answers.push((
            2 * LATENCY,
            match error {
                Some(error) => Answer::Failed { error, cause },
                None => Answer::FailedUnnamed { cause },
            },
        ));
    } else if let Some(result) = attempt.get("result") {
        answers.push((2 * LATENCY, Answer::Succeeded(result.clone())));
    }
    answers
}
