//! Driving an execution with mocked tasks, in virtual time: the clock jumps to whatever comes next.

use std::collections::BTreeMap;
use std::sync::Arc;

use asl::conformance::same;
use asl::{Action, Answer, Definition, Execution, Resource, Start, TaskId, TaskRequest, Timestamp};
use serde_json::{Value, json};

use super::mocks::{Attempt, Behaviour, End, Mocks};

/// An execution that has ended, or in which nothing happens any more.
pub(super) struct Driven {
    pub(super) execution: Execution,
    /// What the mocks left open, as sentences, each once.
    pub(super) notes: Vec<String>,
    /// When it came to rest.
    pub(super) rested_at: Timestamp,
}

/// Milliseconds a call takes where nothing says otherwise.
const LATENCY: u64 = 10;

/// Steps after which an execution counts as endless.
const MAX_STEPS: usize = 1_000_000;

pub(super) fn drive(definition: Definition, start: Start, mocks: &Mocks) -> Driven {
    let mut now = start.started_at;
    let mut execution = Execution::start(Arc::new(definition), start);
    let mut tasks = Tasks { mocks, used: BTreeMap::new(), invocations: 0, notes: Vec::new() };
    // Answers by the time they come, then in the order in which they were made.
    let mut pending: BTreeMap<(Timestamp, u64), (TaskId, Answer)> = BTreeMap::new();
    let mut order = 0;
    for _ in 0..MAX_STEPS {
        let mut wake = None;
        for action in execution.step(now) {
            match action {
                Action::Schedule(request) => {
                    for (delay, answer) in tasks.answers(&request) {
                        order += 1;
                        pending.insert((now.plus_millis(delay), order), (request.id, answer));
                    }
                }
                Action::Cancel(task) => pending.retain(|_, (id, _)| *id != task),
                Action::WakeAt(at) => wake = Some(at),
            }
        }
        if execution.outcome().is_some() {
            return Driven { execution, notes: tasks.notes, rested_at: now };
        }
        match (pending.keys().next().map(|(at, _)| *at), wake) {
            (Some(at), wake) if wake.is_none_or(|wake| at <= wake) => {
                now = now.max(at);
                // What comes at the same time comes before anything follows from it.
                while let Some(entry) = pending.first_entry().filter(|entry| entry.key().0 <= now) {
                    let (task, answer) = entry.remove();
                    execution.deliver(task, answer, now);
                }
            }
            (_, Some(at)) => now = now.max(at),
            (_, None) => {
                tasks.note("nothing happens any more: the execution never ends".to_owned());
                return Driven { execution, notes: tasks.notes, rested_at: now };
            }
        }
    }
    tasks.note(format!("the execution has not ended after {MAX_STEPS} steps"));
    Driven { execution, notes: tasks.notes, rested_at: now }
}

/// The mocks, and what has been used of them.
struct Tasks<'a> {
    mocks: &'a Mocks,
    /// State name to which of its attempts have been used.
    used: BTreeMap<String, Vec<bool>>,
    invocations: u64,
    notes: Vec<String>,
}

/// What comes back for one call, in order, with the milliseconds after it was made.
type Answers = Vec<(u64, Answer)>;

impl<'a> Tasks<'a> {
    fn answers(&mut self, request: &TaskRequest) -> Answers {
        if let Some(attempt) = self.attempt(request) {
            if attempt.end == End::Never {
                self.note(format!("state `{}`: this mocked attempt never ends", request.state));
            }
            return answers(attempt, request);
        }
        let state = &request.state;
        match &request.resource {
            Resource::LambdaFunction(arn) => self.invoke(state, arn, &request.parameters, false),
            Resource::Integration { service, action, sdk: false, .. } if service == "lambda" && action == "invoke" => {
                let name = request.parameters.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
                let payload = request.parameters.get("Payload").cloned().unwrap_or_else(|| json!({}));
                self.invoke(state, name, &payload, true)
            }
            Resource::Activity(arn) if !self.mocks.tasks.contains_key(state) => {
                self.note(format!("state `{state}`: the activity is not mocked, so it does not exist"));
                vec![(0, Answer::DoesNotExist(format!("The activity {arn} does not exist.")))]
            }
            resource => {
                self.note(format!(
                    "state `{state}`: no mocked attempt is left for `{resource}`, so this one never ends"
                ));
                Vec::new()
            }
        }
    }

    /// The first attempt not used yet whose request fits, else the first not used yet.
    fn attempt(&mut self, request: &TaskRequest) -> Option<&'a Attempt> {
        let mocks = self.mocks;
        let attempts = mocks.tasks.get(&request.state)?;
        let used = self.used.entry(request.state.clone()).or_insert_with(|| vec![false; attempts.len()]);
        let unused = || attempts.iter().zip(used.iter()).enumerate().filter(|(_, (_, used))| !**used);
        let fits = |attempt: &Attempt| attempt.request.as_ref().is_some_and(|wanted| same(wanted, &request.parameters));
        let (at, (attempt, _)) = unused().find(|(_, (attempt, _))| fits(attempt)).or_else(|| unused().next())?;
        *used.get_mut(at)? = true;
        Some(attempt)
    }

    fn invoke(&mut self, state: &str, name: &str, event: &Value, integration: bool) -> Answers {
        self.invocations += 1;
        let Some(behaviour) = self.mocks.function(name) else {
            self.note(format!("state `{state}`: function `{name}` is not mocked, so it does not exist"));
            let cause = format!("Function not found: {name} (Service: Lambda, Status Code: 404)");
            let error = "Lambda.ResourceNotFoundException".to_owned();
            return vec![(0, Answer::Started), (LATENCY, Answer::Failed { error, cause: Some(cause) })];
        };
        let (delay, answer) = behave(behaviour, event, integration, self.invocations);
        vec![(0, Answer::Started), (delay, answer)]
    }

    fn note(&mut self, note: String) {
        // Few differ: one for each state and function at most.
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn answers(attempt: &Attempt, request: &TaskRequest) -> Answers {
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

fn behave(behaviour: &Behaviour, event: &Value, integration: bool, invocation: u64) -> (u64, Answer) {
    let value = match behaviour {
        Behaviour::Echo => event.clone(),
        Behaviour::Return(value) => value.clone(),
        Behaviour::Format(template) => json!(template.replace("{event}", event.as_str().unwrap_or_default())),
        Behaviour::Sleep { seconds, then } => {
            let (delay, answer) = behave(then, event, integration, invocation);
            return (delay.saturating_add(seconds.saturating_mul(1000)), answer);
        }
        Behaviour::Fail { error_type, message, stack_trace } => {
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
