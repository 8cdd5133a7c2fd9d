//! The records of the incident table, between plain JSON, as a scenario writes them, and the attribute values of
//! DynamoDB.

use account::Timestamp;
use responder::kill_switch;
use serde_json::{Map, Value, json};

use crate::scenario::Scenario;

/// The items that a scenario puts into the table.
pub(crate) fn items(scenario: &Scenario, now: Timestamp) -> Vec<Value> {
    let engaged = scenario.kill_switch.then(|| {
        json!({
            "incident_id": {"S": kill_switch::INCIDENT_ID}, "record": {"S": kill_switch::SORT_KEY}, "engaged": {"BOOL": true},
            "by": {"S": "the scenario"}, "reason": {"S": "a drill"}, "at": {"S": now.iso_seconds()},
        })
    });
    scenario.records.iter().map(item).chain(engaged).collect()
}

/// An item of plain JSON: a list of texts stands for a set, an object for its JSON text.
fn item(record: &Map<String, Value>) -> Value {
    record.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<String, Value>>().into()
}

fn attribute(value: &Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(value) => json!({"BOOL": value}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(texts) => json!({"SS": texts}),
        Value::Object(_) => json!({"S": value.to_string()}),
    }
}

/// Whether an item holds what is given of a record. An object is held against what the text says as JSON, and there too
/// only what is given counts.
pub(crate) fn holds(item: &Value, record: &Map<String, Value>) -> bool {
    record.iter().all(|(name, expected)| match (item.get(name), expected) {
        (None, Value::Null) => true,
        (Some(found), Value::Object(_)) => {
            let text = found.get("S").and_then(Value::as_str).unwrap_or_default();
            serde_json::from_str(text).is_ok_and(|found: Value| includes(&found, expected))
        }
        (Some(found), Value::Array(expected)) => {
            let found = found.get("SS").and_then(Value::as_array);
            found.is_some_and(|found| found.len() == expected.len() && expected.iter().all(|text| found.contains(text)))
        }
        (Some(found), _) => *found == attribute(expected),
        (None, _) => false,
    })
}

/// Whether a value has every member that is expected; what is not an object must be equal.
pub(crate) fn includes(found: &Value, expected: &Value) -> bool {
    match expected {
        Value::Object(expected) => expected.iter().all(|(name, expected)| match found.get(name) {
            Some(found) => includes(found, expected),
            None => expected.is_null(),
        }),
        _ => found == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_stands_for_attributes() {
        let record = json!({"incident_id": "i", "n": 1, "on": true, "of": ["a", "b"], "body": {"a": {"b": 1}}});
        let record = record.as_object().cloned().unwrap_or_default();
        let made = item(&record);
        assert_eq!(made.get("body"), Some(&json!({"S": "{\"a\":{\"b\":1}}"})));
        assert_eq!(made.get("n"), Some(&json!({"N": "1"})));
        assert!(holds(&made, &record));
        for (name, other) in [
            ("incident_id", json!("j")),
            ("n", json!(2)),
            ("of", json!(["a"])),
            ("of", json!(["a", "c"])),
            ("body", json!({"a": {"b": 2}})),
            ("more", json!("x")),
        ] {
            let other = Map::from_iter([(name.to_owned(), other)]);
            assert!(!holds(&made, &other), "{other:?}");
        }
        let nothing = Map::from_iter([("more".to_owned(), Value::Null), ("body".to_owned(), json!({"c": null}))]);
        assert!(holds(&made, &nothing));
    }
}
