//! One measure of containment, remediation or evidence, and how it stands.

use serde::{Deserialize, Serialize};

/// How a control stands after it was read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ControlState {
    /// It would be done; nothing was mutated.
    Planned,
    /// It was done and read back.
    Done,
    /// It already was as wanted, and that was read.
    AlreadyDone,
    /// It cannot be done here; the detail says why.
    Gap,
    /// It was attempted and did not hold.
    Failed,
}

impl ControlState {
    /// Whether the control holds in the account as it was read.
    pub fn holds(self) -> bool {
        matches!(self, ControlState::Done | ControlState::AlreadyDone)
    }

    /// The name as it is written in records and output.
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

/// A control: what it is, what it is about, how it stands, and what was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What is done and to what, for example `isolate-interface eni-0a1b`.
    pub name: String,
    /// How it stands.
    pub state: ControlState,
    /// What was read back, or why it does not hold; one line.
    pub detail: String,
}

impl Control {
    /// A control by its measure (`isolate-interface`) and what it is about (`eni-0a1b`).
    pub fn new(measure: &str, subject: &str, state: ControlState, detail: impl Into<String>) -> Control {
        Control { name: format!("{measure} {subject}"), state, detail: detail.into() }
    }
}
