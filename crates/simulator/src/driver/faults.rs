//! What goes wrong with an invocation of a function, beside what goes wrong with its calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

/// A planned fault of a function's invocations.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionFault {
    /// The function: the name of its step; `*` for every function, each counted by itself.
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
pub struct FunctionFaults(Arc<Mutex<Vec<Planned>>>);

#[derive(Debug)]
struct Planned {
    fault: FunctionFault,
    /// Invocations by step.
    seen: BTreeMap<String, u32>,
}

impl FunctionFaults {
    /// Plans faults; nothing has been counted yet.
    pub fn new(faults: impl IntoIterator<Item = FunctionFault>) -> FunctionFaults {
        let planned = faults.into_iter().map(|fault| Planned { fault, seen: BTreeMap::new() }).collect();
        FunctionFaults(Arc::new(Mutex::new(planned)))
    }

    /// Counts an invocation with every fault of its function; what happens to it is the first that is due.
    pub(super) fn meet(&self, step: &str) -> Option<FunctionFaultKind> {
        let mut met = None;
        for Planned { fault, seen } in self.lock().iter_mut() {
            if fault.function != step && fault.function != ANY {
                continue;
            }
            let seen = seen.entry(step.to_owned()).or_default();
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
        let planned = self.lock();
        let unmet = planned.iter().filter(|planned| planned.seen.values().all(|seen| *seen < planned.fault.nth));
        unmet.map(|planned| planned.fault.clone()).collect()
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
        let met: Vec<_> = ["a", "b", "a", "a", "a", "b"].map(|step| faults.meet(step)).to_vec();
        let (throttled, twice) = (Some(FunctionFaultKind::Throttled), Some(FunctionFaultKind::Twice));
        assert_eq!(met, [throttled, throttled, twice, twice, None, None]);
        assert_eq!(faults.left().into_iter().map(|fault| fault.function).collect::<Vec<_>>(), ["c"]);
    }
}
