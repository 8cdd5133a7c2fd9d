//! What goes wrong with an invocation of a function, beside what goes wrong with its calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// A planned fault of a function's invocations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFault {
    /// The function: the name of its step.
    pub function: String,
    /// The first invocation that is hit, from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many invocations in a row are hit.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens.
    pub kind: FunctionFaultKind,
}

/// What happens to an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionFaultKind {
    /// Lambda refuses it: too many requests. No effect.
    Throttled,
    /// It dies before the first line of the handler. No effect.
    CrashBefore,
    /// It dies after the last line of the handler: the effects are there, the answer is lost.
    CrashAfter,
    /// It is delivered twice: the handler runs again after it has ended, and the second answer counts.
    Twice,
}

fn one() -> u32 {
    1
}

/// The planned faults of functions with the invocations counted so far; clones share the count.
#[derive(Debug, Clone, Default)]
pub struct FunctionFaults(Arc<Mutex<Vec<(FunctionFault, u32)>>>);

impl FunctionFaults {
    /// Plans faults; nothing has been counted yet.
    pub fn new(faults: impl IntoIterator<Item = FunctionFault>) -> FunctionFaults {
        FunctionFaults(Arc::new(Mutex::new(faults.into_iter().map(|fault| (fault, 0)).collect())))
    }

    /// Counts an invocation with every fault of its function; what happens to it is the first that is due.
    pub(super) fn meet(&self, step: &str) -> Option<FunctionFaultKind> {
        let mut met = None;
        for (fault, seen) in self.lock().iter_mut().filter(|(fault, _)| fault.function == step) {
            *seen = seen.saturating_add(1);
            let due = *seen >= fault.nth && *seen - fault.nth < fault.times;
            if due && met.is_none() {
                met = Some(fault.kind);
            }
        }
        met
    }

    /// The faults that no invocation has met.
    pub fn left(&self) -> Vec<FunctionFault> {
        self.lock().iter().filter(|(fault, seen)| *seen < fault.nth).map(|(fault, _)| fault.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(FunctionFault, u32)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
