//! The `cordon` command.

use std::io::IsTerminal;

fn main() -> std::process::ExitCode {
    let mut streams = replay::cli::Streams {
        out: &mut anstream::stdout(),
        err: &mut anstream::stderr(),
        colour: std::io::stdout().is_terminal(),
        progress: std::io::stderr().is_terminal(),
    };
    replay::cli::run(std::env::args_os(), &mut streams).into()
}
