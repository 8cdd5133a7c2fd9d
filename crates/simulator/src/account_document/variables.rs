//! Variables of an account: what they are, and what they come to for an event.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::Problem;

/// Where the value of a variable comes from.
#[derive(Debug, PartialEq)]
enum Source {
    /// A JSON pointer into the event.
    Event(String),
    /// The value itself.
    Value(Value),
}

/// The variables of an account, by name.
#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, Source>);

impl Variables {
    /// Adds the variables of one file; those of the files before it are replaced, and a pointer of null removes one.
    pub(super) fn set(
        &mut self,
        from_event: BTreeMap<String, Option<String>>,
        values: Map<String, Value>,
    ) -> Result<(), Problem> {
        if let Some(name) = from_event.keys().find(|name| values.contains_key(*name)) {
            return Err(Problem::VariableTwice { name: name.clone() });
        }
        for (name, pointer) in from_event {
            match pointer {
                Some(pointer) => self.insert("from_event", name, Source::Event(pointer))?,
                None if self.0.remove(&name).is_some() => {}
                None => return Err(Problem::NothingToRemove { place: format!("from_event.{name}") }),
            }
        }
        values.into_iter().try_for_each(|(name, value)| self.insert("values", name, Source::Value(value)))
    }

    fn insert(&mut self, field: &str, name: String, source: Source) -> Result<(), Problem> {
        if self.0.get(&name) == Some(&source) {
            return Err(Problem::Unchanged { place: format!("{field}.{name}") });
        }
        self.0.insert(name, source);
        Ok(())
    }

    /// Reads the variables for an event.
    pub(super) fn reader<'a>(&'a self, event: &'a Value) -> Reader<'a> {
        Reader { variables: self, event, read: BTreeSet::new() }
    }
}

/// Reads variables, and keeps in mind which were read.
pub(super) struct Reader<'a> {
    variables: &'a Variables,
    event: &'a Value,
    read: BTreeSet<String>,
}

impl Reader<'_> {
    /// The value of a variable that stands at a place of the account.
    pub(super) fn value(&mut self, name: &str, place: &str) -> Result<Value, Problem> {
        self.read.insert(name.to_owned());
        let (place, name) = (place.to_owned(), name.to_owned());
        match self.variables.0.get(&name) {
            Some(Source::Value(value)) => Ok(value.clone()),
            Some(Source::Event(pointer)) => match self.event.pointer(pointer) {
                Some(value) if !value.is_null() => Ok(value.clone()),
                _ => Err(Problem::NotInEvent { place, name, pointer: pointer.clone() }),
            },
            None => match name.split_once(':') {
                Some((prefix, resource)) => Ok(Value::String(id(prefix, resource))),
                None => Err(Problem::UnknownVariable { place, name }),
            },
        }
    }

    /// Whether anything asked for a variable.
    pub(super) fn has_read(&self, name: &str) -> bool {
        self.read.contains(name)
    }
}

/// An id with the prefix of its kind, as EC2 makes them: seventeen hexadecimal digits, here from the resource's name.
pub(super) fn id(prefix: &str, resource: &str) -> String {
    let digits: String = hex::encode(Sha256::digest(resource)).chars().take(16).collect();
    format!("{prefix}-0{digits}")
}
