//! Converts structures between the names and types of the SDKs, of requests and of responses.

use serde_json::{Map, Value};

use super::misfit::Misfit;
use super::{Kind, Member, Model, Structure};
use crate::base::Timestamp;

/// Which names and types a value has, and which it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From a request in a Query protocol, in which every value is a text.
    RequestToSdk,
    /// From what the CLI prints to a response.
    SdkToResponse,
    /// From a response to what a definition gets.
    ResponseToSdk,
}

impl Direction {
    fn member<'a>(self, structure: &'a Structure, name: &str) -> Option<&'a Member> {
        let index = match self {
            Self::RequestToSdk => structure.by_request.get(name),
            Self::SdkToResponse => structure.by_sdk.get(name),
            Self::ResponseToSdk => structure.by_response.get(name),
        };
        index.and_then(|index| structure.members.get(*index))
    }

    fn target(self, member: &Member) -> &'static str {
        match self {
            Self::RequestToSdk | Self::ResponseToSdk => member.sdk,
            Self::SdkToResponse => member.response,
        }
    }
}

impl Model {
    /// Converts a structure. Members that are null are left out.
    pub(super) fn structure(&self, structure: usize, value: Value, direction: Direction) -> Result<Value, Misfit> {
        let structure = self.structure_at(structure);
        let members = match value {
            Value::Object(members) => members,
            // An empty structure is an empty text on the wire.
            Value::String(text) if text.is_empty() => Map::new(),
            _ => return Err(Misfit::of_type("a structure")),
        };
        let mut converted = Map::with_capacity(members.len());
        for (name, value) in members {
            let Some(member) = direction.member(structure, &name) else { return Err(Misfit::unknown(&name)) };
            if value.is_null() {
                continue;
            }
            let value = self.value(&member.kind, value, direction).map_err(|misfit| misfit.within(&name))?;
            converted.insert(direction.target(member).to_owned(), value);
        }
        if direction == Direction::RequestToSdk
            && let Some(missing) =
                structure.members.iter().find(|member| member.required && !converted.contains_key(member.sdk))
        {
            return Err(Misfit::missing(missing.sdk));
        }
        Ok(Value::Object(converted))
    }

    fn value(&self, kind: &Kind, value: Value, direction: Direction) -> Result<Value, Misfit> {
        match (kind, value) {
            (Kind::Structure(structure), value) => self.structure(*structure, value, direction),
            (Kind::List(kind, name), value) => self.list(kind, *name, value, direction),
            (Kind::Map(kind, key, name), value) => self.map(kind, [*key, *name], value, direction),
            (kind, Value::String(text)) if direction == Direction::RequestToSdk => self.scalar_of(kind, text),
            // The CLI writes moments with an offset, EC2 answers in UTC with milliseconds.
            (Kind::Moment, Value::String(text)) if direction == Direction::SdkToResponse => {
                let moment = Timestamp::parse(&text).map_err(|_| Misfit::of_type("an ISO 8601 moment"))?;
                Ok(Value::String(moment.iso_millis()))
            }
            (Kind::Any, value)
            | (Kind::Text | Kind::OneOf(_) | Kind::Bytes | Kind::Moment, value @ Value::String(_))
            | (Kind::Boolean, value @ Value::Bool(_))
            | (Kind::Number | Kind::Moment, value @ Value::Number(_)) => Ok(value),
            (Kind::Integer, Value::Number(number)) if number.is_i64() => Ok(Value::Number(number)),
            (kind, _) => Err(Misfit::of_type(kind.described())),
        }
    }

    /// A scalar of a request in a Query protocol.
    fn scalar_of(&self, kind: &Kind, text: String) -> Result<Value, Misfit> {
        let parsed = match kind {
            Kind::OneOf(values) => {
                self.check_known(*values, &text)?;
                Some(Value::String(text))
            }
            Kind::Boolean => match text.as_str() {
                "true" | "True" | "TRUE" | "1" => Some(Value::Bool(true)),
                "false" | "False" | "FALSE" | "0" => Some(Value::Bool(false)),
                _ => None,
            },
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Number => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::from),
            _ => Some(Value::String(text)),
        };
        parsed.ok_or_else(|| Misfit::of_type(kind.described()))
    }

    fn list(
        &self,
        kind: &Kind,
        name: Option<&'static str>,
        value: Value,
        direction: Direction,
    ) -> Result<Value, Misfit> {
        let elements = match (value, name) {
            (Value::Array(elements), _) => elements,
            (Value::String(text), _) if text.is_empty() => Vec::new(),
            (Value::Object(mut members), Some(name)) if direction == Direction::RequestToSdk && members.len() == 1 => {
                match members.remove(name) {
                    Some(Value::Array(elements)) => elements,
                    _ => return Err(Misfit::of_type("a list")),
                }
            }
            _ => return Err(Misfit::of_type("a list")),
        };
        elements
            .into_iter()
            .enumerate()
            .map(|(index, element)| self.value(kind, element, direction).map_err(|misfit| misfit.at(index)))
            .collect()
    }

    /// The Query protocols write `Name.entry.1.key=…&Name.entry.1.value=…`.
    fn map(
        &self,
        kind: &Kind,
        [key_name, value_name]: [&'static str; 2],
        value: Value,
        direction: Direction,
    ) -> Result<Value, Misfit> {
        let wrong = || Misfit::of_type("a map");
        let mut members = match value {
            Value::Object(members) => members,
            Value::String(text) if text.is_empty() => Map::new(),
            _ => return Err(wrong()),
        };
        if direction == Direction::RequestToSdk {
            let entries = match members.remove("entry") {
                Some(Value::Array(entries)) if members.is_empty() => entries,
                None if members.is_empty() => Vec::new(),
                _ => return Err(wrong()),
            };
            for entry in entries {
                let Value::Object(mut entry) = entry else { return Err(wrong()) };
                match (entry.remove(key_name), entry.remove(value_name)) {
                    (Some(Value::String(key)), Some(value)) if entry.is_empty() => members.insert(key, value),
                    _ => return Err(wrong()),
                };
            }
        }
        let converted = members.into_iter().map(|(key, value)| {
            let value = self.value(kind, value, direction).map_err(|misfit| misfit.within(&key))?;
            Ok((key, value))
        });
        Ok(Value::Object(converted.collect::<Result<_, Misfit>>()?))
    }
}
