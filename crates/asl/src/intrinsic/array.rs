//! Functions over arrays.

use std::collections::HashSet;

use serde_json::Value;

use crate::number::number;

/// Splits an array into arrays of `size` items.
pub(super) fn partition(items: &[Value], size: usize) -> Value {
    items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect()
}

/// Whether two values are the same; numbers compare by value, whatever their form.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => left == right,
    }
}

/// The items without repetitions, in the order of their first occurrence.
pub(super) fn unique(items: Vec<Value>) -> Value {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(canonical(item).to_string())).collect()
}

/// The canonical form of a value, with sorted names and one form of numbers: equal values have equal texts.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(n) => n.as_f64().filter(|_| n.is_f64()).map_or_else(|| value.clone(), number),
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            Value::Object(fields.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect())
        }
        other => other.clone(),
    }
}

/// The integers from `first` to `last` in steps; `None` when the step is zero or there are more than `most` of them.
pub(super) fn range(first: i64, last: i64, step: i64, most: usize) -> Option<Vec<i64>> {
    if step == 0 {
        return None;
    }
    let mut out = Vec::new();
    let mut current = first;
    while if step > 0 { current <= last } else { current >= last } {
        if out.len() == most {
            return None;
        }
        out.push(current);
        match current.checked_add(step) {
            Some(next) => current = next,
            None => break,
        }
    }
    Some(out)
}
