//! The service models, as botocore ships them.

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

/// The models of several services.
#[derive(Debug)]
pub(super) struct Botocore {
    /// The version of botocore, which is the one that the tests pin.
    pub(super) version: String,
    services: Value,
}

impl Botocore {
    /// Loads the models of the named services.
    pub(super) fn load<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, TaskError> {
        let loaded = dump(&names.collect::<Vec<_>>().join("\n"))?;
        let version = loaded.get("version").and_then(Value::as_str).unwrap_or("an unknown version").to_owned();
        let pinned = format!("botocore=={version}");
        if !project::read(REQUIREMENTS)?.lines().any(|line| line.trim() == pinned) {
            return Err(TaskError::Failed(format!("found {pinned}, but {REQUIREMENTS} pins another version")));
        }
        let services = loaded.get("services").cloned().unwrap_or_default();
        Ok(Self { version, services })
    }

    /// The model of one service.
    pub(super) fn service(&self, name: &str) -> Result<&Value, TaskError> {
        self.services.get(name).ok_or_else(|| TaskError::Failed(format!("botocore has no service `{name}`")))
    }
}

fn dump(names: &str) -> Result<Value, TaskError> {
    let python = std::env::var_os(VARIABLE)
        .filter(|value| !value.is_empty())
        .map_or_else(|| project::root().join(INSTALLED), |value| project::root().join(PathBuf::from(value)));
    let failed = |why: String| {
        let hint = format!("tests/run installs botocore; {VARIABLE} names another interpreter");
        TaskError::Failed(format!("{}: {why} ({hint})", python.display()))
    };
    let mut child = Command::new(&python)
        .args(["-c", include_str!("dump.py")])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(names.as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
}
