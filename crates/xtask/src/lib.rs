//! Tasks of the repository. `cargo xtask --help` lists them; the tests run those that check.
//!
//! A task is a module with its `Options` and a function `run`, and a variant of `Task`.

mod error;
mod models;
mod project;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

pub use crate::error::TaskError;

/// Tasks of the repository.
///
/// Exit codes: 0 done · 1 the task failed · 2 a check failed, or the arguments are wrong
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", verbatim_doc_comment)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Writes the tables of the simulated account from the service models of botocore
    Models(models::Options),
}

/// Runs the task that the arguments name; the first of them is the name of the program.
///
/// # Errors
///
/// [`TaskError::Usage`] for arguments that name no task, or that ask for help; otherwise what the task ends with.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<(), TaskError> {
    match Arguments::try_parse_from(arguments)?.task {
        Task::Models(options) => models::run(&options),
    }
}
