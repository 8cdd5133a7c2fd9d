//! The items of the incident table, between plain JSON, as a scenario writes them, and the attribute values of DynamoDB.

use account::dynamodb::ReadDynamoDb;
use account::{Timestamp, World};
use incident::Incident;
pub(crate) use incident::contract::BEFORE_IMAGE_KEY as BEFORE_IMAGE;
use responder::kill_switch;
use serde_json::{Map, Value, json};

use crate::deployment::Deployment;
use crate::scenario::Scenario;

/// The items that a scenario puts into the table.
pub(crate) fn initial(scenario: &Scenario, now: Timestamp) -> Vec<Value> {
    let engaged = scenario.kill_switch.then(|| {
        json!({
            "incident_id": {"S": kill_switch::INCIDENT_ID}, "record": {"S": kill_switch::SORT_KEY}, "engaged": {"BOOL": true},
            "by": {"S": "the scenario"}, "reason": {"S": "a drill"}, "at": {"S": now.iso_seconds()},
        })
    });
    scenario.table_items.iter().map(item).chain(engaged).collect()
}

/// Every item in the tables of the stack.
pub(crate) fn all<'a>(world: &'a World, deployment: &'a Deployment) -> impl Iterator<Item = Value> + 'a {
    let home = &deployment.surroundings;
    deployment.template.tables.iter().flat_map(|table| world.items(&home.account, &home.region, &table.name))
}

/// An item of an incident.
pub(crate) struct IncidentItem {
    /// The sort key.
    pub(crate) record: String,
    /// The content, where there is one.
    pub(crate) body: Option<String>,
}

/// The items of an incident and of its later episodes.
pub(crate) fn of_incident<'a>(
    world: &'a World,
    deployment: &'a Deployment,
    incident: &'a Incident,
) -> impl Iterator<Item = IncidentItem> + 'a {
    all(world, deployment).filter_map(|item| {
        let text = |name: &str| item.get(name)?.get("S")?.as_str().map(str::to_owned);
        let is_own = text("incident_id").is_some_and(|id| is_episode_of(&id, incident));
        is_own.then(|| Some(IncidentItem { record: text("record")?, body: text("body") }))?
    })
}

/// Whether an id is that of an incident or of a later episode of it: `inc-0123456789ab`, `inc-0123456789ab-2`.
pub(crate) fn is_episode_of(id: &str, incident: &Incident) -> bool {
    id.strip_prefix(incident.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// An item of plain JSON: a list of texts stands for a set, an object for its JSON text.
fn item(fields: &Map<String, Value>) -> Value {
    fields.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<String, Value>>().into()
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

/// Whether an item has the given fields. An object is compared with the JSON in the text, and there too only the given
/// fields count.
pub(crate) fn holds(item: &Value, fields: &Map<String, Value>) -> bool {
    fields.iter().all(|(name, expected)| match (item.get(name), expected) {
        (None, Value::Null) => true,
        (Some(found), Value::Object(_)) => {
            let text = found.get("S").and_then(Value::as_str);
            text.and_then(|text| serde_json::from_str(text).ok()).is_some_and(|found: Value| includes(&found, expected))
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
        let fields = json!({"incident_id": "i", "n": 1, "on": true, "of": ["a", "b"], "body": {"a": {"b": 1}}});
        let fields = fields.as_object().cloned().unwrap_or_default();
        let made = item(&fields);
        assert_eq!(made.get("body"), Some(&json!({"S": "{\"a\":{\"b\":1}}"})));
        assert_eq!(made.get("n"), Some(&json!({"N": "1"})));
        assert!(holds(&made, &fields));
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
