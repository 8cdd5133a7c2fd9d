//! The text of a notification.

use std::fmt::Write;

use incident::decision::Confidence;
use incident::family::Role;
use incident::{ControlState, Outcome, Report, Resource, text};

/// SNS takes 262,144 bytes, attributes included; a person reads less. Everything past this is cut.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// SNS subjects are ASCII, begin with a letter, number or punctuation mark, and have fewer than 100 characters
/// (`Publish`, parameter `Subject`).
const MAX_SUBJECT: usize = 99;

/// Most entries of a list that are spelled out.
const MAX_ENTRIES: usize = 40;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) key: String,
    pub(crate) subject: String,
    pub(crate) body: String,
}

/// The notification of a report. The same report gives the same text and the same key.
pub(crate) fn of(report: &Report) -> Message {
    let incident_id = report.incident.as_ref().map_or("no-incident", |incident| &incident.id);
    let key = format!("{incident_id}/{}", report.outcome);
    Message { subject: subject(report), body: cut(body(report, &key)), key }
}

fn subject(report: &Report) -> String {
    let what = match &report.incident {
        Some(incident) => format!(
            "{} {} ({})",
            incident.resource.kind(),
            incident.resource.id().unwrap_or("without id"),
            incident.finding.finding_type
        ),
        None => "an event that could not be triaged".to_owned(),
    };
    let sample = report.incident.as_ref().is_some_and(|incident| incident.finding.sample);
    let prefix = if sample { "[SAMPLE] " } else { "" };
    let subject = format!("{prefix}Cordon {}: {}", report.outcome, text::line(&what, 200));
    let harmless = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '<' | '>');
    subject.chars().map(|c| if harmless(c) { c } else { '?' }).take(MAX_SUBJECT).collect()
}

fn body(report: &Report, key: &str) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail; the results are ignored for that reason alone.
    let _ = writeln!(out, "{}: {}", report.outcome.name().to_uppercase(), meaning(report.outcome));
    if let Some(incident) = &report.incident {
        let finding = &incident.finding;
        let _ = writeln!(out, "\nWhat     {} ({})", text::inert(&finding.finding_type, 256), incident.family);
        if let Some(tactic) = &incident.tactic {
            let _ = writeln!(out, "         MITRE ATT&CK tactic: {}", text::inert(tactic, 64));
        }
        let _ = writeln!(out, "         {}", text::inert(&finding.title, 256));
        for indicator in finding.indicators.iter().take(MAX_ENTRIES) {
            let _ = writeln!(out, "         {}", text::inert(indicator, 256));
        }
        let severity = match (finding.severity, report.decision.as_ref().and_then(|decision| decision.confidence)) {
            (Some(severity), Some(Confidence::Confirmed)) => format!("severity {severity}, confirmed compromise, "),
            (Some(severity), Some(Confidence::Suspected)) => format!("severity {severity}, suspected compromise, "),
            (Some(severity), _) => format!("severity {severity}, "),
            (None, _) => String::new(),
        };
        let _ = writeln!(out, "         {severity}seen {} times", finding.count);
        let _ = writeln!(
            out,
            "Where    {} {}, account {}, {}",
            incident.resource.kind(),
            text::inert(incident.resource.id().unwrap_or("without id"), 128),
            incident.account,
            incident.region
        );
        let owner = report.owner.as_deref().unwrap_or("not known: no tag Name or Owner was read");
        let _ = writeln!(out, "Whose    {}", text::inert(owner, 256));
    }
    list(&mut out, "Why", report.decision.iter().flat_map(|decision| decision.reasons.iter()).cloned());
    list(
        &mut out,
        "Controls",
        report.controls.iter().map(|control| format!("{} {}: {}", mark(control.state), control.name, control.detail)),
    );
    list(&mut out, "Gaps", report.gaps.iter().cloned());
    list(&mut out, "Open paths", report.residual_paths.iter().cloned());
    let _ = writeln!(out, "\nNext     {}", next_action(report));
    if matches!(report.outcome, Outcome::Contained | Outcome::PartiallyContained | Outcome::Remediated) {
        let _ = writeln!(
            out,
            "Release  the state before the first change is in the incident table under the incident's id, records \
             before-image#…; put back exactly that"
        );
    }
    let _ = writeln!(out, "\nKey      {key}");
    out
}

fn list(out: &mut String, title: &str, entries: impl Iterator<Item = String>) {
    let entries: Vec<String> = entries.collect();
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for entry in entries.iter().take(MAX_ENTRIES) {
        let _ = writeln!(out, "  - {}", text::inert(entry, 600));
    }
    if entries.len() > MAX_ENTRIES {
        let _ = writeln!(out, "  - and {} more in the record of the execution", entries.len() - MAX_ENTRIES);
    }
}

fn mark(state: ControlState) -> &'static str {
    match state {
        ControlState::Planned => "[planned]",
        ControlState::Done => "[done]",
        ControlState::AlreadyDone => "[already done]",
        ControlState::Gap => "[GAP]",
        ControlState::Failed => "[FAILED]",
    }
}

fn meaning(outcome: Outcome) -> &'static str {
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

fn next_action(report: &Report) -> String {
    let resource = match report.incident.as_ref().map(|incident| &incident.resource) {
        Some(Resource::Instance { id }) => format!("instance {id}"),
        Some(Resource::SecurityGroup { id }) => format!("security group {id}"),
        _ => "the resource".to_owned(),
    };
    match report.outcome {
        Outcome::Failed => format!("isolate {resource} by hand now, then read the gaps above"),
        Outcome::Escalated => format!("look at {resource} now and decide; the response stopped"),
        Outcome::PartiallyContained => format!("close the gaps above by hand on {resource}, then investigate"),
        Outcome::AwaitingApproval => format!("review the plan above; isolate {resource} by hand if you agree"),
        Outcome::Contained if has_snapshots(report) => {
            format!("investigate {resource} from its snapshots; revoke the sessions of its role (see open paths)")
        }
        Outcome::Contained => format!(
            "keep the evidence of {resource} by hand now: there is no whole snapshot set (see gaps); revoke the sessions of its role"
        ),
        Outcome::Remediated => format!("find out who opened {resource}, and tell them"),
        Outcome::NotFound => {
            "look for snapshots and logs of the resource: it was removed before it could be contained".to_owned()
        }
        Outcome::Notified if report.incident.as_ref().is_some_and(|incident| incident.role == Role::Attacked) => {
            format!("check whether the attack on {resource} succeeded; restrict who can reach it")
        }
        Outcome::Notified => {
            format!("look at {resource} when you have time: below the threshold nothing is done by itself")
        }
        Outcome::Observed => "review the plan above: this is what would have been done".to_owned(),
        _ => "none required".to_owned(),
    }
}

fn has_snapshots(report: &Report) -> bool {
    report.controls.iter().any(|control| control.name.starts_with("snapshot-volumes") && control.state.holds())
}

fn cut(body: String) -> String {
    if body.len() <= MAX_BODY_BYTES {
        return body;
    }
    let mut end = MAX_BODY_BYTES;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let mut cut = body.get(..end).unwrap_or_default().to_owned();
    cut.push_str("…\n");
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_for_a_report_of_any_size() {
        let mut report = Report::escalated("ä".repeat(100_000));
        report.gaps = vec!["漢".repeat(50_000); 500];
        let message = of(&report);
        assert!(message.body.len() <= MAX_BODY_BYTES + 4);
        assert!(message.subject.len() <= MAX_SUBJECT && message.subject.is_ascii());
    }
}
