//! The `cordon` command: arguments in, text on stdout, diagnostics on stderr, an exit code.

mod account;
mod asl;
mod explore;
mod file;
mod kill_switch;
mod lint;
mod progress;
mod replay;
mod route;

use crate::escape::escaped;
use crate::exit_code;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use template::project::{Project, ProjectError};

/// Security incident response on AWS: replay recorded findings through what is deployed.
#[derive(Debug, Parser)]
#[command(
    name = "cordon",
    version,
    max_term_width = 100,
    after_help = exit_code::HELP
)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Replay events through rules, definitions and functions, against a simulated account
    #[command(after_help = exit_code::REPLAY_HELP)]
    Replay(replay::Arguments),
    /// Replay events with faults injected (every single fault at every call, and combinations) and check the invariants
    #[command(after_help = exit_code::EXPLORE_HELP)]
    Explore(explore::Arguments),
    /// Show which rule matches an event, which playbook and version it starts, and why the others do not match
    #[command(after_help = exit_code::ROUTE_HELP)]
    Route(route::Arguments),
    /// Print the whole account of a scenario, as account.json would have it
    Account(account::Arguments),
    /// Lint state machine definitions: every problem with its place
    #[command(after_help = exit_code::LINT_HELP)]
    Lint(lint::Arguments),
    /// Pause or resume the deployed response, or show its state
    #[command(subcommand, after_help = exit_code::HELP)]
    KillSwitch(kill_switch::Arguments),
    /// Use the States Language engine alone: run a definition, test recorded cases
    #[command(subcommand, after_help = exit_code::HELP)]
    Asl(asl::Arguments),
}

/// How output is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person
    Human,
    /// For a program: one JSON object per line
    Json,
}

/// The type of a state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workflow {
    /// Runs for up to a year, with a history
    Standard,
    /// Runs for up to five minutes, without callbacks
    Express,
}

impl From<Workflow> for ::asl::Kind {
    fn from(workflow: Workflow) -> ::asl::Kind {
        match workflow {
            Workflow::Standard => ::asl::Kind::Standard,
            Workflow::Express => ::asl::Kind::Express,
        }
    }
}

/// What replay and route share.
#[derive(Debug, Args)]
struct Common {
    /// Events: files, folders, JSON Lines, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How to write the output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Folder with infra/template.yaml, or one below it
    #[arg(long, value_name = "DIR", default_value = ".")]
    project: PathBuf,
    /// Template parameter, for example Mode=observe; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
}

impl Common {
    fn project(&self) -> Result<Project, ProjectError> {
        Project::find(&self.project)
    }

    fn parameters(&self) -> BTreeMap<String, String> {
        self.parameters.iter().cloned().collect()
    }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .ok_or_else(|| "NAME=VALUE is expected, for example Mode=observe".to_owned())
}

/// Where a command writes.
pub struct Streams<'a> {
    /// Data.
    pub out: &'a mut dyn Write,
    /// Diagnostics.
    pub err: &'a mut dyn Write,
    /// Whether data is colored.
    pub color: bool,
    /// Whether progress is shown on the process's own stderr.
    pub progress: bool,
}

/// Runs the command; returns its exit code. Events named `-` are read from the process's own standard input.
pub fn run(arguments: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>) -> u8 {
    let command = match Command::try_parse_from(arguments) {
        Ok(command) => command,
        Err(error) => {
            // Help and version are answers, not errors.
            let code = if error.use_stderr() { exit_code::BAD_INPUT } else { 0 };
            let rendered = error.render();
            let written = match (error.use_stderr(), streams.color) {
                (true, _) => write!(streams.err, "{rendered}"),
                (false, true) => write!(streams.out, "{}", rendered.ansi()),
                (false, false) => write!(streams.out, "{rendered}"),
            };
            return conclude(written.map(|()| code).map_err(Stop::Output), streams);
        }
    };
    let result = match command.verb {
        Verb::Replay(arguments) => replay::run(&arguments, streams),
        Verb::Explore(arguments) => explore::run(&arguments, streams),
        Verb::Route(arguments) => route::run(&arguments, streams),
        Verb::Account(arguments) => account::run(&arguments, streams),
        Verb::Lint(arguments) => lint::run(&arguments, streams),
        Verb::KillSwitch(arguments) => kill_switch::run(&arguments, streams),
        Verb::Asl(arguments) => asl::run(&arguments, streams),
    };
    conclude(result, streams)
}

fn conclude(result: Result<u8, Stop>, streams: &mut Streams<'_>) -> u8 {
    match result {
        Ok(code) => code,
        Err(Stop::BadInput(problem)) => {
            if writeln!(streams.err, "cordon: {}", escaped(&problem)).is_ok() {
                exit_code::BAD_INPUT
            } else {
                1
            }
        }
        Err(Stop::Internal(error)) => {
            // Nothing is left to do when stderr cannot be written either.
            let _ = writeln!(streams.err, "cordon: {}", escaped(&error));
            exit_code::TOOL_FAILED
        }
        // The reader of the output has gone.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Stop::Output(error)) => {
            // Nothing is left to do when stderr cannot be written either.
            let _ = writeln!(streams.err, "cordon: the output cannot be written: {error}");
            1
        }
    }
}

/// Why a command stops before its end.
enum Stop {
    BadInput(String),
    Output(io::Error),
    Internal(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

impl From<ProjectError> for Stop {
    fn from(error: ProjectError) -> Stop {
        Stop::BadInput(error.to_string())
    }
}
