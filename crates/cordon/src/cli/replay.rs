//! `cordon replay`.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

use clap::Args;
use incident::Outcome;

use super::{Common, Format, Stop, Streams, progress, shown};
use crate::exit_code;
use crate::human::{self, Paint};
use ingest::{Input, Recorded};
use simulator::handlers::Handlers;
use simulator::record::Record;
use simulator::replay::Replay;

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
    /// Events replayed at the same time; the number of processors by default
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Tell the whole story of each event even when there are several
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
        writeln!(streams.err, "cordon: warning: {}", shown(&warning))?;
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
        |recorded| replay.events(recorded),
        |records| {
            bar.inc(1);
            bar.suspend(|| records.iter().try_for_each(|record| printer.print(record)))
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

/// Replays inputs on several threads and hands the records on in the order of the inputs. At most a few hundred events
/// are in memory at once.
fn in_order(
    inputs: Vec<Input>,
    jobs: usize,
    work: impl Fn(Recorded) -> Vec<Record> + Sync,
    mut each: impl FnMut(Vec<Record>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let stopped = AtomicBool::new(false);
    let (to_work, work_queue) = sync_channel::<(u64, Recorded)>(4 * jobs);
    let (to_print, records) = sync_channel::<(u64, Vec<Record>)>(64 * jobs);
    let work_queue = Mutex::new(work_queue);
    std::thread::scope(|scope| {
        scope.spawn(|| feed(inputs, to_work, &stopped));
        for _ in 0..jobs {
            let to_print = to_print.clone();
            scope.spawn(|| labour(&work_queue, to_print, &work));
        }
        drop(to_print);
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        let mut result = Ok(());
        for (number, records) in records {
            waiting.insert(number, records);
            while let Some(records) = waiting.remove(&next) {
                next += 1;
                if result.is_ok() {
                    result = each(records);
                    if result.is_err() {
                        // The threads go on until their queues are empty; nothing new is fed to them.
                        stopped.store(true, Ordering::Relaxed);
                    }
                }
            }
        }
        result
    })
}

fn feed(inputs: Vec<Input>, to_work: SyncSender<(u64, Recorded)>, stopped: &AtomicBool) {
    let mut number = 0;
    for input in inputs {
        if stopped.load(Ordering::Relaxed) {
            return;
        }
        ingest::read(input, &mut |recorded| {
            let sent = to_work.send((number, recorded)).is_ok();
            number += 1;
            sent && !stopped.load(Ordering::Relaxed)
        });
    }
}

fn labour(
    queue: &Mutex<Receiver<(u64, Recorded)>>,
    to_print: SyncSender<(u64, Vec<Record>)>,
    work: &(impl Fn(Recorded) -> Vec<Record> + Sync),
) {
    loop {
        let taken = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, recorded)) = taken else { return };
        if to_print.send((number, work(recorded))).is_err() {
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
    fn print(&mut self, record: &Record) -> Result<(), Stop> {
        if record.outcome == Outcome::Invalid {
            self.out.flush()?;
            let place = match record.source.line {
                Some(line) => format!("{}:{line}", record.source.path),
                None => record.source.path.clone(),
            };
            writeln!(
                self.err,
                "cordon: {}: {}",
                incident::text::line(&place, 300),
                incident::text::line(&record.reason, 400)
            )?;
        }
        for error in &record.tool_errors {
            self.out.flush()?;
            writeln!(self.err, "cordon: {}: {error}", incident::text::line(&record.source.path, 300))?;
        }
        self.outcomes.push((record.outcome, record.expectations.as_ref().map(|expectations| expectations.met)));
        self.code = exit_code::worse(self.code, record.exit_code());
        match self.format {
            Format::Json => {
                serde_json::to_writer(&mut self.out, record).map_err(std::io::Error::from)?;
                writeln!(self.out)?;
            }
            Format::Human if self.full => writeln!(self.out, "{}", human::story(record, self.paint))?,
            Format::Human => writeln!(self.out, "{}", human::line(record, self.paint))?,
        }
        Ok(())
    }

    fn finish(&mut self, seconds: f64, single: bool) -> Result<(), Stop> {
        if self.format == Format::Human && (!single || self.outcomes.len() > 1) {
            write!(self.out, "{}", human::summary(&self.outcomes, seconds, self.paint))?;
        }
        self.out.flush()?;
        if self.outcomes.is_empty() {
            self.code = exit_code::worse(self.code, exit_code::BAD_INPUT);
        }
        Ok(())
    }
}
