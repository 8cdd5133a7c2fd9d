//! What can be wrong with a template, and where.

use std::fmt;

use event_pattern::PatternError;

/// A place in the template's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}", self.line, self.column)
    }
}

/// Why a template cannot be read. Each message names the place in the template's text, except where the fault lies in
/// what was passed in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TemplateError {
    /// The text is no YAML, or YAML that the reader does not take.
    #[error("{place}: not readable as YAML: {problem}")]
    Yaml {
        /// Where the text stops making sense.
        place: Place,
        /// What is wrong there.
        problem: String,
    },
    /// The text is longer than CloudFormation takes.
    #[error("the template has {bytes} bytes, more than the {limit} that CloudFormation takes")]
    TooLong {
        /// Bytes of the text.
        bytes: usize,
        /// The most that is taken.
        limit: usize,
    },
    /// A value has another shape than the template format asks for.
    #[error("{place}: `{what}` must be {wanted}")]
    Shape {
        /// Where the value stands.
        place: Place,
        /// The property, section or function with the value.
        what: String,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A section, resource type, property or function that the reader does not know or does not take.
    #[error("{place}: {what} is not taken: {reason}")]
    Refused {
        /// Where it stands.
        place: Place,
        /// What stands there, with its name in backticks.
        what: String,
        /// Why it is refused, or what to write instead.
        reason: String,
    },
    /// Something that must be there is missing.
    #[error("{place}: {owner} has no `{property}`")]
    Missing {
        /// Where the owner stands.
        place: Place,
        /// What lacks the property.
        owner: String,
        /// The property.
        property: &'static str,
    },
    /// A reference to a name that the template does not define.
    #[error("{place}: nothing in the template is named `{name}`")]
    UnknownName {
        /// Where the reference stands.
        place: Place,
        /// The name.
        name: String,
    },
    /// A reference to an attribute that a resource does not have, or that is known only after a deployment.
    #[error("{place}: `{name}` has no attribute `{attribute}` that is known before a deployment")]
    UnknownAttribute {
        /// Where the reference stands.
        place: Place,
        /// The logical id.
        name: String,
        /// The attribute.
        attribute: String,
    },
    /// A parameter was given that the template does not have.
    #[error("the template has no parameter `{name}`; it has {}", list(.known))]
    UnknownParameter {
        /// The name that was given.
        name: String,
        /// The parameters of the template.
        known: Vec<String>,
    },
    /// A parameter has no default and no value was given.
    #[error("the parameter `{name}` has no default: give it a value")]
    ParameterWithoutValue {
        /// The parameter.
        name: String,
    },
    /// The value of a parameter is not one that the template allows.
    #[error("the parameter `{name}` cannot be `{value}`: {reason}")]
    ParameterValue {
        /// The parameter.
        name: String,
        /// The value that was given or is the default.
        value: String,
        /// What the template asks for.
        reason: String,
    },
    /// The event pattern of a rule is one that EventBridge refuses.
    #[error("{place}: the event pattern of `{rule}` is not valid: {source}")]
    Pattern {
        /// Where the pattern stands.
        place: Place,
        /// The logical id of the rule.
        rule: String,
        /// What is wrong with it.
        source: PatternError,
    },
}

/// `a`, `b` and `c`.
fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", first.join(", "))
        }
    }
}
