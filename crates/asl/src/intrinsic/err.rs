use crate::path::PathError;
use crate::payload::Payload;

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IntrinsicError {
    /// A path among the arguments has no result.
    #[error("The JsonPath argument for the field '{path}' could not be found in the input '{}'", input.value())]
    Path {
        /// The path.
        path: String,
        /// The value that it was applied to.
        input: Payload,
        /// Why it has no result.
        error: PathError,
    },
    /// The arguments are invalid.
    #[error("{0}")]
    Arguments(String),
}
