//! Parameters that an operation did not read.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The full names of the parameters of one call that the operation did not read. [`super::Params`] adds what is left in
/// it when it is dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Names>>);

#[derive(Debug, Default)]
struct Names {
    unread: Vec<String>,
    known: BTreeSet<String>,
}

impl Unread {
    /// Adds the name of a parameter.
    pub(super) fn add(&self, name: String) {
        self.lock().unread.push(name);
    }

    /// Notes that the operation knows a parameter.
    pub(super) fn mark(&self, name: String) {
        self.lock().known.insert(name);
    }

    /// The names, in order. Complete once every [`super::Params`] of the call is dropped.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = self.lock().unread.clone();
        names.sort_unstable();
        names
    }

    /// The full names, without positions in lists and keys of maps, of the parameters that the operation asked for,
    /// whether they were there or not. Empty in release builds.
    pub(crate) fn known(&self) -> BTreeSet<String> {
        self.lock().known.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
