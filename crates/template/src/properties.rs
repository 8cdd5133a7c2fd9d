//! Reading a mapping whose keys are known: every other key is an error with its place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::err::{Place, TemplateError};
use super::yaml::{Entry, Kind, Node};

/// A mapping with the name of what it describes, for messages.
pub(super) struct Section<'a> {
    /// What the mapping describes, as `the properties of `TriageFunction``.
    pub(super) owner: String,
    /// Where it starts.
    pub(super) place: Place,
    entries: &'a [Entry],
}

impl<'a> Section<'a> {
    /// The mapping of a node.
    ///
    /// # Errors
    /// The node is no mapping.
    pub(super) fn of(node: &'a Node, owner: impl Into<String>) -> Result<Self, TemplateError> {
        let owner = owner.into();
        match &node.kind {
            Kind::Map(entries) if node.tag.is_none() => Ok(Self { owner, place: node.place, entries }),
            _ => Err(shape(node, &owner, "a mapping")),
        }
    }

    /// The entries in the order of the text.
    pub(super) fn entries(&self) -> &'a [Entry] {
        self.entries
    }

    /// Refuses what is named in `refused`, with its reason, and every key that is not in `known`.
    ///
    /// # Errors
    /// The first such key.
    pub(super) fn only(&self, known: &[&str], refused: &[(&str, &str)]) -> Result<(), TemplateError> {
        for entry in self.entries {
            let key = entry.key.as_str();
            if let Some((_, reason)) = refused.iter().find(|(name, _)| *name == key) {
                return Err(refuse(entry.place, format!("`{key}` in {}", self.owner), *reason));
            }
            if !known.contains(&key) {
                return Err(refuse(
                    entry.place,
                    format!("`{key}` in {}", self.owner),
                    format!("the reader knows {}", known.join(", ")),
                ));
            }
        }
        Ok(())
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// It is not there.
    pub(super) fn required(&self, key: &'static str) -> Result<&'a Node, TemplateError> {
        self.get(key).ok_or_else(|| TemplateError::Missing {
            place: self.place,
            owner: self.owner.clone(),
            property: key,
        })
    }

    /// A text.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, TemplateError> {
        self.get(key).map(|node| text(node, key)).transpose()
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// It is not there, or there is something else.
    pub(super) fn required_text(&self, key: &'static str) -> Result<String, TemplateError> {
        text(self.required(key)?, key)
    }

    /// A whole number; text with digits counts, because a reference to a parameter is text.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn whole_number(&self, key: &str) -> Result<Option<u32>, TemplateError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let number = match &node.kind {
            _ if node.tag.is_some() => None,
            Kind::Integer(value) => u32::try_from(*value).ok(),
            Kind::Text(value) => value.parse().ok(),
            _ => None,
        };
        number.map(Some).ok_or_else(|| shape(node, key, "a whole number"))
    }

    /// `true` or `false`, also as text.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, TemplateError> {
        let Some(node) = self.get(key) else { return Ok(None) };
        let flag = match &node.kind {
            _ if node.tag.is_some() => None,
            Kind::Bool(value) => Some(*value),
            Kind::Text(value) => value.parse().ok(),
            _ => None,
        };
        flag.map(Some).ok_or_else(|| shape(node, key, "true or false"))
    }

    /// The items of a list; none where the key is missing.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn list(&self, key: &str) -> Result<&'a [Node], TemplateError> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Node { tag: None, kind: Kind::List(items), .. }) => Ok(items),
            Some(other) => Err(shape(other, key, "a list")),
        }
    }

    /// A list of texts; none where the key is missing.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn texts(&self, key: &str) -> Result<Vec<String>, TemplateError> {
        self.list(key)?.iter().map(|item| text(item, key)).collect()
    }

    /// A mapping of texts; numbers, `true` and `false` become text as CloudFormation makes them.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn text_map(&self, key: &str) -> Result<BTreeMap<String, String>, TemplateError> {
        let Some(node) = self.get(key) else { return Ok(BTreeMap::new()) };
        let section = Section::of(node, format!("`{key}` in {}", self.owner))?;
        section
            .entries
            .iter()
            .map(|entry| {
                let value = entry.value.as_text().ok_or_else(|| shape(&entry.value, &entry.key, "text or a number"))?;
                Ok((entry.key.clone(), value))
            })
            .collect()
    }

    /// A mapping within this one.
    ///
    /// # Errors
    /// There is something else.
    pub(super) fn section(&self, key: &str) -> Result<Option<Section<'a>>, TemplateError> {
        self.get(key).map(|node| Section::of(node, format!("`{key}` in {}", self.owner))).transpose()
    }

    /// A value as JSON that must be there and be an object.
    ///
    /// # Errors
    /// It is not there, or there is something else.
    pub(super) fn required_object(&self, key: &'static str) -> Result<Value, TemplateError> {
        object(self.required(key)?, key)
    }
}

/// The node as a JSON object.
///
/// # Errors
/// The node is no mapping.
pub(super) fn object(node: &Node, what: &str) -> Result<Value, TemplateError> {
    match node.kind {
        Kind::Map(_) => Ok(node.to_value()),
        _ => Err(shape(node, what, "a mapping")),
    }
}

/// The text of a node.
///
/// # Errors
/// The node is something else.
pub(super) fn text(node: &Node, what: &str) -> Result<String, TemplateError> {
    match node {
        Node { tag: None, kind: Kind::Text(value), .. } => Ok(value.clone()),
        _ => Err(shape(node, what, "text")),
    }
}

/// The error of a value with another shape than wanted.
pub(super) fn shape(node: &Node, what: &str, wanted: &'static str) -> TemplateError {
    TemplateError::Shape { place: node.place, what: what.to_owned(), wanted }
}

/// The error of something that is not taken.
pub(super) fn refuse(place: Place, what: impl Into<String>, reason: impl Into<String>) -> TemplateError {
    TemplateError::Refused { place, what: what.into(), reason: reason.into() }
}
