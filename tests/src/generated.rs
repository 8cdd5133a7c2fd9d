//! Generated files are what their generators write.

use libtest_mimic::{Failed, Trial};

use crate::support::{PYTHON, needing};

pub(crate) fn trials() -> Vec<Trial> {
    // The task finds the interpreter in the same variable.
    let checks = [
        ("generated::service_models_are_as_in_botocore", "models"),
        ("generated::iam_actions_are_as_in_the_service_authorization_reference", "authorization"),
    ];
    let trial =
        |(name, task)| needing(PYTHON, name, move |_| xtask::run(["xtask", task, "--check"]).map_err(Failed::from));
    checks.into_iter().map(trial).collect()
}
