//! Reading recorded events: files, folders, JSON Lines, standard input.
//!
//! One bad file does not stop the others: an input that cannot be read is an entry with the reason and the place.
//!
//! ```
//! use ingest::{InputEvent, find, read};
//!
//! let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/config/govcloud");
//! let mut events: Vec<InputEvent> = Vec::new();
//! for input in find(&[fixtures.into()]) {
//!     read(input, &mut |event| {
//!         events.push(event);
//!         true // go on reading
//!     });
//! }
//! assert_eq!(events.len(), 1);
//! assert!(events.iter().all(|event| event.event.is_ok()));
//! ```

mod stack;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;
use thiserror::Error;

pub use stack::stack_of;

/// The template parameter with the mode.
pub const MODE: &str = "Mode";

/// Mode of a replay where neither the scenario nor the command line says otherwise; the deployed default is `observe`.
const DEFAULT_MODE: &str = "contain-suspected";

/// The template parameters that a replay sets before a scenario and the command line do.
pub fn default_parameters() -> BTreeMap<String, String> {
    BTreeMap::from([(MODE.to_owned(), DEFAULT_MODE.to_owned())])
}

/// Longest event that is read, in bytes. EventBridge delivers at most 256 KB; this leaves room for indentation.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// Deepest folder that is searched.
const MAX_DEPTH: usize = 32;

/// The folder with the accounts that scenarios start from. There are no events in it.
pub const BASE_ACCOUNTS: &str = "base-accounts";

/// Where an event comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The path as it was given or found; `-` for standard input.
    pub path: String,
    /// The line, from 1, in JSON Lines.
    pub line: Option<u64>,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// Why an input is not an event.
#[derive(Debug, Error)]
pub enum InputError {
    /// The file cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// There is nothing in it.
    #[error("empty: an EventBridge event in JSON is expected")]
    Empty,
    /// It is longer than any event.
    #[error("longer than {} KiB, which no EventBridge event is", MAX_EVENT_BYTES / 1024)]
    TooLong,
    /// It is not text.
    #[error("not UTF-8 text at byte {0}: an EventBridge event in JSON is expected")]
    NotText(usize),
    /// It is not JSON.
    #[error("line {line}, column {column}: not JSON: {reason}")]
    NotJson {
        /// From 1, in the file.
        line: u64,
        /// From 1.
        column: usize,
        /// What the parser says.
        reason: String,
    },
    /// A folder without a single event.
    #[error("no event in this folder: event.json, *.json and *.jsonl files are read")]
    NoEvents,
}

/// An event of the input, or the reason why there is none.
#[derive(Debug)]
pub struct InputEvent {
    /// Where it comes from.
    pub source: Source,
    /// The event, or why there is none.
    pub event: Result<Value, InputError>,
}

/// A file to read, in the order of reading.
#[derive(Debug)]
pub enum Input {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// A path that cannot be searched or has no event.
    Bad(PathBuf, InputError),
}

/// The files behind paths, in a stable order. Folders are searched; in the folder of a scenario only `event.json` is an
/// event.
pub fn find(paths: &[PathBuf]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            let before = inputs.len();
            search(path, 0, &mut inputs);
            if inputs.len() == before {
                inputs.push(Input::Bad(path.clone(), InputError::NoEvents));
            }
        } else {
            inputs.push(Input::File(path.clone()));
        }
    }
    inputs
}

fn search(folder: &Path, depth: usize, inputs: &mut Vec<Input>) {
    let listed = std::fs::read_dir(folder).and_then(|entries| {
        entries
            .map(|entry| entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))))
            .collect::<Result<Vec<_>, _>>()
    });
    let mut entries = match listed {
        Ok(entries) => entries,
        Err(error) => return inputs.push(Input::Bad(folder.to_owned(), InputError::Unreadable(error))),
    };
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    // Beside an `event.json` lie its account and its scenario.
    let has_event = entries.iter().any(|(path, _)| path.file_name().is_some_and(|name| name == "event.json"));
    for (path, kind) in entries {
        if kind.is_dir() {
            if depth < MAX_DEPTH && path.file_name().is_none_or(|name| name != BASE_ACCOUNTS) {
                search(&path, depth + 1, inputs);
            }
            continue;
        }
        // A pipe in a folder would be waited for; a dangling link is said when it is opened.
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_event = if has_event {
            name == "event.json"
        } else {
            [".json", ".jsonl", ".ndjson"].iter().any(|extension| name.ends_with(extension))
        };
        if is_event {
            inputs.push(Input::File(path));
        }
    }
}

