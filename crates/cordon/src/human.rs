//! The report of a replay for a person.

use std::fmt::Write;

use incident::{Control, ControlState, Outcome};
use simulator::report::{IncidentReport, ReadBackReport, ReplayReport, RunReport, SourceReport, StateReport};

use crate::escape::escaped;
use crate::layout::{hanging, hanging_painted, heading, list, row};
use crate::paint::Paint;

/// Price of a state transition in US dollars (Step Functions, standard workflows, us-east-1).
const DOLLARS_PER_TRANSITION: f64 = 0.000_025;

/// The place of an event: the file, and the line in JSON Lines.
pub(crate) fn place(source: &SourceReport) -> String {
    match source.line {
        Some(line) => format!("{}:{line}", escaped(&source.path)),
        None => escaped(&source.path),
    }
}

/// One event of many: its outcome, and the reason where a person must look.
pub(crate) fn line(report: &ReplayReport, paint: Paint) -> String {
    let mark = match &report.expectations {
        Some(expectations) if expectations.met => paint.verdict(true, "ok    "),
        Some(_) => paint.verdict(false, "FAILED"),
        None => "      ".to_owned(),
    };
    let name = format!("{:<19}", report.outcome.name());
    let name = name.replacen(report.outcome.name(), &paint.outcome(report.outcome), 1);
    let mut out = format!("{mark}  {name}  {}\n", place(&report.source));
    if matches!(report.outcome, Outcome::Unmatched | Outcome::Invalid) || report.outcome.needs_a_person() {
        hanging(&mut out, "          reason: ", &report.reason);
    }
    for difference in report.expectations.iter().flat_map(|expectations| &expectations.differences) {
        hanging(&mut out, "          expectation: ", difference);
    }
    out
}

/// Everything about an event.
pub(crate) fn story(report: &ReplayReport, paint: Paint) -> String {
    let mut out = String::new();
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{}  {}", paint.outcome(report.outcome), paint.bold(&place(&report.source)));
    row(&mut out, "reason", &report.reason);
    finding(&mut out, report);
    for incident in &report.incidents {
        let decision = incident.decision.map_or("none was reached", |decision| decision.name());
        row(&mut out, "decision", &format!("{decision}{}", of_several(report, incident)));
        list(&mut out, "", &incident.reasons);
    }
    states(&mut out, report, paint);
    for incident in &report.incidents {
        if report.incidents.len() > 1 {
            row(&mut out, "incident", &format!("{}: {}", resource(incident), incident.outcome));
        }
        controls(&mut out, incident, paint);
        list(&mut out, "gaps", &incident.gaps);
        list(&mut out, "residual", &incident.residual_paths);
    }
    for (at, read) in report.read_back.iter().enumerate() {
        read_back(&mut out, if at == 0 { "read back" } else { "" }, read, paint);
    }
    list(&mut out, "assumed", &report.assumed);
    costs(&mut out, report);
    if let Some(expectations) = &report.expectations {
        let verdict =
            if expectations.met { "ok: as the scenario expects" } else { "FAILED: differs from the scenario" };
        row(&mut out, "expectations", verdict);
        list(&mut out, "", &expectations.differences);
    }
    list(&mut out, "tool errors", &report.tool_errors);
    out
}

fn finding(out: &mut String, report: &ReplayReport) {
    let finding = &report.finding;
    let Some(finding_type) = &finding.finding_type else { return };
    let severity = finding.severity.map_or_else(String::new, |severity| format!(", severity {severity}"));
    row(out, "finding", &format!("{finding_type}{severity}"));
    let unknown = || "unknown".to_owned();
    let (account, region) = (finding.account.clone(), finding.region.clone());
    let place = format!("account {}, {}", account.unwrap_or_else(unknown), region.unwrap_or_else(unknown));
    let resources: String = report.incidents.iter().map(|incident| format!("{}, ", resource(incident))).collect();
    row(out, "resource", &format!("{resources}{place}"));
    if let (Some(rule), Some(playbook), Some(version)) = (&report.rule, &report.playbook, &report.version) {
        let mode = report.mode.as_ref().map_or_else(String::new, |mode| format!(", mode {mode}"));
        row(out, "rule", &format!("{rule} → {playbook} {version}{mode}"));
    }
}

/// The resource of an incident: its kind and its id.
fn resource(incident: &IncidentReport) -> String {
    let text = |key: &str| incident.resource.get(key).and_then(serde_json::Value::as_str).unwrap_or("unknown");
    format!("{} {}", text("kind"), text("id"))
}

/// Which incident it is, where an event has several.
fn of_several(report: &ReplayReport, incident: &IncidentReport) -> String {
    if report.incidents.len() > 1 { format!(" ({})", resource(incident)) } else { String::new() }
}

