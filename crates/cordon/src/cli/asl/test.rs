//! `cordon asl test`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

use asl::conformance::Measures;
use clap::Args;

use super::judge::{Verdict, VerdictKind, judge};
use super::{Format, Stop, Streams, file, progress, styled, verdict_style};
use crate::escape::escaped;
use crate::exit_code;
use crate::layout::hanging;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// Cases: folders with *.json files, or files
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Folders within folders deeper than this are not looked into; links may lead in circles.
const MAX_FOLDERS: usize = 32;

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let files = cases(&arguments.paths)?;
    let bar = progress::bar_of("cases", Some(files.len() as u64), streams.progress);
    let mut out = std::io::BufWriter::new(&mut *streams.out);
    let mut totals = Totals::default();
    let mut code = 0;
    for path in files {
        let judged = file::json(&path, file::MOST_BYTES)
            .and_then(|value| judge(&value).map_err(|error| format!("{}: {error}", path.display())));
        bar.inc(1);
        bar.suspend(|| match judged {
            Ok(verdict) => {
                totals.add(&verdict);
                if verdict.kind != VerdictKind::Agrees {
                    code = exit_code::worse(code, exit_code::CHECK_FAILED);
                }
                match arguments.format {
                    Format::Json => writeln!(out, "{}", verdict.to_json()),
                    Format::Human => write!(out, "{}", line(&verdict, streams.color)),
                }
            }
            Err(problem) => {
                code = exit_code::worse(code, exit_code::BAD_INPUT);
                out.flush()?;
                writeln!(streams.err, "cordon: {}", escaped(&problem))
            }
        })?;
    }
    bar.finish_and_clear();
    if arguments.format == Format::Human {
        write!(out, "\n{}", totals.table())?;
    }
    out.flush()?;
    Ok(code)
}

/// The case files behind paths, in the order of their names.
fn cases(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            search(path, 0, &mut files)
                .map_err(|error| Stop::BadInput(format!("{}: cannot be read: {error}", path.display())))?;
            if files.len() == before {
                return Err(Stop::BadInput(format!("{}: no *.json file in this folder", path.display())));
            }
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn search(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            if depth < MAX_FOLDERS {
                search(&path, depth + 1, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

/// A case in a line, and where it differs in another.
fn line(verdict: &Verdict, color: bool) -> String {
    let (mark, well) = match verdict.kind {
        VerdictKind::Agrees => ("ok     ", true),
        VerdictKind::Differs(_) => ("FAILED ", false),
        VerdictKind::NotRun(_) => ("skipped", false),
    };
    let mark = styled(color, verdict_style(well), mark);
    let mut out = format!("{mark} {}  {}", escaped(&verdict.group), escaped(&verdict.name));
    let failed: Vec<&str> = named(&verdict.measures)
        .into_iter()
        .filter(|(_, measure)| *measure == Some(false))
        .map(|(name, _)| name)
        .collect();
    if !failed.is_empty() {
        // Writing to a text cannot fail.
        let _ = write!(out, "  ({})", failed.join(", "));
    }
    out.push('\n');
    match &verdict.kind {
        VerdictKind::Agrees => {}
        VerdictKind::Differs(reason) | VerdictKind::NotRun(reason) => hanging(&mut out, "        ", reason),
    }
    out
}

fn named(measures: &Measures) -> [(&'static str, Option<bool>); 4] {
    let Measures { outcome, cause, types, full } = *measures;
    [("outcome", outcome), ("cause", cause), ("types", types), ("full", full)]
}

/// Counts by group.
#[derive(Debug, Default)]
struct Totals(BTreeMap<String, Counts>);

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    cases: usize,
    not_run: usize,
    /// Agreeing and telling cases of each measure.
    measures: [(usize, usize); 4],
}

impl Totals {
    fn add(&mut self, verdict: &Verdict) {
        let counts = self.0.entry(verdict.group.clone()).or_default();
        counts.cases += 1;
        counts.not_run += usize::from(matches!(verdict.kind, VerdictKind::NotRun(_)));
        for (count, (_, measure)) in counts.measures.iter_mut().zip(named(&verdict.measures)) {
            count.0 += usize::from(measure == Some(true));
            count.1 += usize::from(measure.is_some());
        }
    }

    /// A row per group and their sum; a measure that no case has is a dash.
    fn table(&self) -> String {
        let mut out = format!(
            "{:<18} {:>6} {:>11} {:>11} {:>11} {:>11} {:>8}\n",
            "group", "cases", "outcome", "cause", "types", "full", "skipped"
        );
        let mut sum = Counts::default();
        for counts in self.0.values() {
            sum.cases += counts.cases;
            sum.not_run += counts.not_run;
            for (sum, count) in sum.measures.iter_mut().zip(counts.measures) {
                *sum = (sum.0 + count.0, sum.1 + count.1);
            }
        }
        let groups = self.0.iter().map(|(name, counts)| (escaped(name), counts));
        for (name, counts) in groups.chain([("all".to_owned(), &sum)]) {
            let _ = write!(out, "{name:<18} {:>6}", counts.cases);
            for (passed, told) in counts.measures {
                let shown = if told == 0 { "-".to_owned() } else { format!("{passed}/{told}") };
                let _ = write!(out, " {shown:>11}");
            }
            let _ = writeln!(out, " {:>8}", counts.not_run);
        }
        out
    }
}
