//! `cordon lint`.

use std::io::Write;
use std::path::{Path, PathBuf};

use asl::lint::{Lint, Options, Severity};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Stop, Streams, Workflow, file};
use crate::escape::escaped;
use crate::exit_code;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Definitions in JSON or YAML: files, folders with *.asl.json, *.asl.yaml and *.asl.yml files, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The type of the state machines
    #[arg(long, value_enum, default_value_t = Workflow::Standard)]
    kind: Workflow,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Human,
    /// One JSON object per problem
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let mut out = std::io::BufWriter::new(&mut *streams.out);
    let mut code = 0;
    let mut linted = Vec::new();
    for path in definitions(&arguments.paths)? {
        match file::text(&path, file::MOST_BYTES) {
            Ok(text) => {
                let options = Options { kind: arguments.kind.into(), ..Options::default() };
                let lint = asl::lint::lint_for_engine(&text, options);
                linted.push((path.display().to_string(), lint));
            }
            Err(problem) => {
                writeln!(streams.err, "cordon: {}", escaped(&problem))?;
                code = exit_code::worse(code, exit_code::BAD_INPUT);
            }
        }
    }
    for (path, lint) in &linted {
        if !lint.is_valid() {
            code = exit_code::worse(code, exit_code::BAD_INPUT);
        }
        match arguments.format {
            Format::Human => human(&mut out, path, lint)?,
            Format::Json => {
                for problem in &lint.problems {
                    let problem = json!({
                        "path": path, "line": problem.line, "column": problem.column, "severity": severity(problem.severity),
                        "code": problem.code, "at": problem.path, "message": problem.message, "aws": problem.aws,
                    });
                    writeln!(out, "{problem}")?;
                }
            }
            Format::Sarif => {}
        }
    }
    if arguments.format == Format::Sarif {
        serde_json::to_writer_pretty(&mut out, &asl::lint::sarif(&linted)).map_err(std::io::Error::from)?;
        writeln!(out)?;
    }
    out.flush()?;
    Ok(code)
}

fn human(out: &mut impl Write, path: &str, lint: &Lint) -> std::io::Result<()> {
    let path = escaped(path);
    for problem in &lint.problems {
        writeln!(
            out,
            "{path}:{}:{}: {}: {} ({}, at {})",
            problem.line,
            problem.column,
            severity(problem.severity),
            escaped(&problem.message),
            problem.code,
            if problem.path.is_empty() { "/".to_owned() } else { escaped(&problem.path) }
        )?;
    }
    if lint.problems.is_empty() {
        writeln!(out, "{path}: ok")?;
    }
    Ok(())
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// How the names of definitions end.
const SUFFIXES: [&str; 3] = [".asl.json", ".asl.yaml", ".asl.yml"];

/// The files behind paths, in order: in folders those whose names end as definitions do.
fn definitions(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            search(path, 0, &mut found).map_err(|error| Stop::BadInput(format!("{}: {error}", path.display())))?;
            if found.len() == before {
                return Err(Stop::BadInput(format!(
                    "{}: no *.asl.json, *.asl.yaml or *.asl.yml file in this folder",
                    path.display()
                )));
            }
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if depth < 32 {
                search(&path, depth + 1, found)?;
            }
        } else if SUFFIXES.iter().any(|suffix| path.to_string_lossy().ends_with(suffix)) {
            found.push(path);
        }
    }
    Ok(())
}
