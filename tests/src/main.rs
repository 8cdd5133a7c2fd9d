//! All tests that are about more than one crate, in one binary: `cargo test --workspace --test cordon`.

mod any_settings;
mod asl;
mod behaviors;
mod budget;
mod cli;
mod configuration;
mod containment;
mod coverage;
mod destructive;
mod determinism;
mod documents;
mod executions;
mod explore;
mod findings;
mod fixtures;
mod generated;
mod layers;
mod parsing;
mod sam;
mod scenarios;
mod settings;
mod support;
mod tidy;
mod wire;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// First argument of this binary when a test runs it as the command, in a process and an environment of its own.
const AS_CORDON: &str = "as-cordon";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(AS_CORDON) {
        let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
        let mut streams = cordon::Streams { out: &mut out, err: &mut err, color: false, progress: false };
        return cordon::run(std::env::args_os().skip(1), &mut streams).into();
    }
    let trials: Vec<Trial> = [
        scenarios::trials(),
        behaviors::trials(),
        executions::trials(),
        coverage::trials(),
        containment::trials(),
        destructive::trials(),
        determinism::trials(),
        documents::trials(),
        explore::trials(),
        parsing::trials(),
        findings::trials(),
        layers::trials(),
        fixtures::trials(),
        generated::trials(),
        budget::trials(),
        cli::trials(),
        configuration::trials(),
        asl::trials(),
        sam::trials(),
        settings::trials(),
        tidy::trials(),
        wire::trials(),
    ]
    .into_iter()
    .flatten()
    .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
