use serde_json::Value;

use crate::authorize::{Policy, PolicyError};
use crate::services::supplies_condition_key;

impl Policy {
    /// Reads a policy document (`Version`, `Statement`).
    ///
    /// # Errors
    /// What is not an identity policy, or cannot be evaluated here, with its place in the document.
    pub fn parse(document: &Value) -> Result<Self, PolicyError> {
        Self::parse_strictly(document, None, supplies_condition_key)
    }

    /// Reads a policy document and puts `name` and `/` before the name of each of its statements, so that the
    /// statements of a role's several policies stay apart after [`Policy::and`].
    ///
    /// # Errors
    /// As [`Policy::parse`].
    pub fn parse_named(name: &str, document: &Value) -> Result<Self, PolicyError> {
        Self::parse_strictly(document, Some(name), supplies_condition_key)
    }
}
