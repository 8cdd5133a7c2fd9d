//! No input panics: whatever the bytes and whatever the event, there is a report with an outcome.

use std::io::Write;
use std::path::PathBuf;

use incident::Outcome;
use ingest::{self, Input, InputEvent, Source};
use libtest_mimic::Trial;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use simulator::{Replay, ReplayReport};

use crate::scenarios::{folders, replay};
use crate::support::{self, Checked, equal, failed, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("parsing::no_bytes_panic", bytes),
        trial("parsing::no_event_panics", mutated_events),
        trial("parsing::wrong_input_is_one_invalid_record", wrong_inputs),
        trial("parsing::a_bad_file_does_not_stop_the_others", bad_among_good),
        trial("parsing::an_instance_id_is_never_taken_from_another_resource_type", resource_type_routes),
    ]
}

fn read_all(path: PathBuf) -> Vec<InputEvent> {
    let mut all = Vec::new();
    ingest::read(Input::File(path), &mut |recorded| {
        all.push(recorded);
        true
    });
    all
}

fn runner(cases: u32) -> TestRunner {
    // A fixed source of randomness: a failure here is a failure everywhere.
    TestRunner::new_with_rng(
        Config { cases, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    )
}

fn bytes() -> Checked {
    let folder = support::temporary("parsing-bytes")?;
    let path = folder.join("event.jsonl");
    let text = prop_oneof![any::<Vec<u8>>(), "[\\{\\}\\[\\]\",:a-z0-9\\n ]{0,80}".prop_map(String::into_bytes)];
    runner(500)
        .run(&text, |bytes| {
            std::fs::write(&path, &bytes).map_err(|error| TestCaseError::fail(error.to_string()))?;
            for recorded in read_all(path.clone()) {
                if let Ok(event) = &recorded.event {
                    let _ = incident::finding::parse(event);
                }
            }
            Ok(())
        })
        .map_err(|error| error.to_string().into())
}

/// A value that does not belong where it is put.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        Just(json!("\u{202E}<!channel>\r\nSubject: x $(id) ; rm -rf / `id`")),
        Just(json!("a".repeat(70_000))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{"x": []}]])),
        Just(json!(1e300)),
        Just(json!(-1)),
    ]
}

/// All places of a value, as JSON pointers.
fn places(value: &Value, at: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                out.push(place.clone());
                places(value, &place, out);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                let place = format!("{at}/{index}");
                out.push(place.clone());
                places(value, &place, out);
            }
        }
        _ => {}
    }
}

/// Events of the fixtures with one to three places replaced, through the whole replay: rule, definition, handlers.
fn mutated_events() -> Checked {
    let replay = replay()?;
    let mut events = Vec::new();
    for folder in folders() {
        events.push(support::json_file(&folder.join("event.json"))?);
    }
    let strategy = (any::<prop::sample::Index>(), prop::collection::vec((any::<prop::sample::Index>(), odd()), 1..4));
    runner(400)
        .run(&strategy, |(which, changes)| {
            let mut event = which.get(&events).clone();
            for (place, value) in changes {
                let mut all = Vec::new();
                places(&event, "", &mut all);
                let at: &String = place.get(&all);
                if let Some(target) = event.pointer_mut(at) {
                    *target = value;
                }
            }
            let report = one(&replay, event.clone());
            prop_assert!(report.tool_errors.is_empty(), "{:?} for {event}", report.tool_errors);
            for message in &report.notifications {
                let subject = message.subject.clone().unwrap_or_default();
                prop_assert!(
                    subject.len() < 100 && subject.chars().all(|c| c.is_ascii_graphic() || c == ' '),
                    "{subject}"
                );
                prop_assert!(
                    !message.message.contains('\u{202E}') && !message.message.contains("<!"),
                    "{}",
                    message.message
                );
            }
            Ok(())
        })
        .map_err(|error| error.to_string().into())
}

fn one(replay: &Replay, event: Value) -> ReplayReport {
    replay.event(InputEvent { source: Source { path: "-".into(), line: Some(1) }, event: Ok(event) })
}

