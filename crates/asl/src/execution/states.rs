//! Pass, Wait, Succeed and Fail states, and the continuation of a state that has waited.

use super::Execution;
use super::failure::{Failed, FailureKind, StateError};
use super::flow;
use super::run::Progress;
use super::thread::{AfterTimer, Phase, Thread, ThreadId};
use crate::definition::{Fail, Next, State, StateKind, Wait, WaitFor};
use crate::history::EventDetails;
use crate::payload::Payload;
use crate::time::Timestamp;

/// Seconds from which on a Wait state refuses to wait.
const LONGEST_WAIT: i64 = 1 << 31;

impl Execution {
    pub(super) fn pass(
        &mut self,
        thread: &Thread,
        state: &State,
        result: Option<&Payload>,
        next: Next,
    ) -> Result<Progress, StateError> {
        let value = match result {
            Some(result) => result.clone(),
            None => flow::arguments(&mut self.core, thread, state, None)?,
        };
        let produced = flow::produce(&mut self.core, thread, state, &value)?;
        Ok(Progress::Exit { produced, next, previous: thread.last })
    }

    pub(super) fn succeed(&mut self, thread: &Thread, state: &State) -> Result<Progress, StateError> {
        let produced = flow::pass_through(&mut self.core, thread, state)?;
        Ok(Progress::Exit { produced, next: Next::End, previous: thread.last })
    }

    pub(super) fn fail(&mut self, thread: &Thread, fail: &Fail) -> StateError {
        let mut text = |field: &Option<_>, name| {
            field.as_ref().map(|field| flow::text(&mut self.core, thread, field, name)).transpose()
        };
        let texts = text(&fail.error, "Error").and_then(|error| Ok((error, text(&fail.cause, "Cause")?)));
        match texts {
            Ok((error, cause)) => StateError::Failed(Failed::new(error, cause, FailureKind::Other)),
            Err(error) => error,
        }
    }

    pub(super) fn wait(
        &mut self,
        id: ThreadId,
        thread: &mut Thread,
        state: &State,
        wait: &Wait,
    ) -> Result<Progress, StateError> {
        let until = match &wait.until {
            WaitFor::Seconds(number) => {
                let seconds = flow::whole_number(&mut self.core, thread, state, number, "Seconds")?;
                self.in_seconds(seconds, || format!("The Seconds parameter references a negative value: {seconds}"))?
            }
            WaitFor::SecondsPath(path) => {
                let text = path.text();
                let missing = || {
                    StateError::Runtime(format!("The SecondsPath parameter does not reference an input value: {text}"))
                };
                let value = flow::path_value(&mut self.core, thread, state, path).map_err(|_| missing())?;
                let invalid = || {
                    StateError::Runtime(format!(
                        "The SecondsPath parameter cannot be parsed as a long value: {text} == {}",
                        flow::bare(&value)
                    ))
                };
                let seconds = value.as_i64().ok_or_else(invalid)?;
                self.in_seconds(seconds, || {
                    format!("The SecondsPath parameter references a negative value: {text} == {seconds}")
                })?
            }
            WaitFor::Timestamp(field) => {
                let text = flow::text(&mut self.core, thread, field, "Timestamp")?;
                Timestamp::parse(&text).map_err(|_| StateError::Evaluation {
                    cause: format!("The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"),
                    location: Some("Timestamp".to_owned()),
                })?
            }
            WaitFor::TimestampPath(path) => {
                let text = path.text();
                let missing = || {
                    StateError::Runtime(format!(
                        "The TimestampPath parameter does not reference an input value: {text}"
                    ))
                };
                let value = flow::path_value(&mut self.core, thread, state, path).map_err(|_| missing())?;
                let shown = flow::bare(&value);
                let format = "ISO-8601 extended offset date-time format string";
                Timestamp::parse(&shown).map_err(|_| {
                    StateError::Runtime(format!(
                        "The TimestampPath parameter does not reference a valid {format}: {text} == {shown}"
                    ))
                })?
            }
        };
        thread.phase = Phase::Timer(AfterTimer::Exit);
        self.renew(thread);
        self.set_timer(id, thread, until.max(self.core.now));
        Ok(Progress::Blocked)
    }

    fn in_seconds(&self, seconds: i64, negative: impl FnOnce() -> String) -> Result<Timestamp, StateError> {
        let count = u64::try_from(seconds).map_err(|_| StateError::Runtime(negative()))?;
        if seconds >= LONGEST_WAIT {
            return Err(StateError::Runtime("Wait state delay is too long.".to_owned()));
        }
        Ok(self.core.now.plus_seconds(count))
    }

    /// Continues a state with the result that it waited for.
    pub(super) fn resume(
        &mut self,
        thread: &mut Thread,
        state: &State,
        result: Result<Payload, Failed>,
    ) -> Result<Progress, StateError> {
        let result = result.map_err(StateError::Failed)?;
        let next = match state.kind() {
            StateKind::Wait(wait) => {
                let produced = flow::pass_through(&mut self.core, thread, state)?;
                return Ok(Progress::Exit { produced, next: wait.next, previous: thread.last });
            }
            StateKind::Task(task) => task.next,
            StateKind::Parallel(parallel) => {
                self.core.record(thread.last, EventDetails::ParallelStateSucceeded);
                parallel.next
            }
            StateKind::Map(map) => {
                self.core.record(thread.last, EventDetails::MapStateSucceeded);
                map.next
            }
            _ => Next::End,
        };
        let produced = flow::produce(&mut self.core, thread, state, &result)?;
        Ok(Progress::Exit { produced, next, previous: thread.last })
    }
}
