//! Running a case with its mocks.

use serde_json::Value;

use super::case::Case;
use super::report::Report;
use crate::definition::{Definition, ParseError};
use crate::execution::{Kind, Limits, Start};
use crate::mocks::run_with_mocks;

/// The result of a run of a case.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The status of the execution, such as `SUCCEEDED`.
    pub status: &'static str,
    /// The output of a success.
    pub output: Option<Value>,
    /// The error name of a failure.
    pub error: Option<String>,
    /// The cause of a failure.
    pub cause: Option<String>,
    /// The history events, each flattened to one JSON object.
    pub events: Vec<Value>,
}

/// Runs a case and compares.
///
/// # Errors
/// The definition cannot be run.
pub fn run_case(case: &Case) -> Result<Report, ParseError> {
    let ran = run(case)?;
    Ok(Report::new(case, ran))
}

/// Runs a case.
///
/// # Errors
/// The definition cannot be run.
pub fn run(case: &Case) -> Result<RunResult, ParseError> {
    let definition = Definition::parse(&case.definition)?;
    let execution = run_with_mocks(definition, start(case), &case.mocks).execution;
    let outcome = execution.outcome();
    Ok(RunResult {
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
        limits: Limits::of(case.kind),
    }
}
