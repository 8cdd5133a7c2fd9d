//! A notice: what people are notified of, and the key under which it is stored and published.

use incident::{ControlState, EvidenceReport, Incident, Outcome, Report, Timestamp};

/// Seconds after which an escalation is published again.
const A_DAY: i64 = 86_400;

/// What people are notified of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Notice {
    /// How an incident ended.
    Outcome(Box<Report>),
    /// Which evidence is missing: a follow-up.
    Evidence(Box<EvidenceReport>),
}

/// The key of a notice: one notice per incident and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoticeKey {
    /// The incident id; for an event that could not be triaged, an id made from the execution.
    pub(crate) incident_id: String,
    /// The outcome, or `evidence-incomplete`.
    pub(crate) name: &'static str,
}

impl NoticeKey {
    /// Sort key in the incident table.
    pub(crate) fn sort_key(&self) -> String {
        format!("report#{}", self.name)
    }

    /// The key as it is published.
    pub(crate) fn text(&self) -> String {
        format!("{}/{}", self.incident_id, self.name)
    }

    /// A key that only this execution can publish, for a text that differs from the stored one.
    pub(crate) fn text_of_execution(&self, execution: &str) -> String {
        format!("{}/{}", self.text(), execution_name(execution))
    }
}

impl Notice {
    /// The outcome, or what the follow-up is about.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Notice::Outcome(report) => report.outcome.name(),
            Notice::Evidence(_) => "evidence-incomplete",
        }
    }

    /// Whether it is news although another execution published the same outcome: a control was applied again, or a person
    /// is needed for another finding or still after a day.
    pub(crate) fn is_news_since(&self, earlier: &Notice, stored_at: Timestamp, now: Timestamp) -> bool {
        let (Notice::Outcome(report), Notice::Outcome(earlier)) = (self, earlier) else { return false };
        let acted = matches!(report.outcome, Outcome::Contained | Outcome::PartiallyContained | Outcome::Failed);
        let again = acted && report.controls.iter().any(|control| control.state == ControlState::Done);
        let finding = |report: &Report| report.incident.as_ref().map(|incident| incident.finding.id.clone());
        let is_old = stored_at.plus_seconds(A_DAY) <= now;
        again || report.outcome == Outcome::Escalated && (is_old || finding(report) != finding(earlier))
    }

    /// Its key when this execution publishes it.
    pub(crate) fn key(&self, execution: &str) -> NoticeKey {
        let incident_id = match self.incident() {
            Some(incident) => incident.id.clone(),
            // Two events that could not be triaged are two notices.
            None => format!("no-incident-{}", execution_name(execution)),
        };
        NoticeKey { incident_id, name: self.name() }
    }

    /// The incident; `None` when triage itself failed.
    pub(crate) fn incident(&self) -> Option<&Incident> {
        match self {
            Notice::Outcome(report) => report.incident.as_ref(),
            Notice::Evidence(report) => Some(&report.incident),
        }
    }

    /// Whether a person has to act, so that a ticket is justified.
    pub(crate) fn needs_a_ticket(&self) -> bool {
        match self {
            Notice::Outcome(report) => matches!(
                report.outcome,
                Outcome::Failed
                    | Outcome::Escalated
                    | Outcome::PartiallyContained
                    | Outcome::AwaitingApproval
                    | Outcome::ReleaseRefused
                    | Outcome::PartiallyReleased
                    | Outcome::Contained
                    | Outcome::NotFound
            ),
            Notice::Evidence(_) => true,
        }
    }
}

/// The last part of an execution ARN; a text without a colon is a name already.
fn execution_name(arn: &str) -> &str {
    arn.rsplit_once(':').map_or(arn, |(_, name)| name)
}
