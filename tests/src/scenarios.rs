//! Every fixture against its expectations: the folder is the name of the test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ingest::{Input, read};
use libtest_mimic::{Failed, Trial};
use simulator::{Handlers, Replay, ReplayReport};
use template::Project;

use crate::support;

/// The folders that hold a scenario, in order.
pub(crate) fn folders() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut services: Vec<PathBuf> = children(&support::root().join("fixtures"));
    services.sort();
    for service in services {
        let mut scenarios = children(&service);
        scenarios.sort();
        found.extend(scenarios.into_iter().filter(|folder| folder.join("event.json").is_file()));
    }
    found
}

fn children(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
        .unwrap_or_default()
}

/// `guardduty/crypto-currency` of the folder of a scenario.
pub(crate) fn name(folder: &Path) -> String {
    folder.strip_prefix(support::root().join("fixtures")).unwrap_or(folder).display().to_string()
}

/// A replay of this project with its deployed handlers.
pub(crate) fn replay() -> Result<Replay, Failed> {
    Ok(Replay::new(Project::find(&support::root())?, Handlers::deployed()))
}

/// Replays a scenario: a record for each of its events.
pub(crate) fn run_all(replay: &Replay, folder: &Path) -> Result<Vec<ReplayReport>, Failed> {
    let mut reports = Vec::new();
    read(Input::File(folder.join("event.json")), &mut |recorded| {
        reports.extend(replay.events(recorded));
        true
    });
    if reports.is_empty() { Err(format!("{}: nothing was replayed", folder.display()).into()) } else { Ok(reports) }
}

/// Replays a scenario: the record of its first event.
pub(crate) fn run(replay: &Replay, folder: &Path) -> Result<ReplayReport, Failed> {
    Ok(run_all(replay, folder)?.swap_remove(0))
}

/// What every scenario comes to, by its name; replayed once for all tests that ask.
pub(crate) fn reports() -> Result<&'static [(String, ReplayReport)], Failed> {
    static RECORDS: OnceLock<Result<Vec<(String, ReplayReport)>, String>> = OnceLock::new();
    let made = RECORDS.get_or_init(|| {
        let replay = replay().map_err(|failed| format!("{failed:?}"))?;
        let all = folders().into_iter().map(|folder| Ok((name(&folder), run(&replay, &folder)?)));
        all.collect::<Result<Vec<_>, Failed>>().map_err(|failed| format!("{failed:?}"))
    });
    made.as_deref().map_err(|error| Failed::from(error.as_str()))
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = folders()
        .into_iter()
        .map(|folder| Trial::test(format!("scenario::{}", name(&folder)), move || check(&folder)))
        .collect();
    trials.push(Trial::test("scenarios::are_enough_and_say_what_they_are_for", enough));
    trials
}

fn check(folder: &Path) -> Result<(), Failed> {
    for report in run_all(&replay()?, folder)? {
        if !report.tool_errors.is_empty() {
            return Err(format!("the tool failed: {}", report.tool_errors.join("; ")).into());
        }
        match &report.expectations {
            Some(expectations) if expectations.met => {}
            Some(expectations) => return Err(expectations.differences.join("\n").into()),
            None => return Err(format!("no scenario.json: {}", report.reason).into()),
        }
    }
    Ok(())
}

/// Sixteen scenarios for EC2 and Runtime findings, six for Config; each says what it shows, and no two say the same.
fn enough() -> Result<(), Failed> {
    let all = folders();
    let of = |service: &str| all.iter().filter(|folder| name(folder).starts_with(service)).count();
    if of("guardduty/") < 16 || of("config/") < 6 {
        return Err(format!("{} GuardDuty and {} Config scenarios", of("guardduty/"), of("config/")).into());
    }
    let mut seen = BTreeSet::new();
    for folder in &all {
        let surrounding = simulator::scenario::beside(&folder.join("event.json"))?;
        let docs = surrounding.scenario.map(|scenario| scenario.docs).unwrap_or_default();
        if docs.trim().len() < 20 || !seen.insert(docs.clone()) {
            return Err(format!("{}: its sentence is missing, too short or taken: `{docs}`", name(folder)).into());
        }
    }
    Ok(())
}
