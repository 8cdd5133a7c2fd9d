//! The tree of a text.

use std::borrow::Cow;
use std::collections::HashMap;

/// A value and where it starts.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// The byte offset of the first character.
    pub at: usize,
    /// The value.
    pub value: Value<'t>,
}

/// A JSON value.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as JSON text, within the range of a 64-bit float; of a JSON text as it is written there.
    Number(Cow<'t, str>),
    /// A string, escapes resolved.
    String(Cow<'t, str>),
    /// An array.
    Array(Array<'t>),
    /// An object.
    Object(Object<'t>),
    /// A placeholder without quotes, as `${Name}`, or several: any value. Only at the stage [`super::Stage::Authored`].
    Placeholder(Cow<'t, str>),
}

/// The items of an array.
pub type Array<'t> = Vec<Node<'t>>;

/// One property of an object.
#[derive(Clone, Debug)]
pub struct Member<'t> {
    /// The byte offset at which the name starts, with its opening quote.
    pub at: usize,
    /// The name, escapes resolved.
    pub name: Cow<'t, str>,
    /// The value.
    pub value: Node<'t>,
    /// Whether a property of this object before this one has the same name.
    pub repeated: bool,
}

/// An object: its properties in the order of the text, repeated ones included.
#[derive(Clone, Debug, Default)]
pub struct Object<'t> {
    members: Vec<Member<'t>>,
    /// Name to the last property of that name; only of objects too long to be searched.
    index: Option<HashMap<Cow<'t, str>, usize>>,
}

/// Objects longer than this are searched through an index.
const INDEXED: usize = 16;

impl<'t> Object<'t> {
    pub(super) fn new(mut members: Vec<Member<'t>>) -> Object<'t> {
        let mut index = None;
        if members.len() > INDEXED {
            let mut places = HashMap::with_capacity(members.len());
            for (place, member) in members.iter_mut().enumerate() {
                member.repeated = places.insert(member.name.clone(), place).is_some();
            }
            index = Some(places);
        } else {
            for place in 1..members.len() {
                let (before, rest) = members.split_at_mut(place);
                if let Some(member) = rest.first_mut() {
                    member.repeated = before.iter().any(|other| other.name == member.name);
                }
            }
        }
        Object { members, index }
    }

    /// The property of that name; the last one, if there are several.
    pub fn get(&self, name: &str) -> Option<&Member<'t>> {
        match &self.index {
            Some(index) => index.get(name).and_then(|&place| self.members.get(place)),
            None => self.members.iter().rev().find(|member| member.name == name),
        }
    }

    /// All properties in the order of the text, repeated ones included.
    pub fn members(&self) -> &[Member<'t>] {
        &self.members
    }

    /// The properties that count: of repeated ones the last, each in the place of the text where it stands.
    pub fn effective(&self) -> impl Iterator<Item = &Member<'t>> {
        self.members.iter().filter(|member| self.get(&member.name).is_some_and(|last| last.at == member.at))
    }
}

impl<'t> Node<'t> {
    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object<'t>> {
        match &self.value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The array, if this is one.
    pub fn as_array(&self) -> Option<&[Node<'t>]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The number as a float, if this is one.
    pub fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Number(literal) => literal.parse().ok(),
            _ => None,
        }
    }

    /// Whether this is neither an object, an array nor a placeholder.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self.value, Value::Object(_) | Value::Array(_) | Value::Placeholder(_))
    }

    /// The value without offsets; of repeated properties the last one counts. A placeholder without quotes becomes text.
    pub fn to_value(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(literal) => number(literal),
            Value::String(text) | Value::Placeholder(text) => serde_json::Value::String(text.clone().into_owned()),
            Value::Array(items) => items.iter().map(Node::to_value).collect(),
            Value::Object(object) => serde_json::Value::Object(
                object
                    .members
                    .iter()
                    .map(|member| (member.name.clone().into_owned(), member.value.to_value()))
                    .collect(),
            ),
        }
    }
}

/// A number as `serde_json` would read it: an integer where it is written as one and fits.
fn number(literal: &str) -> serde_json::Value {
    if literal != "-0" {
        if let Ok(value) = literal.parse::<u64>() {
            return value.into();
        }
        if let Ok(value) = literal.parse::<i64>() {
            return value.into();
        }
    }
    literal.parse::<f64>().map_or(serde_json::Value::Null, serde_json::Value::from)
}
