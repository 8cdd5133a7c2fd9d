//! How fast machines run, in state transitions per second, with the whole history kept.
//!
//! `cargo bench -p asl` also prints the curve from 1,000 to 100,000 items and the peak memory of each size, which shows that
//! nothing grows faster than its input.

use std::hint::black_box;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use asl::{Definition, Execution, Kind, Limits, Start, Status, Timestamp};
use criterion::{BenchmarkId, Criterion, Throughput};
use serde_json::{Value, json};

/// A definition that is known to be right.
fn definition(value: &Value) -> Arc<Definition> {
    match Definition::parse(&value.to_string()) {
        Ok(definition) => Arc::new(definition),
        Err(error) => unreachable!("{error}"),
    }
}

fn run(definition: &Arc<Definition>, input: &Value) -> Execution {
    let start = Start {
        execution_arn: "arn:aws:states:us-east-1:111111111111:execution:m:e".to_owned(),
        execution_name: "e".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:111111111111:stateMachine:m".to_owned(),
        state_machine_name: "m".to_owned(),
        role_arn: "arn:aws:iam::111111111111:role/r".to_owned(),
        input: input.clone(),
        started_at: Timestamp(0),
        kind: Kind::Standard,
        seed: 1,
        limits: Limits { payload_bytes: usize::MAX, history_events: usize::MAX },
    };
    let mut execution = Execution::start(Arc::clone(definition), start);
    black_box(execution.step(Timestamp(0)));
    assert_eq!(execution.status(), Status::Succeeded, "{:?}", execution.outcome().and_then(|o| o.cause.clone()));
    execution
}

/// Counts with a Pass state and goes on with a Choice state.
fn loop_with_paths() -> Value {
    json!({
        "StartAt": "Count",
        "States": {
            "Count": { "Type": "Pass", "Parameters": { "i.$": "States.MathAdd($.i, 1)", "n.$": "$.n" }, "Next": "More" },
            "More": {
                "Type": "Choice",
                "Choices": [{ "Variable": "$.i", "NumericLessThanPath": "$.n", "Next": "Count" }],
                "Default": "Done"
            },
            "Done": { "Type": "Succeed" }
        }
    })
}

fn loop_with_expressions() -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Count",
        "States": {
            "Count": { "Type": "Pass", "Output": { "i": "{% $states.input.i + 1 %}", "n": "{% $states.input.n %}" }, "Next": "More" },
            "More": {
                "Type": "Choice",
                "Choices": [{ "Condition": "{% $states.input.i < $states.input.n %}", "Next": "Count" }],
                "Default": "Done"
            },
            "Done": { "Type": "Succeed" }
        }
    })
}

fn loop_with_variables() -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Begin",
        "States": {
            "Begin": { "Type": "Pass", "Assign": { "i": 0, "n": "{% $states.input.n %}" }, "Next": "Count" },
            "Count": { "Type": "Pass", "Assign": { "i": "{% $i + 1 %}" }, "Next": "More" },
            "More": {
                "Type": "Choice",
                "Choices": [{ "Condition": "{% $i < $n %}", "Next": "Count" }],
                "Default": "Done"
            },
            "Done": { "Type": "Succeed" }
        }
    })
}

fn five_passes(language: &str) -> Value {
    let mut states = serde_json::Map::new();
    for at in 1..=5 {
        let mut state = json!({ "Type": "Pass" });
        let next = if at == 5 { ("End", json!(true)) } else { ("Next", json!(format!("P{}", at + 1))) };
        if let Value::Object(state) = &mut state {
            state.insert(next.0.to_owned(), next.1);
        }
        states.insert(format!("P{at}"), state);
    }
    json!({
        "QueryLanguage": language,
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemProcessor": { "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "P1", "States": states },
                "End": true
            }
        }
    })
}

fn parallel_tree(depth: usize) -> Value {
    let leaf = json!({ "StartAt": "Leaf", "States": { "Leaf": { "Type": "Pass", "End": true } } });
    (0..depth).fold(leaf, |inner, at| {
        let name = format!("Fork{at}");
        json!({ "StartAt": name, "States": { (name): { "Type": "Parallel", "Branches": [rename(&inner, 'a'), rename(&inner, 'b')], "End": true } } })
    })
}

