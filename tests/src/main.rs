//! All tests that are about more than one crate, in one binary: `cargo test --workspace --test cordon`.

mod asl;
mod behaviours;
mod cli;
mod coverage;
mod containment;
mod destructive;
mod determinism;
mod executions;
mod explore;
mod findings;
mod parsing;
mod sam;
mod scenarios;
mod support;
mod tidy;
mod wire;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let trials: Vec<Trial> = [
        scenarios::trials(),
        behaviours::trials(),
        executions::trials(),
        coverage::trials(),
        containment::trials(),
        destructive::trials(),
        determinism::trials(),
        explore::trials(),
        parsing::trials(),
        findings::trials(),
        cli::trials(),
        asl::trials(),
        sam::trials(),
        tidy::trials(),
        wire::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
