//! Tasks of the repository. `cargo xtask --help` lists them; the tests run those that check.
//!
//! A task is a module with its `Options` and a function `run`, and a variant of `Task`.

mod authorization;
mod error;
mod explore_smoke;
mod features;
mod models;
mod name;
mod new_function;
mod new_scenario;
mod process;
mod project;
mod python;
mod test_one;
mod update_snapshots;

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
    /// Writes the table of IAM actions from the Service Authorization Reference
    Authorization(authorization::Options),
    /// Runs one test, or the scenario of a folder
    TestOne(test_one::Options),
    /// Rewrites the snapshots; the difference is for you to read
    UpdateSnapshots(update_snapshots::Options),
    /// Explores the faults of two scenarios
    ExploreSmoke(explore_smoke::Options),
    /// Writes a new Lambda function and registers it
    NewFunction(new_function::Options),
    /// Writes a new scenario from one that is like it, and replays it
    NewScenario(new_scenario::Options),
    /// Checks that the AWS SDK is compiled once, whatever package is built
    Features(features::Options),
}

/// Runs the task that the arguments name; the first of them is the name of the program.
///
/// # Errors
///
/// [`TaskError::Usage`] for arguments that name no task, or that ask for help; otherwise what the task ends with.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<(), TaskError> {
    match Arguments::try_parse_from(arguments)?.task {
        Task::Models(options) => models::run(&options),
        Task::Authorization(options) => authorization::run(&options),
        Task::TestOne(options) => test_one::run(&options),
        Task::UpdateSnapshots(options) => update_snapshots::run(&options),
        Task::ExploreSmoke(options) => explore_smoke::run(&options),
        Task::NewFunction(options) => new_function::run(&options),
        Task::NewScenario(options) => new_scenario::run(&options),
        Task::Features(options) => features::run(&options),
    }
}
