//! Mocked tasks, and a driver that runs an execution with them in virtual time. No IO: mocks come as JSON.
//!
//! A JSON object of mocks has the names of Task states with lists of attempts, and under `lambda` the behaviors of Lambda
//! functions by name or ARN. The attempts can also be under `mocks`, as in a recorded case.
//!
//! ```
//! use asl::mocks::{End, Mocks};
//! use serde_json::json;
//!
//! let mocks = Mocks::parse(&json!({
//!     "Isolate": [{"error": "Ec2.RequestLimitExceededException"}, {"result": {"Return": true}}],
//!     "lambda": {"notify": {"kind": "echo"}},
//! }))?;
//! assert_eq!(mocks.tasks["Isolate"][1].end, End::Succeeded(json!({"Return": true})));
//! # Ok::<(), asl::mocks::MocksError>(())
//! ```

mod behave;
mod drive;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;

pub use drive::{MockedRun, run_with_mocks};
pub use read::MocksError;

/// The results of all tasks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mocks {
    /// State name to attempts, in the order in which they are made.
    pub tasks: BTreeMap<String, Vec<Attempt>>,
    /// Function name or ARN to behavior.
    pub functions: BTreeMap<String, Behavior>,
    /// The locations of fields that are not known and have no effect.
    pub unknown: Vec<String>,
}

/// One attempt of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The request for which this attempt is preferred; a text `⟦name⟧` matches any value.
    pub request: Option<Value>,
    /// The name of the worker that takes the activity task.
    pub worker: Option<String>,
    /// The immediate answer of the service, before the job or callback ends.
    pub submitted: Option<Value>,
    /// How it ends.
    pub end: End,
}

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// It never ends.
    Never,
    /// The timers of the engine end it; a task without a timeout times out on the side of the service.
    TimedOut,
    /// It succeeds with that result.
    Succeeded(Value),
    /// It fails.
    Failed {
        /// Its name.
        error: Option<String>,
        /// Its cause.
        cause: Option<String>,
    },
}

/// The behavior of a Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub enum Behavior {
    /// It returns its event.
    Echo,
    /// It returns that value.
    Return(Value),
    /// It returns this text with its event in place of `{event}`; an event that is not a string as JSON.
    Format(String),
    /// It waits first.
    Sleep {
        /// How long.
        seconds: u64,
        /// What it does then.
        then: Box<Behavior>,
    },
    /// It raises an error.
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