/// The states that took time or found something; a state that only leads on is visible in the one that follows.
fn states(out: &mut String, report: &ReplayReport, paint: Paint) {
    let leads_on =
        |state: &&StateReport| state.seconds == Some(0.0) && (state.result == "ok" || state.result.starts_with('→'));
    let shown: Vec<&StateReport> = report.states.iter().filter(|state| !leads_on(state)).collect();
    if !shown.is_empty() {
        let columns = format!("{:>11}  {:>7}  {:<22}  result", "start", "took", "state");
        let _ = writeln!(out, "{}{}", heading("states"), paint.dim(&columns));
    }
    for state in shown {
        let took = state.seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.2} s"));
        let prefix = format!("{}{:>9.3} s  {took:>7}  {:<22}  ", heading(""), state.at, escaped(&state.state));
        hanging(out, &prefix, &state.result);
    }
}

fn controls(out: &mut String, incident: &IncidentReport, paint: Paint) {
    for (at, control) in incident.controls.iter().enumerate() {
        let label = heading(if at == 0 { "controls" } else { "" });
        let (mark, fine) = mark(control);
        let painted = if fine { mark.to_owned() } else { paint.verdict(false, mark) };
        let padding = " ".repeat(11_usize.saturating_sub(mark.len()));
        let text = format!("{}: {}", control.name, control.detail);
        hanging_painted(out, &format!("{label}{painted}{padding}"), &format!("{label}{mark}{padding}"), &text);
    }
}

/// The state of a control in a word, and whether it is as it should be.
fn mark(control: &Control) -> (&'static str, bool) {
    match control.state {
        ControlState::Planned => ("planned", true),
        ControlState::Done => ("done", true),
        ControlState::AlreadyDone => ("unchanged", true),
        ControlState::Gap => ("GAP", false),
        ControlState::Failed => ("FAILED", false),
    }
}

fn read_back(out: &mut String, label: &str, read: &ReadBackReport, paint: Paint) {
    let (mark, padding) = match read.holds {
        Some(true) => ("ok", "         "),
        Some(false) => ("FAILED", "     "),
        None => ("skipped", "    "),
    };
    let painted = if read.holds == Some(false) { paint.verdict(false, mark) } else { mark.to_owned() };
    let reason = if read.holds.is_none() { " (does not apply)" } else { "" };
    let text = format!("{}: {}{reason}", read.resource, read.state);
    let label = heading(label);
    hanging_painted(out, &format!("{label}{painted}{padding}"), &format!("{label}{mark}{padding}"), &text);
}

fn costs(out: &mut String, report: &ReplayReport) {
    let (Some(transitions), Some(invocations)) = (report.transitions, report.invocations) else { return };
    if let Some(seconds) = report.virtual_seconds_to_containment {
        row(out, "containment", &format!("{seconds:.2} s after the start"));
    }
    let dollars = transitions as f64 * DOLLARS_PER_TRANSITION;
    let writes = report.calls.iter().filter(|call| !call.read_only).count();
    let calls = report.calls.len();
    row(
        out,
        "cost",
        &format!(
            "{transitions} state transitions (${dollars:.6}), {invocations} invocations, {calls} API calls ({writes} \
             of them write)"
        ),
    );
    let started: Vec<String> = report.executions.iter().skip(1).map(started).collect();
    list(out, "started", &started);
    if report.notifications.is_empty() {
        row(out, "notified", "nobody");
    }
    let subject =
        |subject: Option<&String>| subject.cloned().unwrap_or_else(|| "a message without a subject".to_owned());
    let notified: Vec<String> = report.notifications.iter().map(|message| subject(message.subject.as_ref())).collect();
    list(out, "notified", &notified);
}

fn started(run: &RunReport) -> String {
    let (minutes, seconds) = (run.virtual_seconds as u64 / 60, run.virtual_seconds % 60.0);
    let after = match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds:.2} s"),
        (0, minutes) => format!("{minutes} min {seconds:.0} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    format!("{} {} after {after}, {} state transitions", run.playbook, run.status, run.transitions)
}

/// Totals of a run over many events: how many of each outcome, worst first.
pub(crate) fn summary(events: &[(Outcome, Option<bool>)], seconds: f64, paint: Paint) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\n{} events in {seconds:.2} s", events.len());
    for outcome in Outcome::ALL {
        let count = events.iter().filter(|(found, _)| *found == outcome).count();
        if count > 0 {
            let name = format!("{:<20}", outcome.name());
            let _ = writeln!(out, "  {} {count:>6}", name.replacen(outcome.name(), &paint.outcome(outcome), 1));
        }
    }
    let compared = events.iter().filter_map(|(_, met)| *met).count();
    if compared > 0 {
        let ok = events.iter().filter(|(_, met)| *met == Some(true)).count();
        let failed = compared - ok;
        let verdict = if failed == 0 { String::new() } else { paint.verdict(false, &format!(", {failed} FAILED")) };
        let _ = writeln!(out, "  expectations: {ok} ok{verdict}");
    }
    out
}
