//! What there is to tell, and where it is stored.

use incident::{ControlState, EvidenceReport, Incident, Outcome, Report, Timestamp};

/// Seconds after which an escalation is told again.
const A_DAY: i64 = 86_400;

/// One thing to tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Notice {
    /// How an incident ended.
    Outcome(Box<Report>),
    /// What is missing of its evidence: a follow-up.
    Evidence(Box<EvidenceReport>),
}

/// Where a notice is stored, which is also its key: told once per incident and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoticeKey {
    /// The incident's id; for an event that could not be triaged one that is the execution's own.
    pub(crate) incident_id: String,
    /// What is told: the outcome, or `evidence-incomplete`.
    pub(crate) name: &'static str,
}

impl NoticeKey {
    /// Sort key in the incident table.
    pub(crate) fn record(&self) -> String {
        format!("report#{}", self.name)
    }

    /// The key of the notification.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.incident_id, self.name)
    }

    /// The key of a notification that only this execution can have written: another text may have the other key.
    pub(crate) fn key_of(&self, execution: &str) -> String {
        format!("{}/{}", self.key(), execution_name(execution))
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

    /// Whether it is news after another execution has told the same outcome: something was done again, or a person is
    /// needed for another finding, or still after a day.
    pub(crate) fn is_news_since(&self, earlier: &Notice, notified_at: Option<Timestamp>, now: Timestamp) -> bool {
        let (Notice::Outcome(report), Notice::Outcome(earlier)) = (self, earlier) else { return false };
        let acted = matches!(report.outcome, Outcome::Contained | Outcome::PartiallyContained | Outcome::Failed);
        let again = acted && report.controls.iter().any(|control| control.state == ControlState::Done);
        let finding = |report: &Report| report.incident.as_ref().map(|incident| incident.finding.id.clone());
        let is_old = notified_at.is_some_and(|told| told.plus_seconds(A_DAY) <= now);
        again || report.outcome == Outcome::Escalated && (is_old || finding(report) != finding(earlier))
    }

    /// Where it is stored, told by an execution.
    pub(crate) fn key(&self, execution: &str) -> NoticeKey {
        let incident_id = match self.incident() {
            Some(incident) => incident.id.clone(),
            // Two events that could not be triaged are two stories.
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

    /// Whether somebody has something to do that is worth a ticket.
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

fn execution_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}
