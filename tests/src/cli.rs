//! What the command prints, as snapshots: `UPDATE_EXPECT=1` rewrites them, and the difference is read.

use std::path::Path;

use expect_test::expect_file;
use libtest_mimic::Trial;

use crate::support::{self, Checked, equal, failed, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        trial("cli::exit_codes", exit_codes),
        trial("cli::wrong_arguments_say_what_to_do", wrong_arguments),
        trial("cli::another_folder_gives_the_same_answer", from_elsewhere),
    ];
    for (name, arguments) in SNAPSHOTS {
        trials.push(trial(&format!("cli::snapshot::{name}"), move || snapshot(name, arguments)));
    }
    trials
}

/// Name of the snapshot, and the arguments that print it.
const SNAPSHOTS: [(&str, &[&str]); 9] = [
    ("help.txt", &["--help"]),
    ("replay-contained.txt", &["replay", "fixtures/guardduty/crypto-currency"]),
    ("replay-partially-contained.txt", &["replay", "fixtures/guardduty/interfaces-over-two-vpcs"]),
    ("replay-assumed.txt", &["replay", "fixtures/guardduty/command-and-control-target/event.json"]),
    ("replay-remediated.txt", &["replay", "fixtures/config/several-offending-among-good"]),
    ("replay-observed.json", &["replay", "--format", "json", "fixtures/guardduty/observe-mode"]),
    ("replay-contained.json", &["replay", "--format", "json", "fixtures/guardduty/tampered-isolation-group"]),
    ("route.txt", &["route", "fixtures/guardduty/tor-client", "fixtures/config/rule-of-another-name"]),
    ("lint.txt", &["lint", "statemachines"]),
];

fn snapshot(name: &str, arguments: &[&str]) -> Checked {
    let (_, out, err) = support::cordon(arguments)?;
    // One JSON object a line is made for programs; a snapshot is read by a person.
    let shown = if name.ends_with(".json") {
        let mut pretty = String::new();
        for line in out.lines() {
            let value: serde_json::Value = serde_json::from_str(line)?;
            pretty.push_str(&serde_json::to_string_pretty(&value)?);
            pretty.push('\n');
        }
        pretty
    } else {
        without_seconds(&out)
    };
    let path = support::root().join("tests/snapshots").join(name);
    let compared = std::panic::catch_unwind(|| expect_file![path].assert_eq(&format!("{shown}{err}")));
    if compared.is_err() { failed("the snapshot differs; UPDATE_EXPECT=1 rewrites it") } else { Ok(()) }
}

/// Wall-clock seconds of a summary are the only thing in the output that is not the same twice.
fn without_seconds(text: &str) -> String {
    text.lines()
        .map(|line| match line.split_once(" events in ") {
            Some((count, _)) => format!("{count} events in … s\n"),
            None => format!("{line}\n"),
        })
        .collect()
}

fn exit_codes() -> Checked {
    let folder = support::temporary("exit-codes")?;
    let copy = |scenario: &str, name: &str| -> Checked<String> {
        let to = folder.join(name);
        std::fs::copy(support::root().join("fixtures").join(scenario).join("event.json"), &to)?;
        Ok(to.display().to_string())
    };
    let contained = copy("guardduty/command-and-control-target", "contained.json")?;
    let wrong = folder.join("wrong.json");
    std::fs::write(&wrong, "{")?;
    let wrong = wrong.display().to_string();
    // An event of its own whose isolation group cannot be named: nothing is contained.
    for (code, arguments) in [
        (0, vec!["replay", "fixtures/guardduty/isolation-denied"]),
        (0, vec!["replay", contained.as_str()]),
        (3, vec!["replay", contained.as_str(), wrong.as_str()]),
        (3, vec!["replay", "/nowhere"]),
        (3, vec!["replay", contained.as_str(), "--parameter", "Mode=whatever"]),
        (3, vec!["replay", contained.as_str(), "--parameter", "Nonsense=1"]),
        (3, vec!["replay", contained.as_str(), "--version", "v99"]),
        (3, vec!["replay"]),
        (3, vec!["nonsense"]),
        (3, vec!["lint", "/nowhere.asl.json"]),
        (0, vec!["lint", "statemachines"]),
        (0, vec!["route", contained.as_str()]),
        (3, vec!["route", wrong.as_str()]),
        (0, vec!["--version"]),
    ] {
        let (found, _, err) = support::cordon(&arguments)?;
        equal(found, code, format!("{arguments:?}: {err}"))?;
    }
    Ok(())
}

fn wrong_arguments() -> Checked {
    for (arguments, says) in [
        (vec!["replay", "x", "--parameter", "Mode"], "NAME=VALUE"),
        (vec!["replay", "x", "--version", "latest"], "v1"),
        (vec!["replay", "x", "--project", "/"], "infra/template.yaml"),
    ] {
        let (code, out, err) = support::cordon(&arguments)?;
        equal(code, 3, format!("{arguments:?}"))?;
        equal(out, String::new(), "nothing on stdout")?;
        if !err.contains(says) {
            return failed(format!("{arguments:?} says `{err}`"));
        }
    }
    Ok(())
}

/// The place of the project is in no answer.
fn from_elsewhere() -> Checked {
    let here = support::cordon(&["replay", "--format", "json", "fixtures/guardduty/tor-client"])?;
    let root = support::root();
    let absolute = support::cordon(&[
        "replay",
        "--format",
        "json",
        "--project",
        &root.display().to_string(),
        &root.join("fixtures/guardduty/tor-client").display().to_string(),
    ])?;
    let strip = |out: &str| out.replace(&format!("{}/", Path::new(&root).display()), "");
    equal(strip(&absolute.1), here.1, "output")
}
