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
    after_help = "Exit codes: 0 fine; 1 the tool failed; 2 a check failed; 3 bad input."
)]
struct Command {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Replay events through rules, definitions, handlers and the simulated account
    Replay(replay::Arguments),
    /// Replay events with every single fault at every call, and combinations, and check what must always hold
    Explore(explore::Arguments),
    /// Tell which rule matches an event, which playbook and version it starts, and why the others do not match
    Route(route::Arguments),
    /// Print the whole account of a scenario, as account.json would have it
    Account(account::Arguments),
    /// Lint state machine definitions: every problem with its place
    Lint(lint::Arguments),
    /// Stop the deployed response before it changes anything, let it go on, or tell how it stands
    #[command(subcommand)]
    KillSwitch(kill_switch::Arguments),
    /// The States Language engine alone: run a definition, test recorded cases
    #[command(subcommand)]
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
    /// With a history, for up to a year
    Standard,
    /// For up to five minutes, without callbacks
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

/// A text of a definition on a line of a terminal, where nothing in it may do harm.
fn shown(text: &str) -> String {
    incident::text::line(text, 500)
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
        Err(Stop::BadInput(said)) => {
            if writeln!(streams.err, "cordon: {said}").is_ok() {
                exit_code::BAD_INPUT
            } else {
                1
            }
        }
        // Whoever read the output has gone: nothing to say, nobody to say it to.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(Stop::Output(error)) => {
            // Nothing is left to do when that cannot be said either.
            let _ = writeln!(streams.err, "cordon: the output cannot be written: {error}");
            1
        }
    }
}

/// Why a command stops before its end.
enum Stop {
    BadInput(String),
    Output(io::Error),
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
