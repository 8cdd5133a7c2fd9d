//! The parameters of a call. The operation reads them one by one; a parameter that it does not read is reported by its
//! full name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Protocol, Unread};
use crate::base::ServiceError;

/// The parameters of a call, or of a structure inside one.
///
/// Accessors that begin with `take` or `require` mark a parameter as known. When the call succeeds and a parameter is
/// left, here or in a nested structure, the world refuses the call as not simulated. A name may be given with a second
/// spelling (`["Filters", "Filter"]`): the member's name in the SDK and its name on the wire.
#[derive(Debug)]
pub(crate) struct Params {
    members: Map<String, Value>,
    path: String,
    protocol: Protocol,
    unread: Unread,
}

/// One name of a parameter, or its names in the SDK and on the wire.
pub(crate) trait Names: Copy {
    /// The spellings, the one for messages first.
    fn spellings(&self) -> impl Iterator<Item = &str>;
}

impl Names for &str {
    fn spellings(&self) -> impl Iterator<Item = &str> {
        std::iter::once(*self)
    }
}

impl<const N: usize> Names for [&str; N] {
    fn spellings(&self) -> impl Iterator<Item = &str> {
        self.iter().copied()
    }
}

impl Params {
    /// The parameters of a call; anything but an object counts as no parameters under one unnamed member.
    pub(crate) fn new(value: Value, protocol: Protocol, path: &str) -> (Self, Unread) {
        let unread = Unread::default();
        let params = Self { members: members_of(value), path: path.to_owned(), protocol, unread: unread.clone() };
        (params, unread)
    }

    /// Where this structure is in the call: empty for the call itself, `IpPermissions[0]` inside it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The names of the parameters that are left.
    pub(crate) fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    /// Whether a parameter is there and not null; marks nothing.
    pub(crate) fn has(&self, names: impl Names) -> bool {
        self.peek(names).is_some()
    }

    /// A parameter as it came; marks nothing.
    pub(crate) fn peek(&self, names: impl Names) -> Option<&Value> {
        names.spellings().find_map(|name| self.members.get(name)).filter(|value| !value.is_null())
    }

    /// A text parameter; marks nothing. For [`crate::service::Requires::Of`].
    pub(crate) fn peek_string(&self, names: impl Names) -> Option<&str> {
        self.peek(names).and_then(Value::as_str)
    }

    /// A list of texts; marks nothing.
    pub(crate) fn peek_strings(&self, names: impl Names) -> Vec<&str> {
        self.peek_list(names).into_iter().filter_map(Value::as_str).collect()
    }

    /// A list of anything, in order; marks nothing.
    pub(crate) fn peek_list(&self, names: impl Names) -> Vec<&Value> {
        self.peek(names).map(elements).unwrap_or_default()
    }

    /// Any value, with everything inside it.
    pub(crate) fn take_value(&mut self, names: impl Names) -> Option<Value> {
        names.spellings().find_map(|name| self.members.remove(name)).filter(|value| !value.is_null())
    }

    /// Everything that is left, as one object.
    pub(crate) fn take_all(&mut self) -> Value {
        Value::Object(std::mem::take(&mut self.members))
    }

