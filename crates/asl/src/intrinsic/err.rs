use crate::path::PathError;
use crate::payload::Payload;

/// Why an intrinsic function has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IntrinsicError {
    /// A path among the arguments gives nothing.
    #[error("The JsonPath argument for the field '{path}' could not be found in the input '{}'", input.value())]
    Path {
        /// The path.
        path: String,
        /// What it was applied to.
        input: Payload,
        /// Why it gives nothing.
        error: PathError,
    },
    /// The arguments do not fit.
    #[error("{0}")]
    Arguments(String),
}
