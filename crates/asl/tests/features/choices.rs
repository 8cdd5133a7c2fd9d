//! Choice states.

use serde_json::{Value, json};

use crate::proof::{Feature, feature, gives, only_jsonata};

/// Comparison operators with an operand, a value that matches and one that does not.
fn comparisons() -> Vec<(&'static str, Value, Value, Value)> {
    let (early, middle, late) = ("2024-01-01T00:00:00Z", "2024-01-01T02:00:00+01:00", "2024-01-01T03:00:00Z");
    vec![
        ("StringEquals", json!("b"), json!("b"), json!("a")),
        ("StringLessThan", json!("b"), json!("a"), json!("b")),
        ("StringGreaterThan", json!("b"), json!("c"), json!("b")),
        ("StringLessThanEquals", json!("b"), json!("b"), json!("c")),
        ("StringGreaterThanEquals", json!("b"), json!("b"), json!("a")),
        ("NumericEquals", json!(2), json!(2.0), json!(3)),
        ("NumericLessThan", json!(2), json!(1), json!(2)),
        ("NumericGreaterThan", json!(2), json!(3), json!(2)),
        ("NumericLessThanEquals", json!(2), json!(2), json!(3)),
        ("NumericGreaterThanEquals", json!(2), json!(2), json!(1)),
        ("BooleanEquals", json!(true), json!(true), json!(false)),
        ("TimestampEquals", json!(middle), json!("2024-01-01T01:00:00Z"), json!(early)),
        ("TimestampLessThan", json!(middle), json!(early), json!(late)),
        ("TimestampGreaterThan", json!(middle), json!(late), json!(early)),
        ("TimestampLessThanEquals", json!(middle), json!(middle), json!(late)),
        ("TimestampGreaterThanEquals", json!(middle), json!(middle), json!(early)),
    ]
}

/// Type tests with a value that matches and one that does not.
fn tests() -> Vec<(&'static str, Value, Value)> {
    vec![
        ("IsNull", json!(null), json!(0)),
        ("IsString", json!("1"), json!(1)),
        ("IsNumeric", json!(1), json!("1")),
        ("IsBoolean", json!(false), json!("false")),
        ("IsTimestamp", json!("2024-01-01T00:00:00Z"), json!("2024-01-01")),
    ]
}

/// A state machine that returns `yes` when the rule matches, else `no`.
fn choosing(rule: Value) -> Value {
    let mut rule = rule;
    if let Value::Object(fields) = &mut rule {
        fields.insert("Next".to_owned(), json!("Yes"));
    }
    json!({ "StartAt": "S", "States": {
        "S": { "Type": "Choice", "Choices": [rule], "Default": "No" },
        "Yes": { "Type": "Pass", "Result": "yes", "End": true },
        "No": { "Type": "Pass", "Result": "no", "End": true }
    } })
}

fn with(name: &str, value: Value, other: &Value) -> Value {
    json!({ "Variable": "$.v", (name): value, "Comment": other.to_string() })
}

pub(crate) fn features() -> Vec<Feature> {
    let mut features = Vec::new();
    for (name, than, fits, other) in comparisons() {
        let rule = choosing(with(name, than.clone(), &other));
        let by_path = choosing(with(&format!("{name}Path"), json!("$.than"), &other));
        let mut works = Vec::new();
        for (value, said) in [(fits, "yes"), (other, "no")] {
            works.push(gives(rule.clone(), json!({ "v": value }), json!(said)));
            works.push(gives(by_path.clone(), json!({ "v": value, "than": than }), json!(said)));
        }
        features.push(feature(format!("`{name}`, `{name}Path`"), works));
    }
    for (name, fits, other) in tests() {
        let mut works = Vec::new();
        for (asked, first, second) in [(true, "yes", "no"), (false, "no", "yes")] {
            let rule = choosing(with(name, json!(asked), &other));
            works.push(gives(rule.clone(), json!({ "v": fits }), json!(first)));
            works.push(gives(rule, json!({ "v": other }), json!(second)));
        }
        features.push(feature(format!("`{name}`"), works));
    }
    features.push(feature(
        "`IsPresent`",
        vec![
            gives(choosing(json!({ "Variable": "$.v", "IsPresent": true })), json!({ "v": null }), json!("yes")),
            gives(choosing(json!({ "Variable": "$.v", "IsPresent": true })), json!({}), json!("no")),
            gives(choosing(json!({ "Variable": "$.v", "IsPresent": false })), json!({}), json!("yes")),
        ],
    ));
    let pattern = choosing(json!({ "Variable": "$.v", "StringMatches": "log-*-\\*.txt" }));
    features.push(feature(
        "`StringMatches`, with `*` and `\\*`",
        vec![
            gives(pattern.clone(), json!({ "v": "log-2024-01-*.txt" }), json!("yes")),
            gives(pattern, json!({ "v": "log-2024-01-x.txt" }), json!("no")),
        ],
    ));
    let (a, b) =
        (json!({ "Variable": "$.a", "BooleanEquals": true }), json!({ "Variable": "$.b", "BooleanEquals": true }));
    let logic = [
        ("And", json!({ "And": [a, b] }), [false, false, false, true]),
        ("Or", json!({ "Or": [a, b] }), [false, true, true, true]),
        ("Not", json!({ "Not": { "And": [a, b] } }), [true, true, true, false]),
    ];
    for (name, rule, truth) in logic {
        let inputs = [(false, false), (false, true), (true, false), (true, true)];
        let proof = |((a, b), truth): ((bool, bool), bool)| {
            gives(choosing(rule.clone()), json!({ "a": a, "b": b }), json!(if truth { "yes" } else { "no" }))
        };
        features.push(feature(format!("`{name}`"), inputs.into_iter().zip(truth).map(proof).collect()));
    }
    let condition = |text: &str| {
        let mut machine =
            only_jsonata(json!({ "Type": "Choice", "Choices": [{ "Condition": text, "Next": "T" }], "Default": "U" }));
        if let Some(Value::Object(states)) = machine.get_mut("States") {
            states.insert("T".to_owned(), json!({ "Type": "Pass", "Output": "yes", "End": true }));
            states.insert("U".to_owned(), json!({ "Type": "Pass", "Output": "no", "End": true }));
        }
        machine
    };
    features.push(feature(
        "`Condition` in JSONata",
        vec![
            gives(condition("{% $states.input.n > 3 %}"), json!({ "n": 4 }), json!("yes")),
            gives(condition("{% $states.input.n > 3 %}"), json!({ "n": 3 }), json!("no")),
        ],
    ));
    features
}
