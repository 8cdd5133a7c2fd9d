//! `cordon explore`.

use std::io::Write;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::{Common, Format, Stop, Streams, progress};
use crate::escape::escaped;
use crate::exit_code;
use crate::human;
use crate::layout::{hanging, hanging_painted};
use crate::paint::Paint;
use explorer::{self, Exploration, Fault, Invariant, Options, Progress, Repeated, ScenarioFaults, Violation};
use ingest::InputEvent;
use simulator::{Handlers, Replay};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// How many combinations of two and three faults are drawn from the seed for each event
    #[arg(long, value_name = "N", default_value_t = 6)]
    combinations: usize,
    /// Seed of identifiers, jitter and combinations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Inject every fault and complete every run, also where another one is equivalent
    #[arg(long)]
    exhaustive: bool,
    /// How many runs are made at the same time; the number of processors by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run one event with exactly these faults and show everything about it, for example
    /// notify/sns:Publish#1=timeout-after; several are separated by commas, "" is none
    #[arg(long, value_name = "FAULTS", value_parser = faults)]
    only: Option<Faults>,
    /// With --only: leave out the faults of the scenario itself, as the exploration of single faults does
    #[arg(long, requires = "only", alias = "bare")]
    without_scenario_faults: bool,
}

/// Faults of one run.
#[derive(Debug, Clone)]
struct Faults(Vec<Fault>);

fn faults(text: &str) -> Result<Faults, String> {
    let faults = text.split(',').filter(|_| !text.trim().is_empty());
    faults.map(|fault| fault.parse().map_err(|error| format!("{error}"))).collect::<Result<_, _>>().map(Faults)
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let common = &arguments.common;
    let replay =
        Replay::new(common.project()?, Handlers::deployed()).parameters(common.parameters()).seed(arguments.seed);
    for warning in replay.check().map_err(|error| Stop::BadInput(error.to_string()))? {
        writeln!(streams.err, "cordon: warning: {}", escaped(&warning))?;
    }
    let mut recorded: Vec<InputEvent> = Vec::new();
    for input in ingest::find(&common.paths) {
        ingest::read(input, &mut |event| {
            recorded.push(event);
            true
        });
    }
    match &arguments.only {
        Some(faults) => only(arguments, &replay, recorded, &faults.0, streams),
        None => all(arguments, &replay, recorded, streams),
    }
}

fn all(
    arguments: &Arguments,
    replay: &Replay,
    recorded: Vec<InputEvent>,
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        combinations: arguments.combinations,
        jobs: arguments.jobs.unwrap_or_else(processors).clamp(1, 64),
        exhaustive: arguments.exhaustive,
    };
    let bar = progress::bar_of("runs", Some(0), streams.progress);
    let began = Instant::now();
    let exploration = explorer::explore(replay, recorded, options, &|step| match step {
        Progress::Planned(more) => bar.inc_length(more),
        Progress::Ran => bar.inc(1),
    });
    bar.finish_and_clear();
    for (event, why) in &exploration.bad {
        writeln!(streams.err, "cordon: {}: {}", escaped(event), escaped(why))?;
    }
    for (event, why) in &exploration.unexplored {
        writeln!(streams.err, "cordon: {}: not explored, nothing runs: {}", escaped(event), escaped(why))?;
    }
    match arguments.common.format {
        Format::Json => write_json(&exploration, arguments, streams.out)?,
        Format::Human => {
            let seconds = began.elapsed().as_secs_f64();
            write_human(&exploration, arguments, seconds, Paint::new(streams.color), streams.out)?;
        }
    }
    Ok(if !exploration.bad.is_empty() || exploration.scenarios == 0 {
        exit_code::BAD_INPUT
    } else if exploration.violations.is_empty() {
        0
    } else {
        exit_code::CHECK_FAILED
    })
}

fn write_json(exploration: &Exploration, arguments: &Arguments, out: &mut dyn Write) -> Result<(), Stop> {
    for violation in &exploration.violations {
        let mut line = short(violation);
        if let Some(fields) = line.as_object_mut() {
            fields.insert("detail".into(), json!(violation.detail));
            fields.insert("repeat".into(), json!(command(violation, arguments)));
        }
        writeln!(out, "{line}")?;
    }
    let not_explored = |events: &[(String, String)]| -> Vec<Value> {
        events.iter().map(|(event, why)| json!({"scenario": event, "reason": why})).collect()
    };
    let summary = json!({
        "scenarios": exploration.scenarios,
        "runs": exploration.runs,
        "singles": exploration.singles,
        "struck": exploration.injected,
        "followed": exploration.completed,
        "combinations": exploration.combinations,
        "unmet": exploration.unmet,
        "unexplored": not_explored(&exploration.unexplored),
        "invalid": not_explored(&exploration.bad),
        "violations": exploration.violations.iter().map(short).collect::<Vec<_>>(),
    });
    writeln!(out, "{summary}")?;
    Ok(())
}

fn short(violation: &Violation) -> Value {
    json!({
        "scenario": violation.scenario,
        "seed": violation.seed,
        "faults": violation.faults.iter().map(Fault::to_string).collect::<Vec<_>>(),
        "invariant": violation.invariant,
    })
}