    /// A text.
    pub(crate) fn take_string(&mut self, names: impl Names) -> Result<Option<String>, ServiceError> {
        match self.take_value(names) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(&self.full(names), "a string")),
        }
    }

    /// A text that must be there.
    pub(crate) fn require_string(&mut self, names: impl Names) -> Result<String, ServiceError> {
        self.take_string(names)?.ok_or_else(|| self.missing(&self.full(names)))
    }

    /// A boolean; the Query protocols write it as `true` or `false`.
    pub(crate) fn take_bool(&mut self, names: impl Names) -> Result<Option<bool>, ServiceError> {
        match self.take_value(names) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(self.wrong(&self.full(names), "a boolean")),
        }
    }

    /// An integer; the Query protocols write it in decimal digits.
    pub(crate) fn take_integer(&mut self, names: impl Names) -> Result<Option<i64>, ServiceError> {
        let number = match self.take_value(names) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(&self.full(names), "an integer"))
    }

    /// A number, with or without a fraction.
    pub(crate) fn take_number(&mut self, names: impl Names) -> Result<Option<f64>, ServiceError> {
        let number = match self.take_value(names) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(&self.full(names), "a number"))
    }

    /// A list of texts; empty if it is not there.
    pub(crate) fn take_strings(&mut self, names: impl Names) -> Result<Vec<String>, ServiceError> {
        let Some(value) = self.take_value(names) else { return Ok(Vec::new()) };
        let full = self.full(names);
        self.elements_of(value, &full)?
            .into_iter()
            .map(|(index, element)| match element {
                Value::String(text) => Ok(text),
                _ => Err(self.wrong(&format!("{full}[{index}]"), "a string")),
            })
            .collect()
    }

    /// A list of structures; empty if it is not there.
    pub(crate) fn take_list(&mut self, names: impl Names) -> Result<Vec<Self>, ServiceError> {
        let Some(value) = self.take_value(names) else { return Ok(Vec::new()) };
        let full = self.full(names);
        self.elements_of(value, &full)?
            .into_iter()
            .map(|(index, element)| self.nested(element, format!("{full}[{index}]")))
            .collect()
    }

    /// A nested structure.
    pub(crate) fn take_params(&mut self, names: impl Names) -> Result<Option<Self>, ServiceError> {
        self.take_value(names).map(|value| self.nested(value, self.full(names))).transpose()
    }

    /// A map of texts to texts: an object, or the Query form `Name.entry.1.key=…&Name.entry.1.value=…`.
    pub(crate) fn take_map(&mut self, names: impl Names) -> Result<BTreeMap<String, String>, ServiceError> {
        let full = self.full(names);
        self.take_nested_map(names)?
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key, text)),
                _ => Err(self.wrong(&format!("{full}.{key}"), "a string")),
            })
            .collect()
    }

    /// A map of texts to structures, in the same forms as [`Params::take_map`].
    pub(crate) fn take_map_of_params(&mut self, names: impl Names) -> Result<BTreeMap<String, Self>, ServiceError> {
        let full = self.full(names);
        self.take_nested_map(names)?
            .into_iter()
            .map(|(key, value)| {
                let path = format!("{full}.{key}");
                Ok((key, self.nested(value, path)?))
            })
            .collect()
    }

    /// Marks parameters that are known and of no consequence here.
    pub(crate) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.members.remove(*name);
        }
    }

    /// The error for a required parameter that is not there, as this service's protocol reports it.
    pub(crate) fn missing(&self, full_name: &str) -> ServiceError {
        match self.protocol {
            Protocol::Ec2Query => {
                ServiceError::new("MissingParameter", format!("The request must contain the parameter {full_name}"))
            }
            Protocol::Query => ServiceError::new(
                "ValidationError",
                format!(
                    "1 validation error detected: Value null at '{full_name}' failed to satisfy constraint: Member must not be null"
                ),
            ),
            Protocol::Json10 | Protocol::Json11 => ServiceError::new(
                "ValidationException",
                format!(
                    "1 validation error detected: Value null at '{full_name}' failed to satisfy constraint: Member must not be null"
                ),
            ),
            Protocol::RestJson => {
                ServiceError::new("InvalidInputException", format!("Missing required parameter {full_name}"))
            }
        }
    }

    fn wrong(&self, full_name: &str, expected: &str) -> ServiceError {
        match self.protocol {
            Protocol::Ec2Query => ServiceError::new(
                "InvalidParameterValue",
                format!("Invalid value for parameter {full_name}: expected {expected}"),
            ),
            Protocol::Query => ServiceError::new("MalformedInput", format!("{full_name}: expected {expected}")),
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
                ServiceError::new("SerializationException", format!("{full_name}: expected {expected}"))
            }
        }
    }

    fn full(&self, names: impl Names) -> String {
        let name = names.spellings().next().unwrap_or_default();
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn nested(&self, value: Value, path: String) -> Result<Self, ServiceError> {
        // An empty structure is an empty text on the Query wire.
        if !value.is_object() && value.as_str() != Some("") {
            return Err(self.wrong(&path, "a structure"));
        }
        Ok(Self { members: members_of(value), path, protocol: self.protocol, unread: self.unread.clone() })
    }

    fn elements_of(&self, value: Value, full: &str) -> Result<Vec<(usize, Value)>, ServiceError> {
        into_elements(value)
            .map(|elements| elements.into_iter().enumerate().collect())
            .ok_or_else(|| self.wrong(full, "a list"))
    }

    fn take_nested_map(&mut self, names: impl Names) -> Result<BTreeMap<String, Value>, ServiceError> {
        let Some(value) = self.take_value(names) else { return Ok(BTreeMap::new()) };
        let full = self.full(names);
        let Value::Object(mut members) = value else { return Err(self.wrong(&full, "a map")) };
        if self.protocol != Protocol::Query {
            return Ok(members.into_iter().collect());
        }
        // Through an integration a map comes as it is; on the wire it comes as entries with key (or Name) and value.
        let Some(entries) = members.get("entry").filter(|entry| !entry.is_string()).cloned() else {
            return Ok(members.into_iter().collect());
        };
        members.remove("entry");
        into_elements(entries)
            .unwrap_or_default()
            .into_iter()
            .map(|entry| {
                let mut entry = members_of(entry);
                let key = entry.remove("key").or_else(|| entry.remove("Name"));
                let value = entry.remove("value").or_else(|| entry.remove("Value"));
                match (key, value) {
                    (Some(Value::String(key)), Some(value)) => Ok((key, value)),
                    _ => Err(self.wrong(&full, "entries of key and value")),
                }
            })
            .collect()
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        for name in self.members.keys() {
            let full = if self.path.is_empty() { name.clone() } else { format!("{}.{name}", self.path) };
            self.unread.add(full);
        }
    }
}

