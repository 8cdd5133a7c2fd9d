//! How fast definitions are linted and parsed: milliseconds for a thousand states, in step with their number.

use std::hint::black_box;

use asl::{Definition, lint};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Map, Value, json};

/// A definition of that many states, of several kinds, each leading to the next.
fn definition(states: usize, language: &str) -> String {
    let mut all = Map::new();
    for at in 0..states {
        let next = format!("S{}", at + 1);
        let state = match (at % 3, language) {
            (0, "JSONata") => json!({ "Type": "Pass", "Output": { "x": "{% $states.input.x + 1 %}" }, "Next": next }),
            (0, _) => json!({ "Type": "Pass", "Parameters": { "x.$": "States.MathAdd($.x, 1)" }, "Next": next }),
            (1, "JSONata") => json!({
                "Type": "Choice", "Choices": [{ "Condition": "{% $states.input.x > 1 %}", "Next": next }], "Default": next,
            }),
            (1, _) => json!({
                "Type": "Choice", "Choices": [{ "Variable": "$.x", "NumericGreaterThan": 1, "Next": next }], "Default": next,
            }),
            _ => json!({
                "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "TimeoutSeconds": 60,
                "Retry": [{ "ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 3 }],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": format!("S{states}") }], "Next": next,
            }),
        };
        all.insert(format!("S{at}"), state);
    }
    all.insert(format!("S{states}"), json!({ "Type": "Succeed" }));
    json!({ "QueryLanguage": language, "StartAt": "S0", "States": Value::Object(all) }).to_string()
}

fn reading(criterion: &mut Criterion) {
    for language in ["JSONPath", "JSONata"] {
        for states in [100, 1_000, 4_000] {
            let text = definition(states, language);
            assert!(lint::lint(&text).is_valid(), "it is right");
            let name = format!("{states} states, {language}");
            for (verb, parse) in [("lint", false), ("parse", true)] {
                let mut group = criterion.benchmark_group(verb);
                group.sample_size(20).throughput(Throughput::Elements(states as u64));
                group.bench_with_input(BenchmarkId::from_parameter(&name), &text, |bencher, text| {
                    bencher.iter(|| {
                        if parse {
                            black_box(Definition::parse(black_box(text)).is_ok());
                        } else {
                            black_box(lint::lint(black_box(text)).is_valid());
                        }
                    });
                });
                group.finish();
            }
        }
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
