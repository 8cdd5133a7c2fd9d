//! Controls: measures of containment, remediation or evidence, and their states.

use serde::{Deserialize, Serialize};

/// The state of a control after the account was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlState {
    /// It would be done; nothing was changed.
    Planned,
    /// It was done now and read back.
    Done,
    /// The resource already was in the wanted state, which was read.
    AlreadyDone,
    /// It cannot be done here; the detail says why.
    Gap,
    /// It was attempted, and the account does not show it.
    Failed,
}

impl ControlState {
    /// Whether the control holds in the account as it was read.
    pub fn holds(self) -> bool {
        matches!(self, ControlState::Done | ControlState::AlreadyDone)
    }

    /// The name as it is stored and printed.
    pub fn name(self) -> &'static str {
        match self {
            ControlState::Planned => "planned",
            ControlState::Done => "done",
            ControlState::AlreadyDone => "already-done",
            ControlState::Gap => "gap",
            ControlState::Failed => "failed",
        }
    }
}

/// A control: measure, subject, state, and what was read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What is done and to what, for example `isolate-interface eni-0a1b`.
    pub name: String,
    /// Its state.
    pub state: ControlState,
    /// What was read back, or why it does not hold; one line.
    pub detail: String,
}

impl Control {
    /// A control with a measure (`isolate-interface`) and a subject (`eni-0a1b`).
    pub fn new(measure: &str, subject: &str, state: ControlState, detail: impl Into<String>) -> Control {
        Control { name: format!("{measure} {subject}"), state, detail: detail.into() }
    }
}
