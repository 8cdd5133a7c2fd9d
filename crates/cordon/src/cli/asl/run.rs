//! `cordon asl run`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use asl::lint::{Options, Rules, Stage};
use asl::mocks::{MockedRun, Mocks, run_with_mocks};
use asl::{Definition, HistoryEvent, Kind, Limits, Payload, Start, Status, Timestamp};
use clap::Args;
use serde_json::{Value, json};

use super::{Format, Stop, Streams, Workflow, file, history, parameter, styled, verdict_style};
use crate::escape::escaped;
use crate::exit_code;
use crate::layout::hanging;
use template::substitution::{placeholders, substitute};

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The definition: a file of States Language JSON or YAML
    #[arg(long, value_name = "FILE")]
    definition: PathBuf,
    /// The input: a file of JSON, or - for standard input; {} by default
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The results of tasks: a file of JSON with state names and lists of attempts
    ///
    /// An attempt is {"result": …}, {"error": …, "cause": …}, {"timedOut": true}, or {} for one that never ends;
    /// "submitted" is what a service answers at once to .sync and .waitForTaskToken, and with "request" an attempt is
    /// for the call that fits. Under "lambda", by name or ARN, functions behave: {"kind": "echo"}, {"kind": "return",
    /// "value"}, {"kind": "fail", "errorType", "errorMessage"}, {"kind": "sleep", "seconds", "then"}, {"kind": "repeat",
    /// "char", "count"}, {"kind": "format", "template"}.
    #[arg(long, value_name = "FILE")]
    mocks: Option<PathBuf>,
    /// The type of the state machine
    #[arg(long, value_enum, default_value_t = Workflow::Standard)]
    kind: Workflow,
    /// Seed of jitter, random numbers, UUIDs and task tokens
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Name of the execution
    #[arg(long, default_value = "execution", value_parser = name)]
    name: String,
    /// When the execution starts
    #[arg(long, value_name = "TIME", default_value = "2025-01-01T12:00:00Z", value_parser = time)]
    now: Timestamp,
    /// Value of a ${NAME} in the definition; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Bytes that a payload may have
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().payload_bytes)]
    payload_limit: usize,
    /// Events that the history may have; 25,000 by default, no limit for Express
    #[arg(long, value_name = "EVENTS", value_parser = events)]
    history_limit: Option<usize>,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| error.to_string())
}

/// A history has a first event and a last.
fn events(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count >= 2).ok_or_else(|| "a number from 2 is expected".to_owned())
}

/// The names that `StartExecution` takes (API reference).
fn name(text: &str) -> Result<String, String> {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    if (1..=80).contains(&text.chars().count()) && !text.contains(forbidden) {
        Ok(text.to_owned())
    } else {
        Err("a name is 1 to 80 characters, without white space, brackets, wildcards and special characters".to_owned())
    }
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let files = [Some(&arguments.definition), arguments.input.as_ref(), arguments.mocks.as_ref()];
    if files.into_iter().flatten().filter(|path| file::is_standard_input(path)).count() > 1 {
        return Err(Stop::BadInput("only one of the files can be standard input".to_owned()));
    }
    let text = file::text(&arguments.definition, file::MOST_BYTES).map_err(Stop::BadInput)?;
    let values: BTreeMap<String, String> = arguments.parameters.iter().cloned().collect();
    let text = substitute(&text, &values)
        .map_err(|error| Stop::BadInput(format!("{}: {error}", arguments.definition.display())))?;
    let input = match &arguments.input {
        Some(path) => input(path, arguments.payload_limit).map_err(Stop::BadInput)?,
        None => json!({}),
    };
    let mocks = match &arguments.mocks {
        Some(path) => Mocks::parse(&file::json(path, file::MOST_BYTES).map_err(Stop::BadInput)?)
            .map_err(|error| Stop::BadInput(format!("{}: {error}", path.display())))?,
        None => Mocks::default(),
    };
    for place in &mocks.unknown {
        let path = arguments.mocks.as_deref().unwrap_or(Path::new("-"));
        writeln!(
            streams.err,
            "cordon: {}: at {}: a mock has no such field; it is ignored",
            escaped(&path.display().to_string()),
            escaped(place)
        )?;
    }
    let Some(definition) = read(&text, arguments, streams.err)? else { return Ok(exit_code::BAD_INPUT) };
    let run = run_with_mocks(definition, start(arguments, input), &mocks);
    for note in &run.notes {
        writeln!(streams.err, "cordon: {}", escaped(note))?;
    }
    let mut out = std::io::BufWriter::new(&mut *streams.out);
    match arguments.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &json(&run)).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Human => human(&mut out, &run, arguments.now, streams.color)?,
    }
    out.flush()?;
    Ok(if run.execution.status() == Status::Succeeded { 0 } else { exit_code::CHECK_FAILED })
}

