//! Values between JSON and JSONata.

use std::rc::Rc;

use indexmap::IndexMap;
use jsonata_core::value::JValue;
use serde_json::{Map, Value};

use crate::number::number;

/// The JSONata value of a JSON value. Payloads are bounded in depth.
pub(crate) fn to_jsonata(value: &Value) -> JValue {
    match value {
        Value::Null => JValue::Null,
        Value::Bool(flag) => JValue::Bool(*flag),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or(0.0)),
        Value::String(text) => JValue::String(Rc::from(text.as_str())),
        Value::Array(items) => JValue::array(items.iter().map(to_jsonata).collect()),
        Value::Object(map) => {
            JValue::object(map.iter().map(|(key, value)| (key.clone(), to_jsonata(value))).collect::<IndexMap<_, _>>())
        }
    }
}

/// The JSON value of a result; `None` where it holds a function, or is nested too deeply. A number that JSON has no form for
/// is the text that names it: Step Functions gives `["Infinity"]` for `[1/0]` (floci-io/floci#2737).
pub(super) fn from_jsonata(value: &JValue, depth_left: usize) -> Option<Value> {
    let depth_left = depth_left.checked_sub(1)?;
    Some(match value {
        JValue::Null => Value::Null,
        JValue::Bool(flag) => Value::Bool(*flag),
        JValue::Number(n) if n.is_finite() => number(*n),
        JValue::Number(n) => Value::String(name_of(*n).to_owned()),
        JValue::String(text) => Value::String(text.to_string()),
        JValue::Array(items) => {
            Value::Array(items.iter().map(|item| from_jsonata(item, depth_left)).collect::<Option<_>>()?)
        }
        JValue::Object(map) => {
            let mut out = Map::with_capacity(map.len());
            for (key, value) in map.iter().filter(|(_, value)| !value.is_undefined()) {
                out.insert(key.clone(), from_jsonata(value, depth_left)?);
            }
            Value::Object(out)
        }
        JValue::Undefined | JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => return None,
    })
}

/// The name of a number that is not finite, as JavaScript and Java write it.
fn name_of(number: f64) -> &'static str {
    match number {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}
