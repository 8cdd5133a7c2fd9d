use serde_json::{Map, Value};

use super::err::PathSyntaxError;
use super::parse::{Path, Root, Step};

/// A reference path: a path to exactly one location, to which `ResultPath` writes.
#[derive(Debug, Clone)]
pub struct ReferencePath {
    text: String,
    steps: Vec<Step>,
}

impl ReferencePath {
    /// Reads a reference path.
    ///
    /// # Errors
    /// The text is not a path, does not start with `$`, or can select several locations.
    pub fn parse(text: &str) -> Result<ReferencePath, PathSyntaxError> {
        let path = Path::parse(text)?;
        let error = |reason| PathSyntaxError { text: text.to_owned(), reason };
        if *path.root() != Root::Input {
            return Err(error("a reference path starts with `$`"));
        }
        if path.function.is_some() || !path.is_definite() {
            return Err(error("a reference path names one place"));
        }
        Ok(ReferencePath { text: text.to_owned(), steps: path.steps_for_reference().to_vec() })
    }

    /// The text the path was read from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the path is the whole document.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.steps.is_empty()
    }

    /// The document with `value` at this location; missing objects on the way are created. `None` when a value on the way is
    /// neither an object nor an array that has the next step.
    #[must_use]
    pub fn write(&self, document: Value, value: Value) -> Option<Value> {
        let mut document = document;
        let mut place = &mut document;
        for step in &self.steps {
            if place.is_null() && !std::ptr::eq(step, self.steps.first()?) {
                *place = Value::Object(Map::new());
            }
            place = match (step, place) {
                (Step::Name(name), Value::Object(map)) => map.entry(name.to_string()).or_insert(Value::Null),
                (Step::Index(index), Value::Array(items)) => items.get_mut(usize::try_from(*index).ok()?)?,
                _ => return None,
            };
        }
        *place = value;
        Some(document)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn writes_where_it_points() {
        let write = |path: &str, document: Value| ReferencePath::parse(path).unwrap().write(document, json!(1));
        assert_eq!(write("$", json!({"a": 0})), Some(json!(1)));
        assert_eq!(write("$.a.b", json!({"x": 0})), Some(json!({"x": 0, "a": {"b": 1}})));
        assert_eq!(write("$['a'][1]", json!({"a": [0, 0]})), Some(json!({"a": [0, 1]})));
        assert_eq!(write("$.a", json!("text")), None);
        assert_eq!(write("$.a.b", json!({"a": "text"})), None);
        assert!(ReferencePath::parse("$.a[*]").is_err());
        assert!(ReferencePath::parse("$$.a").is_err());
    }
}
