//! Parameters that an operation did not read.

use std::sync::{Arc, Mutex, PoisonError};

/// The full names of the parameters of one call that the operation did not read. [`super::Params`] adds what is left in
/// it when it is dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Vec<String>>>);

impl Unread {
    /// Adds the name of a parameter.
    pub(super) fn add(&self, name: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }

    /// The names, in order. Complete once every [`super::Params`] of the call is dropped.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        names.sort_unstable();
        names
    }
}
