//! `cordon explore`.

use std::io::Write;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use super::{Common, Format, Stop, Streams, progress, shown};
use crate::exit_code;
use crate::human::{self, Paint};
use explorer::{self, Exploration, Fault, Invariant, Options, Own, Progress, Repeated, Violation};
use ingest::Recorded;
use simulator::handlers::Handlers;
use simulator::replay::Replay;

/// Exit code where an invariant is broken.
const BROKEN: u8 = 2;

/// Most violations of one invariant that are spelled out to a person; JSON has them all.
const MAX_SHOWN: usize = 5;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Combinations of two and three faults for each event, drawn from the seed
    #[arg(long, value_name = "N", default_value_t = 6)]
    combinations: usize,
    /// Seed of identifiers, jitter and combinations
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Strike with every fault and follow every run to its end, also those that come to the same as another one
    #[arg(long)]
    exhaustive: bool,
    /// Runs at the same time; the number of processors by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Run one event with exactly these faults and tell its story, for example
    /// notify/sns:Publish#1=timeout-after; several are separated by commas, "" is none
    #[arg(long, value_name = "FAULTS", value_parser = faults)]
    only: Option<Faults>,
    /// With --only: leave out the faults that the scenario has itself, as where single faults are explored
    #[arg(long, requires = "only")]
    bare: bool,
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
        writeln!(streams.err, "cordon: warning: {}", shown(&warning))?;
    }
    let mut recorded: Vec<Recorded> = Vec::new();
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

fn all(arguments: &Arguments, replay: &Replay, recorded: Vec<Recorded>, streams: &mut Streams<'_>) -> Result<u8, Stop> {
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
        writeln!(streams.err, "cordon: {}: {}", line(event), incident::text::line(why, 400))?;
    }
    for (event, why) in &exploration.unexplored {
        writeln!(
            streams.err,
            "cordon: {}: not explored, nothing runs: {}",
            line(event),
            incident::text::line(why, 300)
        )?;
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
        BROKEN
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
        "struck": exploration.struck,
        "followed": exploration.followed,
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
    writeln!(
        out,
        "{} runs in {seconds:.1} s: {} scenarios, {} single faults, {} combinations, seed {}",
        exploration.runs, exploration.scenarios, exploration.singles, exploration.combinations, arguments.seed
    )?;
    if exploration.unmet > 0 {
        writeln!(
            out,
            "{} faults of the combinations were met by no call, for the others came first",
            exploration.unmet
        )?;
    }
    writeln!(
        out,
        "{} of the single faults struck, the others are the same in an invocation that does the same; {} were followed \
         to the end, and the same event once more, the others came to the same",
        exploration.struck, exploration.followed
    )?;
    for (invariant, count) in explorer::by_invariant(exploration) {
        let verdict = match count {
            0 => "holds".to_owned(),
            count => format!("BROKEN in {count} runs"),
        };
        writeln!(
            out,
            "  {}  {:<27} {}",
            paint.verdict(count == 0, &format!("{verdict:<20}")),
            invariant.name(),
            invariant.sentence()
        )?;
    }
    for invariant in Invariant::ALL {
        let broken = || exploration.violations.iter().filter(|violation| violation.invariant == invariant);
        for violation in broken().take(MAX_SHOWN) {
            writeln!(out, "\n{} in {}", paint.verdict(false, invariant.name()), line(&violation.scenario))?;
            for fault in &violation.faults {
                writeln!(out, "  fault   {fault}")?;
            }
            writeln!(out, "  found   {}", incident::text::line(&violation.detail, 500))?;
            writeln!(out, "  repeat  {}", command(violation, arguments))?;
        }
        let more = broken().count().saturating_sub(MAX_SHOWN);
        if more > 0 {
            writeln!(out, "\nand {more} more of {} (--format json has them all)", invariant.name())?;
        }
    }
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
    if violation.own == Own::LeftOut {
        command.push_str(" --bare");
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

fn line(text: &str) -> String {
    incident::text::line(text, 300)
}

/// Repeats one run of each event, with its record as `cordon replay` tells it.
fn only(
    arguments: &Arguments,
    replay: &Replay,
    recorded: Vec<Recorded>,
    faults: &[Fault],
    streams: &mut Streams<'_>,
) -> Result<u8, Stop> {
    let mut code = 0;
    let mut total = Exploration::default();
    let own = if arguments.bare { Own::LeftOut } else { Own::Kept };
    for event in recorded {
        let name = explorer::name(&event);
        match explorer::repeat(replay, event, faults, own) {
            Ok(repeated) => {
                for fault in &repeated.unmet {
                    writeln!(streams.err, "cordon: {}: no call meets the fault `{fault}`", line(&name))?;
                    code = exit_code::BAD_INPUT;
                }
                let single = usize::from(faults.len() == 1);
                let struck = single.saturating_sub(repeated.unmet.len());
                total.scenarios += 1;
                total.runs += 1;
                total.singles += single;
                total.struck += struck;
                total.followed += struck;
                total.combinations += usize::from(faults.len() > 1);
                total.unmet += repeated.unmet.len();
                print(arguments, &repeated, streams)?;
                total.violations.extend(repeated.violations);
            }
            Err(records) => {
                code = exit_code::BAD_INPUT;
                let list = if explorer::is_bad(&records) { &mut total.bad } else { &mut total.unexplored };
                list.extend(records.first().map(|record| (name, record.reason.clone())));
                for record in records {
                    writeln!(streams.err, "cordon: {}: nothing runs: {}", line(&record.source.path), record.reason)?;
                }
            }
        }
    }
    if arguments.common.format == Format::Json {
        write_json(&total, arguments, streams.out)?;
    }
    Ok(if code == 0 && !total.violations.is_empty() { BROKEN } else { code })
}

fn print(arguments: &Arguments, repeated: &Repeated, streams: &mut Streams<'_>) -> Result<(), Stop> {
    if arguments.common.format == Format::Json {
        for record in repeated.first.iter().chain(&repeated.again) {
            serde_json::to_writer(&mut *streams.out, record).map_err(std::io::Error::from)?;
            writeln!(streams.out)?;
        }
        return Ok(());
    }
    let paint = Paint::new(streams.color);
    for record in &repeated.first {
        writeln!(streams.out, "{}", human::story(record, paint))?;
    }
    for record in &repeated.again {
        writeln!(streams.out, "the same event once more, without faults: {}", paint.outcome(record.outcome))?;
    }
    let broken: Vec<&Violation> = repeated.violations.iter().collect();
    for invariant in Invariant::ALL {
        let found = broken.iter().find(|violation| violation.invariant == invariant);
        let verdict = if found.is_none() { "holds " } else { "BROKEN" };
        let detail = found.map_or_else(String::new, |violation| incident::text::line(&violation.detail, 500));
        writeln!(streams.out, "  {}  {:<27} {detail}", paint.verdict(found.is_none(), verdict), invariant.name())?;
    }
    Ok(())
}
