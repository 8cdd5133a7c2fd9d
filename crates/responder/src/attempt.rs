//! How a control ends: what was attempted, assessed by what was read back.

use incident::{Control, ControlState};

use crate::{Error, Result};

/// The result of attempting one control.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// The resource already was in the wanted state.
    AlreadyDone,
    /// The change was made now; the text becomes part of the control's detail.
    Changed(Option<String>),
    /// It cannot be done here, for this reason.
    Gap(String),
    /// The change was refused or interrupted.
    Failed(Error),
}

impl Attempt {
    /// The attempt that an API call made.
    pub fn from_result(result: Result<()>) -> Attempt {
        match result {
            Ok(()) => Attempt::Changed(None),
            Err(error) => Attempt::Failed(error),
        }
    }
}

/// An assessed control, and the transient failure that may have prevented it.
#[derive(Debug)]
pub struct Assessment {
    /// The control.
    pub control: Control,
    /// The transient failure, when another attempt may succeed.
    pub transient: Option<String>,
}

impl Assessment {
    /// A control that could not be attempted because of an error.
    pub fn failed(measure: &str, subject: &str, error: &Error) -> Assessment {
        assess(measure, subject, &Attempt::Failed(error.clone()), Err(error))
    }
}

/// Assesses a control by what was read back: whether it holds, and a description of what was read. The account decides,
/// not the answer to the change: a change whose answer was lost and that holds is `done`.
pub fn assess(measure: &str, subject: &str, attempt: &Attempt, read: Result<(bool, String), &Error>) -> Assessment {
    let transient = |error: &Error| error.is_transient().then(|| format!("{measure} {subject}: {}", error.message));
    let (state, detail, transient) = match (attempt, read) {
        (Attempt::Gap(why), _) => (ControlState::Gap, why.clone(), None),
        (Attempt::AlreadyDone, Ok((true, description))) => {
            (ControlState::AlreadyDone, format!("read back: {description}"), None)
        }
        (Attempt::Changed(Some(how)), Ok((true, description))) => {
            (ControlState::Done, format!("{how}; read back: {description}"), None)
        }
        (_, Ok((true, description))) => (ControlState::Done, format!("read back: {description}"), None),
        (Attempt::Failed(error), Ok((false, description))) => {
            (ControlState::Failed, format!("{error}; read back: {description}"), transient(error))
        }
        (_, Ok((false, description))) => {
            (ControlState::Failed, format!("the change did not persist; read back: {description}"), None)
        }
        (Attempt::Failed(error), Err(_)) => (ControlState::Failed, error.to_string(), transient(error)),
        (_, Err(error)) => (ControlState::Failed, format!("not read back: {error}"), transient(error)),
    };
    Assessment { control: Control::new(measure, subject, state, detail), transient }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorName;

    fn state(attempt: &Attempt, read: Result<bool, &Error>) -> (ControlState, bool) {
        let assessed = assess("measure", "subject", attempt, read.map(|holds| (holds, "description".to_owned())));
        (assessed.control.state, assessed.transient.is_some())
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
