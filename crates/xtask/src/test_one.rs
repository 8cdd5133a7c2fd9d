//! One test or scenario of `tests/`.

use clap::Args;

use crate::error::TaskError;
use crate::process::{cargo, output, run as run_command};
use crate::project;

/// Which test to run, and how.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A part of the names of the tests, or the folder of a scenario: tidy::, cli::snapshot, fixtures/config/govcloud
    name: String,
    /// Rewrites the snapshots that these tests compare with
    #[arg(long)]
    update: bool,
}

/// What the tests that need more than Rust look for: the variable, and where tests/run makes it.
const TOOLS: [(&str, &str); 2] =
    [("CORDON_PYTHON", ".cache/python/bin/python"), ("CORDON_LAMBDA_BIN", "target/lambda")];

/// Runs the tests whose names contain the text.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let filter = filter(&options.name);
    let tests = ["test", "--quiet", "--package", "cordon-tests", "--test", "cordon", "--"];
    let listed = output(cargo(&tests).args(["--list", &filter]))?;
    if !listed.lines().any(|line| line.ends_with(": test")) {
        return Err(TaskError::Check(format!("no test has `{filter}` in its name")));
    }
    let mut command = cargo(&tests);
    command.arg(&filter);
    for (variable, path) in TOOLS {
        let path = project::root().join(path);
        if std::env::var_os(variable).is_none() && path.exists() {
            command.env(variable, path);
        }
    }
    if options.update {
        command.env("UPDATE_EXPECT", "1");
    }
    run_command(&mut command)
}

/// The name of the test of a scenario, from its folder; any other text as it is.
fn filter(name: &str) -> String {
    match name.trim_end_matches('/').rsplit_once("fixtures/") {
        Some((_, scenario)) => format!("scenario::{scenario}"),
        None => name.to_owned(),
    }
}
