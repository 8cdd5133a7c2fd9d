//! Python, for what its packages ship as data.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::TaskError;
use crate::project;

/// Names the interpreter; the checks set it.
const VARIABLE: &str = "CORDON_PYTHON";

/// Where the checks install Python packages.
const INSTALLED: &str = ".cache/python/bin/python";

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// Runs a script that prints JSON, with some standard input. The member `version` of what it prints must be the one that
/// the tests pin of `package`.
pub(crate) fn dump(script: &str, input: &str, package: &str) -> Result<(String, Value), TaskError> {
    let python = std::env::var_os(VARIABLE)
        .filter(|value| !value.is_empty())
        .map_or_else(|| project::root().join(INSTALLED), |value| project::root().join(PathBuf::from(value)));
    let failed = |why: String| {
        let hint = format!("tests/run installs {package}; {VARIABLE} names another interpreter");
        TaskError::Failed(format!("{}: {why} ({hint})", python.display()))
    };
    let mut child = Command::new(&python)
        .args(["-c", script])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    let printed: Value = serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))?;
    let version = printed.get("version").and_then(Value::as_str).unwrap_or("of an unknown version").to_owned();
    let pinned = format!("{package}=={version}");
    if !project::read(REQUIREMENTS)?.lines().any(|line| line.trim() == pinned) {
        return Err(TaskError::Failed(format!("found {pinned}, but {REQUIREMENTS} pins another version")));
    }
    Ok((version, printed))
}
