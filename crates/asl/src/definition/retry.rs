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

/// A Retrier.
#[derive(Debug)]
pub struct Retrier {
    /// `ErrorEquals`
    pub errors: Vec<String>,
    /// `IntervalSeconds`, 1 by default
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
    /// The delay as computed.
    #[default]
    None,
    /// Any delay up to the computed one.
    Full,
}

/// A Catcher.
#[derive(Debug)]
pub struct Catcher {
    /// `ErrorEquals`
    pub errors: Vec<String>,
    /// What happens to the data.
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

/// `States.ALL` stands for every error that may be handled, `States.TaskFailed` for all of these but a timeout. The caller
/// has set aside the errors that nothing handles.
fn matches(errors: &[String], name: &str) -> bool {
    errors.iter().any(|matcher| match matcher.as_str() {
        error::ALL => true,
        error::TASK_FAILED => name != error::TIMEOUT,
        other => other == name,
    })
}
