//! What a person reads.

use std::fmt::Write;

use incident::{ControlState, Outcome};

use crate::record::{ReadBack, Record};

/// Price of a state transition in US dollars (Step Functions, standard workflows, us-east-1).
const DOLLARS_PER_TRANSITION: f64 = 0.000_025;

/// Most entries of a list that are shown; JSON has them all.
const MAX_ENTRIES: usize = 8;

/// Widest line.
const WIDTH: usize = 160;

/// Styles, empty without colour.
#[derive(Debug, Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    /// With colour or without.
    pub fn new(colour: bool) -> Paint {
        Paint(colour)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.0 { format!("{}{text}{}", style.render(), style.render_reset()) } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    fn dim(self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// An outcome in its colour: red needs a person now, yellow will, green is fine.
    pub fn outcome(self, outcome: Outcome) -> String {
        let colour = match outcome {
            _ if outcome.needs_a_person() => anstyle::AnsiColor::Red,
            Outcome::AwaitingApproval | Outcome::Unmatched | Outcome::Invalid => anstyle::AnsiColor::Yellow,
            Outcome::Contained | Outcome::Remediated | Outcome::Released | Outcome::AlreadyCompliant => {
                anstyle::AnsiColor::Green
            }
            _ => anstyle::AnsiColor::Cyan,
        };
        self.paint(colour.on_default().bold(), outcome.name())
    }
}

/// One line of an event, for runs over many.
pub fn line(record: &Record, paint: Paint) -> String {
    let mark = match &record.expectations {
        Some(expectations) if expectations.met => "ok  ",
        Some(_) => "DIFF",
        None => "    ",
    };
    let mut out = format!("{mark} {:<19} {}", record.outcome.name(), incident::text::line(&record.source.path, WIDTH));
    if let Some(line) = record.source.line {
        let _ = write!(out, ":{line}");
    }
    out = out.replacen(record.outcome.name(), &paint.outcome(record.outcome), 1);
    if matches!(record.outcome, Outcome::Unmatched | Outcome::Invalid) || record.outcome.needs_a_person() {
        let _ = write!(out, "  {}", paint.dim(&incident::text::line(&record.reason, WIDTH)));
    }
    for difference in record.expectations.iter().flat_map(|expectations| &expectations.differences) {
        let _ = write!(out, "\n       {difference}");
    }
    out
}

/// The whole story of an event, about a screen.
pub fn story(record: &Record, paint: Paint) -> String {
    let mut out = String::new();
    let place = match record.source.line {
        Some(line) => format!("{}:{line}", record.source.path),
        None => record.source.path.clone(),
    };
    let _ = writeln!(out, "{}  {}", paint.outcome(record.outcome), paint.bold(&place));
    row(&mut out, paint, "because", &record.reason);
    found(&mut out, paint, record);
    for incident in &record.incidents {
        let decision = incident.decision.as_deref().unwrap_or("none was reached");
        row(&mut out, paint, "decided", decision);
        list(&mut out, incident.reasons.iter().map(String::as_str));
    }
    if !record.steps.is_empty() {
        row(&mut out, paint, "steps", &format!("virtual time since {}", "the event"));
        for step in &record.steps {
            let took = step.seconds.map_or_else(|| "      ".to_owned(), |seconds| format!("{seconds:>5.2}s"));
            let _ = writeln!(out, "            {:>8.3} s  {took}  {:<22} {}", step.at, step.state, short(&step.result));
        }
    }
    for incident in &record.incidents {
        let controls: Vec<String> = incident
            .controls
            .iter()
            .map(|control| format!("{} {}: {}", mark(control.state), control.name, control.detail))
            .collect();
        section(&mut out, paint, "controls", &controls);
    }
    let read: Vec<String> = record.read_back.iter().map(read_back).collect();
    section(&mut out, paint, "read back", &read);
    for incident in &record.incidents {
        section(&mut out, paint, "gaps", &incident.gaps);
        section(&mut out, paint, "open", &incident.residual_paths);
    }
    section(&mut out, paint, "assumed", &record.assumed);
    costs(&mut out, paint, record);
    if let Some(expectations) = &record.expectations {
        let verdict = if expectations.met { "as the scenario expects" } else { "differs from the scenario" };
        row(&mut out, paint, "expected", verdict);
        list(&mut out, expectations.differences.iter().map(String::as_str));
    }
    section(&mut out, paint, "tool", &record.tool_errors);
    out
}

fn found(out: &mut String, paint: Paint, record: &Record) {
    let finding = &record.finding;
    let Some(finding_type) = &finding.finding_type else { return };
    let severity = finding.severity.map_or_else(String::new, |severity| format!(", severity {severity}"));
    row(out, paint, "finding", &format!("{finding_type}{severity}"));
    let resource = record.incidents.first().map(|incident| {
        let text = |key: &str| incident.resource.get(key).and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
        format!("{} {}, ", text("kind"), text("id"))
    });
    row(
        out,
        paint,
        "where",
        &format!(
            "{}account {}, {}",
            resource.unwrap_or_default(),
            finding.account.as_deref().unwrap_or("?"),
            finding.region.as_deref().unwrap_or("?")
        ),
    );
    if let (Some(rule), Some(playbook), Some(version)) = (&record.rule, &record.playbook, &record.version) {
        let mode = record.mode.as_deref().unwrap_or("?");
        row(out, paint, "rule", &format!("{rule} → {playbook} {version}, mode {mode}"));
    }
}

fn costs(out: &mut String, paint: Paint, record: &Record) {
    let (Some(transitions), Some(invocations)) = (record.transitions, record.invocations) else { return };
    let dollars = transitions as f64 * DOLLARS_PER_TRANSITION;
    let writes = record.calls.iter().filter(|call| !call.read_only).count();
    let mut text = format!(
        "{transitions} transitions (${dollars:.6}), {invocations} invocations, {} calls of which {writes} change something",
        record.calls.len()
    );
    if let Some(seconds) = record.virtual_seconds_to_containment {
        let _ = write!(text, ", contained after {seconds:.2} s");
    }
    row(out, paint, "cost", &text);
    let told: Vec<String> = record
        .notifications
        .iter()
        .map(|message| message.subject.clone().unwrap_or_else(|| "without a subject".to_owned()))
        .collect();
    row(out, paint, "told", if told.is_empty() { "nobody" } else { "" });
    list(out, told.iter().map(String::as_str));
}

fn read_back(read: &ReadBack) -> String {
    let holds = match read.holds {
        Some(true) => "closed",
        Some(false) => "OPEN",
        None => "cannot be changed",
    };
    format!("{} {holds}: {}", read.resource, read.state)
}

fn mark(state: ControlState) -> &'static str {
    match state {
        ControlState::Planned => "plan",
        ControlState::Done => "done",
        ControlState::AlreadyDone => "same",
        ControlState::Gap => "GAP ",
        ControlState::Failed => "FAIL",
    }
}

