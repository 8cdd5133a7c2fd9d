//! Shared JSON payloads. Events, states and variables share a value without copying it, and its size is computed once.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde_json::{Map, Value};

/// How deeply a payload may be nested; the JSON parser of Step Functions has the same limit.
pub const MAX_DEPTH: usize = 1000;

/// A shared JSON value. Cloning is cheap; the size is computed at the first request.
#[derive(Clone)]
pub struct Payload(Arc<Inner>);

struct Inner {
    content: Content,
    measure: OnceLock<Option<Measure>>,
}

enum Content {
    Value(Value),
    /// An array of payloads. It becomes one value when somebody reads it: the outputs of nested Parallel states are often
    /// only passed on, and copying them at each level would cost more than running them.
    List {
        items: Vec<Payload>,
        value: OnceLock<Box<Value>>,
    },
}

impl Payload {
    /// Takes ownership of a value.
    #[must_use]
    pub fn new(value: Value) -> Payload {
        Payload::of(Content::Value(value))
    }

    /// An array of these payloads, which stay shared.
    pub(crate) fn list(items: Vec<Payload>) -> Payload {
        Payload::of(Content::List { items, value: OnceLock::new() })
    }

    fn of(content: Content) -> Payload {
        Payload(Arc::new(Inner { content, measure: OnceLock::new() }))
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Value {
        match &self.0.content {
            Content::Value(value) => value,
            Content::List { items, value } => {
                value.get_or_init(|| Box::new(Value::Array(items.iter().map(Payload::to_value).collect())))
            }
        }
    }

    /// A copy of the value; unlike `value`, it does not make a list one value first.
    fn to_value(&self) -> Value {
        match &self.0.content {
            Content::Value(value) => value.clone(),
            Content::List { items, value } => match value.get() {
                Some(value) => Value::clone(value),
                None => Value::Array(items.iter().map(Payload::to_value).collect()),
            },
        }
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
        *self.0.measure.get_or_init(|| match &self.0.content {
            Content::Value(value) => Measure::of(value, MAX_DEPTH),
            Content::List { items, .. } => {
                Measure::of_list(items.iter().map(Payload::measure)).filter(|measure| measure.depth <= MAX_DEPTH)
            }
        })
    }

    /// The value itself, copied only when it is shared.
    #[must_use]
    pub fn into_value(self) -> Value {
        match Arc::try_unwrap(self.0) {
            Ok(Inner { content: Content::Value(value), .. }) => value,
            Ok(Inner { content: Content::List { items, value }, .. }) => match value.into_inner() {
                Some(value) => *value,
                None => Value::Array(items.into_iter().map(Payload::into_value).collect()),
            },
            Err(shared) => Payload(shared).to_value(),
        }
    }
}

impl Deref for Payload {
    type Target = Value;
    fn deref(&self) -> &Value {
        self.value()
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Payload {
        Payload::new(value)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Payload) -> bool {
        self.is(other) || self.value() == other.value()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// The measurements of a value.
#[derive(Clone, Copy)]
struct Measure {
    /// The length of its compact JSON text.
    size: usize,
    /// The number of values in it, itself included.
    values: usize,
    /// Its levels of nesting: 1 for a value that is neither array nor object.
    depth: usize,
}

impl Measure {
    /// Measures a value without writing its text; `None` when it is nested more deeply than `depth_left`.
    fn of(value: &Value, depth_left: usize) -> Option<Measure> {
        let depth_left = depth_left.checked_sub(1)?;
        let size = match value {
            Value::Null => 4,
            Value::Bool(flag) => 5 - usize::from(*flag),
            Value::Number(number) => number_size(number),
            Value::String(text) => string_size(text),
            Value::Array(items) => return Measure::of_list(items.iter().map(|item| Measure::of(item, depth_left))),
            Value::Object(map) => return Measure::of_map(map, depth_left),
        };
        Some(Measure { size, values: 1, depth: 1 })
    }

    fn of_list(items: impl ExactSizeIterator<Item = Option<Measure>>) -> Option<Measure> {
        let mut sum = Measure { size: 2 + items.len().saturating_sub(1), values: 1, depth: 1 };
        for item in items {
            let item = item?;
            sum.size += item.size;
            sum.values += item.values;
            sum.depth = sum.depth.max(item.depth + 1);
        }
        Some(sum)
    }

    fn of_map(map: &Map<String, Value>, depth_left: usize) -> Option<Measure> {
        let mut sum = Measure { size: 2 + map.len().saturating_sub(1), values: 1, depth: 1 };
        for (key, value) in map {
            let inner = Measure::of(value, depth_left)?;
            sum.size += string_size(key) + 1 + inner.size;
            sum.values += 2 + inner.values;
            sum.depth = sum.depth.max(inner.depth + 1);
        }
        Some(sum)
    }
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
            assert_eq!(Payload::new(value.clone()).size(), Some(value.to_string().len()));
            assert!(Measure::of(&json!([[value]]), 2).is_none());
        }
    }

    #[test]
    fn a_list_of_payloads_is_the_array_of_their_values() {
        let part = Payload::new(json!({ "a": [1, "é"] }));
        let list = Payload::list(vec![part.clone(), Payload::list(vec![]), Payload::list(vec![part])]);
        let array = Payload::new(json!([{ "a": [1, "é"] }, [], [{ "a": [1, "é"] }]]));
        assert_eq!((list.size(), list.weight()), (array.size(), array.weight()));
        assert_eq!(list.clone().into_value(), array.clone().into_value());
        assert_eq!(list, array);
        assert_eq!(list.into_value(), array.into_value());
    }

    #[test]
    fn a_list_is_not_nested_more_deeply_than_a_payload_may_be() {
        let nest = |levels: usize| (1..levels).fold(Payload::new(json!(0)), |inner, _| Payload::list(vec![inner]));
        assert_eq!(nest(MAX_DEPTH).size(), Payload::new(nest(MAX_DEPTH).into_value()).size());
        assert!(nest(MAX_DEPTH).size().is_some());
        assert!(nest(MAX_DEPTH + 1).size().is_none());
    }
}
