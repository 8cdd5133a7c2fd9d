//! Why an event cannot be read.

use thiserror::Error;

/// An event that cannot be read: the place in the event, what is wrong there, and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// A field that must be there is not.
    #[error("{place}: missing; {expected}")]
    Missing {
        /// Path from the event's root.
        place: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A field has another type than AWS gives it.
    #[error("{place}: {found} where {expected} is expected")]
    WrongType {
        /// Path from the event's root.
        place: String,
        /// What is there.
        found: &'static str,
        /// What should be there.
        expected: &'static str,
    },
    /// A field has the right type and a value that cannot be.
    #[error("{place}: `{found}` is not {expected}")]
    BadValue {
        /// Path from the event's root.
        place: String,
        /// What is there, made harmless and cut.
        found: String,
        /// What should be there.
        expected: &'static str,
    },
}
