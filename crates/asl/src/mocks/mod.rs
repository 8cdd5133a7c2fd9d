//! Mocked tasks: what the attempts of a state's task give, how functions behave, and a driver that runs an execution with
//! them in virtual time. No IO: mocks come as JSON.
//!
//! Mocks hold state names with lists of attempts, and under `lambda` the behaviors of functions by name or ARN; the
//! attempts may also stand under `mocks`, as they do in a recorded case.

mod behave;
mod drive;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

pub use drive::{Driven, drive};
pub use read::MocksError;

/// What every task gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mocks {
    /// State name to attempts, in the order in which they are made.
    pub tasks: BTreeMap<String, Vec<Attempt>>,
    /// Function name or ARN to behavior.
    pub functions: BTreeMap<String, Behavior>,
    /// The places of fields that mean nothing here.
    pub unknown: Vec<String>,
}

/// One attempt of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// What the task must be called with for the attempt to be chosen first; a text `⟦name⟧` stands for anything.
    pub request: Option<Value>,
    /// The worker that takes an activity.
    pub worker: Option<String>,
    /// What the service answers at once.
    pub submitted: Option<Value>,
    /// How it ends.
    pub end: End,
}

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// It does not.
    Never,
    /// The engine's timers end it; without any, the service gives up.
    TimedOut,
    /// With that result.
    Succeeded(Value),
    /// With an error.
    Failed {
        /// Its name.
        error: Option<String>,
        /// Its cause.
        cause: Option<String>,
    },
}

/// How a function behaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Behavior {
    /// It returns its event.
    Echo,
    /// It returns that.
    Return(Value),
    /// It returns its event, a text, within another: in place of `{event}`.
    Format(String),
    /// It waits first.
    Sleep {
        /// How long.
        seconds: u64,
        /// What it does then.
        then: Box<Behavior>,
    },
    /// It raises.
    Fail {
        /// The type of the error.
        error_type: String,
        /// Its message: a text, or null.
        message: Value,
        /// Its stack trace: a list of texts.
        stack_trace: Value,
    },
}

impl Mocks {
    /// The behavior of the function with that name or ARN, qualified or not.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Behavior> {
        let same = |key: &&String| function_name(key) == function_name(name);
        self.functions.get(name).or_else(|| self.functions.get(self.functions.keys().find(same)?))
    }
}

/// The name in a function's name or ARN, either of which may be qualified.
fn function_name(text: &str) -> &str {
    let rest = text.split_once(":function:").map_or(text, |(_, rest)| rest);
    rest.split(':').next().unwrap_or(rest)
}
