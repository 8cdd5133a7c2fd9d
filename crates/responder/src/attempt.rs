//! How a control ends: what was attempted, judged by what was read back.

use incident::{Control, ControlState};

use crate::{Error, Result};

/// What became of one control when it was attempted.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// It was as wanted before.
    AlreadyDone,
    /// It was changed now; the words go into the control's detail.
    Changed(Option<String>),
    /// It cannot be done here.
    Gap(String),
    /// It was refused or interrupted.
    Failed(Error),
}

impl Attempt {
    /// Of the answer to the change.
    pub fn of(result: Result<()>) -> Attempt {
        match result {
            Ok(()) => Attempt::Changed(None),
            Err(error) => Attempt::Failed(error),
        }
    }
}

/// A control as it was judged, and the transient failure that was in its way.
#[derive(Debug)]
pub struct Judged {
    /// The control.
    pub control: Control,
    /// What was in its way and may not be on another attempt.
    pub transient: Option<String>,
}

impl Judged {
    /// A control that could not even be attempted.
    pub fn failed(measure: &str, subject: &str, error: &Error) -> Judged {
        judge(measure, subject, &Attempt::Failed(error.clone()), Err(error))
    }
}

/// Judges a control by what was read back: whether it holds, and in which words.
pub fn judge(measure: &str, subject: &str, attempt: &Attempt, read: Result<(bool, String), &Error>) -> Judged {
    let transient = |error: &Error| error.is_transient().then(|| format!("{measure} {subject}: {}", error.message));
    let (state, detail, transient) = match (attempt, read) {
        (Attempt::Gap(why), _) => (ControlState::Gap, why.clone(), None),
        (Attempt::AlreadyDone, Ok((true, words))) => (ControlState::AlreadyDone, format!("read back: {words}"), None),
        (Attempt::Changed(Some(how)), Ok((true, words))) => {
            (ControlState::Done, format!("{how}; read back: {words}"), None)
        }
        // Also where the answer to the change was lost.
        (_, Ok((true, words))) => (ControlState::Done, format!("read back: {words}"), None),
        (Attempt::Failed(error), Ok((false, words))) => {
            (ControlState::Failed, format!("{error}; read back: {words}"), transient(error))
        }
        (_, Ok((false, words))) => (ControlState::Failed, format!("it did not hold; read back: {words}"), None),
        (Attempt::Failed(error), Err(_)) => (ControlState::Failed, error.to_string(), transient(error)),
        (_, Err(error)) => (ControlState::Failed, format!("not read back: {error}"), transient(error)),
    };
    Judged { control: Control::new(measure, subject, state, detail), transient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorName;

    fn state(attempt: &Attempt, read: Result<bool, &Error>) -> (ControlState, bool) {
        let judged = judge("measure", "subject", attempt, read.map(|holds| (holds, "words".to_owned())));
        (judged.control.state, judged.transient.is_some())
    }

    #[test]
    fn what_was_read_back_decides() {
        let lost = Error::new(ErrorName::AwsUnavailable, "no answer");
        let denied = Error::new(ErrorName::AwsAccessDenied, "denied");
        assert_eq!(state(&Attempt::AlreadyDone, Ok(true)), (ControlState::AlreadyDone, false));
        assert_eq!(state(&Attempt::Changed(None), Ok(true)), (ControlState::Done, false));
        assert_eq!(state(&Attempt::Failed(lost.clone()), Ok(true)), (ControlState::Done, false));
        assert_eq!(state(&Attempt::Failed(lost.clone()), Ok(false)), (ControlState::Failed, true));
        assert_eq!(state(&Attempt::Failed(denied.clone()), Ok(false)), (ControlState::Failed, false));
        assert_eq!(state(&Attempt::Changed(None), Ok(false)), (ControlState::Failed, false));
        assert_eq!(state(&Attempt::Changed(None), Err(&lost)), (ControlState::Failed, true));
        assert_eq!(state(&Attempt::Changed(None), Err(&denied)), (ControlState::Failed, false));
        assert_eq!(state(&Attempt::Gap("why".to_owned()), Err(&denied)), (ControlState::Gap, false));
    }
}
