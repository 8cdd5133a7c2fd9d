//! The answers of mocked attempts and functions.

use serde_json::{Value, json};

use super::{Attempt, Behavior, End};
use crate::execution::{Answer, TaskRequest};

/// The answers to one call in their order, each with its delay in milliseconds after the call.
pub(super) type Answers = Vec<(u64, Answer)>;

/// The duration of a call in milliseconds, where the mock has none.
pub(super) const LATENCY: u64 = 10;

/// The answers of a mocked attempt.
pub(super) fn recorded(attempt: &Attempt, request: &TaskRequest) -> Answers {
    let started = match &attempt.worker {
        Some(worker) => Answer::StartedBy(worker.clone()),
        None => Answer::Started,
    };
    let mut answers = vec![(0, started)];
    answers.extend(attempt.submitted.clone().map(|submitted| (LATENCY, Answer::Submitted(submitted))));
    let end = match &attempt.end {
        End::Never => None,
        // the engine's own timer ends the attempt
        End::TimedOut if request.timeout_seconds.is_some() || request.heartbeat_seconds.is_some() => None,
        End::TimedOut => Some(Answer::TimedOut),
        End::Succeeded(result) => Some(Answer::Succeeded(result.clone())),
        End::Failed { error: Some(error), cause } => {
            Some(Answer::Failed { error: error.clone(), cause: cause.clone() })
        }
        End::Failed { error: None, cause } => Some(Answer::FailedUnnamed { cause: cause.clone() }),
    };
    answers.extend(end.map(|end| (2 * LATENCY, end)));
    answers
}

/// The answer of a function, and its delay in milliseconds.
pub(super) fn behave(behavior: &Behavior, event: &Value, integration: bool, invocation: u64) -> (u64, Answer) {
    let value = match behavior {
        Behavior::Echo => event.clone(),
        Behavior::Return(value) => value.clone(),
        Behavior::Format(template) => {
            let text = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
            json!(template.replace("{event}", &text))
        }
        Behavior::Sleep { seconds, then } => {
            let (delay, answer) = behave(then, event, integration, invocation);
            return (delay.saturating_add(seconds.saturating_mul(1000)), answer);
        }
        Behavior::Fail { error_type, message, stack_trace } => {
            let request_id = json!(format!("00000000-0000-4000-8000-{invocation:012}"));
            let fields = [
                ("errorMessage", message),
                ("errorType", &json!(error_type)),
                ("requestId", &request_id),
                ("stackTrace", stack_trace),
            ];
            // the cause is compact JSON with `lambda:invoke`, and with spaces when the function is called by its ARN
            let (colon, comma) = if integration { (":", ",") } else { (": ", ", ") };
            let list: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\"{colon}{value}")).collect();
            let cause = Some(format!("{{{}}}", list.join(comma)));
            return (LATENCY, Answer::Failed { error: error_type.clone(), cause });
        }
    };
    let value = if integration {
        json!({ "ExecutedVersion": "$LATEST", "Payload": value, "SdkHttpMetadata": {}, "SdkResponseMetadata": {}, "StatusCode": 200 })
    } else {
        value
    };
    (LATENCY, Answer::Succeeded(value))
}
