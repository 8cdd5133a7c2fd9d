//! Decisions: the action for an incident, and its reasons.

use serde::{Deserialize, Serialize};

use crate::configuration::{Cap, Policy, TEMPLATE, Then};
use crate::family::Role;
use crate::finding::Event;
use crate::{Incident, Resource, Trigger, remediation, text};

/// How far the response may go by itself, in the terms of AWS Security Incident Response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Dry run: the complete plan, no change.
    Observe,
    /// Every containment awaits approval.
    ApprovalRequired,
    /// Confirmed compromise is contained; suspected compromise awaits approval.
    ContainConfirmed,
    /// Suspected and confirmed compromise are contained.
    ContainSuspected,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Mode; 4] = [Mode::Observe, Mode::ApprovalRequired, Mode::ContainConfirmed, Mode::ContainSuspected];

    /// The name as it is configured, for example `contain-suspected`.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Observe => "observe",
            Mode::ApprovalRequired => "approval-required",
            Mode::ContainConfirmed => "contain-confirmed",
            Mode::ContainSuspected => "contain-suspected",
        }
    }

    /// The mode with this name.
    pub fn from_name(name: &str) -> Option<Mode> {
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// Severities from which a finding counts as suspected and as confirmed compromise, on GuardDuty's scale of 1 to 10.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// From this severity on, suspected.
    pub suspected: f64,
    /// From this severity on, confirmed.
    pub confirmed: f64,
}

/// The confidence that a resource is compromised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Below the suspected threshold.
    Low,
    /// Suspected compromise.
    Suspected,
    /// Confirmed compromise.
    Confirmed,
}

/// The action that a decision calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Do nothing; the decision says why.
    Ignore,
    /// Work out the plan as a dry run.
    Observe,
    /// Notify people.
    Notify,
    /// Record the finding: no playbook acts on such a resource.
    Record,
    /// Stop and notify people now: the response may not act, or cannot determine whether it may.
    Escalate,
    /// Work out the plan and request approval.
    RequestApproval,
    /// Contain.
    Contain,
    /// Correct the configuration.
    Remediate,
}

/// A decision and its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The action.
    pub action: Action,
    /// The mode it was decided under.
    pub mode: Mode,
    /// Absent for Config rules, which have no severity.
    pub confidence: Option<Confidence>,
    /// Why, in sentences. The last one determined the action.
    pub reasons: Vec<String>,
}

/// Decides about an incident. In order of precedence: ignored, observed (sample, then mode), recorded, notified, and last
/// what the mode allows, capped by the rule for the finding type.
pub fn decide(incident: &Incident, event: &Event, policy: &Policy) -> Decision {
    let mut reasons = Vec::new();
    let rule = policy.rule_for(&incident.finding.finding_type);
    let mode = match rule.map(|rule| rule.then) {
        Some(Then::Mode(mode)) => mode,
        _ => policy.mode,
    };
    let thresholds = policy.thresholds;
    let (action, confidence) = match (incident.trigger, incident.finding.severity) {
        (Trigger::GuardDuty, Some(severity)) => {
            let confidence = confidence(severity, thresholds);
            (for_finding(incident, severity, confidence, mode, thresholds, &mut reasons), Some(confidence))
        }
        (Trigger::GuardDuty, None) => {
            reasons.push("the finding has no severity: a person decides".to_owned());
            (Action::Escalate, None)
        }
        (Trigger::ConfigRule, _) => (for_compliance(incident, event, mode, &mut reasons), None),
    };
    let action = match rule {
        // No mode changes that a finding is ignored or recorded.
        _ if matches!(action, Action::Ignore | Action::Record) => action,
        Some(rule) => {
            let reason = text::line(&rule.reason, 256);
            reasons.push(match rule.then {
                Then::Mode(mode) => {
                    format!("the rule for {} sets the mode {}: {reason}", text::line(&rule.pattern, 256), mode.name())
                }
                Then::AtMost(cap) => {
                    format!("the rule for {} allows {} at most: {reason}", text::line(&rule.pattern, 256), cap.label())
                }
            });
            match rule.then {
                Then::Mode(_) => action,
                Then::AtMost(cap) => action.at_most(cap),
            }
        }
        None => action,
    };
    let mut decision = Decision { action, mode, confidence, reasons };
    if rule.is_none() && policy.mode_source != TEMPLATE && !matches!(action, Action::Ignore | Action::Record) {
        decision.note(format!("the mode is set by {}", policy.mode_source));
    }
    decision
}

