//! A fault in the notation of the command: its target, which occurrence, and what happens.
//!
//! `quarantine-instance/ec2:CreateSecurityGroup#2=timeout-after` is the second such call of that function;
//! `respond-ec2/sns:Publish#*=access-denied` is every such call of that playbook's own integrations;
//! `notify#1=crash-after` is the first invocation of that function.

use std::fmt;
use std::str::FromStr;

use account::{Call, FaultKind};
use thiserror::Error;

use simulator::driver::{FunctionFault, FunctionFaultKind};

/// The target of a fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A call of a service.
    Call {
        /// The function that calls, or the playbook whose integration it is.
        by: String,
        /// The service's name: `ec2`.
        service: String,
        /// The operation's name: `CreateSnapshots`.
        operation: String,
    },
    /// An invocation of a function.
    Function {
        /// The function, by the name of its crate.
        name: String,
    },
}

impl Target {
    /// A call as a target.
    pub(super) fn of(call: &Call) -> Target {
        Target::Call { by: call.function.clone(), service: call.service.clone(), operation: call.operation.clone() }
    }

    /// The function, by the name of its crate, or the playbook.
    pub(super) fn caller(&self) -> &str {
        match self {
            Target::Call { by, .. } => by,
            Target::Function { name } => name,
        }
    }

    /// Whether a kind of fault can hit it.
    pub fn takes(&self, kind: Kind) -> bool {
        match self {
            Target::Call { .. } => kind.of_call().is_some(),
            Target::Function { .. } => kind.of_function().is_some(),
        }
    }
}

/// Which of the matching calls or invocations a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occurrence {
    /// One of them, counted from 1: the fault is gone when it is tried again.
    Nth(u32),
    /// Each of them: the fault lasts.
    Every,
}

/// What happens to a call or an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Refused for too many requests. No effect.
    Throttled,
    /// Refused as if no policy allowed it. No effect.
    AccessDenied,
    /// The service's internal error. No effect.
    ServerError,
    /// No effect and no answer.
    TimeoutBefore,
    /// The effect, and no answer.
    TimeoutAfter,
    /// The effect, and a connection that is reset instead of an answer.
    ConnectionResetAfter,
    /// The effect, and a caller that dies before the answer; of an invocation: all effects, and no answer.
    CrashAfter,
    /// The function dies before its first line.
    CrashBefore,
    /// The function runs again after it has ended.
    Twice,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 9] = [
        Kind::Throttled,
        Kind::AccessDenied,
        Kind::ServerError,
        Kind::TimeoutBefore,
        Kind::TimeoutAfter,
        Kind::ConnectionResetAfter,
        Kind::CrashAfter,
        Kind::CrashBefore,
        Kind::Twice,
    ];

    /// The name, as in `scenario.json`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Throttled => "throttled",
            Kind::AccessDenied => "access-denied",
            Kind::ServerError => "server-error",
            Kind::TimeoutBefore => "timeout-before",
            Kind::TimeoutAfter => "timeout-after",
            Kind::ConnectionResetAfter => "connection-reset-after",
            Kind::CrashAfter => "crash-after",
            Kind::CrashBefore => "crash-before",
            Kind::Twice => "twice",
        }
    }

    fn of_call(self) -> Option<FaultKind> {
        Some(match self {
            Kind::Throttled => FaultKind::Throttled,
            Kind::AccessDenied => FaultKind::AccessDenied,
            Kind::ServerError => FaultKind::ServerError,
            Kind::TimeoutBefore => FaultKind::TimeoutBefore,
            Kind::TimeoutAfter => FaultKind::TimeoutAfter,
            Kind::ConnectionResetAfter => FaultKind::ConnectionResetAfter,
            Kind::CrashAfter => FaultKind::CrashAfter,
            Kind::CrashBefore | Kind::Twice => return None,
        })
    }

    fn of_function(self) -> Option<FunctionFaultKind> {
        Some(match self {
            Kind::Throttled => FunctionFaultKind::Throttled,
            Kind::CrashBefore => FunctionFaultKind::CrashBefore,
            Kind::CrashAfter => FunctionFaultKind::CrashAfter,
            Kind::Twice => FunctionFaultKind::Twice,
            _ => return None,
        })
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The target.
    pub target: Target,
    /// Which of the matching calls or invocations.
    pub occurrence: Occurrence,
    /// What happens.
    pub kind: Kind,
}

