//! A new scenario, from one that is like it.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Args;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::TaskError;
use crate::name::Name;
use crate::process::{cargo, run as run_command};
use crate::project;

/// What the scenario is called, what it starts from, and what must come of it.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Folder below fixtures: SERVICE/NAME, the name in lower case with hyphens, for what happens
    name: String,
    /// The scenario whose event and account it starts from: guardduty/crypto-currency
    #[arg(long)]
    like: String,
    /// One sentence: what happens, and what must come of it
    #[arg(long)]
    docs: String,
    /// The outcome that a responder would want: contained, escalated, recorded …
    #[arg(long)]
    outcome: String,
}

/// Copies event and account under ids of their own, writes the expectation, and replays the scenario.
pub(crate) fn run(options: &Options) -> Result<(), TaskError> {
    let Some((service, name)) = options.name.split_once('/') else {
        return Err(TaskError::Failed(format!("`{}` is not SERVICE/NAME", options.name)));
    };
    let (service, name) = (Name::parse(service)?, Name::parse(name)?);
    let fixtures = Path::new("fixtures");
    let from = fixtures.join(&options.like);
    let to = fixtures.join(service.kebab()).join(name.kebab());
    if project::root().join(&to).exists() {
        return Err(TaskError::Failed(format!("{} is there already", to.display())));
    }
    let mut files = BTreeMap::new();
    for path in project::entries(&from)? {
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
        if file != "scenario.json" {
            files.insert(file.to_owned(), with_ids_of(&options.name, &project::read(&path)?));
        }
    }
    if !files.contains_key("event.json") {
        return Err(TaskError::Failed(format!("{} has no event.json", from.display())));
    }
    files.insert("scenario.json".to_owned(), scenario(options, &project::read(from.join("scenario.json"))?)?);
    for (file, text) in files {
        project::create(to.join(file), &text)?;
    }
    let folder = to.display().to_string();
    run_command(&mut cargo(&["run", "--quiet", "--bin", "cordon", "--", "replay", &folder]))
}

/// The scenario: deployed like the other one, with nothing going wrong and one expectation.
fn scenario(options: &Options, like: &str) -> Result<String, TaskError> {
    let like: Value =
        serde_json::from_str(like).map_err(|error| TaskError::Failed(format!("{}: {error}", options.like)))?;
    let mut scenario = Map::from_iter([("schema".to_owned(), json!(1)), ("docs".to_owned(), json!(options.docs))]);
    if let Some(parameters) = like.get("parameters") {
        scenario.insert("parameters".to_owned(), parameters.clone());
    }
    scenario.insert("expect".to_owned(), json!({"outcome": options.outcome}));
    let text = serde_json::to_string_pretty(&scenario)
        .map_err(|error| TaskError::Failed(format!("scenario.json: {error}")))?;
    Ok(format!("{text}\n"))
}

/// The text with another id in the place of each id of a resource, `i-0934aa3acf8697266`, and of each finding, 32
/// hexadecimal digits: drawn from the name, so that two scenarios never share one.
fn with_ids_of(name: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars() {
        if letter.is_ascii_hexdigit() && !letter.is_ascii_uppercase() {
            word.push(letter);
            continue;
        }
        out.push_str(&renamed(name, &out, &word));
        word.clear();
        out.push(letter);
    }
    out.push_str(&renamed(name, &out, &word));
    out
}

/// Another word of the same length, if the word is the hexadecimal part of an id.
fn renamed(name: &str, before: &str, word: &str) -> String {
    let resource = word.len() == 17 && before.ends_with('-');
    let finding = word.len() == 32;
    if !resource && !finding {
        return word.to_owned();
    }
    let hash = Sha256::digest(format!("{name}/{word}"));
    let digits =
        hash.iter().flat_map(|byte| [byte >> 4, byte & 0xf]).filter_map(|digit| char::from_digit(digit.into(), 16));
    // Ids of resources begin with a zero, as EC2 makes them.
    if resource { std::iter::once('0').chain(digits).take(17).collect() } else { digits.take(32).collect() }
}

#[cfg(test)]
mod tests {
    use super::with_ids_of;

    #[test]
    fn gives_each_id_one_of_its_own() {
        let text = r#"{"a": "i-0934aa3acf8697266", "b": "arn:x/738c005947c8bda826fb880f91d2670e", "c": ["i-0934aa3acf8697266"]}"#;
        let renamed = with_ids_of("guardduty/new", text);
        assert_eq!(renamed.len(), text.len());
        assert!(!renamed.contains("0934aa3acf8697266") && !renamed.contains("738c005947c8bda826fb880f91d2670e"));
        let id = renamed.get(7..26).unwrap_or_default();
        assert!(id.starts_with("i-0") && renamed.matches(id).count() == 2, "{renamed}");
        assert_ne!(with_ids_of("guardduty/other", text), renamed);
    }

    #[test]
    fn leaves_everything_else() {
        let text = r#"{"account": "111122223333", "time": "2026-02-11T09:14:05Z", "word": "deadbeef", "x": "a-0934aa3acf869726"}"#;
        assert_eq!(with_ids_of("guardduty/new", text), text);
    }
}
