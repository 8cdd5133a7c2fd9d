//! A value of an event together with its place, so that every error can say where.

use std::borrow::Cow;

use serde_json::Value;

use super::EventError;
use crate::text;

/// A value, or the absence of one, at a place.
pub(super) struct Node<'a> {
    value: Option<&'a Value>,
    place: Cow<'a, str>,
}

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Node<'a> {
        Node { value: Some(value), place: Cow::Borrowed("the event") }
    }

    pub(super) fn at(value: &'a Value, place: &'a str) -> Node<'a> {
        Node { value: Some(value), place: Cow::Borrowed(place) }
    }

    /// The field of an object; absent when there is none, when it is null, or when this is no object.
    pub(super) fn get(&self, key: &str) -> Node<'a> {
        let place = if self.place == "the event" { key.to_owned() } else { format!("{}.{key}", self.place) };
        let value = self.value.and_then(|value| value.get(key)).filter(|value| !value.is_null());
        Node { value, place: Cow::Owned(place) }
    }

    pub(super) fn path(&self, keys: &[&str]) -> Node<'a> {
        let mut node = Node { value: self.value, place: self.place.clone() };
        for key in keys {
            node = node.get(key);
        }
        node
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.value.and_then(Value::as_array).into_iter().flatten()
    }

    /// The values of the members of an object.
    pub(super) fn members(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.value.and_then(Value::as_object).into_iter().flat_map(serde_json::Map::values)
    }

    pub(super) fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    fn missing(&self, expected: &'static str) -> EventError {
        EventError::Missing { place: self.place.to_string(), expected }
    }

    fn wrong(&self, value: &Value, expected: &'static str) -> EventError {
        EventError::WrongType { place: self.place.to_string(), found: kind(value), expected }
    }

    pub(super) fn bad(&self, found: &str, expected: &'static str) -> EventError {
        EventError::BadValue { place: self.place.to_string(), found: text::line(found, 64), expected }
    }

    pub(super) fn expect_object(&self, expected: &'static str) -> Result<(), EventError> {
        match self.value {
            None => Err(self.missing(expected)),
            Some(Value::Object(_)) => Ok(()),
            Some(other) => Err(self.wrong(other, "an object")),
        }
    }

    /// The value, which must be an object.
    pub(super) fn object(&self) -> Result<&'a Value, EventError> {
        self.expect_object("an object is required")?;
        self.value.ok_or_else(|| self.missing("an object is required"))
    }

    /// A text of one to `max` characters that must be there.
    pub(super) fn text(&self, max: usize) -> Result<String, EventError> {
        match self.value {
            None => Err(self.missing("a text is required")),
            Some(Value::String(text)) if text.trim().is_empty() => Err(self.missing("a text is required")),
            Some(Value::String(text)) if text.chars().count() > max => {
                Err(self.bad(text, "of a length that AWS sends"))
            }
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(self.wrong(other, "a text")),
        }
    }

    /// A text that may be absent; another type, or an empty text, counts as absent.
    pub(super) fn optional_text(&self) -> Option<&'a str> {
        self.value.and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }

    /// A text that must satisfy a form.
    pub(super) fn formed(&self, form: impl Fn(&str) -> bool, expected: &'static str) -> Result<String, EventError> {
        let text = self.text(2048)?;
        if form(&text) { Ok(text) } else { Err(self.bad(&text, expected)) }
    }

    /// A number, or a text that is one.
    pub(super) fn number(&self) -> Option<f64> {
        match self.value {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A boolean, or a text that is one; anything else is false.
    pub(super) fn flag(&self) -> bool {
        match self.value {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
            Some(Value::Number(number)) => number.as_f64() == Some(1.0),
            _ => false,
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