impl Decision {
    /// Lowers an action that changes something to a request for approval.
    pub fn require_approval(&mut self, reason: String) {
        if self.action.mutates() {
            self.action = self.action.at_most(Cap::RequestApproval);
            self.reasons.push(reason);
        } else {
            self.note(reason);
        }
    }

    /// Adds a reason that does not determine the action, before the last one, which does.
    pub fn note(&mut self, reason: String) {
        self.reasons.insert(self.reasons.len().saturating_sub(1), reason);
    }

    /// Escalates to a person.
    pub fn escalate(&mut self, reason: String) {
        self.action = Action::Escalate;
        self.reasons.push(reason);
    }
}

impl Action {
    /// The name as it is stored, for example `request-approval`.
    pub fn name(self) -> &'static str {
        match self {
            Action::Ignore => "ignore",
            Action::Observe => "observe",
            Action::Notify => "notify",
            Action::Record => "record",
            Action::Escalate => "escalate",
            Action::RequestApproval => "request-approval",
            Action::Contain => "contain",
            Action::Remediate => "remediate",
        }
    }

    /// Whether it changes the resource.
    pub fn mutates(self) -> bool {
        matches!(self, Action::Contain | Action::Remediate)
    }

    fn at_most(self, cap: Cap) -> Action {
        match (cap, self) {
            (Cap::Notify, Action::Contain | Action::Remediate | Action::RequestApproval) => Action::Notify,
            (Cap::RequestApproval, Action::Contain | Action::Remediate) => Action::RequestApproval,
            _ => self,
        }
    }
}

impl Cap {
    fn label(self) -> &'static str {
        match self {
            Cap::Notify => "notifying people",
            Cap::RequestApproval => "requesting approval",
        }
    }
}

fn confidence(severity: f64, thresholds: Thresholds) -> Confidence {
    if severity >= thresholds.confirmed {
        Confidence::Confirmed
    } else if severity >= thresholds.suspected {
        Confidence::Suspected
    } else {
        Confidence::Low
    }
}

fn for_finding(
    incident: &Incident,
    severity: f64,
    confidence: Confidence,
    mode: Mode,
    thresholds: Thresholds,
    reasons: &mut Vec<String>,
) -> Action {
    let finding = &incident.finding;
    if finding.archived {
        reasons.push("the finding is archived: a person or a suppression rule has closed it".to_owned());
        return Action::Ignore;
    }
    let Resource::Instance { .. } = incident.resource else {
        reasons.push(format!(
            "the resource is of type {}, which no playbook acts on: it is recorded",
            incident.resource.kind()
        ));
        return if finding.sample { observe_sample(reasons) } else { Action::Record };
    };
    if crate::family::of_type(&finding.finding_type).known {
        reasons.push(format!("{}: the instance is {}", incident.family, role_words(incident.role)));
    } else {
        reasons
            .push("the finding type is not in the table: an instance that it names is treated as a suspect".to_owned());
    }
    if finding.sample {
        return observe_sample(reasons);
    }
    if mode == Mode::Observe {
        reasons.push("the mode is observe: the plan is a dry run, nothing is changed".to_owned());
        return Action::Observe;
    }
    if incident.role == Role::Attacked {
        reasons.push(
            "nothing shows that the attack succeeded: people are notified, the instance is not changed".to_owned(),
        );
        return Action::Notify;
    }
    match confidence {
        Confidence::Low => {
            reasons.push(format!(
                "severity {severity} is below {}, the suspected threshold: people are notified",
                thresholds.suspected
            ));
            return Action::Notify;
        }
        Confidence::Suspected => {
            reasons.push(format!("severity {severity} is at least {}: suspected compromise", thresholds.suspected))
        }
        Confidence::Confirmed => {
            reasons.push(format!("severity {severity} is at least {}: confirmed compromise", thresholds.confirmed))
        }
    }
    if incident.role == Role::Undetermined {
        reasons.push(
            "the type can mean attacked or attacking and the finding does not say which: a person decides".to_owned(),
        );
        return Action::RequestApproval;
    }
    match (mode, confidence) {
        (Mode::ContainSuspected, _) | (Mode::ContainConfirmed, Confidence::Confirmed) => {
            reasons.push(format!("the mode is {}: contain", mode.name()));
            Action::Contain
        }
        _ => {
            reasons.push(format!("the mode is {}: a person approves the plan first", mode.name()));
            Action::RequestApproval
        }
    }
}

