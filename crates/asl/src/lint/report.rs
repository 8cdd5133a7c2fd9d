//! What a check of a definition finds.

use super::place::Place;
use super::rule::Rule;
use crate::source::Document;

/// How grave a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The definition is refused.
    Error,
    /// The definition is accepted, and may do what nobody wants.
    Warning,
}

/// A problem, with its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How grave it is.
    pub severity: Severity,
    /// The code of the broken rule, stable and in kebab case; see [`super::RULES`].
    pub code: &'static str,
    /// What is wrong, a plain sentence without a full stop.
    pub message: String,
    /// The place in the definition, such as `/States/Choose/Choices[0]/Next`; `/` is the definition itself.
    pub path: String,
    /// The line in the text, from 1.
    pub line: usize,
    /// The character within the line, from 1.
    pub column: usize,
    /// What Step Functions says of it, as within the message of `InvalidDefinition`, where its wording is known.
    pub aws: Option<String>,
    /// What Step Functions lists for it in `ValidateStateMachineDefinition`; of errors only.
    pub diagnostic: Option<Diagnostic>,
}

/// An entry of the diagnostics of `ValidateStateMachineDefinition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Such as `SCHEMA_VALIDATION_FAILED`.
    pub code: &'static str,
    /// Such as `/States/Choose`; nothing for some codes.
    pub location: Option<String>,
    /// The message; in Step Functions' words where they are known, else in ours.
    pub message: String,
}

impl Diagnostic {
    /// As `CreateStateMachine` writes it within its error message.
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

/// What Step Functions says of a problem.
pub(super) struct Wording {
    code: &'static str,
    /// Its words; without them ours stand in.
    message: Option<String>,
    location: Option<String>,
}

impl Wording {
    /// A message whose wording is known, at a place that need not be the problem's own.
    pub(super) fn known(code: &'static str, message: impl Into<String>, location: &Place<'_>) -> Wording {
        Wording { code, message: Some(message.into()), location: Some(location.to_string()) }
    }

    /// A message of known wording that Step Functions gives no location.
    pub(super) fn placeless(code: &'static str, message: impl Into<String>) -> Wording {
        Wording { code, message: Some(message.into()), location: None }
    }

    /// A failed validation against the schema, in known words.
    pub(super) fn schema(message: impl Into<String>, location: &Place<'_>) -> Wording {
        Wording::known(aws_code::SCHEMA, message, location)
    }

    /// Refused, in words that are not known.
    pub(super) fn unknown(code: &'static str, location: &Place<'_>) -> Wording {
        Wording { code, message: None, location: Some(location.to_string()) }
    }
}

/// Collects problems.
pub(super) struct Report<'d, 't> {
    document: &'d Document<'t>,
    problems: Vec<Problem>,
    errors: usize,
    warnings: usize,
}

/// Characters of a message: a text in it may be as long as the definition.
const LONGEST: usize = 1_000;

fn cut(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// More problems of one severity than this are not collected: a hostile definition could have one per byte.
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

    /// Notes an error at a place and a byte offset.
    pub(super) fn error(
        &mut self,
        rule: &Rule,
        place: &Place<'_>,
        at: usize,
        message: impl Into<String>,
        wording: Wording,
    ) {
        let message = message.into();
        let Wording { code, message: words, location } = wording;
        let known = words.is_some();
        let diagnostic = Diagnostic { code, location, message: words.unwrap_or_else(|| message.clone()) };
        let aws = known.then(|| diagnostic.in_exception());
        self.push(Severity::Error, rule, place, at, message, aws, Some(diagnostic));
    }

    /// Notes an error that Step Functions' schema validation finds at the same place, in words that are not known.
    pub(super) fn refuse(&mut self, rule: &Rule, place: &Place<'_>, at: usize, message: impl Into<String>) {
        self.error(rule, place, at, message, Wording::unknown(aws_code::SCHEMA, place));
    }

    /// Notes a warning.
    pub(super) fn warn(&mut self, rule: &Rule, place: &Place<'_>, at: usize, message: impl Into<String>) {
        self.push(Severity::Warning, rule, place, at, message.into(), None, None);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a problem, put together in this one place")]
    fn push(
        &mut self,
        severity: Severity,
        rule: &Rule,
        place: &Place<'_>,
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
                path: place.to_string(),
                line: position.line,
                column: position.column,
                aws,
                diagnostic,
            });
        }
    }
}
