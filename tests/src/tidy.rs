//! Rules about the text of the project itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use responder::ErrorName;
use serde_json::Value;
use sha2::{Digest, Sha256};
use simulator::{Handlers, Replay};
use template::Project;

use crate::support::{self, Checked, ensure, failed, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("tidy::error_names_of_functions_and_definitions_are_the_same", error_names),
        trial("tidy::every_task_has_a_time_limit_a_retry_and_a_catch", tasks),
        trial("tidy::function_time_limits_are_below_those_of_their_states", time_limits),
        trial("tidy::only_the_responder_reads_the_environment", environment),
        trial("tidy::nothing_below_the_command_reads_a_clock", clocks),
        trial("tidy::no_arn_has_a_literal_partition", partitions),
        trial("tidy::main_files_only_serve", mains),
        trial("tidy::published_definitions_never_change", published),
        trial("tidy::every_placeholder_of_a_definition_has_a_value", placeholders),
    ]
}

fn sources(under: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    search(&support::root().join(under), &mut found);
    found.sort();
    found.into_iter().filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text))).collect()
}

fn search(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            search(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "json") {
            found.push(path);
        }
    }
}

fn definitions() -> Checked<Vec<(String, Value)>> {
    sources("statemachines")
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().ends_with(".asl.json"))
        .map(|(path, text)| Ok((path.display().to_string(), serde_json::from_str(&text)?)))
        .collect()
}

/// Every state of a definition, nested ones too.
fn states(definition: &Value, out: &mut Vec<(String, Value)>) {
    for (name, state) in definition.get("States").and_then(Value::as_object).into_iter().flatten() {
        out.push((name.clone(), state.clone()));
        for branch in state.get("Branches").and_then(Value::as_array).into_iter().flatten() {
            states(branch, out);
        }
        if let Some(processor) = state.get("ItemProcessor") {
            states(processor, out);
        }
    }
}

fn all_states() -> Checked<Vec<(String, String, Value)>> {
    let mut all = Vec::new();
    for (path, definition) in definitions()? {
        let mut found = Vec::new();
        states(&definition, &mut found);
        all.extend(found.into_iter().map(|(name, state)| (path.clone(), name, state)));
    }
    ensure(!all.is_empty(), "no state in any definition")?;
    Ok(all)
}

fn matched_names(state: &Value) -> BTreeSet<String> {
    ["Retry", "Catch"]
        .iter()
        .flat_map(|field| state.get(field).and_then(Value::as_array).into_iter().flatten())
        .flat_map(|handler| handler.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten())
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

/// Every name of ours that a definition matches is one that functions report, and every transient one is retried.
fn error_names() -> Checked {
    let ours: BTreeSet<&str> = ErrorName::ALL.iter().map(|name| name.as_str()).collect();
    let mut retried = BTreeSet::new();
    for (path, name, state) in all_states()? {
        for error in matched_names(&state) {
            let prefix = error.split('.').next().unwrap_or_default();
            if !["States", "Lambda", "Runtime", "Sandbox", "SNS", "DynamoDB", "StepFunctions"].contains(&prefix) {
                ensure(
                    ours.contains(error.as_str()),
                    format!("{path}: {name} matches `{error}`, which no function reports"),
                )?;
            }
        }
        for retrier in state.get("Retry").and_then(Value::as_array).into_iter().flatten() {
            let names = retrier.get("ErrorEquals").and_then(Value::as_array).into_iter().flatten();
            retried.extend(names.filter_map(|name| name.as_str().map(str::to_owned)));
        }
    }
    for name in ErrorName::ALL.iter().filter(|name| name.is_transient()) {
        ensure(retried.contains(name.as_str()), format!("no definition retries {}", name.as_str()))?;
    }
    Ok(())
}

fn tasks() -> Checked {
    for (path, name, state) in all_states()? {
        if state.get("Type").and_then(Value::as_str) != Some("Task") {
            continue;
        }
        for field in ["TimeoutSeconds", "Retry", "Catch"] {
            ensure(state.get(field).is_some(), format!("{path}: {name} has no {field}"))?;
        }
        let catches_all = state
            .pointer("/Catch")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|catch| catch.pointer("/ErrorEquals/0").and_then(Value::as_str) == Some("States.ALL"));
        ensure(catches_all, format!("{path}: {name} does not catch States.ALL"))?;
        ensure(
            !matched_names(&state).contains("States.TaskFailed"),
            format!("{path}: {name} retries permanent failures"),
        )?;
    }
    Ok(())
}

