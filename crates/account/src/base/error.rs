//! The error of a call, as a service reports it.

use serde_json::{Map, Value};
use thiserror::Error;

/// A refusal or failure as the service reports it.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    /// The error code on the wire: `InvalidGroup.NotFound`.
    pub code: String,
    /// The message for a person.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error, by their wire names, such as the old `Item` of a failed condition.
    pub fields: Box<Map<String, Value>>,
    /// Set when the simulation is at fault: AWS would not have failed here.
    pub problem: Option<Problem>,
}

/// Why a call failed that AWS would have answered. A replay with any of these has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The simulation does not know the operation.
    UnknownOperation,
    /// The simulation does not know a parameter, or what a parameter asks for.
    NotSimulated,
    /// The simulated state contradicts itself: a defect of the simulation.
    BrokenInvariant,
}

/// A fixed error of a service: code, message and HTTP status.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The error code.
    pub code: &'static str,
    /// The message; for `access_denied` the text before the sentence that names principal, action and resource.
    pub message: &'static str,
    /// The HTTP status.
    pub status: u16,
}

/// The status of a call that the simulation could not answer. No SDK retries it.
const NOT_IMPLEMENTED: u16 = 501;

impl ServiceError {
    /// An error of the caller, status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400, fields: Box::default(), problem: None }
    }

    /// The same error with another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with a further member.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// The simulation does not know this. `what` names it in full.
    pub fn unsupported(what: impl Into<String>) -> Self {
        let problem = Some(Problem::NotSimulated);
        Self { status: NOT_IMPLEMENTED, problem, ..Self::new("NotSimulated", what) }
    }

    /// The simulation does not know this operation.
    pub(crate) fn unknown_operation(service: &str, operation: &str) -> Self {
        let problem = Some(Problem::UnknownOperation);
        Self { problem, ..Self::unsupported(format!("not simulated: {service}:{operation}")) }
    }

    /// Whether the simulation does not know what the call asked for.
    pub fn is_unsupported(&self) -> bool {
        matches!(self.problem, Some(Problem::UnknownOperation | Problem::NotSimulated))
    }

    /// The simulated state breaks an invariant. `what` names the invariant and the resource that breaks it.
    pub fn broken_invariant(what: impl Into<String>) -> Self {
        let problem = Some(Problem::BrokenInvariant);
        Self { status: NOT_IMPLEMENTED, problem, ..Self::new("BrokenInvariant", what) }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message).status(refusal.status)
    }
}
