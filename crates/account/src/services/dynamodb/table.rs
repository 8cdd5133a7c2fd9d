use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::{Attribute, Item, item_size};
use super::err::validation;
use super::number::Number;
use crate::base::{ServiceError, Timestamp};

/// What Amazon DynamoDB holds in one Region of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    tables: BTreeMap<String, Table>,
    /// Transactions by their client token, with their time and content.
    pub(super) transactions: BTreeMap<String, (Timestamp, Value)>,
}

/// A table.
#[derive(Debug, Clone, Hash)]
pub struct Table {
    /// The name.
    pub name: String,
    /// Which attributes are the key.
    pub key: KeySchema,
    /// When it was created.
    pub created: Timestamp,
    /// The table's own id, a UUID.
    pub id: String,
    items: BTreeMap<Key, Item>,
}

/// The key attributes of a table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeySchema {
    /// The partition key.
    pub hash: KeyAttribute,
    /// The sort key, if the table has one.
    pub range: Option<KeyAttribute>,
}

/// A key attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyAttribute {
    /// The attribute's name.
    pub name: String,
    /// Its type.
    pub kind: KeyKind,
}

/// The types that a key attribute may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// A text.
    S,
    /// A number.
    N,
    /// Bytes.
    B,
}

/// The key of an item. Keys are ordered by partition, then by sort key, as `Query` returns them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) hash: KeyPart,
    pub(super) range: Option<KeyPart>,
}

/// The value of a key attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum KeyPart {
    S(String),
    N(Number),
    B(Vec<u8>),
}

impl State {
    /// Adds a table without items, or replaces the one with the same name.
    pub fn declare(&mut self, name: &str, key: KeySchema, created: Timestamp, id: String) {
        let table = Table { name: name.to_owned(), key, created, id, items: BTreeMap::new() };
        self.tables.insert(name.to_owned(), table);
    }

    /// The table of a name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The names of all tables, in order.
    pub fn table_names(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    pub(super) fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.get_mut(name)
    }

    /// The table that a request names.
    pub(super) fn existing(&self, name: &str) -> Result<&Table, ServiceError> {
        self.table(name).ok_or_else(|| ServiceError::new("ResourceNotFoundException", "Requested resource not found"))
    }
}

impl Table {
    /// All items in the order of their keys.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Item> {
        self.items.get(key)
    }

    /// Items with their keys, in order.
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = (&Key, &Item)> {
        self.items.iter()
    }

    /// Sets or removes an item.
    pub(super) fn set(&mut self, key: Key, item: Option<Item>) {
        match item {
            Some(item) => self.items.insert(key, item),
            None => self.items.remove(&key),
        };
    }

    /// The bytes of all items.
    pub(super) fn size(&self) -> usize {
        self.items.values().map(item_size).sum()
    }

    /// The key of an item to be stored.
    pub(super) fn key_of_item(&self, item: &Item) -> Result<Key, ServiceError> {
        self.key.parts(|attribute| {
            let name = &attribute.name;
            let value = item.get(name).ok_or_else(|| {
                validation(format!("One or more parameter values were invalid: Missing the key {name} in the item"))
            })?;
            KeyPart::of(value, attribute.kind).ok_or_else(|| {
                validation(format!(
                    "One or more parameter values were invalid: Type mismatch for key {name} expected: {} actual: {}",
                    attribute.kind.tag(),
                    value.tag()
                ))
            })
        })
    }

    /// The key that a `Key` parameter gives: exactly the key attributes.
    pub(super) fn key_of_parameter(&self, given: &Item) -> Result<Key, ServiceError> {
        let mismatch = || validation("The provided key element does not match the schema");
        if given.len() != self.key.attributes().count() {
            return Err(mismatch());
        }
        self.key.parts(|attribute| {
            given.get(&attribute.name).and_then(|value| KeyPart::of(value, attribute.kind)).ok_or_else(mismatch)
        })
    }

    /// The key attributes of a key.
    pub(super) fn key_item(&self, key: &Key) -> Item {
        let parts = std::iter::once(&key.hash).chain(&key.range);
        self.key.attributes().zip(parts).map(|(attribute, part)| (attribute.name.clone(), part.value())).collect()
    }
}

impl KeySchema {
    /// The key attributes, partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.hash).chain(&self.range)
    }

    /// Whether an attribute is part of the key.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes().any(|attribute| attribute.name == name)
    }

    fn parts(&self, part: impl Fn(&KeyAttribute) -> Result<KeyPart, ServiceError>) -> Result<Key, ServiceError> {
        // Sizes: DynamoDB Developer Guide, "Quotas and limits", "Partition keys and sort keys".
        let hash = part(&self.hash)?;
        hash.check_filled(&self.hash.name)?;
        if hash.size() > 2048 {
            return Err(validation(
                "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
            ));
        }
        let range = self.range.as_ref().map(|attribute| {
            let range = part(attribute)?;
            range.check_filled(&attribute.name)?;
            if range.size() > 1024 {
                return Err(validation(
                    "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
                ));
            }
            Ok(range)
        });
        Ok(Key { hash, range: range.transpose()? })
    }
}

impl KeyKind {
    /// The tag of the type: `S`, `N` or `B`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
        }
    }
}

impl KeyPart {
    /// The key part of a value, if it has the key's type.
    pub(super) fn of(value: &Attribute, kind: KeyKind) -> Option<Self> {
        match (value, kind) {
            (Attribute::S(text), KeyKind::S) => Some(Self::S(text.clone())),
            (Attribute::N(number), KeyKind::N) => Some(Self::N(*number)),
            (Attribute::B(bytes), KeyKind::B) => Some(Self::B(bytes.clone())),
            _ => None,
        }
    }

    pub(super) fn value(&self) -> Attribute {
        match self {
            Self::S(text) => Attribute::S(text.clone()),
            Self::N(number) => Attribute::N(*number),
            Self::B(bytes) => Attribute::B(bytes.clone()),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::B(bytes) => bytes.len(),
            Self::N(_) => 0,
        }
    }

    fn check_filled(&self, name: &str) -> Result<(), ServiceError> {
        let kind = match self {
            Self::S(text) if text.is_empty() => "string",
            Self::B(bytes) if bytes.is_empty() => "binary",
            _ => return Ok(()),
        };
        Err(validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {kind} value. Key: {name}"
        )))
    }
}