/// The same machine with other names, which must differ throughout a definition.
fn rename(machine: &Value, suffix: char) -> Value {
    match machine {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match (key.as_str(), value) {
                ("StartAt", Value::String(name)) => (key.clone(), json!(format!("{name}{suffix}"))),
                ("States", Value::Object(states)) => {
                    let renamed = states.iter().map(|(name, state)| (format!("{name}{suffix}"), rename(state, suffix)));
                    (key.clone(), Value::Object(renamed.collect()))
                }
                _ => (key.clone(), rename(value, suffix)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(|item| rename(item, suffix)).collect(),
        other => other.clone(),
    }
}

fn transitions(definition: &Arc<Definition>, input: &Value) -> u64 {
    run(definition, input).transitions()
}

fn machines(criterion: &mut Criterion) {
    let items: Vec<usize> = (0..1000).collect();
    let cases = [
        ("pass and choice, 10,000 times, JSONPath", loop_with_paths(), json!({ "i": 0, "n": 10_000 })),
        ("pass and choice, 10,000 times, JSONata", loop_with_expressions(), json!({ "i": 0, "n": 10_000 })),
        ("pass and choice, 10,000 times, variables", loop_with_variables(), json!({ "n": 10_000 })),
        ("map of 1,000 items, JSONPath", five_passes("JSONPath"), json!(items)),
        ("map of 1,000 items, JSONata", five_passes("JSONata"), json!(items)),
        ("tree of 1,024 branches", parallel_tree(10), json!({})),
    ];
    let mut group = criterion.benchmark_group("transitions");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    for (name, machine, input) in &cases {
        let definition = definition(machine);
        group.throughput(Throughput::Elements(transitions(&definition, input)));
        group.bench_with_input(BenchmarkId::from_parameter(name), input, |bencher, input| {
            bencher.iter(|| run(&definition, input))
        });
    }
    group.finish();
}

fn parsing(criterion: &mut Criterion) {
    let mut states = serde_json::Map::new();
    for at in 0..1000 {
        let next = if at == 999 {
            json!({ "Type": "Succeed" })
        } else {
            json!({ "Type": "Pass", "Parameters": { "x.$": "$.x" }, "Next": format!("S{}", at + 1) })
        };
        states.insert(format!("S{at}"), next);
    }
    let text = json!({ "StartAt": "S0", "States": states }).to_string();
    criterion.bench_function("parse 1,000 states", |bencher| bencher.iter(|| Definition::parse(black_box(&text))));
}

/// Peak memory of this process, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

type Input = fn(usize) -> Value;

/// The machines of the curve, each with its input for a number of items or of times.
fn curves() -> [(&'static str, Value, Input); 5] {
    [
        ("pass and choice, JSONPath", loop_with_paths(), |count| json!({ "i": 0, "n": count })),
        ("pass and choice, JSONata", loop_with_expressions(), |count| json!({ "i": 0, "n": count })),
        ("pass and choice, variables", loop_with_variables(), |count| json!({ "n": count })),
        ("map of five, JSONPath", five_passes("JSONPath"), |count| (0..count).collect()),
        ("map of five, JSONata", five_passes("JSONata"), |count| (0..count).collect()),
    ]
}

/// Measures each size in a process of its own, for the peak of a process's memory never falls.
fn curve() {
    println!("\n{:<34} {:>9} {:>12} {:>14} {:>12}", "machine", "items", "milliseconds", "transitions/s", "peak MiB");
    let Ok(program) = std::env::current_exe() else { return };
    for at in 0..curves().len() {
        for count in [1000, 3000, 10_000, 30_000, 100_000] {
            let status = Command::new(&program).args([MEASURE, &at.to_string(), &count.to_string()]).status();
            assert!(status.is_ok_and(|status| status.success()), "the measurement of {count} items ends");
        }
    }
}

/// How fast the tree of branches runs beside a Map, each measured many times in turn: the fastest run is the one that the
/// rest of the machine disturbed least, so that the ratio can be compared between machines.
fn tree_beside_map() {
    let items: Vec<usize> = (0..1000).collect();
    let shapes = [(parallel_tree(10), json!({})), (five_passes("JSONPath"), json!(items))];
    let mut rates = shapes.iter().map(|(machine, input)| (definition(machine), input, 0.0_f64)).collect::<Vec<_>>();
    for _ in 0..200 {
        for (definition, input, best) in &mut rates {
            let begin = Instant::now();
            let transitions = transitions(definition, input);
            let rate = f64::from(u32::try_from(transitions).unwrap_or(u32::MAX)) / begin.elapsed().as_secs_f64();
            *best = best.max(rate);
        }
    }
    if let [(_, _, tree), (_, _, map)] = rates.as_slice() {
        println!(
            "\ntree of 1,024 branches: {tree:.0} transitions/s, map of 1,000 items: {map:.0}, ratio {:.2}",
            tree / map
        );
    }
}

/// The argument that asks for one measurement of the curve: its number and the count follow.
const MEASURE: &str = "--measure";

fn measure(mut arguments: impl Iterator<Item = usize>) -> Option<()> {
    let (at, count) = (arguments.next()?, arguments.next()?);
    let (name, machine, input) = curves().into_iter().nth(at)?;
    let (definition, input) = (definition(&machine), input(count));
    let begin = Instant::now();
    let transitions = transitions(&definition, &input);
    let seconds = begin.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(transitions).unwrap_or(u32::MAX)) / seconds;
    let peak = peak_memory().map_or_else(|| "?".to_owned(), |kib| (kib / 1024).to_string());
    println!("{name:<34} {count:>9} {:>12.1} {rate:>14.0} {peak:>12}", seconds * 1000.0);
    Some(())
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(MEASURE) {
        measure(arguments.filter_map(|argument| argument.parse().ok()));
        return;
    }
    let mut criterion = Criterion::default().configure_from_args();
    tree_beside_map();
    curve();
    machines(&mut criterion);
    parsing(&mut criterion);
    criterion.final_summary();
}
