//! The text for a person who was woken up: what an outcome means, what to do next, and how to release.

use incident::family::Role;
use incident::{Control, ControlState, Outcome, Report, Resource};

use crate::notice::Notice;

/// Most manual steps that the next action names; the lists below it contain all of them.
const MAX_BY_HAND: usize = 4;

/// What the outcome means, in half a sentence.
pub(crate) fn meaning(notice: &Notice) -> &'static str {
    let outcome = match notice {
        Notice::Evidence(_) => return "containment is not affected; some evidence is missing",
        Notice::Outcome(report) => report.outcome,
    };
    match outcome {
        Outcome::Failed => "containment was attempted and nothing could be proven contained",
        Outcome::Escalated => "the response could not act by itself and needs a person now",
        Outcome::PartiallyContained => "some controls hold, others do not",
        Outcome::AwaitingApproval => "the plan below waits for a person; nothing was changed",
        Outcome::Declined => "a person declined the plan; nothing was changed",
        Outcome::ReleaseRefused => "the release found drift it cannot explain; nothing was changed",
        Outcome::PartiallyReleased => "a part of the state before containment was restored",
        Outcome::Contained => "every network interface was read back and is isolated",
        Outcome::Released => "the state before containment was restored and read back",
        Outcome::Remediated => "the configuration was corrected and read back",
        Outcome::AlreadyCompliant => "the live resource was already compliant; nothing was changed",
        Outcome::NotFound => "the resource is gone",
        Outcome::Observed => "dry run: the plan below, nothing was changed",
        Outcome::Notified => "no containment called for; nothing was changed",
        Outcome::Recorded => "no playbook acts on this; it was recorded",
        Outcome::Duplicate => "an open incident already covers it",
        Outcome::Ignored => "closed or compliant; nothing was changed",
        Outcome::Unmatched | Outcome::Invalid => "it was not acted on",
    }
}

/// What the reader should do now.
pub(crate) fn next_action(notice: &Notice) -> String {
    let report = match notice {
        Notice::Evidence(report) => {
            return format!(
                "preserve by hand what is missing below, before {} or its volumes are deleted",
                name_of(&report.incident.resource)
            );
        }
        Notice::Outcome(report) => report,
    };
    let resource =
        report.incident.as_ref().map_or_else(|| "the resource".to_owned(), |incident| name_of(&incident.resource));
    match report.outcome {
        Outcome::Failed => format!("isolate {resource} by hand now, then read the gaps below"),
        Outcome::Escalated => format!("look at {resource} now and decide; the response stopped"),
        Outcome::PartiallyContained => match by_hand(report) {
            Some(steps) => format!("by hand, now: {steps}; then investigate {resource}"),
            None => format!("close the gaps below by hand on {resource}, then investigate"),
        },
        Outcome::AwaitingApproval => format!("review the plan below; isolate {resource} by hand if you agree"),
        Outcome::Contained if !has_snapshots(report) => {
            format!("preserve the evidence of {resource} by hand now: there is no complete snapshot set (see gaps)")
        }
        Outcome::Contained if sessions_are_revoked(report) => format!("investigate {resource} from its snapshots"),
        Outcome::Contained => {
            format!("investigate {resource} from its snapshots; revoke the sessions of its role (see open paths)")
        }
        Outcome::Remediated => format!("find out who opened {resource}, and tell them"),
        Outcome::NotFound => {
            "look for snapshots and logs of the resource: it was removed before it could be contained".to_owned()
        }
        Outcome::Notified if report.incident.as_ref().is_some_and(|incident| incident.role == Role::Attacked) => {
            format!("check whether the attack on {resource} succeeded; restrict who can reach it")
        }
        Outcome::Notified => {
            format!("look at {resource} when there is time; the reasons below say why nothing was done")
        }
        Outcome::Recorded => format!("look at {resource}: no playbook acts on it, so handle it by hand"),
        Outcome::Observed => "review the plan below: this is what would have been done".to_owned(),
        _ => "none required".to_owned(),
    }
}

/// How to undo what was done; `None` when nothing was done.
pub(crate) fn release(notice: &Notice) -> Option<&'static str> {
    let Notice::Outcome(report) = notice else { return None };
    matches!(report.outcome, Outcome::Contained | Outcome::PartiallyContained | Outcome::Remediated).then_some(
        "the state before the first change is in the incident table under the incident's id, records before-image#…; \
         put back exactly that, and not before the investigation is over",
    )
}

fn name_of(resource: &Resource) -> String {
    match resource {
        Resource::Instance { id } => format!("instance {id}"),
        Resource::SecurityGroup { id } => format!("security group {id}"),
        Resource::Other { .. } => "the resource".to_owned(),
    }
}

/// The manual step for each control that does not hold, most urgent first; `None` when every control holds.
fn by_hand(report: &Report) -> Option<String> {
    let mut open: Vec<&Control> = report
        .controls
        .iter()
        .filter(|control| matches!(control.state, ControlState::Failed | ControlState::Gap))
        .collect();
    open.sort_by_key(|control| (measure_of(control).1, control.state != ControlState::Failed));
    let steps: Vec<String> = open.iter().take(MAX_BY_HAND).map(|control| measure_of(control).0).collect();
    let more = open.len().saturating_sub(MAX_BY_HAND);
    match (steps.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(steps.join("; ")),
        (false, more) => Some(format!("{}; and {more} more below", steps.join("; "))),
    }
}

/// The manual step for a control and its urgency: first what the attacker can still use, then evidence.
fn measure_of(control: &Control) -> (String, u8) {
    let (measure, subject) = control.name.split_once(' ').unwrap_or((control.name.as_str(), "it"));
    match measure {
        "isolate-interface" if control.state == ControlState::Gap => {
            (format!("find out which AWS service manages interface {subject}, and isolate it there"), 0)
        }
        "isolate-interface" => (format!("put interface {subject} into a security group without rules"), 0),
        "deny-sessions" => (format!("deny the role of {subject} everything (its sessions are still valid)"), 1),
        "disassociate-profile" => (format!("disassociate the instance profile of {subject}"), 1),
        "disassociate-address" => (format!("disassociate the Elastic IP address {subject}"), 2),
        "enter-standby" => {
            (format!("put {subject} into Standby, or its Auto Scaling group replaces it and the evidence is lost"), 3)
        }
        "deregister-target" => (format!("deregister {subject} from its load balancer"), 3),
        "disable-termination" | "disable-stop" | "stop-on-shutdown" => {
            (format!("make sure that nobody stops or terminates {subject}"), 4)
        }
        "keep-volumes" => (format!("set DeleteOnTermination of the volumes of {subject} to false"), 4),
        "snapshot-volumes" => (format!("snapshot the volumes of {subject}"), 4),
        _ => (format!("complete {} by hand", control.name), 5),
    }
}

fn has_snapshots(report: &Report) -> bool {
    report.controls.iter().any(|control| control.name.starts_with("snapshot-volumes") && control.state.holds())
}

fn sessions_are_revoked(report: &Report) -> bool {
    report.controls.iter().any(|control| control.name.starts_with("deny-sessions") && control.state.holds())
}
