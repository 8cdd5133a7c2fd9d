//! What does not fit a model, and the errors that say so.

use super::Protocol;
use crate::base::ServiceError;

/// What does not fit a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Its full name: `IpPermissions[0].FromPort`.
    pub(crate) path: String,
    pub(crate) why: Why,
}

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is no such member.
    Unknown,
    /// It has another type than this one.
    Type(&'static str),
    /// It is not one of these values.
    Value(String, Vec<&'static str>),
    /// It is required and not there.
    Missing,
}

impl Misfit {
    pub(crate) fn unknown(name: &str) -> Self {
        Self { path: name.to_owned(), why: Why::Unknown }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self { path: name.to_owned(), why: Why::Missing }
    }

    pub(crate) fn of_type(expected: &'static str) -> Self {
        Self { path: String::new(), why: Why::Type(expected) }
    }

    /// The same misfit of a value inside a member.
    pub(crate) fn within(self, member: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{member}{separator}{}", self.path), ..self }
    }

    /// The same misfit of a value inside an element of a list.
    pub(crate) fn at(self, index: usize) -> Self {
        self.within(&format!("[{index}]"))
    }

    /// The refusal of a request, as a service of this protocol says it. A name that AWS does not know either is not
    /// simulated: no client sends it.
    pub(crate) fn of_request(&self, protocol: Protocol) -> ServiceError {
        let path = &self.path;
        let invalid = |constraint: String| {
            let text = format!("1 validation error detected: {constraint}");
            match protocol {
                Protocol::Query => ServiceError::new("ValidationError", text),
                Protocol::Json10 | Protocol::Json11 => ServiceError::new("ValidationException", text),
                Protocol::RestJson => ServiceError::new("InvalidInputException", text),
                Protocol::Ec2Query => ServiceError::new("InvalidParameterValue", text),
            }
        };
        match (&self.why, protocol) {
            (Why::Unknown, _) => ServiceError::unsupported(format!("parameter {path}")),
            (Why::Type(expected), Protocol::Ec2Query) => ServiceError::new(
                "InvalidParameterValue",
                format!("Invalid value for parameter {path}: expected {expected}"),
            ),
            (Why::Type(expected), Protocol::Query) => {
                ServiceError::new("MalformedInput", format!("{path}: expected {expected}"))
            }
            (Why::Type(expected), _) => {
                ServiceError::new("SerializationException", format!("{path}: expected {expected}"))
            }
            (Why::Value(value, _), Protocol::Ec2Query) => {
                ServiceError::new("InvalidParameterValue", format!("Value ({value}) for parameter {path} is invalid."))
            }
            (Why::Value(value, known), _) => invalid(format!(
                "Value '{value}' at '{path}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
                known.join(", ")
            )),
            (Why::Missing, Protocol::Ec2Query) => {
                ServiceError::new("MissingParameter", format!("The request must contain the parameter {path}"))
            }
            (Why::Missing, Protocol::RestJson) => {
                ServiceError::new("InvalidInputException", format!("Missing required parameter {path}"))
            }
            (Why::Missing, _) => {
                invalid(format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"))
            }
        }
    }

    /// The defect of the simulation whose response AWS would not give.
    pub(crate) fn of_response(self) -> ServiceError {
        ServiceError::broken_invariant(format!("a response has {self}"))
    }
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, why } = self;
        match why {
            Why::Unknown => write!(formatter, "an unknown member `{path}`"),
            Why::Type(expected) => write!(formatter, "`{path}` that is not {expected}"),
            Why::Value(value, known) => {
                write!(formatter, "`{value}` as `{path}`, which is one of {}", known.join(", "))
            }
            Why::Missing => write!(formatter, "no `{path}`"),
        }
    }
}
