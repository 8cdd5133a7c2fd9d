//! `cargo xtask`: see the library.

use std::process::ExitCode;

use xtask::TaskError;

fn main() -> ExitCode {
    match xtask::run(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(TaskError::Usage(usage)) => usage.exit(),
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}