/// Each kind of wrong input: its name, its bytes, and what the reason must say.
fn wrong() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let event = |change: &dyn Fn(&mut Value)| {
        let mut event = json!({
            "version": "0", "id": "1", "detail-type": "GuardDuty Finding", "source": "aws.guardduty",
            "account": "111122223333", "time": "2026-01-01T00:00:00Z", "region": "us-east-1", "resources": [],
            "detail": {
                "accountId": "111122223333", "region": "us-east-1", "partition": "aws", "id": "f1", "severity": 8,
                "type": "Backdoor:EC2/Spambot", "title": "t",
                "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": "i-0123456789abcdef0"}},
                "service": {},
            },
        });
        change(&mut event);
        event.to_string().into_bytes()
    };
    let set = |event: &mut Value, pointer: &str, value: Value| {
        if let Some(target) = event.pointer_mut(pointer) {
            *target = value;
        }
    };
    vec![
        ("empty", Vec::new(), "empty"),
        ("blank", b" \n\n ".to_vec(), "empty"),
        ("text", b"hello".to_vec(), "not JSON"),
        ("truncated", b"{\"version\": \"0\", \"detail\": {\"id\": \"x\"".to_vec(), "ends too early"),
        ("binary", vec![0, 159, 146, 150, 255], "not UTF-8"),
        ("huge", vec![b' '; 50 * 1024 * 1024], "longer than"),
        ("nested", [vec![b'['; 100_000], vec![b']'; 100_000]].concat(), "recursion"),
        ("list", b"[1, 2, 3]".to_vec(), "an object"),
        ("number", b"12".to_vec(), "an object"),
        ("no-envelope", b"{\"id\": \"x\"}".to_vec(), "source"),
        ("detail-is-text", event(&|event| set(event, "/detail", json!("x"))), "detail"),
        ("severity-is-a-list", event(&|event| set(event, "/detail/severity", json!([1]))), "detail.severity"),
        ("severity-is-eleven", event(&|event| set(event, "/detail/severity", json!(11))), "detail.severity"),
        (
            "account-is-a-number",
            event(&|event| set(event, "/detail/accountId", json!(111_122_223_333_u64))),
            "detail.accountId",
        ),
        ("account-is-no-account", event(&|event| set(event, "/detail/accountId", json!("x; id"))), "detail.accountId"),
        (
            "instance-id-is-a-command",
            event(&|event| {
                set(event, "/detail/resource/instanceDetails/instanceId", json!("i-1; rm -rf /"));
            }),
            "detail.resource.instanceDetails.instanceId",
        ),
        (
            "no-instance-details",
            event(&|event| {
                set(event, "/detail/resource/instanceDetails", Value::Null);
            }),
            "detail.resource.instanceDetails.instanceId",
        ),
    ]
}

fn wrong_inputs() -> Checked {
    let replay = replay()?;
    let folder = support::temporary("wrong-inputs")?;
    for (name, bytes, reason) in wrong() {
        let path = folder.join(format!("{name}.json"));
        std::fs::write(&path, bytes)?;
        let reports: Vec<ReplayReport> = read_all(path).into_iter().map(|recorded| replay.event(recorded)).collect();
        let [report] = reports.as_slice() else { return failed(format!("{name}: {} records", reports.len())) };
        equal(report.outcome, Outcome::Invalid, name)?;
        equal(report.exit_code(), 3, name)?;
        if !report.reason.contains(reason) || report.reason.contains('\n') {
            return failed(format!("{name}: the reason is `{}`", report.reason));
        }
    }
    Ok(())
}

/// Through the command: one line on stderr for each bad file, an `invalid` object for each in the JSON output, exit
/// code 3, and every good file replayed.
fn bad_among_good() -> Checked {
    let folder = support::temporary("bad-among-good")?;
    let wrong = wrong();
    for (name, bytes, _) in &wrong {
        std::fs::write(folder.join(format!("{name}.json")), bytes)?;
    }
    let good = std::fs::read(support::root().join("fixtures/guardduty/ssh-brute-force-target/event.json"))?;
    for name in ["a-good.json", "z-good.json"] {
        std::fs::write(folder.join(name), &good)?;
    }
    let mut lines = std::fs::File::create(folder.join("lines.jsonl"))?;
    let compact: Value = serde_json::from_slice(&good)?;
    writeln!(lines, "{compact}\nnot json\n{compact}")?;
    std::os::unix::fs::symlink(folder.join("nowhere"), folder.join("unreadable.json"))?;
    let (code, out, err) =
        support::cordon(&["replay", "--format", "json", &folder.display().to_string(), "/nowhere/at-all.json"])?;
    equal(code, 3, "exit code")?;
    let reports: Vec<Value> = out.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let count = |outcome: &str| reports.iter().filter(|report| report["outcome"] == outcome).count();
    let invalid = wrong.len() + 3;
    equal(count("invalid"), invalid, "invalid records")?;
    equal(count("notified"), 4, "good records")?;
    equal(err.lines().count(), invalid, "lines on stderr")?;
    for line in err.lines() {
        if !line.contains(".json") {
            return failed(format!("no file in `{line}`"));
        }
    }
    Ok(())
}

/// A finding about something else that carries instance details never identifies that instance.
fn resource_type_routes() -> Checked {
    let replay = replay()?;
    let mut event = support::json_file(&support::root().join("fixtures/guardduty/crypto-currency/event.json"))?;
    for resource_type in ["AccessKey", "S3Bucket", "EKSCluster", "Container", "Lambda", "RDSDBInstance", "", "instance"]
    {
        if let Some(target) = event.pointer_mut("/detail/resource/resourceType") {
            *target = json!(resource_type);
        }
        let report = one(&replay, event.clone());
        let ids = report.incidents.iter().filter_map(|incident| incident.resource.get("id"));
        let ids: Vec<&Value> = ids.filter(|id| !id.is_null()).collect();
        let others: Vec<&str> = report.calls.iter().map(|call| call.service.as_str()).collect();
        let is_left_alone = others.iter().all(|service| ["dynamodb", "sns"].contains(service));
        let is_kept = matches!(report.outcome, Outcome::Recorded | Outcome::Unmatched | Outcome::Invalid);
        if !is_kept || !is_left_alone || !ids.is_empty() {
            return failed(format!("{resource_type}: {}, {ids:?}, calls of {others:?}", report.outcome));
        }
    }
    Ok(())
}
