//! Policy documents: read, measured, and written as IAM writes them.

use std::fmt::Write;

use serde_json::Value;

use super::err;
use crate::authorize::{Policy, PolicyError, PolicyErrorKind};
use crate::base::ServiceError;

/// The inline policies of a role together, without whitespace ("IAM and AWS STS quotas").
pub(super) const ROLE_QUOTA: usize = 10_240;

/// An identity policy.
#[derive(Debug, Clone, Hash)]
pub(super) struct Document {
    /// As it was put.
    pub(super) text: String,
    pub(super) policy: Policy,
}

impl Document {
    /// A policy as `PutRolePolicy` takes it.
    pub(super) fn put(text: String) -> Result<Self, ServiceError> {
        let value: Value = serde_json::from_str(&text).map_err(|_| err::malformed(SYNTAX))?;
        let policy = Policy::parse_foreign(&value).map_err(|error| err::malformed(complaint(&error)))?;
        if value.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
            return Err(err::malformed("Policy document must be version 2012-10-17 or greater."));
        }
        Ok(Self { text, policy })
    }

    /// A policy that is in force already, and may be of the older version.
    pub(super) fn present(text: String) -> Result<Self, String> {
        let value: Value = serde_json::from_str(&text).map_err(|_| "is not JSON".to_owned())?;
        let policy = Policy::parse_foreign(&value).map_err(|error| error.to_string())?;
        Ok(Self { text, policy })
    }

    /// What it counts against the quota of its role.
    pub(super) fn size(&self) -> usize {
        self.text.chars().filter(|c| !c.is_whitespace()).count()
    }
}

const SYNTAX: &str = "Syntax errors in policy.";

/// The sentence with which IAM refuses a document.
fn complaint(error: &PolicyError) -> String {
    let sentence = match &error.kind {
        PolicyErrorKind::Missing("Action") => "Policy statement must contain actions.",
        PolicyErrorKind::Missing("Resource") => "Policy statement must contain resources.",
        PolicyErrorKind::UnknownElement(name) if name == "Principal" => {
            "Policy document should not specify a principal."
        }
        PolicyErrorKind::DuplicateSid(_) => "Statement IDs (SID) in a single policy must be unique.",
        PolicyErrorKind::Sid(_) => {
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
        }
        PolicyErrorKind::Action(_) => "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        PolicyErrorKind::Resource(resource) => {
            return format!("Resource {resource} must be in ARN format or \"*\".");
        }
        PolicyErrorKind::Operator(name) => return format!("Invalid Condition type : {name}."),
        _ => SYNTAX,
    };
    sentence.to_owned()
}

/// A document as answers carry it: percent-encoded (RFC 3986), which the API says of every document it returns.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text of a document that is given as an object, as JSON text, or as percent-encoded JSON text.
pub(super) fn policy_text_of(value: Value) -> Option<String> {
    match value {
        Value::Object(_) => Some(value.to_string()),
        Value::String(text) if text.starts_with('%') => decoded(&text),
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(*hex::decode(digits).ok()?.first()?);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_as_it_was() {
        let text = "{\"Version\": \"2012-10-17\",\n\t\"Id\": \"é+%*~-_. /\"}";
        let written = encoded(text);
        assert!(written.starts_with("%7B%22Version%22%3A%20%222012-10-17%22%2C%0A%09"), "{written}");
        assert!(written.ends_with("%C3%A9%2B%25%2A~-_.%20%2F%22%7D"), "{written}");
        assert_eq!(policy_text_of(Value::String(written)).as_deref(), Some(text));
        assert_eq!(policy_text_of(Value::String(text.to_owned())).as_deref(), Some(text));
        for broken in ["%7", "%", "%zz", "%ff"] {
            assert_eq!(policy_text_of(Value::String(broken.to_owned())), None, "{broken}");
        }
    }
}
