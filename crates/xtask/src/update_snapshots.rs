//! Everything in the repository that a program writes and a person reads.

use clap::Args;

use crate::error::TaskError;
use crate::process::{cargo, run as run_command};

/// Nothing to choose.
#[derive(Debug, Args)]
pub(crate) struct Options {}

/// The tests that compare with a file and rewrite it with `UPDATE_EXPECT=1`: the output of the command, the tables of
/// the fixtures, and the pages of the States Language and of the simulated account.
const TESTS: [&[&str]; 3] = [
    &["--package", "cordon-tests", "--test", "cordon", "--", "snapshot"],
    &["--package", "asl", "--test", "features"],
    &["--package", "account", "--lib", "compatibility"],
];

/// Rewrites the files. Whether they are right, the difference says: read it before the commit.
pub(crate) fn run(_: &Options) -> Result<(), TaskError> {
    for test in TESTS {
        run_command(cargo(&["test", "--quiet"]).args(test).env("UPDATE_EXPECT", "1"))?;
    }
    Ok(())
}