/// Reads an input, handing each event in it to `each`; stops when `each` says false.
pub fn read(input: Input, each: &mut dyn FnMut(InputEvent) -> bool) {
    match input {
        Input::Stdin => read_from("-", BufReader::new(std::io::stdin().lock()), each),
        Input::Bad(path, error) => {
            each(InputEvent { source: Source { path: shown(&path), line: None }, event: Err(error) });
        }
        Input::File(path) => match File::open(&path).and_then(refuse_folder) {
            Ok(file) => read_from(&shown(&path), BufReader::new(file), each),
            Err(error) => {
                each(InputEvent {
                    source: Source { path: shown(&path), line: None },
                    event: Err(InputError::Unreadable(error)),
                });
            }
        },
    }
}

fn refuse_folder(file: File) -> std::io::Result<File> {
    if file.metadata()?.is_dir() { Err(std::io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Reads a whole document, or JSON Lines: a first line that is a whole JSON value, and more lines after it.
fn read_from(path: &str, mut reader: impl BufRead, each: &mut dyn FnMut(InputEvent) -> bool) {
    let whole = |event| InputEvent { source: Source { path: path.to_owned(), line: None }, event };
    let mut first = Vec::new();
    let first_ended = match read_line(&mut reader, &mut first) {
        Ok(ended) => ended,
        Err(error) => {
            each(whole(Err(InputError::Unreadable(error))));
            return;
        }
    };
    let more = first_ended == Ended::Line && reader.fill_buf().is_ok_and(|rest| !rest.is_empty());
    let named_lines = path.ends_with(".jsonl") || path.ends_with(".ndjson");
    if named_lines || (more && !first.is_empty() && parse(&first, 0).is_ok() && !rest_is_blank(&mut reader)) {
        read_lines(path, first, first_ended, reader, each);
        return;
    }
    let room = (MAX_EVENT_BYTES + 1).saturating_sub(first.len()) as u64;
    if let Err(error) = reader.take(room).read_to_end(&mut first) {
        each(whole(Err(InputError::Unreadable(error))));
        return;
    }
    let event = if first.len() > MAX_EVENT_BYTES || first_ended == Ended::TooLong {
        Err(InputError::TooLong)
    } else if first.iter().all(u8::is_ascii_whitespace) {
        Err(InputError::Empty)
    } else {
        parse(&first, 0)
    };
    each(whole(event));
}

fn rest_is_blank(reader: &mut impl BufRead) -> bool {
    loop {
        let Ok(buffer) = reader.fill_buf() else { return false };
        if buffer.is_empty() {
            return true;
        }
        if !buffer.iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        let length = buffer.len();
        reader.consume(length);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Line,
    File,
    TooLong,
}

/// Reads up to and with the next line feed, at most one event's length.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<Ended> {
    let read = reader.by_ref().take(MAX_EVENT_BYTES as u64 + 1).read_until(b'\n', line)?;
    Ok(if line.last() == Some(&b'\n') {
        Ended::Line
    } else if read > MAX_EVENT_BYTES {
        Ended::TooLong
    } else {
        Ended::File
    })
}

fn read_lines(
    path: &str,
    mut line: Vec<u8>,
    mut ended: Ended,
    mut reader: impl BufRead,
    each: &mut dyn FnMut(InputEvent) -> bool,
) {
    let mut number = 1;
    let mut any = false;
    loop {
        let event = if ended == Ended::TooLong {
            // The rest of the line is skipped, a piece at a time.
            while ended == Ended::TooLong {
                line.clear();
                match read_line(&mut reader, &mut line) {
                    Ok(next) => ended = next,
                    Err(error) => {
                        let source = Source { path: path.to_owned(), line: Some(number) };
                        each(InputEvent { source, event: Err(InputError::Unreadable(error)) });
                        return;
                    }
                }
            }
            Some(Err(InputError::TooLong))
        } else if line.iter().all(u8::is_ascii_whitespace) {
            None
        } else {
            Some(parse(&line, number - 1))
        };
        if let Some(event) = event {
            any = true;
            if !each(InputEvent { source: Source { path: path.to_owned(), line: Some(number) }, event }) {
                return;
            }
        }
        if ended == Ended::File {
            break;
        }
        line.clear();
        match read_line(&mut reader, &mut line) {
            Ok(next) => ended = next,
            Err(error) => {
                each(InputEvent {
                    source: Source { path: path.to_owned(), line: Some(number + 1) },
                    event: Err(InputError::Unreadable(error)),
                });
                return;
            }
        }
        number += 1;
    }
    if !any {
        each(InputEvent { source: Source { path: path.to_owned(), line: None }, event: Err(InputError::Empty) });
    }
}

fn parse(bytes: &[u8], lines_before: u64) -> Result<Value, InputError> {
    // A byte-order mark is what some editors put before the text; it is not part of it.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| InputError::NotText(error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
        InputError::NotJson {
            line: lines_before + error.line() as u64,
            column: error.column(),
            reason: if error.is_eof() { format!("it ends too early ({reason})") } else { reason.to_owned() },
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<(Option<u64>, Result<Value, String>)> {
        let mut found = Vec::new();
        read_from("t", BufReader::with_capacity(7, bytes), &mut |recorded| {
            found.push((recorded.source.line, recorded.event.map_err(|error| error.to_string())));
            true
        });
        found
    }

    #[test]
    fn base_accounts_are_no_events() -> std::io::Result<()> {
        let root = std::env::temp_dir().join(format!("cordon-ingest-{}", std::process::id()));
        for folder in [BASE_ACCOUNTS, "scenario"] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        let event = root.join("scenario/event.json");
        for file in [&root.join(BASE_ACCOUNTS).join("web-server.json"), &event, &root.join("scenario/account.json")] {
            std::fs::write(file, "{}")?;
        }
        let found = find(std::slice::from_ref(&root));
        std::fs::remove_dir_all(&root)?;
        assert!(matches!(found.as_slice(), [Input::File(path)] if *path == event), "{found:?}");
        Ok(())
    }

    #[test]
    fn documents_and_lines() {
        assert_eq!(all(b"{\n \"a\": 1\n}\n"), [(None, Ok(serde_json::json!({"a": 1})))]);
        assert_eq!(all(b"{\"a\":1}\n\n"), [(None, Ok(serde_json::json!({"a": 1})))]);
        let lines = all(b"{\"a\":1}\n\n{\"a\":}\n{\"a\":3}");
        assert_eq!(lines.iter().map(|line| line.0).collect::<Vec<_>>(), [Some(1), Some(3), Some(4)]);
        assert!(lines.iter().filter(|line| line.1.is_ok()).count() == 2);
        assert!(format!("{:?}", lines.get(1)).contains("line 3, column 6"), "{lines:?}");
    }

    #[test]
    fn what_is_no_event_says_why() {
        for (bytes, reason) in [
            (&b""[..], "empty"),
            (b"  \n ", "empty"),
            (b"\xff\xfe\x00", "not UTF-8 text at byte 0"),
            (b"{\"a\": [1, 2", "it ends too early"),
            (b"hello", "line 1, column 1: not JSON"),
        ] {
            let found = all(bytes);
            assert!(matches!(found.as_slice(), [(None, Err(said))] if said.contains(reason)), "{found:?}");
        }
        assert!(
            matches!(all(&vec![b'['; 2 * MAX_EVENT_BYTES]).as_slice(), [(None, Err(said))] if said.contains("longer"))
        );
        assert!(matches!(all(&vec![b'['; 4000]).as_slice(), [(None, Err(said))] if said.contains("recursion")));
    }
}
