//! A short fault exploration, for the minutes between two edits.

use clap::Args;

use crate::error::TaskError;
use crate::process::{cargo, run as run_command};

/// How much to explore.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Combinations of faults for each scenario
    #[arg(long, default_value = "2")]
    combinations: String,
}

/// One remediation and one finding that is only recorded: short scenarios of two playbooks.
const SCENARIOS: [&str; 2] = ["fixtures/config/open-to-ipv4", "fixtures/guardduty/bucket-exfiltration"];

/// Explores every single fault and a few combinations of two scenarios.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let mut command = cargo(&["run", "--quiet", "--bin", "cordon", "--", "explore"]);
    run_command(command.args(SCENARIOS).args(["--combinations", &options.combinations]))
}
