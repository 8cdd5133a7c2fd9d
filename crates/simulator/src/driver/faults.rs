//! Faults of invocations of functions; faults of calls belong to the account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// A planned fault of a function's invocations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFault {
    /// The function, by the name of its crate; `*` for every function, each counted by itself.
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

/// Stands for every function.
const ANY: &str = "*";

/// The planned faults of functions with the invocations counted so far; clones share the count.
#[derive(Debug, Clone, Default)]
pub(crate) struct FunctionFaults(Arc<Mutex<Vec<Planned>>>);

#[derive(Debug)]
struct Planned {
    fault: FunctionFault,
    /// Invocations by function.
    seen: BTreeMap<String, u32>,
}

impl FunctionFaults {
    /// Plans faults; nothing has been counted yet.
    pub(crate) fn new(faults: impl IntoIterator<Item = FunctionFault>) -> FunctionFaults {
        let planned = faults.into_iter().map(|fault| Planned { fault, seen: BTreeMap::new() }).collect();
        FunctionFaults(Arc::new(Mutex::new(planned)))
    }

    /// Counts an invocation with every fault of its function; the first fault that is due hits it.
    pub(super) fn count(&self, function: &str) -> Option<FunctionFaultKind> {
        let mut hit = None;
        for Planned { fault, seen } in self.lock().iter_mut() {
            if fault.function != function && fault.function != ANY {
                continue;
            }
            let seen = seen.entry(function.to_owned()).or_default();
            *seen = seen.saturating_add(1);
            let due = *seen >= fault.nth && *seen - fault.nth < fault.times;
            if due && hit.is_none() {
                hit = Some(fault.kind);
            }
        }
        hit
    }

    /// The faults that have hit no invocation.
    pub(crate) fn left(&self) -> Vec<FunctionFault> {
        let planned = self.lock();
        let left = planned.iter().filter(|planned| planned.seen.values().all(|seen| *seen < planned.fault.nth));
        left.map(|planned| planned.fault.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Planned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_is_counted_by_itself() {
        let fault = |function: &str, nth, times, kind| FunctionFault { function: function.into(), nth, times, kind };
        let faults = FunctionFaults::new([
            fault("a", 2, 2, FunctionFaultKind::Twice),
            fault("*", 1, 1, FunctionFaultKind::Throttled),
            fault("c", 1, 1, FunctionFaultKind::CrashBefore),
        ]);
        let met: Vec<_> = ["a", "b", "a", "a", "a", "b"].map(|function| faults.count(function)).to_vec();
        let (throttled, twice) = (Some(FunctionFaultKind::Throttled), Some(FunctionFaultKind::Twice));
        assert_eq!(met, [throttled, throttled, twice, twice, None, None]);
        assert_eq!(faults.left().into_iter().map(|fault| fault.function).collect::<Vec<_>>(), ["c"]);
    }
}
