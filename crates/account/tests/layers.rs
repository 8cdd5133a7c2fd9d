//! The layers of the crate hold: no module imports from a layer above its own, and no circle of imports spans folders.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers from the bottom, by folder. `services/*` stands for the folder of each service, `services` for the registry.
const LAYERS: [&str; 11] =
    ["base", "model", "protocol", "authorize", "state", "service", "services/*", "services", "call", "seed", "world"];

/// The folder of a module, by its path: `services/ec2` for the modules of a service, else the first part.
fn folder(module: &[String]) -> String {
    match module {
        [services, service, ..] if services == "services" => format!("services/{service}"),
        [first, ..] => first.clone(),
        [] => String::new(),
    }
}

fn layer(folder: &str) -> Option<usize> {
    let name = if folder.starts_with("services/") { "services/*" } else { folder };
    LAYERS.iter().position(|layer| *layer == name)
}

/// The modules under a folder with their sources, without comments and without test code.
fn sources(folder: &Path, module: &[String], found: &mut Vec<(Vec<String>, String)>) {
    let text = |path: &Path| code(&fs::read_to_string(path).unwrap());
    let own = folder.join("mod.rs");
    let tests = if own.is_file() { test_modules(&fs::read_to_string(&own).unwrap()) } else { BTreeSet::new() };
    if own.is_file() {
        found.push((module.to_vec(), text(&own)));
    }
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if tests.contains(&name) || name == "mod" || name == "lib" {
            continue;
        }
        let inner: Vec<String> = module.iter().cloned().chain([name]).collect();
        if path.is_dir() {
            sources(&path, &inner, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((inner, text(&path)));
        }
    }
}

/// The modules that a file declares for tests only.
fn test_modules(text: &str) -> BTreeSet<String> {
    let declared = text.split("#[cfg(test)]\n").skip(1);
    declared
        .filter_map(|rest| rest.trim_start_matches("pub(crate) ").strip_prefix("mod ")?.split_once(';'))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The code of a file: no comments, and nothing from its first inline test module on.
fn code(text: &str) -> String {
    let end = text.match_indices("#[cfg(test)]\nmod ").map(|(at, _)| at).find(|at| {
        let line = text.get(*at..).unwrap().lines().nth(1).unwrap();
        line.ends_with('{')
    });
    let lines = text.get(..end.unwrap_or(text.len())).unwrap().lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// The modules that a source refers to by `crate::` and `super::`.
fn references(module: &[String], text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for start in ["crate::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let before = text.get(..at).unwrap();
            // The rest of a longer path was read with its beginning.
            if before.ends_with("::") || before.ends_with(is_name) {
                continue;
            }
            let mut rest = text.get(at..).unwrap();
            let mut path = Vec::new();
            if let Some(after) = rest.strip_prefix("crate::") {
                rest = after;
            } else {
                path = module.to_vec();
                while let Some(after) = rest.strip_prefix("super::") {
                    path.pop();
                    rest = after;
                }
            }
            loop {
                let name: String = rest.chars().take_while(|c| is_name(*c)).collect();
                rest = rest.get(name.len()..).unwrap();
                match rest.strip_prefix("::") {
                    Some(after) if !name.is_empty() => {
                        path.push(name);
                        rest = after;
                    }
                    _ if name.is_empty() && rest.starts_with('{') => {
                        let names = rest.split(['{', '}']).nth(1).unwrap().split(',').map(str::trim);
                        found.extend(names.filter(|name| !name.is_empty()).map(|name| {
                            let first: String = name.chars().take_while(|c| is_name(*c)).collect();
                            path.iter().cloned().chain([first]).collect()
                        }));
                        break;
                    }
                    _ => {
                        path.push(name);
                        found.push(path);
                        break;
                    }
                }
            }
        }
    }
    found
}

/// The folder that a path leads into: the longest beginning of it that is a module.
fn target(path: &[String], modules: &BTreeSet<Vec<String>>) -> Option<String> {
    let module =
        (1..=path.len()).rev().map(|length| path.get(..length).unwrap()).find(|path| modules.contains(*path))?;
    Some(folder(module))
}

/// What breaks the layers, in the sources of a crate.
fn violations(sources: &[(Vec<String>, String)]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|(module, _)| module.clone()).collect();
    let mut broken = Vec::new();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, text) in sources {
        let from = folder(module);
        let Some(own) = layer(&from) else {
            broken.push(format!("`{}` is in no layer", module.join("::")));
            continue;
        };
        for path in references(module, text) {
            let place = format!("`{}` refers to `{}`", module.join("::"), path.join("::"));
            let Some(to) = target(&path, &modules) else {
                broken.push(format!("{place}, by a name of the crate's root: name its module"));
                continue;
            };
            match layer(&to) {
                Some(other) if other > own => broken.push(format!("{place}, which is in a layer above")),
                _ if to != from => drop(edges.entry(from.clone()).or_default().insert(to)),
                _ => {}
            }
        }
    }
    for start in edges.keys() {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&String> = edges.get(start).into_iter().flatten().collect();
        while let Some(folder) = next.pop() {
            if reached.insert(folder) {
                next.extend(edges.get(folder).into_iter().flatten());
            }
        }
        if reached.contains(start) {
            broken.push(format!("`{start}` imports itself, by way of other folders"));
        }
    }
    broken
}

#[test]
fn no_module_imports_from_a_layer_above() {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut found);
    assert!(found.len() > 100, "{} sources", found.len());
    let folders: BTreeSet<String> = found.iter().map(|(module, _)| folder(module)).collect();
    for layer in LAYERS {
        let is_there = folders.iter().any(|folder| folder == layer || layer == "services/*");
        assert!(is_there, "no folder `{layer}`");
    }
    assert_eq!(violations(&found), Vec::<String>::new());
}

#[test]
fn what_breaks_the_layers_is_found() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    let check = |sources: &[(&str, &str)]| {
        let sources: Vec<_> = sources.iter().map(|(path, text)| (module(path), code(text))).collect();
        violations(&sources)
    };
    let base = ("base", "pub struct Timestamp;");
    let good = [base, ("services", "pub mod a;"), ("services::a", "use crate::base::Timestamp;\nuse super::a::b;")];
    assert_eq!(check(&good), Vec::<String>::new());
    for (sources, expected) in [
        (
            vec![("base", "use crate::world::World;"), ("world", "")],
            "`base` refers to `world::World`, which is in a layer above",
        ),
        (
            vec![("services", ""), ("services::a", "use super::all;")],
            "`services::a` refers to `services::all`, which is in a layer above",
        ),
        (
            vec![("base", "fn f() -> crate::Ids {}")],
            "`base` refers to `Ids`, by a name of the crate's root: name its module",
        ),
        (vec![("other", "")], "`other` is in no layer"),
        (
            vec![
                ("services::a", "use crate::services::{b, c};"),
                ("services::b", ""),
                ("services::c", "use crate::services::a;"),
            ],
            "`services/a` imports itself, by way of other folders",
        ),
    ] {
        let found = check(&sources);
        assert!(found.iter().any(|it| it == expected), "{found:?} {expected}");
    }
    let tests = ("base", "// crate::world::World\n#[cfg(test)]\nmod tests {\n    use crate::world::World;\n}");
    assert_eq!(check(&[tests, ("world", "")]), Vec::<String>::new());
}