/// The input of the execution; `StartExecution` refuses what is larger than a payload may be (API reference).
fn input(path: &Path, most: usize) -> Result<Value, String> {
    let input = Payload::new(file::json(path, file::MOST_BYTES.max(most))?);
    match input.size() {
        Some(size) if size <= most => Ok(input.into_value()),
        Some(size) => Err(format!("{}: an input has at most {most} bytes, this has {size}", path.display())),
        None => Err(format!("{}: nested too deeply", path.display())),
    }
}

/// The definition; nothing when it is refused, after every problem has been printed with its line and column.
fn read(text: &str, arguments: &Arguments, err: &mut dyn Write) -> Result<Option<Definition>, Stop> {
    let path = escaped(&arguments.definition.display().to_string());
    let options = Options { kind: arguments.kind.into(), rules: Rules::Service, stage: Stage::Substituted };
    let mut refused = false;
    for problem in asl::lint::lint_with(text, options).errors() {
        refused = true;
        let (line, column) = (problem.line, problem.column);
        let (message, place) = (escaped(&problem.message), escaped(&problem.path));
        writeln!(err, "{path}:{line}:{column}: error: {message} ({}, at {place})", problem.code)?;
    }
    if !refused {
        match Definition::parse(text) {
            Ok(definition) => return Ok(Some(definition)),
            Err(error) => {
                for problem in error.problems {
                    let place = if problem.path.is_empty() { "/".to_owned() } else { escaped(&problem.path) };
                    let (line, column, message) = (problem.line, problem.column, escaped(&problem.message));
                    writeln!(err, "{path}:{line}:{column}: error: {message} (at {place})")?;
                }
            }
        }
    }
    let open = placeholders(text);
    if !open.is_empty() {
        let open: Vec<String> = open.into_iter().map(|name| format!("--parameter {name}=…")).collect();
        writeln!(err, "cordon: the definition has placeholders, which can be given values: {}", open.join(" "))?;
    }
    Ok(None)
}

fn start(arguments: &Arguments, input: Value) -> Start {
    let prefix = "arn:aws:states:us-east-1:111111111111";
    let (machine, name) = ("machine", &arguments.name);
    let kind = Kind::from(arguments.kind);
    Start {
        execution_arn: match kind {
            Kind::Standard => format!("{prefix}:execution:{machine}:{name}"),
            Kind::Express => format!("{prefix}:express:{machine}:{name}:00000000-0000-4000-8000-000000000000"),
        },
        execution_name: name.clone(),
        state_machine_arn: format!("{prefix}:stateMachine:{machine}"),
        state_machine_name: machine.to_owned(),
        role_arn: "arn:aws:iam::111111111111:role/machine".to_owned(),
        input,
        started_at: arguments.now,
        kind,
        seed: arguments.seed,
        limits: Limits {
            payload_bytes: arguments.payload_limit,
            history_events: arguments.history_limit.unwrap_or(Limits::of(kind).history_events),
        },
    }
}

/// `{status, output, error, cause, events}`, and how many transitions there were.
fn json(run: &MockedRun) -> Value {
    let execution = &run.execution;
    let outcome = execution.outcome();
    let events: Vec<Value> = execution.history().iter().map(HistoryEvent::to_flat).collect();
    json!({
        "status": execution.status().as_str(),
        "output": outcome.and_then(|outcome| outcome.output.as_ref()),
        "error": outcome.and_then(|outcome| outcome.error.as_ref()),
        "cause": outcome.and_then(|outcome| outcome.cause.as_ref()),
        "transitions": execution.transitions(),
        "events": events,
    })
}

fn human(out: &mut impl Write, run: &MockedRun, began: Timestamp, color: bool) -> std::io::Result<()> {
    let execution = &run.execution;
    history::write(out, execution.history(), began, color)?;
    let status = execution.status();
    let shown = styled(color, verdict_style(status == Status::Succeeded), status.as_str());
    let seconds = history::seconds_between(began, run.rested_at);
    let (transitions, events) = (execution.transitions(), execution.history().len());
    writeln!(out, "\n{shown} after {seconds} seconds: {transitions} transitions, {events} events")?;
    let Some(outcome) = execution.outcome() else { return Ok(()) };
    for (name, text) in [("error", &outcome.error), ("cause", &outcome.cause)] {
        if let Some(text) = text {
            let mut lines = String::new();
            hanging(&mut lines, &format!("{name}: "), text);
            out.write_all(lines.as_bytes())?;
        }
    }
    if let Some(output) = &outcome.output {
        // JSON escapes control characters, but not those that reorder text.
        for line in format!("output: {output:#}").lines() {
            writeln!(out, "{}", escaped(line))?;
        }
    }
    Ok(())
}
