//! The Query protocols: form parameters to a value.

use std::collections::BTreeMap;

use http::Request;
use serde_json::{Map, Value};

use super::Decoded;
use crate::base::ServiceError;

/// No request of an SDK nests structures deeper than this.
const DEPTH_LIMIT: usize = 24;

/// Reads a form body (or, in a `GET`, the query). `Action` is the operation; `Version` must be the API's.
pub(super) fn decode(request: &Request<Vec<u8>>, api_version: &str) -> Result<Decoded, ServiceError> {
    let body = request.body().as_slice();
    let form = if body.is_empty() { request.uri().query().unwrap_or_default().as_bytes() } else { body };
    let mut operation = None;
    let mut version = None;
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(form) {
        match name.as_ref() {
            "Action" => operation = Some(value.into_owned()),
            "Version" => version = Some(value.into_owned()),
            _ => root.insert(&name, value.into_owned())?,
        }
    }
    let operation =
        operation.ok_or_else(|| ServiceError::new("MissingAction", "The request must contain the parameter Action"))?;
    if version.as_deref() != Some(api_version) {
        let version = version.unwrap_or_default();
        return Err(ServiceError::unsupported(format!("{operation} in API version `{version}`")));
    }
    Ok(Decoded { operation, parameters: root.into_value() })
}

/// A tree of dotted names.
#[derive(Debug, Default)]
struct Node {
    text: Option<String>,
    /// In the order of the form.
    members: indexmap::IndexMap<String, Node>,
}

impl Node {
    fn insert(&mut self, name: &str, value: String) -> Result<(), ServiceError> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth >= DEPTH_LIMIT {
                return Err(malformed(name, "is nested too deeply"));
            }
            node = node.members.entry(part.to_owned()).or_default();
        }
        if node.text.replace(value).is_some() {
            return Err(malformed(name, "is given twice"));
        }
        Ok(())
    }

    /// Numbered members are a list in the order of their numbers, `member` around them disappears.
    fn into_value(mut self) -> Value {
        if self.members.is_empty() {
            return Value::String(self.text.unwrap_or_default());
        }
        if self.members.len() == 1
            && let Some(inner) = self.members.shift_remove("member")
        {
            return inner.into_value();
        }
        let numbered =
            self.members.keys().all(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()));
        if numbered {
            let sorted: BTreeMap<(usize, String), Self> =
                self.members.into_iter().map(|(name, node)| ((name.len(), name), node)).collect();
            return Value::Array(sorted.into_values().map(Self::into_value).collect());
        }
        let members: Map<String, Value> =
            self.members.into_iter().map(|(name, node)| (name, node.into_value())).collect();
        Value::Object(members)
    }
}

fn malformed(name: &str, why: &str) -> ServiceError {
    let shown: String = name.chars().take(80).collect();
    ServiceError::new("MalformedQueryString", format!("The parameter {shown} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const VERSION: &str = "2016-11-15";

    fn decoded(form: &str) -> Result<Decoded, ServiceError> {
        decode(&Request::new(form.as_bytes().to_vec()), VERSION)
    }

    #[test]
    fn numbered_names_become_lists_in_the_order_of_their_numbers() -> Result<(), ServiceError> {
        let request = decoded(
            "Action=X&Version=2016-11-15&Filter.1.Name=a&Filter.1.Value.10=z&Filter.1.Value.2=y&Tags.member.1.Key=k%20%C3%A9",
        )?;
        assert_eq!(request.operation, "X");
        let expected = json!({"Filter": [{"Name": "a", "Value": ["y", "z"]}], "Tags": [{"Key": "k é"}]});
        assert_eq!(request.parameters, expected);
        Ok(())
    }

    #[test]
    fn without_parameters_there_is_an_empty_value() -> Result<(), ServiceError> {
        assert_eq!(decoded("Action=X&Version=2016-11-15")?.parameters, json!(""));
        Ok(())
    }

    #[test]
    fn refuses_what_no_client_sends() {
        let code = |form: &str| decoded(form).map_or_else(|error| error.code, |_| "accepted".to_owned());
        assert_eq!(code("Version=2016-11-15"), "MissingAction");
        assert_eq!(code("Action=X&Version=2015-01-01"), "NotSimulated");
        assert_eq!(code("Action=X&Version=2016-11-15&A=1&A=2"), "MalformedQueryString");
        let deep = format!("Action=X&Version=2016-11-15&{}=1", vec!["a"; 100_000].join("."));
        assert_eq!(code(&deep), "MalformedQueryString");
    }

    #[test]
    fn a_huge_number_costs_nothing() -> Result<(), ServiceError> {
        let request = decoded("Action=X&Version=2016-11-15&A.99999999999999999999999999=b&A.3=a")?;
        assert_eq!(request.parameters, json!({"A": ["a", "b"]}));
        Ok(())
    }
}
