use serde_json::Value;

use super::err::PathError;
use super::parse::{Path, Step};

/// The result of a path: a value of the document, or a new array of such values.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    One(&'a Value),
    Made(Value),
}

impl Found<'_> {
    pub(crate) fn value(&self) -> &Value {
        match self {
            Found::One(value) => value,
            Found::Made(value) => value,
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Found::One(value) => value.clone(),
            Found::Made(value) => value,
        }
    }
}

/// The most values that a path visits. A payload within the limits has fewer than 250,000 values; several `..` multiply them.
const MAX_VISITS: usize = 1_000_000;

impl Path {
    /// Evaluates the path from `start`, the value of its root. `outer` is the value of `$` inside filters. The first `skip`
    /// steps have been taken already.
    pub(crate) fn find<'a>(&self, start: &'a Value, outer: &'a Value, skip: usize) -> Result<Found<'a>, PathError> {
        let found = if self.steps.iter().all(Step::is_definite) {
            Found::One(self.find_one(start, skip)?)
        } else {
            let mut walk = Walk { path: self, outer, visits: 0, found: Vec::new() };
            walk.steps(self.steps.split_at(skip).1, start)?;
            Found::Made(Value::Array(walk.found.into_iter().cloned().collect()))
        };
        match &self.function {
            None => Ok(found),
            Some(function) => function.apply(found.value(), self).map(Found::Made),
        }
    }

    fn find_one<'a>(&self, start: &'a Value, skip: usize) -> Result<&'a Value, PathError> {
        let mut current = start;
        let last = self.steps.len().saturating_sub(1);
        for (at, step) in self.steps.iter().enumerate().skip(skip) {
            current = match (step, current) {
                (Step::Name(name), Value::Object(map)) => match map.get(name.as_ref()) {
                    Some(value) => value,
                    None if at == last => return Err(PathError::NoResults(self.canonical())),
                    None => return Err(PathError::MissingProperty(self.canonical_to(at + 1))),
                },
                (Step::Index(index), Value::Array(items)) => {
                    item(items, *index).ok_or_else(|| PathError::OutOfRange(self.canonical()))?
                }
                (step, value) => return Err(self.wrong_type(step, value, at)),
            };
        }
        Ok(current)
    }

    fn canonical_to(&self, count: usize) -> String {
        let mut out = String::from("$");
        for step in self.steps.iter().take(count) {
            step.write(&mut out);
        }
        out
    }

    fn wrong_type(&self, step: &Step, value: &Value, at: usize) -> PathError {
        let mut shown = String::new();
        step.write(&mut shown);
        match (step, value) {
            (Step::Name(_) | Step::Names(_), _) => {
                PathError::NotAnObject { property: shown, path: self.canonical_to(at), found: class_of(value) }
            }
            (_, Value::Null) => PathError::Null(self.canonical_to(at)),
            _ => PathError::NotAnArray { filter: shown, value: value.to_string() },
        }
    }
}

fn item(items: &[Value], index: i64) -> Option<&Value> {
    let at = if index < 0 { i64::try_from(items.len()).ok()?.checked_add(index)? } else { index };
    items.get(usize::try_from(at).ok()?)
}

fn class_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "com.fasterxml.jackson.databind.node.BooleanNode",
        Value::Number(number) if number.is_f64() => "com.fasterxml.jackson.databind.node.DoubleNode",
        Value::Number(_) => "com.fasterxml.jackson.databind.node.IntNode",
        Value::String(_) => "com.fasterxml.jackson.databind.node.TextNode",
        Value::Array(_) => "com.fasterxml.jackson.databind.node.ArrayNode",
        Value::Object(_) => "com.fasterxml.jackson.databind.node.ObjectNode",
    }
}

struct Walk<'p, 'a> {
    path: &'p Path,
    outer: &'a Value,
    visits: usize,
    found: Vec<&'a Value>,
}

impl<'a> Walk<'_, 'a> {
    /// Collects the values that the steps select. A step without a result is no error: a path that can select several values
    /// can select none.
    fn steps(&mut self, steps: &[Step], value: &'a Value) -> Result<(), PathError> {
        self.visits += 1;
        if self.visits > MAX_VISITS {
            return Err(PathError::TooLong(self.path.text.to_string()));
        }
        let Some((step, rest)) = steps.split_first() else {
            self.found.push(value);
            return Ok(());
        };
        match (step, value) {
            (Step::Name(name), Value::Object(map)) => self.each(rest, map.get(name.as_ref())),
            (Step::Names(names), Value::Object(map)) => {
                self.each(rest, names.iter().filter_map(|name| map.get(name.as_ref())))
            }
            (Step::Index(index), Value::Array(items)) => self.each(rest, item(items, *index)),
            (Step::Indices(list), Value::Array(items)) => {
                self.each(rest, list.iter().filter_map(|index| item(items, *index)))
            }
            (Step::Slice(start, end), Value::Array(items)) => self.each(rest, slice(items, *start, *end)),
            (Step::Wildcard, Value::Array(items)) => self.each(rest, items),
            (Step::Wildcard, Value::Object(map)) => self.each(rest, map.values()),
            (Step::Filter(filter), Value::Array(items)) => {
                for child in items {
                    if filter.accepts(child, self.outer)? {
                        self.steps(rest, child)?;
                    }
                }
                Ok(())
            }
            (Step::Filter(filter), Value::Object(_)) if filter.accepts(value, self.outer)? => self.steps(rest, value),
            (Step::Descend, _) => self.descend(rest, value),
            _ => Ok(()),
        }
    }

    fn each(&mut self, rest: &[Step], children: impl IntoIterator<Item = &'a Value>) -> Result<(), PathError> {
        children.into_iter().try_for_each(|child| self.steps(rest, child))
    }

    fn descend(&mut self, rest: &[Step], value: &'a Value) -> Result<(), PathError> {
        self.steps(rest, value)?;
        match value {
            Value::Array(items) => items.iter().try_for_each(|child| self.descend(rest, child)),
            Value::Object(map) => map.values().try_for_each(|child| self.descend(rest, child)),
            _ => Ok(()),
        }
    }
}

fn slice(items: &[Value], start: Option<i64>, end: Option<i64>) -> &[Value] {
    let length = items.len();
    // a negative index counts from the end; an index beyond the array stands for its end
    let clamp = |index: i64| {
        let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
        if index < 0 { length.saturating_sub(distance) } else { distance.min(length) }
    };
    let from = start.map_or(0, clamp);
    let to = end.map_or(length, clamp);
    // an empty slice where the end comes before the start
    items.get(from..to).unwrap_or_default()
}
