//! Error handling: Retriers, Catchers, or the end of the thread.

use std::sync::Arc;

use super::Execution;
use super::failure::{Failed, FailureKind, StateError};
use super::flow;
use super::run::Progress;
use super::thread::{AfterTimer, Phase, Thread, ThreadId};
use crate::definition::{EdgeKind, Handling, Jitter, Next, Retrier, State, StateKind};
use crate::error;
use crate::history::{EventDetails, Failure};
use crate::payload::Payload;

impl Execution {
    /// Handles the error of a state; returns the failure if no Retrier or Catcher does.
    pub(super) fn handle(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        error: StateError,
    ) -> Result<Progress, Failed> {
        let branch = is_branch(state);
        let failed = self.resolve(thread, error);
        if failed.kind == FailureKind::Runtime {
            return Err(failed);
        }
        let handling = state.handling();
        if let Some(handling) = handling
            && let Some(progress) = self.retry(id, thread, state, handling, &failed)
        {
            return Ok(progress);
        }
        let before_failed = thread.last;
        self.record_branches_failed(thread, state);
        let mut catchers = handling.into_iter().flat_map(|handling| handling.catch.iter().enumerate());
        let Some((at, catcher)) = catchers.find(|(_, catcher)| failed.matches(&catcher.errors, branch)) else {
            return Err(failed);
        };
        let output = Payload::new(failed.error_output());
        match flow::caught(&mut self.core, thread, &catcher.flow, at, &output) {
            Ok(produced) => {
                self.take_edge(state, EdgeKind::Catch(at));
                Ok(Progress::Exit { produced, next: Next::State(catcher.next), previous: thread.last })
            }
            // A Catcher that fails goes back to before the state failed, and no other Catcher sees it.
            Err(error) => {
                thread.last = before_failed;
                let failed = self.resolve(thread, error);
                if failed.kind != FailureKind::Runtime {
                    self.record_branches_failed(thread, state);
                }
                Err(failed)
            }
        }
    }

    /// Turns an error into the failure that events show, and records the event of a failed evaluation.
    pub(super) fn resolve(&mut self, thread: &mut Thread, error: StateError) -> Failed {
        let prefixed = |text: &str| -> Arc<str> {
            format!(
                "An error occurred while executing the state '{}' (entered at the event id #{}). {text}",
                thread.name, thread.entered
            )
            .into()
        };
        match error {
            StateError::Failed(failed) => failed,
            StateError::Internal(invariant) => {
                self.core.broken = Some(invariant);
                Failed::new(Some(error::INTERNAL.into()), Some(invariant.into()), FailureKind::Runtime)
            }
            StateError::Runtime(cause) => {
                Failed::new(Some(error::RUNTIME.into()), Some(prefixed(&cause)), FailureKind::Runtime)
            }
            StateError::Named(name, cause) => {
                Failed::new(Some(name.into()), Some(prefixed(&cause)), FailureKind::Other)
            }
            StateError::TooLarge(cause) => {
                Failed::new(Some(error::DATA_LIMIT_EXCEEDED.into()), Some(cause.into()), FailureKind::Other)
            }
            StateError::Evaluation { cause, location } => {
                let failure =
                    Failure { error: Some(error::QUERY_EVALUATION_ERROR.into()), cause: Some(prefixed(&cause)) };
                let details = EventDetails::EvaluationFailed {
                    failure: failure.clone(),
                    location: location.map(Into::into),
                    state: Arc::clone(&thread.name),
                };
                thread.last = self.core.record(self.evaluated_after(thread), details);
                Failed { failure, kind: FailureKind::Other }
            }
        }
    }

    /// The event that a failed evaluation follows. What a state evaluates while it is being entered follows what came
    /// before it; a Wait state evaluates later.
    fn evaluated_after(&self, thread: &Thread) -> u64 {
        let waits = matches!(self.definition.state(thread.state).kind(), StateKind::Wait(_));
        if thread.last == thread.entered && !waits { thread.before_entered } else { thread.last }
    }

    fn retry(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        handling: &Handling,
        failed: &Failed,
    ) -> Option<Progress> {
        let branch = is_branch(state);
        if thread.attempts.is_empty() {
            thread.attempts.resize(handling.retry.len(), 0);
        }
        let mut retriers = handling.retry.iter().zip(&mut thread.attempts).enumerate();
        let (at, (retrier, attempts)) = retriers.find(|(_, (retrier, _))| failed.matches(&retrier.errors, branch))?;
        if *attempts >= retrier.max_attempts {
            return None;
        }
        *attempts += 1;
        let delay = delay_millis(retrier, *attempts, || self.core.random.next());
        self.take_edge(state, EdgeKind::Retry(at));
        thread.retry_count = thread.retry_count.map(|count| count + 1);
        thread.phase = Phase::Timer(AfterTimer::Retry);
        self.renew(thread);
        self.set_timer(id, thread, self.core.now.plus_millis(delay));
        Some(Progress::Blocked)
    }

    fn record_branches_failed(&mut self, thread: &mut Thread, state: &State) {
        let details = match state.kind() {
            StateKind::Parallel(_) => EventDetails::ParallelStateFailed,
            StateKind::Map(_) => EventDetails::MapStateFailed,
            _ => return,
        };
        thread.last = self.core.record(thread.last, details);
    }
}

/// Whether the errors of a state are those of its branches.
fn is_branch(state: &State) -> bool {
    matches!(state.kind(), StateKind::Parallel(_))
}

/// A delay that no schedule outlives: about a thousand years.
const LONGEST_MILLIS: f64 = 3.2e13;

/// Milliseconds before that attempt, from 1.
fn delay_millis(retrier: &Retrier, attempt: u64, random: impl FnOnce() -> u64) -> u64 {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    // Seconds of retriers are far below 2^52.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let (interval, most) = (retrier.interval_seconds as f64, retrier.max_delay_seconds.map(|seconds| seconds as f64));
    let mut millis = (interval * retrier.backoff_rate.powi(exponent) * 1000.0).min(LONGEST_MILLIS);
    if let Some(most) = most {
        millis = millis.min(most * 1000.0);
    }
    // The value is between 0 and the longest delay.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
    let millis = millis.max(0.0).round() as u64;
    match retrier.jitter {
        Jitter::None => millis,
        Jitter::Full => random() % millis.saturating_add(1),
    }
}
