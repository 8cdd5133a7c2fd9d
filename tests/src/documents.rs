//! What the documents refer to is there: a renamed file leaves no dead link.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::support::{self, Checked, ensure, failed, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("documents::every_link_has_its_file", links),
        trial("documents::every_path_that_is_named_is_there", paths),
    ]
}

/// The folders with paths that documents name in full.
const FOLDERS: [&str; 8] =
    ["benches/", "crates/", "docs/", "fixtures/", "functions/", "infra/", "statemachines/", "tests/"];

/// Every document of the project, by its path from the root, with its text.
fn documents() -> Checked<Vec<(PathBuf, String)>> {
    let root = support::root();
    let mut found = Vec::new();
    for folder in ["", "docs", "docs/decisions", "fixtures"] {
        for entry in std::fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(&path)?;
                found.push((path.strip_prefix(&root)?.to_owned(), text));
            }
        }
    }
    found.sort();
    ensure(found.len() > 8, format!("only {} documents", found.len()))?;
    Ok(found)
}

/// The texts between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once(close)).map(|(inner, _)| inner).collect()
}

fn links() -> Checked {
    let mut seen = 0;
    for (document, text) in documents()? {
        for link in between(&text, "](", ")") {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.contains("://") {
                continue;
            }
            seen += 1;
            let target =
                if file.is_empty() { document.clone() } else { document.parent().unwrap_or(Path::new("")).join(file) };
            let full = support::root().join(&target);
            ensure(full.exists(), format!("{}: no file for the link `{link}`", document.display()))?;
            if !anchor.is_empty() && !anchors(&std::fs::read_to_string(&full)?).iter().any(|known| known == anchor) {
                return failed(format!("{}: no heading for the link `{link}`", document.display()));
            }
        }
    }
    ensure(seen > 20, format!("only {seen} links"))
}

/// The anchors of the headings of a document, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c)).collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// Paths in backticks, unless a word in capital letters or an ellipsis stands for something in them.
fn paths() -> Checked {
    let mut seen = 0;
    for (document, text) in documents()? {
        for line in text.lines() {
            for path in line.split('`').skip(1).step_by(2) {
                let placeholder = path.contains(['*', '…', ' ', '#'])
                    || path
                        .split(['/', '.'])
                        .any(|part| part.len() > 1 && part.chars().all(|c| c.is_ascii_uppercase()));
                if placeholder || !FOLDERS.iter().any(|folder| path.starts_with(folder)) {
                    continue;
                }
                seen += 1;
                let there = support::root().join(path).exists();
                ensure(there, format!("{}: `{path}` is not there", document.display()))?;
            }
        }
    }
    ensure(seen > 30, format!("only {seen} paths"))
}