fn observe_sample(reasons: &mut Vec<String>) -> Action {
    reasons.push("the finding is a generated sample: the plan is a dry run, nothing is changed".to_owned());
    Action::Observe
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::Suspect => "the suspect",
        Role::Attacking => "attacking others",
        Role::Attacked => "attacked",
        Role::Undetermined => "attacked or attacking",
        Role::Noncompliant => "noncompliant",
    }
}

fn for_compliance(incident: &Incident, event: &Event, mode: Mode, reasons: &mut Vec<String>) -> Action {
    let Event::ComplianceChange(change) = event else {
        reasons.push("the incident is about a Config rule, but the event is not: a person decides".to_owned());
        return Action::Escalate;
    };
    let compliance = &change.compliance;
    if compliance != "NON_COMPLIANT" {
        reasons.push(format!("the resource changed to {compliance}: there is nothing to remediate"));
        return Action::Ignore;
    }
    let rule = &incident.finding.finding_type;
    match (remediation::for_rule(rule), &incident.resource) {
        (Some(_), Resource::SecurityGroup { .. }) => {
            reasons.push(format!("{rule} has a remediation for security groups"));
        }
        (Some(_), resource) => {
            reasons.push(format!("{rule} has a remediation, but not for {}: it is recorded", resource.kind()));
            return Action::Record;
        }
        (None, _) => {
            reasons.push(format!("{rule} has no remediation: it is recorded"));
            return Action::Record;
        }
    }
    match mode {
        Mode::Observe => {
            reasons.push("the mode is observe: the live group is read, nothing is changed".to_owned());
            Action::Observe
        }
        Mode::ApprovalRequired => {
            reasons.push("the mode is approval-required: a person approves the plan first".to_owned());
            Action::RequestApproval
        }
        Mode::ContainConfirmed | Mode::ContainSuspected => {
            reasons.push(format!("the mode is {}: remediate", mode.name()));
            Action::Remediate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reason_is_the_one_that_set_the_action() {
        let decided = |action| Decision {
            action,
            mode: Mode::ContainSuspected,
            confidence: None,
            reasons: vec!["a finding".to_owned(), "the mode".to_owned()],
        };
        let mut contains = decided(Action::Contain);
        contains.note("a tag".to_owned());
        contains.require_approval("exempt".to_owned());
        contains.require_approval("a domain controller".to_owned());
        assert_eq!(contains.action, Action::RequestApproval);
        assert_eq!(contains.reasons, ["a finding", "a tag", "the mode", "a domain controller", "exempt"]);
        let mut observes = decided(Action::Observe);
        observes.require_approval("exempt".to_owned());
        assert_eq!(
            (observes.action, observes.reasons),
            (Action::Observe, ["a finding", "exempt", "the mode"].map(str::to_owned).to_vec())
        );
    }
}
