//! What mocked attempts and functions answer.

use serde_json::{Value, json};

use super::{Attempt, Behavior, End};
use crate::execution::{Answer, TaskRequest};

/// What comes back for one call, in order, with the milliseconds after it was made.
pub(super) type Answers = Vec<(u64, Answer)>;

/// Milliseconds a call takes where nothing says otherwise.
pub(super) const LATENCY: u64 = 10;

/// What a mocked attempt answers.
pub(super) fn recorded(attempt: &Attempt, request: &TaskRequest) -> Answers {
    let started = match &attempt.worker {
        Some(worker) => Answer::StartedBy(worker.clone()),
        None => Answer::Started,
    };
    let mut answers = vec![(0, started)];
    answers.extend(attempt.submitted.clone().map(|submitted| (LATENCY, Answer::Submitted(submitted))));
    let end = match &attempt.end {
        End::Never => None,
        // The engine's own timer ends the attempt.
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

/// What a function answers, and after how many milliseconds.
pub(super) fn behave(behavior: &Behavior, event: &Value, integration: bool, invocation: u64) -> (u64, Answer) {
    let value = match behavior {
        Behavior::Echo => event.clone(),
        Behavior::Return(value) => value.clone(),
        Behavior::Format(template) => json!(template.replace("{event}", event.as_str().unwrap_or_default())),
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
            // With the integration the cause is compact JSON; called by ARN it is as a Python function writes it.
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