fn short(text: &str) -> String {
    incident::text::line(text, WIDTH)
}

fn row(out: &mut String, paint: Paint, name: &str, text: &str) {
    if text.is_empty() {
        let _ = writeln!(out, "  {}", paint.dim(name));
    } else {
        let _ = writeln!(out, "  {:<9} {}", name, short(text));
    }
}

fn section(out: &mut String, paint: Paint, name: &str, entries: &[String]) {
    if !entries.is_empty() {
        row(out, paint, name, "");
        list(out, entries.iter().map(String::as_str));
    }
}

fn list<'a>(out: &mut String, entries: impl ExactSizeIterator<Item = &'a str>) {
    let more = entries.len().saturating_sub(MAX_ENTRIES);
    for entry in entries.take(MAX_ENTRIES) {
        let _ = writeln!(out, "            - {}", short(entry));
    }
    if more > 0 {
        let _ = writeln!(out, "            - and {more} more (--format json has them all)");
    }
}

/// Totals of a run over many events: how many of each outcome, worst first.
pub fn summary(records: &[(Outcome, Option<bool>)], seconds: f64, paint: Paint) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\n{} events in {seconds:.2} s", records.len());
    for outcome in Outcome::ALL {
        let count = records.iter().filter(|(found, _)| *found == outcome).count();
        if count > 0 {
            let name = format!("{:<20}", outcome.name());
            let _ = writeln!(out, "  {} {count:>6}", name.replacen(outcome.name(), &paint.outcome(outcome), 1));
        }
    }
    let with = records.iter().filter(|(_, met)| met.is_some()).count();
    if with > 0 {
        let met = records.iter().filter(|(_, met)| *met == Some(true)).count();
        let _ = writeln!(out, "  {met} of {with} scenarios are as expected");
    }
    out
}
