//! `cordon account`: the whole account of a scenario.

use std::path::PathBuf;

use clap::Args;
use simulator::account_document;

use super::{Stop, Streams};
use crate::exit_code;

/// Arguments of `cordon account`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A folder with an event.json and its account, or that event.json
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

/// Prints the account beside an event as one JSON document, in the form of `account.json`.
pub(super) fn run(arguments: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Stop> {
    let path = &arguments.path;
    let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
    let folder = folder.filter(|folder| folder.join("event.json").is_file());
    let folder = folder.ok_or_else(|| Stop::BadInput(format!("{}: there is no event.json", path.display())))?;
    let account = account_document::beside_event(folder).map_err(|error| Stop::BadInput(error.to_string()))?;
    let account = account.ok_or_else(|| {
        Stop::BadInput(format!("{}: there is no account.json and no account.patch.json", folder.display()))
    })?;
    writeln!(streams.out, "{account:#}")?;
    Ok(exit_code::FINE)
}
