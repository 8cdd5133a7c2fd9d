//! The linter: what `CreateStateMachine` refuses, and warnings of our own.
//!
//! [`lint`] checks a definition as `ValidateStateMachineDefinition` does: every object against the table of its fields
//! (`fields`), paths and expressions by the parsers that the engine uses, then the transitions. What Step Functions refuses
//! is an error, with the message of Step Functions where it is known. What it accepts, and what makes an incident response
//! fail or wait, is a warning. The check does not stop at the first problem, and each problem has its line and column.
//!
//! A definition is checked as its author keeps it (see [`Stage`]): as JSON or YAML, with placeholders such as
//! `${FunctionArn}` that `DefinitionSubstitutions` replaces. A value with a placeholder is not checked.

mod check;
mod choice;
mod choice_fields;
mod engine;
mod expression;
mod field_type;
mod fields;
mod fragment;
mod graph;
mod integration;
mod json_error;
mod location;
mod map;
mod path;
mod placeholder;
mod report;
mod retry;
mod rule;
mod sarif;
mod task;
mod template;
mod timestamp;
mod warn;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::execution::Kind;
pub use crate::source::Stage;
pub use engine::lint_for_engine;
pub use report::{Diagnostic, Problem, Severity};
pub use rule::{RULES, Rule};
pub use sarif::sarif;

use crate::source::{self, Document, SourceError, SyntaxError};

/// The rules by which a definition is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// The rules of Step Functions, as `CreateStateMachine` enforces them.
    #[default]
    Service,
    /// The rules of the States Language specification alone: a resource is any URI, a wait takes at least a second, and a
    /// branch needs a terminal state too.
    Specification,
    /// The rules that hold for any part of a definition, so that a single state or a list of retriers can be checked:
    /// transitions and terminal states wherever there is `States`, state names, `States.ALL`, and payload templates.
    Fragment,
}

/// How a definition is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The type of the state machine.
    pub kind: Kind,
    /// The rules.
    pub rules: Rules,
    /// How far the text is on its way to Step Functions: whether it may be YAML and have placeholders.
    pub stage: Stage,
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lint {
    /// The problems: errors in the order in which Step Functions lists them, the warnings of each state after its errors. At
    /// most 1,000 of each severity.
    pub problems: Vec<Problem>,
    /// The workflow variables that each state refers to, by the name of the state, as `DescribeStateMachine` lists them; a
    /// state that refers to none is not listed.
    pub variable_references: BTreeMap<String, BTreeSet<String>>,
}

/// The longest definition that `CreateStateMachine` takes, in characters (API reference).
pub const MAX_CHARACTERS: usize = 1_048_576;

/// Checks the definition of a Standard state machine by the rules of Step Functions.
///
/// ```
/// let lint = asl::lint::lint(r#"{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "Next": "Done"}}}"#);
///
/// let problem = lint.errors().next().expect("a problem");
/// assert_eq!(problem.message, "there is no state `Done` at this level");
/// assert_eq!((problem.path.as_str(), problem.line, problem.column), ("/States/Wait/Next", 1, 79));
/// assert_eq!(problem.code, "missing-state");
/// ```
pub fn lint(text: &str) -> Lint {
    lint_with(text, Options::default())
}

/// Checks a definition as the options say.
pub fn lint_with(text: &str, options: Options) -> Lint {
    match source::read(text, options.stage) {
        Ok(document) => lint_document(text, &document, options),
        Err(error) => refused(text, &error),
    }
}

/// Checks a definition whose text has been read.
pub(crate) fn lint_document(text: &str, document: &Document<'_>, options: Options) -> Lint {
    let mut checker = check::Checker::new(document, options);
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        let message = format!("the definition is longer than {MAX_CHARACTERS} characters");
        checker.report.schema_error(&rule::SIZE, &location::Location::ROOT, 0, message);
        // nothing else is checked, so that the time for a hostile text is bounded
        return Lint { problems: checker.report.into_problems(), ..Lint::default() };
    }
    if options.rules == Rules::Fragment {
        checker.fragment(document.root());
    } else {
        checker.machine(document.root());
        checker.transitions(document.root());
    }
    Lint { variable_references: std::mem::take(&mut checker.references), problems: checker.report.into_problems() }
}

/// The result for a text that cannot be read.
pub(crate) fn refused(text: &str, error: &SourceError) -> Lint {
    let diagnostic = json_error::diagnostic(text, error);
    let code = if error.error == SyntaxError::Empty { report::aws_code::NOTHING } else { report::aws_code::JSON };
    let problem = Problem {
        severity: Severity::Error,
        code: if matches!(error.error, SyntaxError::Yaml(_)) { rule::YAML.code } else { rule::JSON.code },
        message: error.error.to_string(),
        path: "/".to_owned(),
        line: error.position.line,
        column: error.position.column,
        aws: diagnostic.as_ref().map(Diagnostic::in_exception),
        diagnostic: diagnostic.or_else(|| Some(Diagnostic { code, location: None, message: error.to_string() })),
    };
    Lint { problems: vec![problem], ..Lint::default() }
}

impl Lint {
    /// Whether the definition has no error.
    pub fn is_valid(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The errors: what Step Functions refuses.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// The warnings: what Step Functions accepts.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Warning)
    }

    /// The diagnostics of `ValidateStateMachineDefinition`, all of severity `ERROR`; at most 100, as the API returns them.
    ///
    /// Step Functions checks the transitions of a definition only when its schema is valid, so that diagnostics about
    /// transitions are left out when there are others.
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let all = || self.errors().filter_map(|problem| problem.diagnostic.as_ref());
        let of_transitions =
            |diagnostic: &&Diagnostic| matches!(diagnostic.code, report::aws_code::TARGET | report::aws_code::NO_END);
        let schema: Vec<&Diagnostic> = all().filter(|diagnostic| !of_transitions(diagnostic)).take(100).collect();
        if schema.is_empty() { all().take(100).collect() } else { schema }
    }

    /// The message of the exception `InvalidDefinition` of `CreateStateMachine`, or nothing when the definition is valid.
    ///
    /// Where the message of Step Functions for a problem is not known, the message of this linter takes its place.
    pub fn create_state_machine_error(&self) -> Option<String> {
        let diagnostics = self.diagnostics();
        let list: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.in_exception()).collect();
        (!list.is_empty()).then(|| format!("Invalid State Machine Definition: '{}'", list.join(", ")))
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test: a missing field is null")]
mod tests;
