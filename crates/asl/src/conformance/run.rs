//! Driving an execution with the mocks of a case, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::case::Case;
use super::mock::Mocks;
use super::report::Report;
use crate::definition::{Definition, ParseError};
use crate::execution::{Action, Answer, Execution, Kind, Limits, Start, TaskId};
use crate::time::Timestamp;

/// What the engine did with a case.
#[derive(Debug, Clone)]
pub struct Ran {
    /// `SUCCEEDED` and its like
    pub status: &'static str,
    /// The output of a success.
    pub output: Option<Value>,
    /// The error name of a failure.
    pub error: Option<String>,
    /// The cause of a failure.
    pub cause: Option<String>,
    /// The history, flattened.
    pub events: Vec<Value>,
}

/// Steps after which a case that never comes to rest is left as it is.
const MAX_STEPS: usize = 1_000_000;

/// Runs a case and compares.
///
/// # Errors
/// When its definition cannot be run.
pub fn run_case(case: &Case) -> Result<Report, ParseError> {
    let ran = run(case)?;
    Ok(Report::new(case, ran))
}

/// Runs a case.
///
/// # Errors
/// When its definition cannot be run.
pub fn run(case: &Case) -> Result<Ran, ParseError> {
    let definition = Arc::new(Definition::parse(&case.definition)?);
    let mut execution = Execution::start(definition, start(case));
    drive(&mut execution, case);
    let outcome = execution.outcome();
    Ok(Ran {
        status: execution.status().as_str(),
        output: outcome.and_then(|outcome| outcome.output.clone()),
        error: outcome.and_then(|outcome| outcome.error.clone()),
        cause: outcome.and_then(|outcome| outcome.cause.clone()),
        events: execution.history().iter().map(crate::history::HistoryEvent::to_flat).collect(),
    })
}

fn start(case: &Case) -> Start {
    let (machine, name) = (&case.machine_name, &case.execution_name);
    let prefix = "arn:aws:states:us-east-1:111111111111";
    let execution_arn = match case.kind {
        Kind::Standard => format!("{prefix}:execution:{machine}:{name}"),
        Kind::Express => format!("{prefix}:express:{machine}:{name}:00000000-0000-4000-8000-000000000000"),
    };
    Start {
        execution_arn,
        execution_name: name.clone(),
        state_machine_arn: format!("{prefix}:stateMachine:{machine}"),
        state_machine_name: machine.clone(),
        role_arn: case.role_arn.clone(),
        input: case.input.clone(),
        started_at: case.now,
        kind: case.kind,
        seed: 1,
        limits: Limits::default(),
    }
}

fn drive(execution: &mut Execution, case: &Case) {
    let mut mocks = Mocks::new(case);
    let mut now = case.now;
    // Answers by the time they come, then in the order in which they were made.
    let mut pending: BTreeMap<(Timestamp, u64), (TaskId, Answer)> = BTreeMap::new();
    let mut order = 0;
    let mut wake = None;
    for _ in 0..MAX_STEPS {
        for action in execution.step(now) {
            match action {
                Action::Schedule(request) => {
                    for (delay, answer) in mocks.answer(&request) {
                        order += 1;
                        pending.insert((now.plus_millis(delay), order), (request.id, answer));
                    }
                }
                Action::Cancel(task) => pending.retain(|_, (id, _)| *id != task),
                Action::WakeAt(at) => wake = Some(at),
            }
        }
        if execution.outcome().is_some() {
            return;
        }
        let next_answer = pending.keys().next().map(|(at, _)| *at);
        match (next_answer, wake.take()) {
            (None, None) => return,
            (Some(at), wake) if wake.is_none_or(|wake| at <= wake) => {
                now = now.max(at);
                // What comes at the same time comes before anything follows from it.
                while let Some(entry) = pending.first_entry().filter(|entry| entry.key().0 <= now) {
                    let (task, answer) = entry.remove();
                    execution.deliver(task, answer, now);
                }
            }
            (_, Some(at)) => now = now.max(at),
            (Some(_), None) => return,
        }
    }
}
