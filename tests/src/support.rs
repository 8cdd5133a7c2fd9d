//! What the tests share: places, tests that need something from outside, checks with a sentence.

use std::fmt::{Debug, Display};
use std::path::{Path, PathBuf};

use libtest_mimic::{Completion, Failed, Trial};
use serde_json::Value;
use simulator::account_document;

/// What a test ends with.
pub(crate) type Checked<T = ()> = Result<T, Failed>;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}

/// A test.
pub(crate) fn trial(name: &str, run: impl FnOnce() -> Checked + Send + 'static) -> Trial {
    Trial::test(name, run)
}

/// A test that cannot run here; its line says why.
pub(crate) fn skipped(name: &str, why: &str) -> Trial {
    let why = why.to_owned();
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(why)))
}

/// A test that needs the path in an environment variable, and is skipped where the variable is not set. A relative path
/// is one from the root of the workspace.
pub(crate) fn needing(variable: &str, name: &str, run: impl FnOnce(&Path) -> Checked + Send + 'static) -> Trial {
    match std::env::var_os(variable).filter(|value| !value.is_empty()) {
        Some(path) => trial(name, move || run(&root().join(path))),
        None => skipped(name, &format!("{variable} is not set")),
    }
}

/// The variable with the Python that has what `tests/python/requirements.txt` lists.
pub(crate) const PYTHON: &str = "CORDON_PYTHON";

/// The variable with the folder of the binaries that were built for Lambda.
pub(crate) const LAMBDA_BINARIES: &str = "CORDON_LAMBDA_BIN";

/// Fails with a sentence.
pub(crate) fn failed<T>(what: impl Display) -> Checked<T> {
    Err(Failed::from(what))
}

/// Fails with a sentence unless something holds.
pub(crate) fn ensure(holds: bool, what: impl Display) -> Checked {
    if holds { Ok(()) } else { failed(what) }
}

/// Fails unless two values are equal.
pub(crate) fn equal<T: PartialEq<U> + Debug, U: Debug>(found: T, expected: U, what: impl Display) -> Checked {
    ensure(found == expected, format!("{what}: found {found:?}, expected {expected:?}"))
}

/// The value, or a failure that says what is missing.
pub(crate) fn some<T>(value: Option<T>, what: impl Display) -> Checked<T> {
    value.ok_or_else(|| Failed::from(format!("{what} is missing")))
}

/// The text at a JSON pointer.
pub(crate) fn text<'a>(value: &'a Value, pointer: &str) -> Checked<&'a str> {
    some(value.pointer(pointer).and_then(Value::as_str), format!("the text `{pointer}` of {value}"))
}

/// A JSON file of the project.
pub(crate) fn json_file(path: &Path) -> Checked<Value> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|error| Failed::from(format!("{}: {error}", path.display())))
}

/// The whole account of a scenario.
pub(crate) fn account_of(folder: &Path) -> Checked<Value> {
    some(account_document::beside_event(folder)?, format!("the account of {}", folder.display()))
}

/// A new, empty folder of this name among the build's temporary files.
pub(crate) fn temporary(name: &str) -> Checked<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return failed(error),
        _ => {}
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Checked {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Runs the command from the root of the workspace: exit code, stdout, stderr.
pub(crate) fn cordon(arguments: &[&str]) -> Checked<(u8, String, String)> {
    std::env::set_current_dir(root())?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = cordon::Streams { out: &mut out, err: &mut err, color: false, progress: false };
    let all = std::iter::once("cordon").chain(arguments.iter().copied()).map(Into::into);
    let code = cordon::run(all, &mut streams);
    Ok((code, String::from_utf8(out)?, String::from_utf8(err)?))
}

/// The project with templates that have no condition on a key, for tests of what a function would do if its role did not
/// forbid it. `purpose` names the folder.
pub(crate) fn project_without(purpose: &str, condition_key: &str) -> Checked<template::Project> {
    let folder = temporary(&format!("without-{purpose}"))?;
    copy(&root().join("statemachines"), &folder.join("statemachines"))?;
    copy(&root().join("infra"), &folder.join("infra"))?;
    let path = folder.join("infra/template.yaml");
    let text = std::fs::read_to_string(&path)?;
    let key = format!("\"{condition_key}\":");
    let lines: Vec<&str> = text.lines().collect();
    let is_on_key = |line: Option<&&str>| line.is_some_and(|line| line.contains(&key));
    let kept = lines.iter().enumerate().filter(|(at, line)| {
        let heads_it = line.trim() == "Condition:" && is_on_key(lines.get(at + 1));
        !(is_on_key(Some(line)) || heads_it)
    });
    let kept: Vec<&str> = kept.map(|(_, line)| *line).collect();
    ensure(kept.len() < lines.len(), format!("no condition on {condition_key} is in the template"))?;
    std::fs::write(&path, kept.join("\n"))?;
    Ok(template::Project::find(&folder)?)
}