fn members_of(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A list in any of its forms: an array, numeric keys in their order, `member` around either, an empty text.
fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(elements) => elements.iter().collect(),
        Value::Object(members) => match members.get("member") {
            Some(inner) if members.len() == 1 => elements(inner),
            _ => {
                let numbered: Option<BTreeMap<u64, &Value>> =
                    members.iter().map(|(key, value)| Some((key.parse().ok()?, value))).collect();
                numbered.map(|numbered| numbered.into_values().collect()).unwrap_or_default()
            }
        },
        _ => Vec::new(),
    }
}

fn into_elements(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(elements) => Some(elements),
        Value::String(text) if text.is_empty() => Some(Vec::new()),
        Value::Object(mut members) if members.len() == 1 && members.contains_key("member") => {
            members.remove("member").and_then(into_elements)
        }
        Value::Object(members) => {
            let numbered: Option<BTreeMap<u64, Value>> =
                members.into_iter().map(|(key, value)| Some((key.parse().ok()?, value))).collect();
            numbered.map(|numbered| numbered.into_values().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_understood_in_every_form() -> Result<(), ServiceError> {
        for list in [
            json!(["a", "b"]),
            json!({"2": "b", "1": "a"}),
            json!({"member": ["a", "b"]}),
            json!({"member": {"1": "a", "10": "b"}}),
        ] {
            let (mut params, _) = Params::new(json!({"Names": list}), Protocol::Query, "");
            assert_eq!(params.peek_strings("Names"), ["a", "b"]);
            assert_eq!(params.take_strings("Names")?, ["a", "b"]);
        }
        Ok(())
    }

    #[test]
    fn a_map_is_understood_in_both_forms() -> Result<(), ServiceError> {
        let entries = json!({"entry": [{"key": "a", "value": "1"}, {"Name": "b", "Value": "2"}]});
        for map in [entries, json!({"a": "1", "b": "2"})] {
            let (mut params, _) = Params::new(json!({"Attributes": map}), Protocol::Query, "");
            let expected = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
            assert_eq!(params.take_map("Attributes")?, expected);
        }
        Ok(())
    }

    #[test]
    fn an_unread_parameter_is_named_in_full() -> Result<(), ServiceError> {
        let value = json!({"Known": "x", "Color": 1, "Rules": [{"Port": "22"}, {"Port": 23, "Deep": {"Unknown": 1}}], "Old": true});
        let (mut params, unread) = Params::new(value, Protocol::Ec2Query, "");
        assert_eq!(params.take_string(["Name", "Known"])?.as_deref(), Some("x"));
        params.ignore(&["Old"]);
        for mut rule in params.take_list("Rules")? {
            assert!(matches!(rule.take_integer("Port")?, Some(22 | 23)));
            drop(rule.take_params("Deep")?);
        }
        drop(params);
        assert_eq!(unread.names(), ["Color", "Rules[1].Deep.Unknown"]);
        Ok(())
    }

    #[test]
    fn a_wrong_type_is_an_error_with_its_name() {
        let (mut params, _) = Params::new(json!({"N": "many", "L": 1, "B": "yes"}), Protocol::Ec2Query, "Outer");
        for error in [params.take_integer("N").err(), params.take_strings("L").err(), params.take_bool("B").err()] {
            assert!(
                error.is_some_and(|error| error.code == "InvalidParameterValue" && error.message.contains("Outer."))
            );
        }
        assert!(matches!(params.require_string("X"), Err(error) if error.code == "MissingParameter"));
    }
}
