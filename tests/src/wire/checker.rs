//! The check of exchanges against the service models of botocore: `tests/python/check_wire.py`.

use std::path::Path;

use serde::Deserialize;

use super::process::python;
use super::recorder::Exchange;
use crate::support::{Checked, equal};

/// What the models say about an exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verdict {
    /// The service, as IAM names it too.
    pub(super) service: String,
    /// The operation; absent when the request does not tell.
    pub(super) operation: Option<String>,
    /// What the models do not allow for.
    pub(super) problems: Vec<String>,
}

/// The verdict on each exchange, in the same order.
pub(super) fn check(interpreter: &Path, exchanges: &[Exchange]) -> Checked<Vec<Verdict>> {
    let mut input = Vec::new();
    for exchange in exchanges {
        serde_json::to_writer(&mut input, exchange)?;
        input.push(b'\n');
    }
    let output = python::<&str>(interpreter, "check_wire.py", &[], input)?;
    let verdicts = output.lines().map(serde_json::from_str).collect::<Result<Vec<Verdict>, _>>()?;
    equal(verdicts.len(), exchanges.len(), "verdicts of check_wire.py")?;
    Ok(verdicts)
}
