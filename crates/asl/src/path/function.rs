//! Functions at the end of a path: `$.items.length()`.

use serde_json::{Value, json};

use super::err::PathError;
use super::parse::Path;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    First,
    Last,
    Keys,
    /// `min`, `max`, `avg`, `sum`, `stddev`: Step Functions accepts them, and they never have a result, because Jayway JsonPath
    /// does not recognize the numbers of Jackson's JSON nodes.
    Aggregate,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        Some(match name {
            "length" | "size" => Function::Length,
            "min" | "max" | "avg" | "sum" | "stddev" => Function::Aggregate,
            "first" => Function::First,
            "last" => Function::Last,
            "keys" => Function::Keys,
            _ => return None,
        })
    }

    pub(super) fn apply(self, value: &Value, path: &Path) -> Result<Value, PathError> {
        let found = match (self, value) {
            (Function::Length, Value::Array(items)) => Some(json!(items.len())),
            (Function::Length, Value::Object(map)) => Some(json!(map.len())),
            (Function::Length, Value::String(text)) => Some(json!(text.encode_utf16().count())),
            (Function::Keys, Value::Object(map)) => Some(map.keys().map(|key| json!(key)).collect()),
            (Function::First, Value::Array(items)) => items.first().cloned(),
            (Function::Last, Value::Array(items)) => items.last().cloned(),
            _ => None,
        };
        found.ok_or_else(|| PathError::NoResults(path.text().to_owned()))
    }
}
