//! Attribute values: the tagged JSON of DynamoDB, checked and typed.

use std::collections::{BTreeMap, BTreeSet};

use aws_smithy_types::base64;
use serde_json::{Map, Value, json};

use super::err::{serialization, validation};
use super::number::Number;
use crate::base::ServiceError;

/// An item, or the content of a map: attributes by name.
pub type Item = BTreeMap<String, Attribute>;

/// How deep lists and maps may nest.
///
/// Source: DynamoDB Developer Guide, "Quotas and limits", "Attributes".
const MAX_DEPTH: usize = 32;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Attribute {
    /// A text.
    S(String),
    /// A number.
    N(Number),
    /// Bytes.
    B(Vec<u8>),
    /// A boolean.
    Bool(bool),
    /// Null.
    Null,
    /// A list.
    L(Vec<Attribute>),
    /// A map.
    M(Item),
    /// A set of texts.
    Ss(BTreeSet<String>),
    /// A set of numbers.
    Ns(BTreeSet<Number>),
    /// A set of bytes.
    Bs(BTreeSet<Vec<u8>>),
}

impl Attribute {
    /// The type's tag: `S`, `BOOL`, `NS`.
    pub fn tag(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// The type's long name, as some messages have it.
    pub(super) fn long_name(&self) -> &'static str {
        match self {
            Self::S(_) => "STRING",
            Self::N(_) => "NUMBER",
            Self::B(_) => "BINARY",
            Self::Bool(_) => "BOOLEAN",
            Self::Null => "NULL",
            Self::L(_) => "LIST",
            Self::M(_) => "MAP",
            Self::Ss(_) => "STRING_SET",
            Self::Ns(_) => "NUMBER_SET",
            Self::Bs(_) => "BINARY_SET",
        }
    }

    /// Reads the tagged form, `{"S": "text"}`.
    ///
    /// # Errors
    /// What DynamoDB refuses: no or several types, an empty set, duplicates in a set, no number, nested too deeply.
    pub(crate) fn read(value: &Value) -> Result<Self, ServiceError> {
        read(value, 0)
    }

    /// The tagged form.
    pub(crate) fn write(&self) -> Value {
        match self {
            Self::S(text) => json!({ "S": text }),
            Self::N(number) => json!({ "N": number.to_string() }),
            Self::B(bytes) => json!({ "B": base64::encode(bytes) }),
            Self::Bool(value) => json!({ "BOOL": value }),
            Self::Null => json!({ "NULL": true }),
            Self::L(list) => json!({ "L": list.iter().map(Self::write).collect::<Vec<_>>() }),
            Self::M(map) => json!({ "M": write_item(map) }),
            Self::Ss(set) => json!({ "SS": set }),
            Self::Ns(set) => json!({ "NS": set.iter().map(Number::to_string).collect::<Vec<_>>() }),
            Self::Bs(set) => json!({ "BS": set.iter().map(base64::encode).collect::<Vec<_>>() }),
        }
    }

    /// The value within an error message: `type:value`.
    pub(super) fn shown(&self) -> String {
        let tag = self.tag();
        match self.write() {
            Value::Object(members) => match members.get(tag) {
                Some(Value::String(text)) => format!("{tag}:{text}"),
                Some(other) => format!("{tag}:{other}"),
                None => tag.to_owned(),
            },
            _ => tag.to_owned(),
        }
    }

    /// The bytes the value counts in the size of an item.
    ///
    /// Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats".
    pub(super) fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(list) => 3 + list.iter().map(|element| 1 + element.size()).sum::<usize>(),
            Self::M(map) => 3 + map.len() + item_size(map),
            Self::Ss(set) => set.iter().map(String::len).sum(),
            Self::Ns(set) => set.iter().map(|number| number.size()).sum(),
            Self::Bs(set) => set.iter().map(Vec::len).sum(),
        }
    }

    /// How deep lists and maps nest in the value.
    pub(super) fn depth(&self) -> usize {
        match self {
            Self::L(list) => 1 + list.iter().map(Self::depth).max().unwrap_or_default(),
            Self::M(map) => 1 + map.values().map(Self::depth).max().unwrap_or_default(),
            _ => 0,
        }
    }
}

/// Reads an item, or any map of attribute names to tagged values.
pub(crate) fn read_item(value: &Value) -> Result<Item, ServiceError> {
    let members = value.as_object().ok_or_else(|| serialization("Start of structure or map expected"))?;
    members.iter().map(|(name, value)| Ok((name.clone(), Attribute::read(value)?))).collect()
}

/// Writes an item with tagged values, names in order.
pub(crate) fn write_item(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.clone(), value.write())).collect::<Map<String, Value>>())
}

/// The size of an item in bytes: names and values.
pub(super) fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// Refuses what nests deeper than DynamoDB stores; also after an update, which can nest values further.
pub(super) fn check_depth(item: &Item) -> Result<(), ServiceError> {
    if item.values().any(|value| value.depth() > MAX_DEPTH) { Err(too_deep()) } else { Ok(()) }
}

fn too_deep() -> ServiceError {
    validation(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    )
}

