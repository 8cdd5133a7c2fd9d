//! Fuzz targets for lint, parse and run, on the stable toolchain: definitions of the project and of this file, damaged.
//!
//! `PROPTEST_CASES=1000000 cargo test --release -p asl --test fuzz` looks longer; what fails is made small and kept in a file
//! beside this one, to be tried first from then on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use asl::lint::{Lint, lint};
use asl::{Action, Answer, Definition, Execution, Kind, Limits, Start, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Definitions to start from.
static SEEDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let mut seeds = vec![
        json!({
            "Comment": "paths", "StartAt": "A", "TimeoutSeconds": 60, "States": {
                "A": { "Type": "Pass", "Parameters": { "x.$": "States.Array($.a, $$.State.Name)", "n": 1 }, "ResultPath": "$.b", "Assign": { "v.$": "$.a" }, "Next": "B" },
                "B": { "Type": "Map", "ItemsPath": "$.b.x", "MaxConcurrency": 2, "ItemSelector": { "i.$": "$$.Map.Item.Value", "v.$": "$v" },
                    "ItemProcessor": { "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "I", "States": { "I": { "Type": "Task",
                        "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "TimeoutSeconds": 5, "HeartbeatSeconds": 2, "End": true } } },
                    "Retry": [{ "ErrorEquals": ["Boom"], "MaxAttempts": 2, "BackoffRate": 1.5, "JitterStrategy": "FULL" }],
                    "Catch": [{ "ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "C" }], "Next": "C" },
                "C": { "Type": "Choice", "Choices": [{ "And": [{ "Variable": "$.error", "IsPresent": true }, { "Not": { "Variable": "$.a", "NumericGreaterThanPath": "$.n" } }], "Next": "D" },
                    { "Variable": "$.a", "StringMatches": "a*", "Next": "A" }], "Default": "D" },
                "D": { "Type": "Wait", "SecondsPath": "$.a", "Next": "E" },
                "E": { "Type": "Fail", "ErrorPath": "$.error.Error", "Cause": "c" }
            }
        }),
        json!({
            "QueryLanguage": "JSONata", "StartAt": "A", "States": {
                "A": { "Type": "Pass", "Output": { "x": "{% [1..3].($ * $states.input.a) %}", "t": "{% $string($states.context.Execution.Input) %}" }, "Assign": { "v": "{% $states.input %}" }, "Next": "B" },
                "B": { "Type": "Parallel", "Arguments": "{% $states.input %}", "Branches": [
                    { "StartAt": "P", "States": { "P": { "Type": "Wait", "Seconds": "{% $count($states.input.x) %}", "End": true } } },
                    { "StartAt": "Q", "States": { "Q": { "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                        "Arguments": { "QueueUrl": "q", "MessageBody": "{% $states.context.Task.Token %}" }, "TimeoutSeconds": "{% 3 %}", "End": true } } }],
                    "Catch": [{ "ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "C" }], "Next": "C" },
                "C": { "Type": "Choice", "Choices": [{ "Condition": "{% $exists($v.a) and $v.a > 1 %}", "Next": "D" }], "Default": "D" },
                "D": { "Type": "Succeed", "Output": "{% $merge([$v, {'h': $hash('a', 'MD5')}]) %}" }
            }
        }),
    ];
    let mut files = Vec::new();
    published(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../statemachines"), &mut files);
    files.sort();
    let texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
    seeds.extend(texts.filter_map(|text| serde_json::from_str(&text).ok()));
    seeds
});

fn published(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            published(&path, files);
        } else if path.to_string_lossy().ends_with(".asl.json") {
            files.push(path);
        }
    }
}

/// Damage to a tree, at the place that the number chooses.
#[derive(Debug, Clone)]
enum Damage {
    Replace(usize, Value),
    Remove(usize),
    Rename(usize, String),
    /// A copy of one place in another.
    Copy(usize, usize),
    /// The place within itself, several times.
    Nest(usize, u8),
}

/// Values that fields of the language have, and some that they have not.
fn words() -> impl Strategy<Value = Value> {
    let texts = [
        "$",
        "$$",
        "$.a",
        "$.a[0]",
        "$..a",
        "$.a[?(@.b > 1)]",
        "$v",
        "$$.Task.Token",
        "States.Format('{}', $.a)",
        "States.Array($",
        "{% $states.input %}",
        "{% $states.result.a[0] %}",
        "{% $v := %}",
        "{% $sum([1..5]) %}",
        "{%%}",
        "A",
        "B",
        "I",
        "",
        "States.ALL",
        "States.Timeout",
        "Boom",
        "JSONata",
        "JSONPath",
        "DISTRIBUTED",
        "2024-01-01T00:00:00Z",
        "\u{202e}\u{0}é",
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::states:startExecution.sync:2",
        "arn:aws:states:us-east-1:111111111111:activity:a",
    ];
    prop_oneof![
        6 => proptest::sample::select(texts.to_vec()).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => "\\PC{0,12}".prop_map(Value::from),
        2 => proptest::sample::select(vec![json!(null), json!(true), json!(0), json!(1), json!(-1), json!([]), json!({}), json!([[]]), json!(1e300)]),
    ]
}

fn names() -> impl Strategy<Value = String> {
    let names = [
        "Next",
        "End",
        "Default",
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "Parameters.$",
        "x.$",
        "Output",
        "Arguments",
        "Assign",
        "Items",
        "ItemsPath",
        "ItemSelector",
        "Result",
        "ResultSelector",
        "Seconds",
        "TimestampPath",
        "TimeoutSecondsPath",
        "QueryLanguage",
        "Retry",
        "Catch",
        "Branches",
        "Iterator",
        "Or",
        "Not",
        "Variable",
        "IsNull",
        "StringEquals",
        "Condition",
        "A",
        "States",
    ];
    prop_oneof![proptest::sample::select(names.to_vec()).prop_map(str::to_owned), "\\PC{0,6}"]
}

fn damages() -> impl Strategy<Value = Vec<Damage>> {
    let at = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 20));
    let damage = prop_oneof![
        5 => (at(), words()).prop_map(|(at, value)| Damage::Replace(at, value)),
        2 => at().prop_map(Damage::Remove),
        3 => (at(), names()).prop_map(|(at, name)| Damage::Rename(at, name)),
        2 => (at(), at()).prop_map(|(from, to)| Damage::Copy(from, to)),
        1 => (at(), 1_u8..60).prop_map(|(at, times)| Damage::Nest(at, times)),
    ];
    prop::collection::vec(damage, 0..6)
}

/// A definition with damage; most lead to something that is refused, many to something that runs.
fn definitions() -> impl Strategy<Value = Value> {
    (any::<prop::sample::Index>(), damages()).prop_map(|(seed, damages)| {
        let mut value = seed.get(&SEEDS).clone();
        for damage in damages {
            apply(&mut value, &damage);
        }
        value
    })
}

/// Pointers to every place below the root.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut child = |name: &str, value: &Value| {
        let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        found.push(place.clone());
        places(value, &place, found);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| child(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| child(&index.to_string(), value)),
        _ => {}
    }
}

fn apply(value: &mut Value, damage: &Damage) {
    let mut found = Vec::new();
    places(value, "", &mut found);
    let place = |at: usize| found.get(at % found.len().max(1)).cloned().unwrap_or_default();
    match damage {
        Damage::Replace(at, new) => set(value, &place(*at), new.clone()),
        Damage::Copy(from, to) => {
            let copied = value.pointer(&place(*from)).cloned().unwrap_or_default();
            // What doubles each time must not grow without end.
            if copied.to_string().len() < 4000 {
                set(value, &place(*to), copied);
            }
        }
        Damage::Nest(at, times) => {
            let place = place(*at);
            let inner = value.pointer(&place).cloned().unwrap_or_default();
            let nested = (0..*times)
                .fold(inner, |inner, turn| if turn % 2 == 0 { json!([inner]) } else { json!({ "Not": inner }) });
            set(value, &place, nested);
        }
        Damage::Remove(at) => with_parent(value, &place(*at), |parent, name| match parent {
            Value::Object(fields) => drop(fields.shift_remove(name)),
            Value::Array(items) => {
                if let Ok(index) = name.parse::<usize>().map(|index| index % items.len().max(1))
                    && !items.is_empty()
                {
                    items.remove(index);
                }
            }
            _ => {}
        }),
        Damage::Rename(at, new) => with_parent(value, &place(*at), |parent, name| {
            if let Value::Object(fields) = parent {
                let renamed = std::mem::take(fields).into_iter();
                *fields = renamed
                    .map(|(key, value)| (if key == name { new.clone() } else { key }, value))
                    .collect::<Map<_, _>>();
            }
        }),
    }
}

fn set(value: &mut Value, place: &str, new: Value) {
    if let Some(slot) = value.pointer_mut(place) {
        *slot = new;
    }
}

fn with_parent(value: &mut Value, place: &str, change: impl FnOnce(&mut Value, &str)) {
    if let Some((parent, name)) = place.rsplit_once('/')
        && let Some(parent) = value.pointer_mut(parent)
    {
        change(parent, &name.replace("~1", "/").replace("~0", "~"));
    }
}

/// Text edits: at a place, so many characters away, a piece in.
fn texts() -> impl Strategy<Value = String> {
    let pieces = [
        "", "{", "}", "[", "]", "\"", ",", ":", "\\u", "\\ud800", "1e999", "-", "null", "\u{feff}", "\n", "\"a\":1,",
        "/*", "\u{0}",
    ];
    let edit = (any::<prop::sample::Index>(), 0_usize..4, proptest::sample::select(pieces.to_vec()));
    (definitions(), prop::collection::vec(edit, 0..4), any::<bool>()).prop_map(|(value, edits, pretty)| {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        edits.into_iter().fold(text, |text, (at, away, piece)| {
            let chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len() + 1);
            let (before, after) = chars.split_at(at);
            before.iter().copied().chain(piece.chars()).chain(after.iter().copied().skip(away)).collect()
        })
    })
}

/// Longer than anything takes in a build without optimization on a busy machine, and far from not ending.
const LONG: Duration = Duration::from_secs(20);

fn linted(text: &str) -> Result<Lint, TestCaseError> {
    let began = Instant::now();
    let found = lint(text);
    prop_assert!(began.elapsed() < LONG, "the linter takes too long");
    let lines: Vec<&str> = text.split('\n').collect();
    for problem in &found.problems {
        let line = problem.line.checked_sub(1).and_then(|at| lines.get(at));
        let length = line.map(|line| line.chars().count());
        prop_assert!(length.is_some_and(|length| (1..=length + 1).contains(&problem.column)), "{problem:?}");
        prop_assert!(!problem.message.is_empty() && problem.path.starts_with('/'), "{problem:?}");
    }
    Ok(found)
}

/// What was answered to the tasks of a run, by turns.
fn answer(draw: u8, value: &Value) -> Answer {
    match draw % 6 {
        0 => Answer::Started,
        1 => Answer::Submitted(value.clone()),
        2 => Answer::Failed { error: "Boom".to_owned(), cause: Some("c".to_owned()) },
        3 => Answer::TimedOut,
        4 => Answer::Heartbeat,
        _ => Answer::Succeeded(value.clone()),
    }
}

fn driven(definition: &Arc<Definition>, input: &Value, draws: &[u8]) -> Execution {
    let start = Start {
        execution_arn: "arn:aws:states:us-east-1:111111111111:execution:m:e".to_owned(),
        execution_name: "e".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:111111111111:stateMachine:m".to_owned(),
        state_machine_name: "m".to_owned(),
        role_arn: "arn:aws:iam::111111111111:role/r".to_owned(),
        input: input.clone(),
        started_at: Timestamp(0),
        kind: Kind::Standard,
        seed: 3,
        limits: Limits { payload_bytes: 20_000, history_events: 500 },
    };
    let mut execution = Execution::start(Arc::clone(definition), start);
    let (mut now, mut draws) = (Timestamp(0), draws.iter().copied().cycle());
    for _ in 0..100 {
        let mut wake = None;
        let mut tasks = Vec::new();
        for action in execution.step(now) {
            match action {
                Action::Schedule(request) => tasks.push(request.id),
                Action::WakeAt(at) => wake = Some(at),
                Action::Cancel(_) => {}
            }
        }
        if execution.outcome().is_some() {
            break;
        }
        now = wake.map_or(now.plus_seconds(1), |at| now.max(at));
        for task in tasks {
            execution.deliver(task, answer(draws.next().unwrap_or(0), input), now);
        }
    }
    execution
}

proptest! {
    /// Problems of any text have a place in it.
    #[test]
    fn lint_tells_places(text in texts()) {
        linted(&text)?;
    }

    /// A definition is read, or refused with at least one problem; the linter and the reader agree.
    #[test]
    fn parse_reads_or_refuses(text in texts()) {
        let found = linted(&text)?;
        match Definition::parse(&text) {
            Ok(_) => prop_assert!(found.is_valid()),
            Err(error) => {
                prop_assert!(!error.problems.is_empty());
                prop_assert!(error.problems.iter().all(|problem| !problem.message.is_empty()));
            }
        }
    }

    /// Whatever can be read can be run: within the limits, with the same history again.
    #[test]
    fn run_stays_within_limits(value in definitions(), a in words(), draws in prop::collection::vec(any::<u8>(), 1..8)) {
        let Ok(definition) = Definition::parse(&value.to_string()) else { return Ok(()) };
        let (definition, input) = (Arc::new(definition), json!({ "a": a, "n": 1, "error": { "Error": "E" } }));
        let began = Instant::now();
        let execution = driven(&definition, &input, &draws);
        prop_assert!(began.elapsed() < LONG, "the execution takes too long");
        prop_assert!(execution.history().len() <= 500);
        for (at, event) in execution.history().iter().enumerate() {
            prop_assert_eq!(event.id, at as u64 + 1);
            prop_assert!(event.previous_event_id < event.id);
        }
        if let Some(output) = execution.outcome().and_then(|outcome| outcome.output.as_ref()) {
            prop_assert!(output.to_string().len() <= 20_000);
        }
        let again = driven(&definition, &input, &draws);
        prop_assert_eq!(execution.history(), again.history());
    }
}
