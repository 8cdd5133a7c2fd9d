//! Terminal outcomes of incidents.

use serde::{Deserialize, Serialize};

use crate::{Control, Decision, Incident, SCHEMA};

/// The terminal outcome of an incident, worst first: the order of the variants is the order of severity, so that the
/// worst of several is their minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Containment was attempted and nothing could be proven contained.
    Failed,
    /// The response could not decide or could not act; people were notified.
    Escalated,
    /// Some controls hold, others do not; the gaps say which.
    PartiallyContained,
    /// The plan awaits approval.
    AwaitingApproval,
    /// A person declined the plan.
    Declined,
    /// A release found drift it cannot explain.
    ReleaseRefused,
    /// A release restored part of the before-image.
    PartiallyReleased,
    /// Every control was read back and holds.
    Contained,
    /// The before-image was restored and read back.
    Released,
    /// The noncompliant configuration was corrected and read back.
    Remediated,
    /// The live resource was already compliant.
    AlreadyCompliant,
    /// The resource no longer exists.
    NotFound,
    /// A sample, or the mode is observe: nothing was changed.
    Observed,
    /// No containment is called for: people were notified.
    Notified,
    /// No playbook handles it: it was recorded.
    Recorded,
    /// An earlier response already covers it.
    Duplicate,
    /// The finding is archived, or the resource is compliant.
    Ignored,
    /// No rule matched the event.
    Unmatched,
    /// The event cannot be read.
    Invalid,
}

impl Outcome {
    /// Every outcome, worst first.
    pub const ALL: [Outcome; 19] = [
        Outcome::Failed,
        Outcome::Escalated,
        Outcome::PartiallyContained,
        Outcome::AwaitingApproval,
        Outcome::Declined,
        Outcome::ReleaseRefused,
        Outcome::PartiallyReleased,
        Outcome::Contained,
        Outcome::Released,
        Outcome::Remediated,
        Outcome::AlreadyCompliant,
        Outcome::NotFound,
        Outcome::Observed,
        Outcome::Notified,
        Outcome::Recorded,
        Outcome::Duplicate,
        Outcome::Ignored,
        Outcome::Unmatched,
        Outcome::Invalid,
    ];

    /// The name as it is stored and printed, for example `partially-contained`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Failed => "failed",
            Outcome::Escalated => "escalated",
            Outcome::PartiallyContained => "partially-contained",
            Outcome::AwaitingApproval => "awaiting-approval",
            Outcome::Declined => "declined",
            Outcome::ReleaseRefused => "release-refused",
            Outcome::PartiallyReleased => "partially-released",
            Outcome::Contained => "contained",
            Outcome::Released => "released",
            Outcome::Remediated => "remediated",
            Outcome::AlreadyCompliant => "already-compliant",
            Outcome::NotFound => "not-found",
            Outcome::Observed => "observed",
            Outcome::Notified => "notified",
            Outcome::Recorded => "recorded",
            Outcome::Duplicate => "duplicate",
            Outcome::Ignored => "ignored",
            Outcome::Unmatched => "unmatched",
            Outcome::Invalid => "invalid",
        }
    }

    /// Whether a person has to act before the resource is in a safe state.
    pub fn needs_a_person(self) -> bool {
        matches!(self, Outcome::Failed | Outcome::Escalated | Outcome::PartiallyContained)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// The report of one incident: the output of every execution that responds to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// The terminal outcome.
    pub outcome: Outcome,
    /// The incident; absent when triage itself failed.
    pub incident: Option<Incident>,
    /// The decision and its reasons; absent when triage itself failed.
    pub decision: Option<Decision>,
    /// The owner by the resource's tags `Name` and `Owner`, each one harmless line.
    pub owner: Option<String>,
    /// The controls, with what was read back.
    pub controls: Vec<Control>,
    /// What could not be done, in sentences.
    pub gaps: Vec<String>,
    /// Paths that stay open even after complete containment, in sentences.
    pub residual_paths: Vec<String>,
}

impl Report {
    /// The report of an event that failed before there was an incident.
    pub fn escalated(gap: impl Into<String>) -> Report {
        Report {
            schema: SCHEMA,
            outcome: Outcome::Escalated,
            incident: None,
            decision: None,
            owner: None,
            controls: Vec::new(),
            gaps: vec![gap.into()],
            residual_paths: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_serialized_and_the_order_is_worst_first() {
        for pair in Outcome::ALL.windows(2) {
            assert!(pair.iter().rev().max() == pair.iter().max() && pair.first() < pair.last());
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::json!(outcome), serde_json::json!(outcome.name()));
        }
    }
}
