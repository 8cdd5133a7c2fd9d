//! Generated files are what their generators write.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::support::{self, Checked, PYTHON, ensure, needing};

pub(crate) fn trials() -> Vec<Trial> {
    // The tasks find the interpreter in the same variable.
    let task = |name: &'static str| move |_: &Path| xtask::run(["xtask", name, "--check"]).map_err(Failed::from);
    vec![
        needing(PYTHON, "generated::service_models_are_as_in_botocore", task("models")),
        needing(PYTHON, "generated::actions_are_as_in_the_service_authorization_reference", task("authorization")),
        needing(PYTHON, "generated::partitions_are_as_in_botocore", partitions),
    ]
}

/// The file against which `aws-text` tests its table of partitions.
fn partitions(python: &Path) -> Checked {
    const SCRIPT: &str = "tests/python/partitions.py";
    const FILE: &str = "crates/aws-text/src/botocore.json";
    let output = Command::new(python).current_dir(support::root()).arg(SCRIPT).output()?;
    ensure(output.status.success(), format!("{SCRIPT}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let file = std::fs::read(support::root().join(FILE))?;
    ensure(output.stdout == file, format!("{FILE} is not what {SCRIPT} prints: write its output there"))
}
