//! Generated files are what their generators write.

use libtest_mimic::{Failed, Trial};

use crate::support::{PYTHON, needing};

pub(crate) fn trials() -> Vec<Trial> {
    // The task finds the interpreter in the same variable.
    vec![needing(PYTHON, "generated::service_models_are_as_in_botocore", |_| {
        xtask::run(["xtask", "models", "--check"]).map_err(Failed::from)
    })]
}
