//! The fixtures as a whole: their page lists them, and their accounts say only what is special.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use expect_test::expect_file;
use libtest_mimic::Trial;
use simulator::scenario;

use crate::scenarios;
use crate::support::{self, Checked, ensure, failed, json_file, some, text, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("fixtures::the_page_lists_every_scenario_snapshot", page),
        trial("fixtures::every_base_account_is_used", used),
        trial("fixtures::accounts_do_not_repeat_one_another", short),
    ]
}

/// The tables in `fixtures/README.md` are written from the scenarios and the base accounts.
fn page() -> Checked {
    let path = support::root().join("fixtures/README.md");
    let mut page = std::fs::read_to_string(&path)?;
    for service in ["guardduty", "config"] {
        page = with_table(&page, service, &scenario_table(service)?)?;
    }
    page = with_table(&page, "base-accounts", &base_table()?)?;
    let compared = std::panic::catch_unwind(|| expect_file![path].assert_eq(&page));
    if compared.is_err() {
        failed("a table in fixtures/README.md differs; UPDATE_EXPECT=1 rewrites it")
    } else {
        Ok(())
    }
}

/// A page with another table between two marks.
fn with_table(page: &str, name: &str, table: &str) -> Checked<String> {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->"));
    let (before, rest) = some(page.split_once(&begin), &begin)?;
    let (_, after) = some(rest.split_once(&end), &end)?;
    Ok(format!("{before}{begin}{table}{end}{after}"))
}

/// A line for each scenario of a service, in the order of the names.
fn scenario_table(service: &str) -> Checked<String> {
    let mut table = "| scenario | what happens | outcome |\n|---|---|---|\n".to_owned();
    for folder in scenarios::folders() {
        let name = scenarios::name(&folder);
        let Some(short) = name.strip_prefix(service).and_then(|name| name.strip_prefix('/')) else { continue };
        let scenario = some(scenario::beside(&folder.join("event.json"))?.scenario, format!("the scenario {name}"))?;
        writeln!(table, "| [`{short}`]({name}/) | {} | {} |", scenario.docs, scenario.expect.outcome)?;
    }
    Ok(table)
}

/// A line for each base account.
fn base_table() -> Checked<String> {
    let mut table = "| base | account |\n|---|---|\n".to_owned();
    for (name, path) in bases()? {
        writeln!(table, "| [`{name}`](base-accounts/{name}.json) | {} |", text(&json_file(&path)?, "/docs")?)?;
    }
    Ok(table)
}

/// The base accounts by name.
fn bases() -> Checked<Vec<(String, PathBuf)>> {
    let mut bases = Vec::new();
    for entry in std::fs::read_dir(support::root().join("fixtures/base-accounts"))? {
        let path = entry?.path();
        let name = some(path.file_stem().and_then(|name| name.to_str()), path.display())?.to_owned();
        bases.push((name, path));
    }
    bases.sort();
    Ok(bases)
}

fn used() -> Checked {
    let mut files: Vec<PathBuf> = bases()?.into_iter().map(|(_, path)| path).collect();
    files.extend(scenarios::folders().into_iter().map(|folder| folder.join("account.patch.json")));
    let mut named = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_file()) {
        named.extend(json_file(file)?.get("base").and_then(|base| base.as_str().map(str::to_owned)));
    }
    for (name, path) in bases()? {
        ensure(named.contains(&name), format!("{}: nothing starts from it", path.display()))?;
    }
    Ok(())
}

/// All account documents together. Before scenarios had bases, it was 99,120 lines.
const MOST_LINES: usize = 10_000;

fn short() -> Checked {
    let mut files: Vec<PathBuf> = bases()?.into_iter().map(|(_, path)| path).collect();
    for folder in scenarios::folders() {
        files.extend(["account.json", "account.patch.json"].map(|file| folder.join(file)));
    }
    let mut lines = 0;
    for file in files.iter().filter(|file| file.is_file()) {
        lines += std::fs::read_to_string(file)?.lines().count();
    }
    ensure(lines > 1_000, format!("only {lines} lines of accounts were found"))?;
    ensure(lines <= MOST_LINES, format!("{lines} lines of accounts: start from a base in fixtures/base-accounts"))
}
