//! What `CreateStateMachine` refuses, and warnings of our own.
//!
//! [`lint`] checks a definition as `ValidateStateMachineDefinition` does: every object against the table of its fields
//! (`fields`), paths and expressions by the parsers that execution uses, then the transitions. What Step Functions refuses
//! is an error, in its words where they are known; what it accepts and a responder regrets is a warning. A text is checked
//! in one pass without stopping at the first problem, and each problem has its place in the text.

mod check;
mod choice;
mod choice_fields;
mod expression;
mod fields;
mod fragment;
mod graph;
mod integration;
mod json_text;
mod map;
mod path;
mod place;
mod report;
mod retry;
mod rule;
mod sarif;
mod shape;
mod task;
mod template;
mod timestamp;
mod warn;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::execution::Kind;
pub use report::{Diagnostic, Problem, Severity};
pub use rule::{RULES, Rule};
pub use sarif::sarif;

use crate::source::{self, Document, SourceError, SyntaxError};

/// By whose rules a definition is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rules {
    /// Those of Step Functions, as `CreateStateMachine` enforces them.
    #[default]
    Service,
    /// Those of the States Language specification alone: a resource is any URI, a wait of no seconds is none, and a branch
    /// needs an end too.
    Specification,
    /// Those that hold for any part of a definition: transitions within what holds states, ends, names, wildcards, paths in
    /// templates. Nothing is demanded of the whole, so that a single state or a list of retriers can be checked.
    Fragment,
}

/// How to check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The type of the state machine.
    pub kind: Kind,
    /// The rules.
    pub rules: Rules,
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lint {
    /// What was found: errors in the order in which Step Functions lists them, the warnings of each state after its errors;
    /// at most a thousand of either.
    pub problems: Vec<Problem>,
    /// The workflow variables that each state refers to, sorted, as `DescribeStateMachine` lists them; states without are
    /// not listed.
    pub variable_references: BTreeMap<String, BTreeSet<String>>,
}

/// The longest definition that `CreateStateMachine` takes, in characters (API reference).
pub const MAX_CHARACTERS: usize = 1_048_576;

/// Checks the definition of a Standard state machine by the rules of Step Functions.
pub fn lint(text: &str) -> Lint {
    lint_with(text, Options::default())
}

/// Checks a definition.
pub fn lint_with(text: &str, options: Options) -> Lint {
    match source::parse(text) {
        Ok(document) => lint_document(text, &document, options),
        Err(error) => not_json(text, &error),
    }
}

/// Checks a definition whose text has been parsed.
pub(crate) fn lint_document(text: &str, document: &Document<'_>, options: Options) -> Lint {
    let mut checker = check::Checker::new(document, options);
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        let message = format!("the definition is longer than {MAX_CHARACTERS} characters");
        checker.report.refuse(&rule::SIZE, &place::Place::ROOT, 0, message);
        // what is too long is not looked at: the time for a hostile text stays bounded
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

fn not_json(text: &str, error: &SourceError) -> Lint {
    let diagnostic = json_text::diagnostic(text, error);
    let code = if error.error == SyntaxError::Empty { report::aws_code::NOTHING } else { report::aws_code::JSON };
    let problem = Problem {
        severity: Severity::Error,
        code: rule::JSON.code,
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
    /// Whether the definition is accepted.
    pub fn is_valid(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The problems for which the definition is refused.
    pub fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error)
    }

    /// The problems for which it is not.
    pub fn warnings(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.severity == Severity::Warning)
    }

    /// The diagnostics of `ValidateStateMachineDefinition`, all of severity `ERROR`, at most 100 as in one call of it.
    ///
    /// Step Functions follows the transitions of a definition only when its schema is right, so that their diagnostics are
    /// left out when there are others.
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let all = || self.errors().filter_map(|problem| problem.diagnostic.as_ref());
        let of_transitions =
            |diagnostic: &&Diagnostic| matches!(diagnostic.code, report::aws_code::TARGET | report::aws_code::NO_END);
        let schema: Vec<&Diagnostic> = all().filter(|diagnostic| !of_transitions(diagnostic)).take(100).collect();
        if schema.is_empty() { all().take(100).collect() } else { schema }
    }

    /// The message of the exception `InvalidDefinition` that `CreateStateMachine` raises; nothing when it accepts.
    ///
    /// Where Step Functions' words for a problem are not known, ours stand in for them.
    pub fn create_state_machine_error(&self) -> Option<String> {
        let diagnostics = self.diagnostics();
        let list: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.in_exception()).collect();
        (!list.is_empty()).then(|| format!("Invalid State Machine Definition: '{}'", list.join(", ")))
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test: a missing field is null")]
mod tests;
