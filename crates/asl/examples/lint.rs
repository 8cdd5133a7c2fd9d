//! Lints a definition and prints its problems, each with its line and column.
//!
//! ```text
//! cargo run -p asl --example lint -- statemachines/respond-ec2/v1.asl.json
//! ```

use std::error::Error;
use std::process::ExitCode;

use asl::lint::{Options, lint_for_engine};

/// A definition with a mistake, for a run without arguments.
const SAMPLE: &str = "\
StartAt: Isolate
States:
  Isolate:
    Type: Task
    Resource: ${IsolateFunctionArn}
    TimeoutSeconds: ${Timeout}
    Next: Notfy
  Notify:
    Type: Succeed
";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (name, text) = match std::env::args().nth(1) {
        Some(path) => (path.clone(), std::fs::read_to_string(path)?),
        None => ("sample".to_owned(), SAMPLE.to_owned()),
    };
    let lint = lint_for_engine(&text, Options::default());
    for problem in &lint.problems {
        println!("{name}:{}:{}: {} ({})", problem.line, problem.column, problem.message, problem.code);
    }
    println!("{} errors, {} warnings", lint.errors().count(), lint.warnings().count());
    Ok(if lint.is_valid() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
