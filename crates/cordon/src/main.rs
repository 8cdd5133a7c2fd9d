//! The `cordon` command.

use std::io::IsTerminal;

/// A replay makes and drops many small values: the allocator is a third of its time otherwise
/// (`cargo bench --bench replay` measures with the system's).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let mut streams = cordon::Streams {
        out: &mut anstream::stdout(),
        err: &mut anstream::stderr(),
        color: std::io::stdout().is_terminal(),
        progress: std::io::stderr().is_terminal(),
    };
    cordon::run(std::env::args_os(), &mut streams).into()
}
