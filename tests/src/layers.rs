//! The layers of the workspace: which crate may depend on which, which modules of the command need no simulator, and that
//! the simulator knows no playbook, function or state by name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::support::{self, Checked, ensure, equal, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("layers::crates_depend_only_downward", crates),
        trial("layers::lint_route_and_asl_need_no_simulator", modules),
        trial("layers::the_simulator_knows_no_names_of_the_project", names),
    ]
}

/// The crates of the workspace from the lowest layer to the highest, each with those that it may depend on.
const CRATES: [(&str, &[&str]); 10] = [
    ("event-pattern", &[]),
    ("asl", &[]),
    ("incident", &[]),
    ("account", &[]),
    ("template", &["event-pattern"]),
    ("ingest", &["incident", "template"]),
    ("responder", &["incident"]),
    ("simulator", &["account", "asl", "incident", "ingest", "responder", "template", FUNCTIONS]),
    ("explorer", &["account", "asl", "incident", "ingest", "responder", "simulator"]),
    ("cordon", &["asl", "explorer", "incident", "ingest", "responder", "simulator", "template"]),
];

/// Stands for every function.
const FUNCTIONS: &str = "functions/*";

/// What a function may depend on.
const BELOW_FUNCTIONS: &[&str] = &["incident", "responder"];

/// Crates of the build alone: no layer of the program.
const TOOLS: [&str; 2] = ["workspace-hack", "xtask"];

/// The names of the folders in a folder of the workspace, sorted.
fn folders(of: &str) -> Checked<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(support::root().join(of))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

/// The names in the section `[dependencies]` of a manifest.
fn dependencies(manifest: &Path) -> Checked<BTreeSet<String>> {
    let text = std::fs::read_to_string(manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let section = text.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let entries = section.take_while(|line| !line.starts_with('['));
    let name = |line: &str| line.split(['.', '=', ' ']).next().map(str::to_owned).filter(|name| !name.is_empty());
    Ok(entries.filter(|line| !line.starts_with('#')).filter_map(name).collect())
}

fn crates() -> Checked {
    let functions = folders("functions")?;
    let own: BTreeSet<String> = folders("crates")?.into_iter().filter(|name| !TOOLS.contains(&name.as_str())).collect();
    let listed: BTreeSet<String> = CRATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    equal(&own, &listed, "the crates in the table of layers")?;
    let check = |folder: String, allowed: &[&str]| -> Checked {
        for dependency in dependencies(&support::root().join(&folder).join("Cargo.toml"))? {
            let is_function = functions.contains(&dependency);
            if own.contains(&dependency) || is_function {
                let layer = if is_function { FUNCTIONS } else { dependency.as_str() };
                ensure(allowed.contains(&layer), format!("{folder} may not depend on {dependency}"))?;
            }
        }
        Ok(())
    };
    for (name, allowed) in CRATES {
        check(format!("crates/{name}"), allowed)?;
    }
    for name in &functions {
        check(format!("functions/{name}"), BELOW_FUNCTIONS)?;
    }
    Ok(())
}

/// The modules of the command that `lint`, `route` and `asl` consist of, as paths in `crates/cordon/src`.
const FREE: [&str; 14] = [
    "escape.rs",
    "exit_code.rs",
    "layout.rs",
    "paint.rs",
    "routing.rs",
    "cli/asl.rs",
    "cli/asl/history.rs",
    "cli/asl/judge.rs",
    "cli/asl/run.rs",
    "cli/asl/test.rs",
    "cli/file.rs",
    "cli/lint.rs",
    "cli/progress.rs",
    "cli/route.rs",
];

/// The module that all commands share: it dispatches to `replay` and `explore`, and uses nothing else of them.
const SHARED: &str = "cli.rs";

fn modules() -> Checked {
    let root = support::root().join("crates/cordon/src");
    let free: BTreeSet<&str> =
        FREE.iter().filter(|path| !path.contains('/')).filter_map(|path| path.strip_suffix(".rs")).collect();
    for path in FREE.iter().chain([&SHARED]) {
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        for (number, line) in text.lines().enumerate() {
            let place = format!("crates/cordon/src/{path}:{}", number + 1);
            for needed in ["simulator::", "explorer::", "account::"] {
                ensure(!line.contains(needed), format!("{place}: `{needed}` is in a module that needs no simulator"))?;
            }
            let modules = line.split("crate::").skip(1).filter_map(|rest| rest.split([':', ';', ' ']).next());
            for module in modules {
                ensure(free.contains(module), format!("{place}: the module `{module}` may need the simulator"))?;
            }
        }
    }
    Ok(())
}

/// The one module of the simulator that lists functions: those that are linked in.
const REGISTRY: &str = "handlers.rs";

fn names() -> Checked {
    let mut names = folders("statemachines")?;
    names.extend(folders("functions")?);
    let mut definitions = Vec::new();
    files(&support::root().join("statemachines"), "json", &mut definitions)?;
    for path in definitions {
        states(&support::json_file(&path)?, &mut names);
    }
    ensure(names.len() > 40, format!("only {} names are known", names.len()))?;
    let mut sources = Vec::new();
    files(&support::root().join("crates/simulator/src"), "rs", &mut sources)?;
    let mut checked = 0;
    for path in sources.iter().filter(|path| !path.ends_with(REGISTRY)) {
        let text = std::fs::read_to_string(path)?;
        let production = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        for (number, line) in production.enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            checked += 1;
            let literals = line.split('"').skip(1).step_by(2);
            for literal in literals {
                let place = format!("{}:{}", path.display(), number + 1);
                ensure(!names.contains(literal), format!("{place}: `{literal}` is a name of the project"))?;
            }
        }
    }
    ensure(checked > 1000, format!("only {checked} lines were checked"))
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) -> Checked {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, extension, found)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(())
}

/// The names of all states of a definition, nested ones too.
fn states(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(own) = fields.get("States").and_then(Value::as_object) {
                names.extend(own.keys().cloned());
            }
            fields.values().for_each(|value| states(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| states(value, names)),
        _ => {}
    }
}
