//! Running an execution with mocked tasks in virtual time: the clock moves to whatever happens next.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::behave::{Answers, LATENCY, behave, recorded};
use super::{Attempt, End, Mocks};
use crate::compare::same;
use crate::definition::{Definition, Resource};
use crate::execution::{Action, Answer, Execution, Kind, Start, TaskId, TaskRequest};
use crate::time::Timestamp;

/// The result of a run: an execution that has ended, or that waits forever.
pub struct MockedRun {
    /// The execution.
    pub execution: Execution,
    /// What the mocks lack, one sentence each.
    pub notes: Vec<String>,
    /// The virtual time of the end, or from which on nothing happens.
    pub rested_at: Timestamp,
}

/// The most steps of a run.
const MAX_STEPS: usize = 1_000_000;

/// Runs a definition until the execution ends or nothing happens any more. The example `run` of this crate shows it.
#[must_use]
pub fn run_with_mocks(definition: Definition, start: Start, mocks: &Mocks) -> MockedRun {
    let mut now = start.started_at;
    let mut execution = Execution::start(Arc::new(definition), start);
    let mut tasks = Tasks { mocks, used: BTreeMap::new(), invocations: 0, notes: Vec::new() };
    // answers by their time, then by the order in which they were made
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
            return MockedRun { execution, notes: tasks.notes, rested_at: now };
        }
        match (pending.keys().next().map(|(at, _)| *at), wake) {
            (Some(at), wake) if wake.is_none_or(|wake| at <= wake) => {
                now = now.max(at);
                // all answers of one time are delivered before the next step
                while let Some(entry) = pending.first_entry().filter(|entry| entry.key().0 <= now) {
                    let (task, answer) = entry.remove();
                    execution.deliver(task, answer, now);
                }
            }
            (_, Some(at)) => now = now.max(at),
            (_, None) => {
                let quota = match execution.kind() {
                    Kind::Standard => "a year",
                    Kind::Express => "five minutes",
                };
                tasks.note(format!("nothing happens any more: the execution ends only after {quota}"));
                return MockedRun { execution, notes: tasks.notes, rested_at: now };
            }
        }
    }
    tasks.note(format!("the execution has not ended after {MAX_STEPS} steps"));
    MockedRun { execution, notes: tasks.notes, rested_at: now }
}

/// The mocks, and which attempts have been used.
struct Tasks<'a> {
    mocks: &'a Mocks,
    /// State name to the attempts, true where one has been used.
    used: BTreeMap<String, Vec<bool>>,
    invocations: u64,
    notes: Vec<String>,
}

impl<'a> Tasks<'a> {
    fn answers(&mut self, request: &TaskRequest) -> Answers {
        if let Some(attempt) = self.attempt(request) {
            if attempt.end == End::Never {
                self.note(format!("state `{}`: this mocked attempt never ends", request.state));
            }
            return recorded(attempt, request);
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

    /// The first unused attempt whose request matches, else the first unused one.
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
        let Some(behavior) = self.mocks.function(name) else {
            self.note(format!("state `{state}`: function `{name}` is not mocked, so it does not exist"));
            let cause = format!("Function not found: {name} (Service: Lambda, Status Code: 404)");
            let error = "Lambda.ResourceNotFoundException".to_owned();
            return vec![(0, Answer::Started), (LATENCY, Answer::Failed { error, cause: Some(cause) })];
        };
        let (delay, answer) = behave(behavior, event, integration, self.invocations);
        vec![(0, Answer::Started), (delay, answer)]
    }

    fn note(&mut self, note: String) {
        // at most one for each state and function, so that the list is short
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}
