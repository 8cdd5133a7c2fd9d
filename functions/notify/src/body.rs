//! The body of a notification: what to do first, then what happened, then every detail.

use std::fmt::Write;

use incident::decision::Confidence;
use incident::{Control, ControlState, Decision, Incident, Report};

use crate::message::Format;
use crate::notice::{Notice, NoticeKey};
use crate::wording;

/// Most entries of a list that are printed.
const MAX_ENTRIES: usize = 40;

/// The complete notice as plain text.
pub(crate) fn text(notice: &Notice, key: &NoticeKey) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail, so the results are ignored.
    let _ = writeln!(out, "{}: {}", notice.name().to_uppercase(), wording::meaning(notice));
    let _ = writeln!(out, "\nNext     {}", Format::Text.safe(&wording::next_action(notice), 900));
    if let Some(release) = wording::release(notice) {
        let _ = writeln!(out, "Release  {release}");
    }
    out.push_str(&facts(notice, Format::Text));
    let _ = writeln!(out, "\nKey      {}", key.text());
    out
}

/// The facts (what, where, whose) and the lists, escaped for a medium.
pub(crate) fn facts(notice: &Notice, format: Format) -> String {
    let mut out = String::new();
    let (report, controls, gaps): (Option<&Report>, &[Control], &[String]) = match notice {
        Notice::Outcome(report) => (Some(report), &report.controls, &report.gaps),
        Notice::Evidence(report) => (None, &report.controls, &report.gaps),
    };
    let decision = report.and_then(|report| report.decision.as_ref());
    if let Some(incident) = notice.incident() {
        let owner = report.map(|report| report.owner.as_deref().unwrap_or("not known: no tag Name or Owner was read"));
        subject_matter(&mut out, incident, decision, owner, format);
    }
    let of = |wanted: &[ControlState]| -> Vec<String> {
        let these = controls.iter().filter(|control| wanted.contains(&control.state));
        these.map(|control| format!("{} {}: {}", mark(control.state), control.name, control.detail)).collect()
    };
    list(&mut out, "Does not hold", &of(&[ControlState::Failed, ControlState::Gap]), format);
    // A gap that repeats a control's detail is listed above already.
    let is_listed = |gap: &String| controls.iter().any(|it| *gap == format!("{}: {}", it.name, it.detail));
    let gaps: Vec<String> = gaps.iter().filter(|gap| !is_listed(gap)).cloned().collect();
    list(&mut out, "Gaps", &gaps, format);
    list(&mut out, "Open paths", report.map_or(&[][..], |report| &report.residual_paths), format);
    list(&mut out, "Plan", &of(&[ControlState::Planned]), format);
    list(&mut out, "Holds", &of(&[ControlState::Done, ControlState::AlreadyDone]), format);
    list(&mut out, "Why", decision.map_or(&[][..], |decision| &decision.reasons), format);
    out
}

fn subject_matter(
    out: &mut String,
    incident: &Incident,
    decision: Option<&Decision>,
    owner: Option<&str>,
    format: Format,
) {
    let finding = &incident.finding;
    let safe = |text: &str, max: usize| format.safe(text, max);
    let _ = writeln!(out, "\nWhat     {} ({})", safe(&finding.finding_type, 256), safe(&incident.family, 64));
    if let Some(tactic) = &incident.tactic {
        let _ = writeln!(out, "         {}", safe(&format!("MITRE ATT&CK tactic: {tactic}"), 128));
    }
    let _ = writeln!(out, "         {}", safe(&finding.title, 256));
    for indicator in finding.indicators.iter().take(MAX_ENTRIES) {
        let _ = writeln!(out, "         {}", safe(indicator, 256));
    }
    let severity = match (finding.severity, decision.and_then(|decision| decision.confidence)) {
        (Some(severity), Some(Confidence::Confirmed)) => format!("severity {severity}, confirmed compromise, "),
        (Some(severity), Some(Confidence::Suspected)) => format!("severity {severity}, suspected compromise, "),
        (Some(severity), _) => format!("severity {severity}, "),
        (None, _) => String::new(),
    };
    let _ = writeln!(out, "         {severity}seen {} times", finding.count);
    let _ = writeln!(
        out,
        "Where    {} {}, account {}, {}",
        safe(incident.resource.kind(), 128),
        safe(incident.resource.id().unwrap_or("without id"), 256),
        safe(&incident.account, 32),
        safe(&incident.region, 32)
    );
    if let Some(owner) = owner {
        let _ = writeln!(out, "Whose    {}", safe(owner, 256));
    }
}

fn list(out: &mut String, title: &str, entries: &[String], format: Format) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    for entry in entries.iter().take(MAX_ENTRIES) {
        let _ = writeln!(out, "  - {}", format.safe(entry, 600));
    }
    if entries.len() > MAX_ENTRIES {
        let _ = writeln!(out, "  - and {} more in the history of the execution", entries.len() - MAX_ENTRIES);
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