fn read(value: &Value, depth: usize) -> Result<Attribute, ServiceError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let members = value.as_object().ok_or_else(|| serialization("Unexpected value type in payload"))?;
    // A member that is null is one that was not sent.
    let mut types = members.iter().filter(|(_, content)| !content.is_null());
    let Some((tag, content)) = types.next() else {
        return Err(validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ));
    };
    if types.next().is_some() {
        return Err(validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ));
    }
    match tag.as_str() {
        "S" => Ok(Attribute::S(text(content)?.to_owned())),
        "N" => number(text(content)?).map(Attribute::N),
        "B" => bytes(content).map(Attribute::B),
        "BOOL" => content.as_bool().map(Attribute::Bool).ok_or_else(|| mistyped("Boolean")),
        "NULL" => match content.as_bool() {
            Some(true) => Ok(Attribute::Null),
            Some(false) => Err(validation(
                "One or more parameter values were invalid: Null attribute value types must have the value of true",
            )),
            None => Err(mistyped("Boolean")),
        },
        "L" => {
            list(content)?.iter().map(|element| read(element, depth + 1)).collect::<Result<_, _>>().map(Attribute::L)
        }
        "M" => content
            .as_object()
            .ok_or_else(|| mistyped("Map"))?
            .iter()
            .map(|(name, value)| Ok((name.clone(), read(value, depth + 1)?)))
            .collect::<Result<_, _>>()
            .map(Attribute::M),
        "SS" => {
            let listed = list(content)?.iter().map(|e| text(e).map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
            let shown = listed.join(", ");
            set(
                listed,
                "One or more parameter values were invalid: An string set  may not be empty",
                &format!("One or more parameter values were invalid: Input collection [{shown}] contains duplicates."),
            )
            .map(Attribute::Ss)
        }
        "NS" => {
            let listed = list(content)?.iter().map(|e| number(text(e)?)).collect::<Result<Vec<_>, _>>()?;
            set(
                listed,
                "One or more parameter values were invalid: An number set  may not be empty",
                "Input collection contains duplicates",
            )
            .map(Attribute::Ns)
        }
        "BS" => {
            let listed = list(content)?.iter().map(bytes).collect::<Result<Vec<_>, _>>()?;
            let shown = listed.iter().map(base64::encode).collect::<Vec<_>>().join(", ");
            set(
                listed,
                "One or more parameter values were invalid: Binary sets should not be empty",
                &format!(
                    "One or more parameter values were invalid: Input collection [{shown}]of type BS contains duplicates."
                ),
            )
            .map(Attribute::Bs)
        }
        // A member that the service's model does not have: AWS would drop it and find the value empty.
        other => Err(ServiceError::unsupported(format!("attribute value type {other}"))),
    }
}

fn set<T: Ord>(listed: Vec<T>, empty: &str, duplicates: &str) -> Result<BTreeSet<T>, ServiceError> {
    if listed.is_empty() {
        return Err(validation(empty));
    }
    let count = listed.len();
    let set: BTreeSet<T> = listed.into_iter().collect();
    if set.len() == count { Ok(set) } else { Err(validation(duplicates)) }
}

fn text(value: &Value) -> Result<&str, ServiceError> {
    value.as_str().ok_or_else(|| mistyped("String"))
}

fn number(text: &str) -> Result<Number, ServiceError> {
    text.parse().map_err(|error: super::err::NumberError| validation(error.to_string()))
}

fn list(value: &Value) -> Result<&Vec<Value>, ServiceError> {
    value.as_array().ok_or_else(|| mistyped("List"))
}

fn bytes(value: &Value) -> Result<Vec<u8>, ServiceError> {
    base64::decode(text(value)?).map_err(|_| serialization("only base-64-encoded strings are convertible to bytes"))
}

fn mistyped(expected: &str) -> ServiceError {
    serialization(format!("value cannot be converted to {expected}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn every_type_is_read_and_written_back() {
        let item = json!({
            "b": {"B": "AQI="}, "bool": {"BOOL": false}, "bs": {"BS": ["AQ==", "Ag=="]},
            "l": {"L": [{"S": "x"}, {"N": "1.5"}]}, "m": {"M": {"inner": {"NULL": true}}},
            "n": {"N": "-10"}, "ns": {"NS": ["1", "2"]}, "s": {"S": ""}, "ss": {"SS": ["a", "b"]}
        });
        assert_eq!(write_item(&read_item(&item).unwrap()), item);
    }

    #[test]
    fn refuses_what_dynamodb_refuses() {
        let message = |value: Value| Attribute::read(&value).unwrap_err().message;
        assert!(message(json!({})).starts_with("Supplied AttributeValue is empty"));
        assert!(message(json!({"S": "a", "N": "1"})).contains("more than one datatypes"));
        assert!(message(json!({"SS": []})).contains("may not be empty"));
        assert!(message(json!({"NS": ["1", "1.0"]})).contains("duplicates"));
        assert!(message(json!({"N": "ten"})).ends_with("numeric value: ten"));
        assert!(message(json!({"NULL": false})).contains("must have the value of true"));
        assert!(Attribute::read(&json!({"X": "a"})).unwrap_err().is_unsupported());
        assert_eq!(Attribute::read(&json!({"N": 1})).unwrap_err().code, "SerializationException");
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
        assert!(Attribute::read(&nested(32)).is_ok());
        assert!(Attribute::read(&nested(33)).unwrap_err().message.starts_with("Nesting Levels"));
        assert!(Attribute::read(&nested(100)).is_err());
    }

    #[test]
    fn sizes_follow_the_developer_guide() {
        let size = |value: Value| Attribute::read(&value).unwrap().size();
        assert_eq!(size(json!({"S": "é"})), 2);
        assert_eq!(size(json!({"N": "1234"})), 3);
        assert_eq!(size(json!({"BOOL": true})), 1);
        assert_eq!(size(json!({"L": []})), 3);
        assert_eq!(item_size(&read_item(&json!({"key": {"S": "value"}})).unwrap()), 8);
    }
}
