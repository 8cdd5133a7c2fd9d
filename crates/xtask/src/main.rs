//! Tasks of the repository. `cargo xtask --help` lists them.
//!
//! A task is a module with its `Options` and a function `run`, and a variant of `Task`.

mod error;
mod models;
mod project;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Models(options) => models::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the report of the task to the person who started it")]
            {
                eprintln!("error: {error}");
            }
            error.exit_code()
        }
    }
}
