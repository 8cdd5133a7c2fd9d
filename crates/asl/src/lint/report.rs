//! Problems, and the report that collects them.

use super::location::Location;
use super::rule::Rule;
use crate::source::Document;

/// The severity of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Step Functions refuses the definition.
    Error,
    /// Step Functions accepts the definition, and it probably does not do what its author wants.
    Warning,
}

/// A problem of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The severity.
    pub severity: Severity,
    /// The code of the broken rule, stable and in kebab case; see [`super::RULES`].
    pub code: &'static str,
    /// What is wrong: lower case, without a full stop.
    pub message: String,
    /// The location in the definition, such as `/States/Choose/Choices[0]/Next`; `/` is the definition itself.
    pub path: String,
    /// The line in the text, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
    /// The message of Step Functions as the exception `InvalidDefinition` has it, where it is known.
    pub aws: Option<String>,
    /// The diagnostic of `ValidateStateMachineDefinition`; errors only.
    pub diagnostic: Option<Diagnostic>,
}

/// An entry of the diagnostics of `ValidateStateMachineDefinition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Such as `SCHEMA_VALIDATION_FAILED`.
    pub code: &'static str,
    /// Such as `/States/Choose`; nothing for some codes.
    pub location: Option<String>,
    /// The message of Step Functions where it is known, else that of this linter.
    pub message: String,
}

impl Diagnostic {
    /// The diagnostic as `CreateStateMachine` writes it in its error message.
    pub(super) fn in_exception(&self) -> String {
        format!("{}: {} at {}", self.code, self.message, self.location.as_deref().unwrap_or("null"))
    }
}

/// The diagnostic codes of Step Functions, from the API reference of `ValidateStateMachineDefinitionDiagnostic`; those
/// of JSONata and of variables are not listed there.
pub(super) mod aws_code {
    pub(crate) const JSON: &str = "INVALID_JSON_DESCRIPTION";
    pub(crate) const NOTHING: &str = "MISSING_DESCRIPTION";
    pub(crate) const SCHEMA: &str = "SCHEMA_VALIDATION_FAILED";
    pub(crate) const NO_END: &str = "MISSING_END_STATE";
    pub(crate) const DUPLICATE_STATE: &str = "DUPLICATE_STATE_NAME";
    pub(crate) const STATE_NAME: &str = "INVALID_STATE_NAME";
    pub(crate) const DUPLICATE_LABEL: &str = "DUPLICATE_LABEL_NAME";
    pub(crate) const LABEL: &str = "INVALID_LABEL_NAME";
    pub(crate) const TARGET: &str = "MISSING_TRANSITION_TARGET";
    pub(crate) const JSONATA: &str = "INVALID_JSONATA_EXPRESSION";
    pub(crate) const JSONATA_UNSUPPORTED: &str = "UNSUPPORTED_JSONATA_EXPRESSION";
    pub(crate) const VARIABLE_NAME: &str = "INVALID_VARIABLE_NAME";
    pub(crate) const RESERVED_NAME: &str = "RESERVED_VARIABLE_NAME";
}

/// The error of Step Functions for a problem.
pub(super) struct AwsError {
    code: &'static str,
    /// The message; nothing where it is not known.
    message: Option<String>,
    location: Option<String>,
}

impl AwsError {
    /// A known message, at a location that can differ from that of the problem.
    pub(super) fn known(code: &'static str, message: impl Into<String>, location: &Location<'_>) -> AwsError {
        AwsError { code, message: Some(message.into()), location: Some(location.to_string()) }
    }

    /// A known message to which Step Functions adds no location.
    pub(super) fn without_location(code: &'static str, message: impl Into<String>) -> AwsError {
        AwsError { code, message: Some(message.into()), location: None }
    }

    /// A failed validation against the schema, with a known message.
    pub(super) fn schema(message: impl Into<String>, location: &Location<'_>) -> AwsError {
        AwsError::known(aws_code::SCHEMA, message, location)
    }

    /// An error whose message is not known.
    pub(super) fn unworded(code: &'static str, location: &Location<'_>) -> AwsError {
        AwsError { code, message: None, location: Some(location.to_string()) }
    }
}

/// Collects problems.
pub(super) struct Report<'d, 't> {
    document: &'d Document<'t>,
    problems: Vec<Problem>,
    errors: usize,
    warnings: usize,
}

/// The most characters of a message, because it can quote a text as long as the definition.
const LONGEST: usize = 1_000;

fn cut(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// The most problems of one severity, because a hostile definition could have one per byte.
pub(super) const MOST: usize = 1_000;

impl<'d, 't> Report<'d, 't> {
    pub(super) fn new(document: &'d Document<'t>) -> Report<'d, 't> {
        Report { document, problems: Vec::new(), errors: 0, warnings: 0 }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The line of a byte offset.
    pub(super) fn line(&self, at: usize) -> usize {
        self.document.position(at).line
    }

    /// Adds an error at a location and a byte offset.
    pub(super) fn error(
        &mut self,
        rule: &Rule,
        location: &Location<'_>,
        at: usize,
        message: impl Into<String>,
        aws_error: AwsError,
    ) {
        let message = message.into();
        let known = aws_error.message.is_some();
        let diagnostic = Diagnostic {
            code: aws_error.code,
            location: aws_error.location,
            message: aws_error.message.unwrap_or_else(|| message.clone()),
        };
        let aws = known.then(|| diagnostic.in_exception());
        self.push(Severity::Error, rule, location, at, message, aws, Some(diagnostic));
    }

    /// Adds an error of the schema validation of Step Functions, whose message is not known.
    pub(super) fn schema_error(&mut self, rule: &Rule, location: &Location<'_>, at: usize, message: impl Into<String>) {
        self.error(rule, location, at, message, AwsError::unworded(aws_code::SCHEMA, location));
    }

    /// Adds a warning.
    pub(super) fn warn(&mut self, rule: &Rule, location: &Location<'_>, at: usize, message: impl Into<String>) {
        self.push(Severity::Warning, rule, location, at, message.into(), None, None);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a problem, put together in this one location")]
    fn push(
        &mut self,
        severity: Severity,
        rule: &Rule,
        location: &Location<'_>,
        at: usize,
        message: String,
        aws: Option<String>,
        diagnostic: Option<Diagnostic>,
    ) {
        let message = cut(message);
        let of_this_kind = if severity == Severity::Error { &mut self.errors } else { &mut self.warnings };
        if *of_this_kind < MOST {
            *of_this_kind += 1;
            let position = self.document.position(at);
            self.problems.push(Problem {
                severity,
                code: rule.code,
                message,
                path: location.to_string(),
                line: position.line,
                column: position.column,
                aws,
                diagnostic,
            });
        }
    }
}
