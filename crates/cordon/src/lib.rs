//! The `cordon` command: [`run`] takes arguments, writes data and diagnostics, and returns the exit code.

mod cli;
mod escape;
mod exit_code;
mod human;
mod layout;
mod paint;
mod routing;

pub use cli::{Streams, run};