fn write_human(
    exploration: &Exploration,
    arguments: &Arguments,
    seconds: f64,
    paint: Paint,
    out: &mut dyn Write,
) -> Result<(), Stop> {
    if exploration.scenarios == 0 {
        writeln!(out, "nothing was explored")?;
        return Ok(());
    }
    let mut text = format!(
        "{} runs in {seconds:.1} s: {} scenarios, {} single faults, {} combinations, seed {}\n",
        exploration.runs, exploration.scenarios, exploration.singles, exploration.combinations, arguments.seed
    );
    let injected = format!(
        "{} single faults were injected; the others hit an invocation with the same behavior. {} of them had an effect \
         that no other one had: these runs were completed, and the event was delivered once more.",
        exploration.injected, exploration.completed
    );
    hanging(&mut text, "", &injected);
    if exploration.unmet > 0 {
        let unmet = format!("{} faults of combinations hit no call, because of the other faults.", exploration.unmet);
        hanging(&mut text, "", &unmet);
    }
    for (invariant, count) in explorer::by_invariant(exploration) {
        let verdict = match count {
            0 => "ok".to_owned(),
            count => format!("FAILED in {count} runs"),
        };
        let rest = format!("  {:<27} ", invariant.name());
        let verdict = format!("{verdict:<19}");
        let painted = format!("  {}{rest}", paint.verdict(count == 0, &verdict));
        hanging_painted(&mut text, &painted, &format!("  {verdict}{rest}"), invariant.sentence());
    }
    for violation in &exploration.violations {
        let name = paint.verdict(false, violation.invariant.name());
        text.push_str(&format!("\n{name} in {}\n", escaped(&violation.scenario)));
        for fault in &violation.faults {
            hanging(&mut text, "  fault   ", &fault.to_string());
        }
        hanging(&mut text, "  found   ", &violation.detail);
        // A command is copied: it stays on one line.
        text.push_str(&format!("  repeat  {}\n", escaped(&command(violation, arguments))));
    }
    out.write_all(text.as_bytes())?;
    Ok(())
}

/// The command that repeats one run.
fn command(violation: &Violation, arguments: &Arguments) -> String {
    let faults: Vec<String> = violation.faults.iter().map(Fault::to_string).collect();
    let (before, path) = match violation.source.line {
        // The command reads whole files: one line of many is handed to it.
        Some(line) => (format!("sed -n {line}p {} | ", quoted(&violation.source.path)), "-".to_owned()),
        None => (String::new(), quoted(&violation.source.path)),
    };
    let mut command =
        format!("{before}cordon explore {path} --only {} --seed {}", quoted(&faults.join(",")), violation.seed);
    if violation.scenario_faults == ScenarioFaults::Excluded {
        command.push_str(" --without-scenario-faults");
    }
    if arguments.common.project != std::path::Path::new(".") {
        command.push_str(&format!(" --project {}", quoted(&arguments.common.project.display().to_string())));
    }
    for (name, value) in &arguments.common.parameters {
        command.push_str(&format!(" --parameter {}", quoted(&format!("{name}={value}"))));
    }
    command
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Repeats one run of each event, with its report as `cordon replay` shows it.
fn only(
    arguments: &Arguments,
    replay: &Replay,
    recorded: Vec<InputEvent>,
    faults: &[Fault],
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let mut code = 0;
    let mut total = Exploration::default();
    let scenario_faults =
        if arguments.without_scenario_faults { ScenarioFaults::Excluded } else { ScenarioFaults::Included };
    for event in recorded {
        let name = explorer::name(&event);
        match explorer::repeat(replay, event, faults, scenario_faults) {
            Ok(repeated) => {
                for fault in &repeated.unmet {
                    writeln!(streams.err, "cordon: {}: no call meets the fault `{fault}`", escaped(&name))?;
                    code = exit_code::BAD_INPUT;
                }
                let single = usize::from(faults.len() == 1);
                let injected = single.saturating_sub(repeated.unmet.len());
                total.scenarios += 1;
                total.runs += 1;
                total.singles += single;
                total.injected += injected;
                total.completed += injected;
                total.combinations += usize::from(faults.len() > 1);
                total.unmet += repeated.unmet.len();
                print(arguments, &repeated, streams)?;
                total.violations.extend(repeated.violations);
            }
            Err(reports) => {
                code = exit_code::BAD_INPUT;
                let list = if explorer::is_bad(&reports) { &mut total.bad } else { &mut total.unexplored };
                list.extend(reports.first().map(|report| (name, report.reason.clone())));
                for report in reports {
                    let place = human::place(&report.source);
                    writeln!(streams.err, "cordon: {place}: nothing runs: {}", escaped(&report.reason))?;
                }
            }
        }
    }
    if arguments.common.format == Format::Json {
        write_json(&total, arguments, streams.out)?;
    }
    Ok(if code == 0 && !total.violations.is_empty() { exit_code::CHECK_FAILED } else { code })
}

fn print(arguments: &Arguments, repeated: &Repeated, streams: &mut Streams<'_>) -> Result<(), Stop> {
    if arguments.common.format == Format::Json {
        for report in repeated.first.iter().chain(&repeated.again) {
            serde_json::to_writer(&mut *streams.out, report).map_err(std::io::Error::from)?;
            writeln!(streams.out)?;
        }
        return Ok(());
    }
    let paint = Paint::new(streams.color);
    for report in &repeated.first {
        writeln!(streams.out, "{}", human::story(report, paint))?;
    }
    for report in &repeated.again {
        writeln!(streams.out, "second delivery, without faults: {}", paint.outcome(report.outcome))?;
    }
    let mut text = String::new();
    for invariant in Invariant::ALL {
        let found = repeated.violations.iter().find(|violation| violation.invariant == invariant);
        let verdict = if found.is_none() { "ok    " } else { "FAILED" };
        let name = format!("  {:<27} ", invariant.name());
        let painted = format!("  {}{name}", paint.verdict(found.is_none(), verdict));
        let detail = found.map_or("", |violation| violation.detail.as_str());
        hanging_painted(&mut text, &painted, &format!("  {verdict}{name}"), detail);
    }
    streams.out.write_all(text.as_bytes())?;
    Ok(())
}
