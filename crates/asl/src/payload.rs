//! Shared JSON payloads. Events, states and variables share a value without copying it, and its size is computed once.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// How deeply a payload may be nested; the JSON parser of Step Functions has the same limit.
pub const MAX_DEPTH: usize = 1000;

/// A shared JSON value. Cloning is cheap; the size is computed at the first request.
#[derive(Clone)]
pub struct Payload(Arc<Inner>);

struct Inner {
    value: Value,
    measure: OnceLock<Option<Measure>>,
}

impl Payload {
    /// Takes ownership of a value.
    #[must_use]
    pub fn new(value: Value) -> Payload {
        Payload(Arc::new(Inner { value, measure: OnceLock::new() }))
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// The size of the value in bytes, as compact JSON text in UTF-8; `None` when it is nested more deeply than [`MAX_DEPTH`].
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        self.measure().map(|measure| measure.size)
    }

    /// The approximate memory of the value in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.measure()
            .map_or(0, |measure| measure.values.saturating_mul(size_of::<Value>()).saturating_add(measure.size))
    }

    /// Whether both share one value in memory.
    pub(crate) fn is(&self, other: &Payload) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn measure(&self) -> Option<Measure> {
        *self.0.measure.get_or_init(|| measure(&self.0.value, MAX_DEPTH))
    }

    /// The value itself, copied only when it is shared.
    #[must_use]
    pub fn into_value(self) -> Value {
        match Arc::try_unwrap(self.0) {
            Ok(inner) => inner.value,
            Err(shared) => shared.value.clone(),
        }
    }
}

impl Deref for Payload {
    type Target = Value;
    fn deref(&self) -> &Value {
        &self.0.value
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Payload {
        Payload::new(value)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.value == other.0.value
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.value.fmt(f)
    }
}

/// The measurements of a value.
#[derive(Clone, Copy)]
struct Measure {
    /// The length of its compact JSON text.
    size: usize,
    /// The number of values in it, itself included.
    values: usize,
}

/// Measures a value without writing its text; `None` when it is nested more deeply than `depth_left`.
fn measure(value: &Value, depth_left: usize) -> Option<Measure> {
    let depth_left = depth_left.checked_sub(1)?;
    let mut values = 1;
    let size = match value {
        Value::Null => 4,
        Value::Bool(flag) => 5 - usize::from(*flag),
        Value::Number(number) => number_size(number),
        Value::String(text) => string_size(text),
        Value::Array(items) => {
            let mut sum = 2 + items.len().saturating_sub(1);
            for item in items {
                let inner = measure(item, depth_left)?;
                sum += inner.size;
                values += inner.values;
            }
            sum
        }
        Value::Object(map) => {
            let mut sum = 2 + map.len().saturating_sub(1);
            for (key, value) in map {
                let inner = measure(value, depth_left)?;
                sum += string_size(key) + 1 + inner.size;
                values += 2 + inner.values;
            }
            sum
        }
    };
    Some(Measure { size, values })
}

fn number_size(number: &serde_json::Number) -> usize {
    match (number.as_u64(), number.as_i64()) {
        (Some(0), _) => 1,
        (Some(n), _) => n.ilog10() as usize + 1,
        (_, Some(n)) => n.unsigned_abs().ilog10() as usize + 2,
        _ => number.to_string().len(),
    }
}

fn string_size(text: &str) -> usize {
    let escaped: usize = text
        .bytes()
        .map(|byte| match byte {
            b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 1,
            0..0x20 => 5,
            _ => 0,
        })
        .sum();
    text.len() + 2 + escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_size_is_that_of_the_text() {
        for value in [
            json!(null),
            json!([true, false, 0, -1, 10, 99, 100, -1000, 1.5, 1e300, u64::MAX, i64::MIN]),
            json!({"a\n\"\u{1}\u{7f}é": ["\\", "\u{8}\u{c}\t\r"], "": {}, "x": []}),
        ] {
            assert_eq!(measure(&value, 10).map(|found| found.size), Some(value.to_string().len()));
            assert!(measure(&json!([[value]]), 2).is_none());
        }
    }
}