impl Fault {
    /// Whether a retry cannot help: the fault is permanent, or it is a refusal, which no definition retries.
    pub fn lasts(&self) -> bool {
        self.occurrence == Occurrence::Every || self.kind == Kind::AccessDenied
    }

    /// The fault in the terms of the simulated account, when it hits a call.
    pub(super) fn of_call(&self) -> Option<account::Fault> {
        let Target::Call { by, service, operation } = &self.target else { return None };
        let (occurrence, times) = self.occurrence.range();
        Some(account::Fault {
            service: service.clone(),
            operation: operation.clone(),
            function: Some(by.clone()),
            occurrence,
            times,
            kind: self.kind.of_call()?,
        })
    }

    /// The fault in the terms of the driver, when it hits an invocation.
    pub(super) fn of_function(&self) -> Option<FunctionFault> {
        let Target::Function { name } = &self.target else { return None };
        let (nth, times) = self.occurrence.range();
        Some(FunctionFault { function: name.clone(), nth, times, kind: self.kind.of_function()? })
    }
}

impl Occurrence {
    /// The first that is hit, from 1, and how many in a row.
    fn range(self) -> (u32, u32) {
        match self {
            Occurrence::Nth(nth) => (nth, 1),
            Occurrence::Every => (1, u32::MAX),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Call { by, service, operation } => write!(f, "{by}/{service}:{operation}"),
            Target::Function { name } => f.write_str(name),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.occurrence {
            Occurrence::Nth(nth) => write!(f, "{}#{nth}={}", self.target, self.kind.name()),
            Occurrence::Every => write!(f, "{}#*={}", self.target, self.kind.name()),
        }
    }
}

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FaultError {
    /// It has another form.
    #[error(
        "`{0}` is not a fault such as quarantine-instance/ec2:CreateSecurityGroup#1=timeout-after or notify#1=crash-after"
    )]
    Form(String),
    /// No such thing happens to the target.
    #[error("`{kind}` is no fault of `{target}`: expected one of {known}")]
    Kind {
        /// As given.
        kind: String,
        /// The target.
        target: String,
        /// Those that would do.
        known: String,
    },
    /// The number is none.
    #[error("`{0}` is not which call: expected a number from 1, or * for every one")]
    Occurrence(String),
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let form = || FaultError::Form(text.to_owned());
        let (place, kind) = text.trim().split_once('=').ok_or_else(form)?;
        let (target, occurrence) = place.split_once('#').ok_or_else(form)?;
        let parts = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == '*');
        let target = match target.split_once('/') {
            Some((by, call)) => {
                let (service, operation) = call.split_once(':').ok_or_else(form)?;
                if ![by, service, operation].into_iter().all(parts) {
                    return Err(form());
                }
                Target::Call { by: by.to_owned(), service: service.to_owned(), operation: operation.to_owned() }
            }
            None if parts(target) => Target::Function { name: target.to_owned() },
            None => return Err(form()),
        };
        let occurrence = match occurrence {
            "*" => Occurrence::Every,
            number => match number.parse() {
                Ok(nth) if nth > 0 => Occurrence::Nth(nth),
                _ => return Err(FaultError::Occurrence(number.to_owned())),
            },
        };
        let known = || Kind::ALL.into_iter().filter(|kind| target.takes(*kind));
        let found = known().find(|known| known.name() == kind);
        let kind = found.ok_or_else(|| FaultError::Kind {
            kind: kind.to_owned(),
            target: target.to_string(),
            known: known().map(Kind::name).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Fault { target, occurrence, kind })
    }
}
