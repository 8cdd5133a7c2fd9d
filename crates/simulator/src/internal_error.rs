//! A broken invariant of the tool itself.

use thiserror::Error;

/// Something that cannot happen has happened: a defect of the tool. It ends the replay of the event, stands under its
/// name in the `tool_errors` of the report, and makes the exit code 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("internal error `{name}`: {detail}")]
pub struct InternalError {
    /// Stable name to search for: `unknown-task`.
    pub name: &'static str,
    /// What was found.
    pub detail: String,
}

impl InternalError {
    /// An error of this name.
    pub fn new(name: &'static str, detail: impl Into<String>) -> InternalError {
        InternalError { name, detail: detail.into() }
    }
}
