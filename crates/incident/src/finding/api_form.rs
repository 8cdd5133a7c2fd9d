//! GuardDuty findings in the form of the API (`GetFindings`, PascalCase) as events have them (camelCase).

use std::borrow::Cow;

use serde_json::{Map, Value};

/// Fields whose name changes by more than its first letter: botocore's `guardduty/2017-11-28` model, `locationName`
/// against the events' field.
const RENAMED: [(&str, &str, &str); 2] =
    [("ProductCodes", "Code", "productCodeId"), ("ProductCodes", "ProductType", "productCodeType")];

/// Deepest nesting that is followed; GuardDuty's own findings have about ten levels.
const MAX_DEPTH: usize = 64;

/// The detail in the form of events, and whether it had to be converted.
pub(super) fn camel_case_finding(detail: &Value) -> (Cow<'_, Value>, bool) {
    let is_api_form = detail.get("id").is_none()
        && detail.get("Id").is_some_and(Value::is_string)
        && (detail.get("Type").is_some() || detail.get("Resource").is_some());
    if is_api_form { (Cow::Owned(convert(detail, "", 0)), true) } else { (Cow::Borrowed(detail), false) }
}

fn convert(value: &Value, parent: &str, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return value.clone();
    }
    match value {
        Value::Object(fields) => {
            let mut out = Map::with_capacity(fields.len());
            for (key, value) in fields {
                let name = RENAMED
                    .iter()
                    .find(|(of, from, _)| *of == parent && from == key)
                    .map_or_else(|| lower_first(key), |(_, _, to)| (*to).to_owned());
                out.insert(name, convert(value, key, depth + 1));
            }
            if parent == "AdditionalInfo" {
                spread_additional_info(&mut out);
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| convert(item, parent, depth + 1)).collect()),
        other => other.clone(),
    }
}

/// Events repeat the fields of `additionalInfo.value` beside it; the API has them only in the JSON text.
fn spread_additional_info(additional: &mut Map<String, Value>) {
    let Some(Ok(Value::Object(inner))) =
        additional.get("value").and_then(Value::as_str).map(serde_json::from_str::<Value>)
    else {
        return;
    };
    for (key, value) in inner {
        additional.entry(key).or_insert(value);
    }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
