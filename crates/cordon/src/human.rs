//! What a person reads.

use std::fmt::Write;

use incident::{Control, ControlState, Outcome};

use simulator::record::{ReadBack, Record, RunRecord};

/// Price of a state transition in US dollars (Step Functions, standard workflows, us-east-1).
const DOLLARS_PER_TRANSITION: f64 = 0.000_025;

/// Most entries of a list that are shown, and what is tried in turn when that is more than a screen; JSON has them all.
const MAX_ENTRIES: [usize; 6] = [8, 6, 5, 4, 3, 2];

/// Lines of a screen.
const SCREEN: usize = 39;

/// Widest line.
const WIDTH: usize = 160;

/// Styles, empty without color.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint(bool);

impl Paint {
    /// With color or without.
    pub(crate) fn new(color: bool) -> Paint {
        Paint(color)
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

    /// A verdict in its color: green is fine, red is not.
    pub(crate) fn verdict(self, fine: bool, text: &str) -> String {
        let color = if fine { anstyle::AnsiColor::Green } else { anstyle::AnsiColor::Red };
        self.paint(color.on_default().bold(), text)
    }

    /// An outcome in its color: red needs a person now, yellow will, green is fine.
    pub(crate) fn outcome(self, outcome: Outcome) -> String {
        let color = match outcome {
            _ if outcome.needs_a_person() => anstyle::AnsiColor::Red,
            Outcome::AwaitingApproval | Outcome::Unmatched | Outcome::Invalid => anstyle::AnsiColor::Yellow,
            Outcome::Contained | Outcome::Remediated | Outcome::Released | Outcome::AlreadyCompliant => {
                anstyle::AnsiColor::Green
            }
            _ => anstyle::AnsiColor::Cyan,
        };
        self.paint(color.on_default().bold(), outcome.name())
    }
}

/// One line of an event, for runs over many.
pub(crate) fn line(record: &Record, paint: Paint) -> String {
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

/// The whole story of an event, within a screen.
pub(crate) fn story(record: &Record, paint: Paint) -> String {
    let mut told = String::new();
    for entries in MAX_ENTRIES {
        told = within(record, Page { paint, entries });
        if told.lines().count() <= SCREEN {
            break;
        }
    }
    told
}

/// How much is shown, and in which colors.
#[derive(Clone, Copy)]
struct Page {
    paint: Paint,
    entries: usize,
}

fn within(record: &Record, page: Page) -> String {
    let mut out = String::new();
    let place = match record.source.line {
        Some(line) => format!("{}:{line}", record.source.path),
        None => record.source.path.clone(),
    };
    let _ = writeln!(out, "{}  {}", page.paint.outcome(record.outcome), page.paint.bold(&place));
    row(&mut out, "because", &record.reason);
    found(&mut out, record);
    for incident in &record.incidents {
        let decision = incident.decision.as_deref().unwrap_or("none was reached");
        row(&mut out, "decided", decision);
        section(&mut out, page, "", &incident.reasons);
    }
    // What takes no time and only leads on is seen by what follows it.
    let telling = record
        .steps
        .iter()
        .filter(|step| step.seconds != Some(0.0) || !(step.result == "ok" || step.result.starts_with('→')));
    for (at, step) in telling.enumerate() {
        let name = if at == 0 { "steps" } else { "" };
        let took = step.seconds.map_or_else(|| "      ".to_owned(), |seconds| format!("{seconds:>5.2}s"));
        let _ = writeln!(out, "  {name:<9} {:>8.3} s  {took}  {:<22} {}", step.at, step.state, short(&step.result));
    }
    for incident in &record.incidents {
        let mut controls: Vec<&Control> = incident.controls.iter().collect();
        controls.sort_by_key(|control| rank(control));
        let controls: Vec<String> = controls
            .into_iter()
            .map(|control| format!("{} {}: {}", mark(control.state), control.name, control.detail))
            .collect();
        section(&mut out, page, "controls", &controls);
    }
    let read: Vec<String> = record.read_back.iter().map(read_back).collect();
    section(&mut out, page, "read back", &read);
    for incident in &record.incidents {
        section(&mut out, page, "gaps", &incident.gaps);
        section(&mut out, page, "open", &incident.residual_paths);
    }
    section(&mut out, page, "assumed", &record.assumed);
    costs(&mut out, page, record);
    if let Some(expectations) = &record.expectations {
        let verdict = if expectations.met { "as the scenario expects" } else { "differs from the scenario" };
        row(&mut out, "expected", verdict);
        section(&mut out, page, "", &expectations.differences);
    }
    section(&mut out, page, "tool", &record.tool_errors);
    out
}

/// What is open comes first, then what isolates, for a screen may not have all; a plan keeps its order.
fn rank(control: &Control) -> u8 {
    match control.state {
        ControlState::Failed | ControlState::Gap => 0,
        ControlState::Planned => 1,
        _ if control.name.starts_with(incident::host::ISOLATE) => 1,
        _ => 2,
    }
}

fn found(out: &mut String, record: &Record) {
    let finding = &record.finding;
    let Some(finding_type) = &finding.finding_type else { return };
    let severity = finding.severity.map_or_else(String::new, |severity| format!(", severity {severity}"));
    row(out, "finding", &format!("{finding_type}{severity}"));
    let resource = record.incidents.first().map(|incident| {
        let text = |key: &str| incident.resource.get(key).and_then(serde_json::Value::as_str).unwrap_or("?").to_owned();
        format!("{} {}, ", text("kind"), text("id"))
    });
    row(
        out,
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
        row(out, "rule", &format!("{rule} → {playbook} {version}, mode {mode}"));
    }
}

fn costs(out: &mut String, page: Page, record: &Record) {
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
    row(out, "cost", &text);
    let started: Vec<String> = record.executions.iter().skip(1).map(started).collect();
    section(out, page, "started", &started);
    let told = record.notifications.iter();
    let told: Vec<String> =
        told.map(|message| message.subject.clone().unwrap_or_else(|| "without a subject".to_owned())).collect();
    if told.is_empty() {
        row(out, "told", "nobody");
    }
    section(out, page, "told", &told);
}

fn started(run: &RunRecord) -> String {
    let (minutes, seconds) = (run.virtual_seconds as u64 / 60, run.virtual_seconds % 60.0);
    let after = match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds:.2} s"),
        (0, minutes) => format!("{minutes} min {seconds:.0} s"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    format!("{} {} after {after}, {} transitions", run.playbook, run.status, run.transitions)
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

fn row(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  {name:<9} {}", short(text));
}

/// A list, its name before the first entry.
fn section(out: &mut String, page: Page, name: &str, entries: &[String]) {
    for (at, entry) in entries.iter().take(page.entries).enumerate() {
        let name = if at == 0 { name } else { "" };
        let _ = writeln!(out, "  {name:<9} - {}", short(entry));
    }
    let more = entries.len().saturating_sub(page.entries);
    if more > 0 {
        let _ =
            writeln!(out, "            - {}", page.paint.dim(&format!("and {more} more (--format json has them all)")));
    }
}

/// Totals of a run over many events: how many of each outcome, worst first.
pub(crate) fn summary(records: &[(Outcome, Option<bool>)], seconds: f64, paint: Paint) -> String {
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
        let _ = writeln!(out, "  {met} of {with} events are as their scenarios expect");
    }
    out
}
