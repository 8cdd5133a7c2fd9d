//! An event as a set of fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::matcher::{Constant, Scalar};

/// Values below this depth are not seen. JSON that was read from text is never nested deeper.
const DEEPEST: usize = 128;

/// In which element of which arrays a value stands: array and element, ordered by array. A value that stands in an array
/// itself, not in an object or array within it, does not count as standing in an element.
pub(super) type Membership = Vec<(usize, usize)>;

/// A value of a field.
#[derive(Debug)]
pub(super) struct Occurrence {
    pub(super) value: Scalar,
    pub(super) membership: Membership,
}

/// The fields of an event by name, each with its values in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Fields {
    by_name: BTreeMap<String, Vec<Occurrence>>,
    arrays: usize,
}

impl Fields {
    /// The fields of an object; `None` for any other value.
    pub(super) fn of(event: &Value) -> Option<Self> {
        let Value::Object(_) = event else { return None };
        let mut fields = Self::default();
        fields.add(event, &mut String::new(), &mut Vec::new(), 0);
        Some(fields)
    }

    /// The values of a field.
    pub(super) fn values(&self, name: &str) -> &[Occurrence] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, value: &Value, name: &mut String, membership: &mut Membership, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let scalar = match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let length = name.len();
                    if depth > 0 {
                        name.push('.');
                    }
                    name.push_str(key);
                    self.add(value, name, membership, depth + 1);
                    name.truncate(length);
                }
                return;
            }
            Value::Array(items) => {
                let array = self.arrays;
                self.arrays += 1;
                for (index, item) in items.iter().enumerate() {
                    if matches!(item, Value::Object(_) | Value::Array(_)) {
                        membership.push((array, index));
                        self.add(item, name, membership, depth + 1);
                        membership.pop();
                    } else {
                        self.add(item, name, membership, depth + 1);
                    }
                }
                return;
            }
            Value::String(text) => Scalar::Text(text.clone()),
            Value::Number(number) => Scalar::number(number.to_string()),
            Value::Bool(true) => Scalar::Constant(Constant::True),
            Value::Bool(false) => Scalar::Constant(Constant::False),
            Value::Null => Scalar::Constant(Constant::Null),
        };
        let occurrence = Occurrence { value: scalar, membership: membership.clone() };
        self.by_name.entry(name.clone()).or_default().push(occurrence);
    }
}
