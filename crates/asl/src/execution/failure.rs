//! Errors within a state, and the failures that they become.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::error;
use crate::history::Failure;
use crate::intrinsic::IntrinsicError;
use crate::jsonata::EvaluationError;
use crate::path::{PathError, TemplateError};

/// An error of a state. Texts lack the prefix that names the state.
#[derive(Debug)]
pub(super) enum StateError {
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
    pub(super) kind: FailureKind,
}

/// Which matchers an error answers to beside its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FailureKind {
    /// None: no Retrier or Catcher handles it, and no event records that a state or an iteration failed.
    Runtime,
    /// The wildcards.
    Other,
    /// The wildcards too; a task reported it, and what it left out is null for a Catcher.
    Task,
    /// The wildcards and `States.HeartbeatTimeout`.
    Heartbeat,
}

impl Failed {
    pub(super) fn new(error: Option<Arc<str>>, cause: Option<Arc<str>>, kind: FailureKind) -> Failed {
        Failed { failure: Failure { error, cause }, kind }
    }

    /// What a Catcher sees. A timeout or a Fail state without a cause has an empty one, a task none.
    pub(super) fn error_output(&self) -> Value {
        let Failure { error, cause } = &self.failure;
        let otherwise = if self.kind == FailureKind::Task { None } else { Some("") };
        let cause = cause.as_deref().or(otherwise);
        json!({ "Error": error.as_deref(), "Cause": cause })
    }

    /// Whether one of these matchers matches the error. `States.TaskFailed` is a wildcard too, for all but timeouts;
    /// `branch` says that it comes out of a Parallel state. An error without a name answers to wildcards only.
    pub(super) fn matches(&self, matchers: &[String], branch: bool) -> bool {
        let name = self.failure.error.as_deref();
        matchers.iter().any(|matcher| match matcher.as_str() {
            error::ALL => true,
            error::TASK_FAILED => name != Some(error::TIMEOUT),
            error::HEARTBEAT_TIMEOUT if self.kind == FailureKind::Heartbeat => true,
            error::BRANCH_FAILED if branch => true,
            other => Some(other) == name,
        })
    }
}

impl StateError {
    /// The error of a path in a field such as `InputPath`.
    pub(super) fn invalid_path(path: &str, failure: &PathError) -> StateError {
        StateError::Runtime(format!("Invalid path '{path}' : {failure}"))
    }

    /// The error of a template or of a field whose path finds nothing.
    pub(super) fn not_found(failure: TemplateError) -> StateError {
        match failure {
            TemplateError::Path { error: error @ PathError::TooLarge, .. }
            | TemplateError::Intrinsic {
                error: IntrinsicError::Path { error: error @ PathError::TooLarge, .. }, ..
            } => StateError::TooLarge(error.to_string()),
            TemplateError::Path { path, field, input, .. } => StateError::Runtime(format!(
                "The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{}'",
                input.value()
            )),
            TemplateError::Intrinsic { call, error: failure } => {
                let cause = format!("The function '{call}' had the following error: {failure}");
                match failure {
                    IntrinsicError::Path { .. } => StateError::Runtime(cause),
                    IntrinsicError::Arguments(_) => StateError::Named(error::INTRINSIC_FAILURE, cause),
                }
            }
        }
    }
}

impl From<EvaluationError> for StateError {
    fn from(failure: EvaluationError) -> StateError {
        StateError::Evaluation { cause: failure.to_string(), location: Some(failure.field) }
    }
}

impl StateError {
    /// The error of an `ItemsPath`.
    pub(super) fn items_path(failure: TemplateError) -> StateError {
        match failure {
            TemplateError::Path { path, error, .. } => StateError::invalid_path(&path, &error),
            other => StateError::not_found(other),
        }
    }
}
