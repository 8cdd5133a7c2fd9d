//! Judging one recorded case: what it asks for is told from the API call it recorded, not from its group's name.

use asl::ParseError;
use asl::compare::first_difference;
use asl::conformance::{Case, CaseError, Measures, Report, run};
use asl::lint::{Lint, Options, Rules, Severity, Stage, lint_with};
use serde_json::{Value, json};
use thiserror::Error;

/// What a case says.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) name: String,
    pub(super) group: String,
    pub(super) measures: Measures,
    /// What the engine did.
    pub(super) run: Value,
    pub(super) kind: VerdictKind,
}

#[derive(Debug, PartialEq)]
pub(super) enum VerdictKind {
    Agrees,
    /// Where the engine differs.
    Differs(String),
    /// Why the engine cannot tell.
    NotRun(String),
}

/// Why a JSON value is not a case.
#[derive(Debug, Error)]
pub(super) enum CaseFileError {
    #[error("{0}")]
    Case(#[from] CaseError),
    #[error("at {0}: expected {1}")]
    Field(&'static str, &'static str),
    #[error("at /api: `{0}` is no call of which cases are recorded")]
    Api(String),
}

/// What the engine is not sure of: nothing.
const UNKNOWN: Measures = Measures { outcome: None, cause: None, types: None, full: None };

/// Judges a case.
///
/// # Errors
/// When the value is not a case.
pub(super) fn judge(value: &Value) -> Result<Verdict, CaseFileError> {
    if !value.is_object() {
        return Err(CaseFileError::Field("/", "an object"));
    }
    let case = Case::parse(value)?;
    if !case.expect.is_object() {
        return Err(CaseFileError::Field("/expect", "an object"));
    }
    match value.get("api").and_then(Value::as_str) {
        Some("StartExecution" | "StartSyncExecution") => execution(&case),
        Some("CreateStateMachine" | "UpdateStateMachine" | "ValidateStateMachineDefinition") => {
            validation(value, &case)
        }
        Some("DescribeStateMachine") => references(&case),
        Some("TestState") => {
            let reason = "TestState is not offered: a state is run within a machine".to_owned();
            Ok(verdict(&case, UNKNOWN, Value::Null, VerdictKind::NotRun(reason)))
        }
        Some(other) => Err(CaseFileError::Api(other.to_owned())),
        None if case.expect.get("valid").is_some() => specification(&case),
        None => execution(&case),
    }
}

fn verdict(case: &Case, measures: Measures, run: Value, kind: VerdictKind) -> Verdict {
    Verdict { name: case.name.clone(), group: case.group.clone(), measures, run, kind }
}

impl Verdict {
    /// The verdict as one JSON object.
    pub(super) fn to_json(&self) -> Value {
        let Measures { outcome, cause, types, full } = self.measures;
        let (difference, reason) = match &self.kind {
            VerdictKind::Agrees => (None, None),
            VerdictKind::Differs(difference) => (Some(difference), None),
            VerdictKind::NotRun(reason) => (None, Some(reason)),
        };
        json!({
            "name": self.name, "group": self.group, "outcome": outcome, "cause": cause, "types": types, "full": full,
            "run": self.run, "difference": difference, "reason": reason,
        })
    }
}

fn execution(case: &Case) -> Result<Verdict, CaseFileError> {
    if !case.expect.get("status").is_some_and(Value::is_string) {
        return Err(CaseFileError::Field("/expect/status", "a text"));
    }
    let recorded = match case.expect.get("events") {
        None | Some(Value::Null) => false,
        Some(Value::Array(_)) => true,
        Some(_) => return Err(CaseFileError::Field("/expect/events", "a list or null")),
    };
    let lint = lint_with(&case.definition, Options { kind: case.kind, rules: Rules::Service, stage: Stage::Request });
    if !lint.is_valid() {
        // Step Functions ran what is refused here: a difference, not a gap.
        let events = recorded.then_some(false);
        let measures = Measures { outcome: Some(false), cause: Some(false), types: events, full: events };
        let difference = format!("the definition is refused: {}", sentence(&lint));
        return Ok(verdict(case, measures, checked(&lint), VerdictKind::Differs(difference)));
    }
    match run(case) {
        Ok(ran) => {
            let report = Report::new(case, ran);
            let kind = match &report.difference {
                Some(difference) => VerdictKind::Differs(difference.clone()),
                None => VerdictKind::Agrees,
            };
            let run = report.to_json().get("run").cloned().unwrap_or_default();
            Ok(verdict(case, report.measures, run, kind))
        }
        Err(refused) => Ok(verdict(case, UNKNOWN, Value::Null, VerdictKind::NotRun(unsupported(&refused)))),
    }
}

/// What the engine does not know although the linter accepts it.
fn unsupported(refused: &ParseError) -> String {
    let said: Vec<String> =
        refused.problems.iter().take(3).map(|problem| format!("{}: {}", problem.path, problem.message)).collect();
    format!("not supported: {}", said.join("; "))
}

fn validation(value: &Value, case: &Case) -> Result<Verdict, CaseFileError> {
    let expected_valid = expected_verdict(case)?;
    let lint = lint_with(&case.definition, Options { kind: case.kind, rules: Rules::Service, stage: Stage::Request });
    let run = checked(&lint);
    let verdict_difference = verdict_difference(expected_valid, &lint);
    let error = case.expect.get("error").filter(|error| !error.is_null());
    let error_difference = error.and_then(|error| first_difference(error, run.get("error")?, "error"));
    let mut difference = verdict_difference.or(error_difference);
    let outcome = difference.is_none();
    // Where the words are not those of Step Functions, they do not count.
    let worded = value.get("recorded_from").and_then(Value::as_str).is_none_or(|from| from == "aws");
    let words = ["message", "result", "diagnostics"].into_iter().filter_map(|name| {
        let expected = case.expect.get(name).filter(|expected| worded && !expected.is_null())?;
        Some((name, expected, run.get(name).unwrap_or(&Value::Null)))
    });
    let mut cause = None;
    for (name, expected, found) in words {
        let said = first_difference(expected, found, name);
        cause = Some(cause.unwrap_or(outcome) && said.is_none());
        difference = difference.or(said);
    }
    let measures = Measures { outcome: Some(outcome), cause, ..UNKNOWN };
    Ok(verdict(case, measures, run, judged(difference)))
}

/// A case of the specification's own linter: its verdict, and the number of problems.
fn specification(case: &Case) -> Result<Verdict, CaseFileError> {
    let expected_valid = expected_verdict(case)?;
    let whole = case.expect.get("scope").and_then(Value::as_str) != Some("state nodes only");
    let rules = if whole { Rules::Specification } else { Rules::Fragment };
    let lint = lint_with(&case.definition, Options { kind: case.kind, rules, stage: Stage::Request });
    let mut difference = verdict_difference(expected_valid, &lint);
    let outcome = Some(difference.is_none());
    let mut full = None;
    if let Some(expected) = case.expect.get("problems").and_then(Value::as_u64) {
        let found = lint.errors().count();
        let same = usize::try_from(expected) == Ok(found);
        full = Some(same && difference.is_none());
        let counted = (!same).then(|| format!("{expected} problems expected, {found} found: {}", sentence(&lint)));
        difference = difference.or(counted);
    }
    Ok(verdict(case, Measures { outcome, full, ..UNKNOWN }, checked(&lint), judged(difference)))
}

/// A case that lists the variables that states refer to.
fn references(case: &Case) -> Result<Verdict, CaseFileError> {
    let Some(expected) = case.expect.get("variableReferences").filter(|references| references.is_object()) else {
        return Err(CaseFileError::Field("/expect/variableReferences", "an object"));
    };
    let lint = lint_with(&case.definition, Options { kind: case.kind, rules: Rules::Service, stage: Stage::Request });
    let found = json!(lint.variable_references);
    let difference =
        verdict_difference(true, &lint).or_else(|| first_difference(expected, &found, "variableReferences"));
    let mut run = checked(&lint);
    if let Value::Object(run) = &mut run {
        run.insert("variableReferences".to_owned(), found);
    }
    let measures = Measures { outcome: Some(difference.is_none()), ..UNKNOWN };
    Ok(verdict(case, measures, run, judged(difference)))
}

fn judged(difference: Option<String>) -> VerdictKind {
    difference.map_or(VerdictKind::Agrees, VerdictKind::Differs)
}

fn expected_verdict(case: &Case) -> Result<bool, CaseFileError> {
    case.expect.get("valid").and_then(Value::as_bool).ok_or(CaseFileError::Field("/expect/valid", "true or false"))
}

fn verdict_difference(expected_valid: bool, lint: &Lint) -> Option<String> {
    match (expected_valid, lint.is_valid()) {
        (true, false) => Some(format!("it is refused, and should be accepted: {}", sentence(lint))),
        (false, true) => Some("it is accepted, and should be refused".to_owned()),
        _ => None,
    }
}

/// What the linter finds, as the calls that validate a definition answer.
fn checked(lint: &Lint) -> Value {
    let valid = lint.is_valid();
    let problems: Vec<Value> = lint
        .problems
        .iter()
        .map(|problem| {
            let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
            json!({
                "line": problem.line, "column": problem.column, "severity": severity, "code": problem.code,
                "at": problem.path, "message": problem.message, "aws": problem.aws,
            })
        })
        .collect();
    let diagnostics: Vec<Value> = lint
        .diagnostics()
        .into_iter()
        .map(|diagnostic| {
            json!({
                "code": diagnostic.code, "location": diagnostic.location, "message": diagnostic.message,
                "severity": "ERROR",
            })
        })
        .collect();
    json!({
        "valid": valid,
        "error": if valid { None } else { Some("InvalidDefinition") },
        "message": lint.create_state_machine_error(),
        "problems": problems,
        "result": if valid { "OK" } else { "FAIL" },
        "diagnostics": diagnostics,
    })
}

/// The first errors, with their places.
fn sentence(lint: &Lint) -> String {
    let said: Vec<String> =
        lint.errors().take(3).map(|problem| format!("{} at {}", problem.message, problem.path)).collect();
    if said.is_empty() { "no error".to_owned() } else { said.join("; ") }
}
