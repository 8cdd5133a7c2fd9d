//! Faults: what goes wrong with the n-th call that matches.

use serde::Deserialize;

/// A planned fault. Calls are counted over the whole world.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// The service's name: `ec2`.
    pub service: String,
    /// The operation's name: `CreateSnapshots`.
    pub operation: String,
    /// Only calls of this function; any if absent.
    #[serde(default)]
    pub function: Option<String>,
    /// The first matching call that is hit, counted from 1.
    #[serde(default = "one")]
    pub occurrence: u32,
    /// How many matching calls in a row are hit.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens to them.
    pub kind: FaultKind,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Refused for too many requests, with the service's own code. No effect.
    Throttled,
    /// Refused as if no policy allowed it. No effect.
    AccessDenied,
    /// The service's internal error. No effect.
    ServerError,
    /// No effect and no answer.
    TimeoutBefore,
    /// The call has its effect, and the answer is lost.
    TimeoutAfter,
    /// The call has its effect, and the connection is reset instead of an answer.
    ConnectionResetAfter,
    /// The call has its effect, and the caller dies before it gets the answer: see [`crate::World::take_crash`]. Where
    /// the caller is no process, as in an integration, the connection is reset.
    CrashAfter,
}

fn one() -> u32 {
    1
}

/// The planned faults with the calls counted so far.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan(Vec<(Fault, u32)>);

impl FaultPlan {
    /// Plans other faults instead, and starts to count anew.
    pub(crate) fn replace(&mut self, faults: Vec<Fault>) {
        self.0 = faults.into_iter().map(|fault| (fault, 0)).collect();
    }

    /// Counts a call with every fault that it matches, and returns what happens to it: the first that is due.
    pub(crate) fn meet(&mut self, service: &str, operation: &str, function: &str) -> Option<FaultKind> {
        let mut met = None;
        for (fault, seen) in &mut self.0 {
            let matches = fault.service == service
                && fault.operation == operation
                && fault.function.as_deref().is_none_or(|wanted| wanted == function);
            if matches {
                *seen = seen.saturating_add(1);
                let due = *seen >= fault.occurrence && *seen - fault.occurrence < fault.times;
                if due && met.is_none() {
                    met = Some(fault.kind);
                }
            }
        }
        met
    }

    /// The faults whose first occurrence has not come.
    pub(crate) fn left(&self) -> Vec<Fault> {
        self.0.iter().filter(|(fault, seen)| *seen < fault.occurrence).map(|(fault, _)| fault.clone()).collect()
    }
}
