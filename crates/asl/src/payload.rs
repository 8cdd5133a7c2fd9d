//! Shared JSON payloads. Events, states and variables hold the same value without copying it, and its size is measured once.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

/// Levels of nesting that a payload may have; Step Functions' own JSON parser stops at the same depth.
pub const MAX_DEPTH: usize = 1000;

/// A JSON value that many may hold. Cloning is cheap; the size in bytes is computed when first asked for.
#[derive(Clone)]
pub struct Payload(Arc<Inner>);

struct Inner {
    value: Value,
    size: OnceLock<Option<usize>>,
}

impl Payload {
    /// Takes ownership of a value.
    #[must_use]
    pub fn new(value: Value) -> Payload {
        Payload(Arc::new(Inner { value, size: OnceLock::new() }))
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.0.value
    }

    /// The length in bytes of the value's compact JSON text in UTF-8; `None` when it is nested more deeply than a payload may be.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        *self.0.size.get_or_init(|| json_size(&self.0.value, MAX_DEPTH))
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

/// The length of a value's compact JSON text, without making the text; `None` when it is nested more deeply than that.
#[must_use]
pub fn json_size(value: &Value, depth_left: usize) -> Option<usize> {
    let depth_left = depth_left.checked_sub(1)?;
    Some(match value {
        Value::Null => 4,
        Value::Bool(flag) => 5 - usize::from(*flag),
        Value::Number(number) => number_size(number),
        Value::String(text) => string_size(text),
        Value::Array(items) => {
            let mut sum = 2 + items.len().saturating_sub(1);
            for item in items {
                sum += json_size(item, depth_left)?;
            }
            sum
        }
        Value::Object(map) => {
            let mut sum = 2 + map.len().saturating_sub(1);
            for (key, value) in map {
                sum += string_size(key) + 1 + json_size(value, depth_left)?;
            }
            sum
        }
    })
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
            assert_eq!(json_size(&value, 10), Some(value.to_string().len()));
            assert_eq!(json_size(&json!([[value]]), 2), None);
        }
    }
}
