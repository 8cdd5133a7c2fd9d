//! What goes wrong within a state, and how it is told.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error;
use crate::history::Failure;
use crate::intrinsic::IntrinsicError;
use crate::jsonata::EvaluationError;
use crate::path::{PathError, TemplateError};

/// Something went wrong while a state ran; texts are without the prefix that names the state.
#[derive(Debug)]
pub(super) enum Trouble {
    /// `States.Runtime`: nothing handles it.
    Runtime(String),
    /// An error with a name of the States Language.
    Named(&'static str, String),
    /// A payload is too large; the text needs no prefix.
    TooLarge(String),
    /// An expression failed, or its value does not fit.
    Evaluation { cause: String, location: Option<String> },
    /// An error that a task or a branch reported, or a Fail state raises.
    Failed(Failed),
    /// An invariant of the engine does not hold.
    Internal(&'static str),
}

/// An error on its way out of a state.
#[derive(Debug, Clone)]
pub(super) struct Failed {
    pub(super) failure: Failure,
    pub(super) kind: FailedKind,
}

/// Which matchers an error answers to beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailedKind {
    /// None at all: nothing handles it, and no state or iteration is said to have failed.
    Runtime,
    /// The wildcards.
    Other,
    /// The wildcards too; a task reported it, and what it left out is null for a Catcher.
    Task,
    /// The wildcards and `States.HeartbeatTimeout`.
    Heartbeat,
}

impl Failed {
    pub(super) fn new(error: Option<Arc<str>>, cause: Option<Arc<str>>, kind: FailedKind) -> Failed {
        Failed { failure: Failure { error, cause }, kind }
    }

    /// What a Catcher sees. A timeout or a Fail state without a cause has an empty one, a task none.
    pub(super) fn error_output(&self) -> Value {
        let Failure { error, cause } = &self.failure;
        let otherwise = if self.kind == FailedKind::Task { None } else { Some("") };
        let cause = cause.as_deref().or(otherwise);
        json!({ "Error": error.as_deref(), "Cause": cause })
    }

    /// Whether one of these matchers stands for the error. `States.TaskFailed` is a wildcard too, for all but timeouts;
    /// `branch` says that it comes out of a Parallel state. An error without a name answers to wildcards only.
    pub(super) fn matches(&self, matchers: &[String], branch: bool) -> bool {
        let name = self.failure.error.as_deref();
        matchers.iter().any(|matcher| match matcher.as_str() {
            error::ALL => true,
            error::TASK_FAILED => name != Some(error::TIMEOUT),
            error::HEARTBEAT_TIMEOUT if self.kind == FailedKind::Heartbeat => true,
            error::BRANCH_FAILED if branch => true,
            other => Some(other) == name,
        })
    }
}

impl Trouble {
    /// The trouble of a path in a field such as `InputPath`.
    pub(super) fn invalid_path(path: &str, failure: &PathError) -> Trouble {
        Trouble::Runtime(format!("Invalid path '{path}' : {failure}"))
    }

    /// The trouble of a template or of a field whose path finds nothing.
    pub(super) fn not_found(failure: TemplateError) -> Trouble {
        match failure {
            TemplateError::Path { error: error @ PathError::TooLarge, .. }
            | TemplateError::Intrinsic {
                error: IntrinsicError::Path { error: error @ PathError::TooLarge, .. }, ..
            } => Trouble::TooLarge(error.to_string()),
            TemplateError::Path { path, field, input, .. } => Trouble::Runtime(format!(
                "The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{}'",
                input.value()
            )),
            TemplateError::Intrinsic { call, error: failure } => {
                let cause = format!("The function '{call}' had the following error: {failure}");
                match failure {
                    IntrinsicError::Path { .. } => Trouble::Runtime(cause),
                    IntrinsicError::Arguments(_) => Trouble::Named(error::INTRINSIC_FAILURE, cause),
                }
            }
        }
    }
}

impl From<EvaluationError> for Trouble {
    fn from(failure: EvaluationError) -> Trouble {
        Trouble::Evaluation { cause: failure.to_string(), location: Some(failure.field) }
    }
}

impl Trouble {
    /// The trouble of an `ItemsPath`.
    pub(super) fn items_path(failure: TemplateError) -> Trouble {
        match failure {
            TemplateError::Path { path, error, .. } => Trouble::invalid_path(&path, &error),
            other => Trouble::not_found(other),
        }
    }
}
