//! Checks a value against the model without changing it.

use serde_json::Value;

use super::misfit::{Misfit, Why};
use super::{Kind, Model, Protocol};

/// What a value is checked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Parameters, with the names of the SDKs.
    Request,
    /// What an operation returned; nothing is required of it.
    Response,
}

impl Model {
    /// Checks a structure and everything inside it.
    pub(super) fn check(&self, structure: usize, value: &Value, part: Part) -> Result<(), Misfit> {
        let Value::Object(members) = value else { return Err(Misfit::of_type("a structure")) };
        let structure = self.structure_at(structure);
        for (name, value) in members {
            let member = match part {
                // Operations of EC2 return members in the names of the response, all others in those of the SDKs.
                Part::Response if self.protocol == Protocol::Ec2Query => structure.by_response.get(name.as_str()),
                Part::Request | Part::Response => structure.by_sdk.get(name.as_str()),
            };
            let Some(member) = member.and_then(|index| structure.members.get(*index)) else {
                return Err(Misfit::unknown(name));
            };
            if !value.is_null() {
                self.check_value(&member.kind, value, part).map_err(|misfit| misfit.within(name))?;
            }
        }
        let is_there = |name: &str| members.get(name).is_some_and(|value| !value.is_null());
        match structure.members.iter().find(|member| member.required && !is_there(member.sdk)) {
            Some(member) if part == Part::Request => Err(Misfit::missing(member.sdk)),
            _ => Ok(()),
        }
    }

    fn check_value(&self, kind: &Kind, value: &Value, part: Part) -> Result<(), Misfit> {
        match (kind, value) {
            (Kind::Any, _)
            | (Kind::Text | Kind::Bytes | Kind::Moment, Value::String(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Number | Kind::Moment, Value::Number(_)) => Ok(()),
            (Kind::Integer, Value::Number(number)) if number.is_i64() => Ok(()),
            (Kind::OneOf(values), Value::String(text)) => self.check_known(*values, text),
            (Kind::Structure(structure), value) => self.check(*structure, value, part),
            (Kind::List(kind, _), Value::Array(elements)) => {
                elements.iter().enumerate().try_for_each(|(index, element)| {
                    self.check_value(kind, element, part).map_err(|misfit| misfit.at(index))
                })
            }
            (Kind::Map(kind, ..), Value::Object(entries)) => entries
                .iter()
                .try_for_each(|(key, value)| self.check_value(kind, value, part).map_err(|misfit| misfit.within(key))),
            (kind, _) => Err(Misfit::of_type(kind.described())),
        }
    }

    /// Checks a text that has a list of values.
    pub(super) fn check_known(&self, values: usize, text: &str) -> Result<(), Misfit> {
        let known = self.values.get(values).map(Vec::as_slice).unwrap_or_default();
        if known.contains(&text) {
            return Ok(());
        }
        Err(Misfit { path: String::new(), why: Why::Value(text.to_owned(), known.to_vec()) })
    }
}

impl Kind {
    /// Whether it is one value, and no structure, list or map.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::Structure(_) | Self::List(..) | Self::Map(..))
    }

    /// What a message calls it.
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Self::Text | Self::OneOf(_) => "a string",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::Moment => "a moment",
            Self::Bytes => "bytes",
            Self::Any => "a value",
            Self::Structure(_) => "a structure",
            Self::List(..) => "a list",
            Self::Map(..) => "a map",
        }
    }
}
