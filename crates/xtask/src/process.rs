//! Other programs, run from the root of the workspace.

use std::process::{Command, Stdio};

use crate::error::TaskError;
use crate::project;

/// Cargo, as the one that runs this task.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(project::root());
    command
}

/// Runs a program whose output goes to the person who started the task.
pub(crate) fn run(command: &mut Command) -> Result<(), TaskError> {
    let status = command.status().map_err(|error| TaskError::Failed(format!("{}: {error}", shown(command))))?;
    if status.success() { Ok(()) } else { Err(TaskError::Check(format!("{}: {status}", shown(command)))) }
}

/// Runs a program and returns its standard output; its standard error goes to the person who started the task.
pub(crate) fn output(command: &mut Command) -> Result<String, TaskError> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| TaskError::Failed(format!("{}: {error}", shown(command))))?;
    if !output.status.success() {
        return Err(TaskError::Failed(format!("{}: {}", shown(command), output.status)));
    }
    String::from_utf8(output.stdout).map_err(|error| TaskError::Failed(format!("{}: {error}", shown(command))))
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once("cargo".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}
