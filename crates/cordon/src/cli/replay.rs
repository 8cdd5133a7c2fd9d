//! `cordon replay`.

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use clap::Args;
use incident::Outcome;

use super::{Common, Format, Stop, Streams, progress};
use crate::escape::escaped;
use crate::exit_code;
use crate::human;
use crate::paint::Paint;
use ingest::{Input, InputEvent};
use simulator::{Handlers, InternalError, Replay, ReplayReport};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    common: Common,
    /// Version of the definitions, for example v1, instead of the deployed one
    #[arg(long, value_name = "VERSION", value_parser = version)]
    version: Option<String>,
    /// Seed of identifiers, jitter and tokens
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many events are replayed at the same time; the number of processors by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Show everything about each event even when there are several
    #[arg(long)]
    full: bool,
}

fn version(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('v').unwrap_or_default();
    if !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("a version is `v` and a number, for example v1".to_owned())
    }
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let common = &arguments.common;
    let replay = Replay::new(common.project()?, Handlers::deployed())
        .parameters(common.parameters())
        .version(arguments.version.clone())
        .seed(arguments.seed);
    for warning in replay.check().map_err(|error| Stop::BadInput(error.to_string()))? {
        writeln!(streams.err, "cordon: warning: {}", escaped(&warning))?;
    }

    let inputs = ingest::find(&common.paths);
    let total = count(&inputs);
    let single = matches!(inputs.as_slice(), [Input::File(_)]);
    let jobs =
        arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 64);
    let bar = progress::bar(total, streams.progress);
    let began = Instant::now();
    let mut printer = Printer {
        format: common.format,
        paint: Paint::new(streams.color),
        full: arguments.full || (single && total == Some(1)),
        out: std::io::BufWriter::new(&mut *streams.out),
        err: &mut *streams.err,
        outcomes: Vec::new(),
        code: 0,
    };
    in_order(
        inputs,
        jobs,
        |event| replay_or_fail(&replay, event),
        |reports| {
            bar.inc(1);
            bar.suspend(|| reports.iter().try_for_each(|report| printer.print(report)))
        },
    )?;
    bar.finish_and_clear();
    printer.finish(began.elapsed().as_secs_f64(), single)?;
    Ok(printer.code)
}

/// How many events there are, when that is known without reading: a file can hold many.
fn count(inputs: &[Input]) -> Option<u64> {
    let one = |input: &Input| match input {
        Input::File(path) => path.extension().is_some_and(|extension| extension == "json"),
        Input::Bad(..) => true,
        Input::Stdin => false,
    };
    inputs.iter().all(one).then_some(inputs.len() as u64)
}

/// Replays an event. A panic is a defect of the tool: it becomes the report of this event, and the others go on.
fn replay_or_fail(replay: &Replay, event: InputEvent) -> Vec<ReplayReport> {
    let source = event.source.clone();
    let replayed = std::panic::catch_unwind(AssertUnwindSafe(|| replay.events(event)));
    replayed.unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        let error = InternalError::new("replay-panicked", message.unwrap_or("without a message"));
        vec![ReplayReport::of_failure(&source, &error)]
    })
}

/// Replays inputs on several threads and hands the reports on in the order of the inputs. At most a few hundred events
/// are in memory at once. The work must not panic: an event without reports is an internal error.
fn in_order(
    inputs: Vec<Input>,
    jobs: usize,
    work: impl Fn(InputEvent) -> Vec<ReplayReport> + Sync,
    mut each: impl FnMut(Vec<ReplayReport>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let stopped = AtomicBool::new(false);
    let (to_work, work_queue) = sync_channel::<(u64, InputEvent)>(4 * jobs);
    let (to_print, reports) = sync_channel::<(u64, Vec<ReplayReport>)>(64 * jobs);
    let work_queue = Mutex::new(work_queue);
    std::thread::scope(|scope| {
        scope.spawn(|| feed(inputs, to_work, &stopped));
        for _ in 0..jobs {
            let to_print = to_print.clone();
            scope.spawn(|| run_worker(&work_queue, to_print, &work));
        }
        drop(to_print);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let mut result = Ok(());
        for (number, reports) in reports {
            waiting.insert(number, reports);
            while let Some(reports) = waiting.remove(&next) {
                next += 1;
                if result.is_ok() {
                    result = each(reports);
                    if result.is_err() {
                        // The threads go on until their queues are empty; nothing new is fed to them.
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        if result.is_ok() && !waiting.is_empty() {
            let error = InternalError::new("report-lost", format!("event {next} of the input has no report"));
            return Err(Stop::Internal(error.to_string()));
        }
        result
    })
}

fn feed(inputs: Vec<Input>, to_work: SyncSender<(u64, InputEvent)>, stopped: &AtomicBool) {
    let mut number = 0;
    for input in inputs {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        ingest::read(input, &mut |event| {
            let sent = to_work.send((number, event)).is_ok();
            number += 1;
            sent && !stopped.load(Ordering::Relaxed)
        });
    }
}

fn run_worker(
    queue: &Mutex<Receiver<(u64, InputEvent)>>,
    to_print: SyncSender<(u64, Vec<ReplayReport>)>,
    work: &(impl Fn(InputEvent) -> Vec<ReplayReport> + Sync),
) {
    loop {
        let taken = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, event)) = taken else { return };
        if to_print.send((number, work(event))).is_err() {
            return;
        }
    }
}

struct Printer<'a, W> {
    format: Format,
    paint: Paint,
    full: bool,
    out: W,
    err: &'a mut dyn Write,
    outcomes: Vec<(Outcome, Option<bool>)>,
    code: u8,
}

impl<W: Write> Printer<'_, W> {
    fn print(&mut self, report: &ReplayReport) -> Result<(), Stop> {
        let place = human::place(&report.source);
        if report.outcome == Outcome::Invalid {
            self.out.flush()?;
            writeln!(self.err, "cordon: {place}: {}", escaped(&report.reason))?;
        }
        for error in &report.tool_errors {
            self.out.flush()?;
            writeln!(self.err, "cordon: {place}: {}", escaped(error))?;
        }
        self.outcomes.push((report.outcome, report.expectations.as_ref().map(|expectations| expectations.met)));
        self.code = exit_code::worse(self.code, report.exit_code());
        match self.format {
            Format::Json => {
                serde_json::to_writer(&mut self.out, report).map_err(std::io::Error::from)?;
                writeln!(self.out)?;
            }
            Format::Human if self.full => writeln!(self.out, "{}", human::story(report, self.paint))?,
            Format::Human => write!(self.out, "{}", human::line(report, self.paint))?,
        }
        Ok(())
    }

    fn finish(&mut self, seconds: f64, single: bool) -> Result<(), Stop> {
        if self.format == Format::Human && (!single || self.outcomes.len() > 1) {
            write!(self.out, "{}", human::summary(&self.outcomes, seconds, self.paint))?;
        }
        self.out.flush()?;
        // No event at all: the inputs were empty.
        if self.outcomes.is_empty() {
            self.code = exit_code::worse(self.code, exit_code::BAD_INPUT);
        }
        Ok(())
    }
}