fn time_limits() -> Checked {
    let project = template::Project::find(&support::root())?;
    let place = template::Surroundings {
        account: "111122223333".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "cordon".into(),
    };
    let template = template::read(project.template(), &BTreeMap::new(), &place)?;
    let limits: BTreeMap<&str, u64> = template
        .functions
        .iter()
        .map(|function| (function.logical_id.as_str(), u64::from(function.timeout_seconds)))
        .collect();
    let mut seen = 0;
    for (path, name, state) in all_states()? {
        let Some(function) = state.pointer("/Arguments/FunctionName").and_then(Value::as_str) else { continue };
        let logical = function.trim_start_matches("${").trim_end_matches('}');
        let (Some(limit), Some(state_limit)) =
            (limits.get(logical), state.get("TimeoutSeconds").and_then(Value::as_u64))
        else {
            return failed(format!("{path}: {name}: no time limit for {logical}"));
        };
        ensure(
            *limit < state_limit,
            format!("{path}: {name} has {state_limit} s for a function that may take {limit} s"),
        )?;
        seen += 1;
    }
    ensure(seen > 5, "no function is called")
}

fn refuse(under: &[&str], words: &[&str], except: &[&str]) -> Checked {
    let mut files = 0;
    for folder in under {
        for (path, text) in sources(folder) {
            files += 1;
            let shown = path.strip_prefix(support::root()).unwrap_or(&path).display().to_string();
            if except.iter().any(|prefix| shown.starts_with(prefix)) {
                continue;
            }
            for (number, line) in text.lines().enumerate() {
                if let Some(word) = words.iter().find(|word| line.contains(**word)) {
                    return failed(format!("{shown}:{}: `{word}`", number + 1));
                }
            }
        }
    }
    ensure(files > 0, format!("no file under {under:?}"))
}

fn environment() -> Checked {
    refuse(
        &[
            "functions",
            "crates/incident/src",
            "crates/asl/src",
            "crates/account/src",
            "crates/responder/src",
            "crates/event-pattern/src",
            "crates/template/src",
            "crates/ingest/src",
            "crates/simulator/src",
            "crates/explorer/src",
            "crates/cordon/src",
        ],
        &["env::var", "env::vars"],
        // The second is a test, which a variable tells where the JavaScript JSONata is.
        &["crates/responder/src/settings.rs", "crates/asl/src/jsonata/oracle_tests.rs"],
    )
}

fn clocks() -> Checked {
    refuse(
        &[
            "functions",
            "crates/incident/src",
            "crates/asl/src",
            "crates/account/src",
            "crates/responder/src",
            "crates/event-pattern/src",
            "crates/template/src",
            "crates/ingest/src",
            "crates/simulator/src",
            "crates/explorer/src",
            "crates/cordon/src",
        ],
        &["SystemTime::now()", "Instant::now()", "thread::sleep", "tokio::time", "Utc::now", "Timestamp::now"],
        &["crates/cordon/src/cli"],
    )
}

fn partitions() -> Checked {
    for (path, text) in ["infra/template.yaml", "infra/member.yaml"]
        .iter()
        .map(|path| (*path, std::fs::read_to_string(support::root().join(path)).unwrap_or_default()))
    {
        ensure(!text.is_empty(), format!("{path} cannot be read"))?;
        ensure(!text.contains("arn:aws"), format!("{path} has an ARN with a literal partition"))?;
    }
    for (path, definition) in definitions()? {
        ensure(!definition.to_string().contains("arn:aws"), format!("{path} has an ARN with a literal partition"))?;
    }
    refuse(&["functions", "crates/responder/src", "crates/incident/src"], &["\"arn:aws"], &[])
}

fn mains() -> Checked {
    let mut seen = 0;
    for (path, text) in sources("functions") {
        if path.ends_with("src/main.rs") {
            seen += 1;
            ensure(
                text.lines().count() <= 12 && text.contains("responder::serve"),
                format!("{} does more than serve", path.display()),
            )?;
        }
    }
    ensure(seen >= 7, format!("{seen} main files"))
}

/// Every line of the lock is a definition that has not changed; once a version is released, every definition is locked.
fn published() -> Checked {
    let folder = support::root().join("statemachines");
    let lock = std::fs::read_to_string(folder.join("versions.lock"))?;
    let mut locked = BTreeSet::new();
    for line in lock.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let Some((hash, path)) = line.split_once("  ") else { return failed(format!("versions.lock: `{line}`")) };
        let found = hex::encode(Sha256::digest(std::fs::read(folder.join(path))?));
        ensure(found == hash, format!("{path} was published as {hash} and is now {found}: make a new version"))?;
        locked.insert(path.to_owned());
    }
    let changelog = std::fs::read_to_string(support::root().join("CHANGELOG.md"))?;
    let released = changelog.lines().any(|line| line.starts_with("## ") && line != "## Unreleased");
    for (path, _) in definitions()? {
        let name =
            Path::new(&path).strip_prefix(&folder).map(|path| path.display().to_string()).unwrap_or(path.clone());
        ensure(!released || locked.contains(&name), format!("{name} is released and not in versions.lock"))?;
    }
    Ok(())
}

/// CloudFormation leaves a placeholder without a value as text; none of our definitions has one.
fn placeholders() -> Checked {
    let replay = Replay::new(Project::find(&support::root())?, Handlers::deployed());
    let warnings = replay.check().map_err(|error| error.to_string())?;
    ensure(warnings.is_empty(), warnings.join("\n"))
}
