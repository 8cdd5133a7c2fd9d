//! The `cordon` command: [`run`] takes arguments, writes data and diagnostics, and returns the exit code.

mod cli;
mod exit_code;
mod human;
mod routing;

pub use cli::{Streams, run};
