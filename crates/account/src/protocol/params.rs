//! The parameters of a call. The operation reads them one by one; a parameter that it does not read is reported by its
//! full name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Unread;
use crate::base::ServiceError;
use crate::model::{Misfit, Protocol};

/// The parameters of a call, or of a structure inside one.
///
/// Accessors that begin with `take` or `require` mark a parameter as known. When the call succeeds and a parameter is
/// left, here or in a nested structure, the world refuses the call as not simulated.
/// Names, types and forms are those of the SDKs: a request from the wire has gone through the service's
/// [`Model`](crate::model::Model).
#[derive(Debug)]
pub(crate) struct Params {
    members: Map<String, Value>,
    path: String,
    /// The path without the positions in lists and the keys of maps: `IpPermissions`.
    place: String,
    protocol: Protocol,
    unread: Unread,
}

impl Params {
    /// The parameters of a call, or a document. A value that is no object has none: the model has refused it.
    pub(crate) fn new(value: Value, protocol: Protocol, path: &str) -> (Self, Unread) {
        let unread = Unread::default();
        let members = match value {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        let params = Self { members, path: path.to_owned(), place: String::new(), protocol, unread: unread.clone() };
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
    pub(crate) fn has(&self, name: &str) -> bool {
        self.peek(name).is_some()
    }

    /// A parameter as it came; marks nothing.
    pub(crate) fn peek(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text parameter; marks nothing. For [`crate::service::Requires::Of`].
    pub(crate) fn peek_string(&self, name: &str) -> Option<&str> {
        self.peek(name).and_then(Value::as_str)
    }

    /// A list of texts; marks nothing.
    pub(crate) fn peek_strings(&self, name: &str) -> Vec<&str> {
        self.peek_list(name).into_iter().filter_map(Value::as_str).collect()
    }

    /// A list of anything, in order; marks nothing.
    pub(crate) fn peek_list(&self, name: &str) -> Vec<&Value> {
        self.peek(name).and_then(Value::as_array).into_iter().flatten().collect()
    }

    /// Any value, with everything inside it.
    pub(crate) fn take_value(&mut self, name: &str) -> Option<Value> {
        self.mark(name);
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Everything that is left, as one object.
    pub(crate) fn take_all(&mut self) -> Value {
        Value::Object(std::mem::take(&mut self.members))
    }

    /// A text.
    pub(crate) fn take_string(&mut self, name: &str) -> Result<Option<String>, ServiceError> {
        match self.take_value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(&self.full(name), "a string")),
        }
    }

    /// A text that must be there.
    pub(crate) fn require_string(&mut self, name: &str) -> Result<String, ServiceError> {
        self.take_string(name)?.ok_or_else(|| self.missing(&self.full(name)))
    }

    /// A boolean.
    pub(crate) fn take_bool(&mut self, name: &str) -> Result<Option<bool>, ServiceError> {
        match self.take_value(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.wrong(&self.full(name), "a boolean")),
        }
    }

    /// An integer.
    pub(crate) fn take_integer(&mut self, name: &str) -> Result<Option<i64>, ServiceError> {
        let number = match self.take_value(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(&self.full(name), "an integer"))
    }

    /// A number, with or without a fraction.
    pub(crate) fn take_number(&mut self, name: &str) -> Result<Option<f64>, ServiceError> {
        let number = match self.take_value(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(&self.full(name), "a number"))
    }

    /// A list of texts; empty if it is not there.
    pub(crate) fn take_strings(&mut self, name: &str) -> Result<Vec<String>, ServiceError> {
        let Some(value) = self.take_value(name) else { return Ok(Vec::new()) };
        let full = self.full(name);
        self.elements_of(value, &full)?
            .into_iter()
            .map(|(index, element)| match element {
                Value::String(text) => Ok(text),
                _ => Err(self.wrong(&format!("{full}[{index}]"), "a string")),
            })
            .collect()
    }

    /// A list of structures; empty if it is not there.
    pub(crate) fn take_list(&mut self, name: &str) -> Result<Vec<Self>, ServiceError> {
        let Some(value) = self.take_value(name) else { return Ok(Vec::new()) };
        let full = self.full(name);
        self.elements_of(value, &full)?
            .into_iter()
            .map(|(index, element)| self.nested(name, element, format!("{full}[{index}]")))
            .collect()
    }

    /// A nested structure.
    pub(crate) fn take_params(&mut self, name: &str) -> Result<Option<Self>, ServiceError> {
        self.take_value(name).map(|value| self.nested(name, value, self.full(name))).transpose()
    }

    /// A map of texts to texts.
    pub(crate) fn take_map(&mut self, name: &str) -> Result<BTreeMap<String, String>, ServiceError> {
        let full = self.full(name);
        self.take_nested_map(name)?
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key, text)),
                _ => Err(self.wrong(&format!("{full}.{key}"), "a string")),
            })
            .collect()
    }

    /// A map of texts to structures.
    pub(crate) fn take_map_of_params(&mut self, name: &str) -> Result<BTreeMap<String, Self>, ServiceError> {
        let full = self.full(name);
        self.take_nested_map(name)?
            .into_iter()
            .map(|(key, value)| {
                let path = format!("{full}.{key}");
                Ok((key, self.nested(name, value, path)?))
            })
            .collect()
    }

    /// Marks parameters that are known and of no consequence here.
    pub(crate) fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.mark(name);
            self.members.remove(*name);
        }
    }

    /// The error for a required parameter that is not there, as this service's protocol reports it.
    pub(crate) fn missing(&self, full_name: &str) -> ServiceError {
        Misfit::missing(full_name).of_request(self.protocol)
    }

    fn wrong(&self, full_name: &str, expected: &'static str) -> ServiceError {
        Misfit::of_type(expected).within(full_name).of_request(self.protocol)
    }

    fn mark(&self, name: &str) {
        if cfg!(debug_assertions) {
            self.unread.mark(joined(&self.place, name));
        }
    }

    fn full(&self, name: &str) -> String {
        joined(&self.path, name)
    }

    fn nested(&self, name: &str, value: Value, path: String) -> Result<Self, ServiceError> {
        let Value::Object(members) = value else { return Err(self.wrong(&path, "a structure")) };
        let place = joined(&self.place, name);
        Ok(Self { members, path, place, protocol: self.protocol, unread: self.unread.clone() })
    }

    fn elements_of(&self, value: Value, full: &str) -> Result<Vec<(usize, Value)>, ServiceError> {
        match value {
            Value::Array(elements) => Ok(elements.into_iter().enumerate().collect()),
            _ => Err(self.wrong(full, "a list")),
        }
    }

    fn take_nested_map(&mut self, name: &str) -> Result<BTreeMap<String, Value>, ServiceError> {
        let Some(value) = self.take_value(name) else { return Ok(BTreeMap::new()) };
        match value {
            Value::Object(members) => Ok(members.into_iter().collect()),
            _ => Err(self.wrong(&self.full(name), "a map")),
        }
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        for name in self.members.keys() {
            self.unread.add(joined(&self.path, name));
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unread_parameter_is_named_in_full() -> Result<(), ServiceError> {
        let value = json!({"Known": "x", "Color": 1, "Rules": [{"Port": 22}, {"Port": 23, "Deep": {"Unknown": 1}}], "Old": true});
        let (mut params, unread) = Params::new(value, Protocol::Ec2Query, "");
        assert_eq!(params.take_string("Known")?.as_deref(), Some("x"));
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
