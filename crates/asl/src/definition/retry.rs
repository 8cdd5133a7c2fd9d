use super::fields::CatchFlow;
use super::machine::StateId;
use crate::error;

/// `Retry` and `Catch` of a state.
#[derive(Debug, Default)]
pub struct Handling {
    /// `Retry`
    pub retry: Vec<Retrier>,
    /// `Catch`
    pub catch: Vec<Catcher>,
}

/// A retrier.
#[derive(Debug)]
pub struct Retrier {
    /// `ErrorEquals`
    pub errors: Vec<String>,
    /// `IntervalSeconds`; 1 by default
    pub interval_seconds: u64,
    /// `MaxAttempts`, 3 by default
    pub max_attempts: u64,
    /// `BackoffRate`, 2 by default
    pub backoff_rate: f64,
    /// `MaxDelaySeconds`
    pub max_delay_seconds: Option<u64>,
    /// `JitterStrategy`
    pub jitter: Jitter,
}

/// `JitterStrategy`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Jitter {
    /// `NONE`: the delay as computed.
    #[default]
    None,
    /// `FULL`: a random delay up to the computed one.
    Full,
}

/// A catcher.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`
    pub errors: Vec<String>,
    /// The data fields: `ResultPath`, `Output`, `Assign`.
    pub(crate) flow: CatchFlow,
    /// `Next`
    pub next: StateId,
}

impl Retrier {
    /// Whether it retries an error of this name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        matches(&self.errors, name)
    }
}

impl Catcher {
    /// Whether it catches an error of this name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        matches(&self.errors, name)
    }
}

/// Whether one of the names matches an error: `States.ALL` matches every error, `States.TaskFailed` every error but a timeout.
/// The caller has excluded the errors that cannot be handled.
fn matches(errors: &[String], name: &str) -> bool {
    errors.iter().any(|matcher| match matcher.as_str() {
        error::ALL => true,
        error::TASK_FAILED => name != error::TIMEOUT,
        other => other == name,
    })
}
