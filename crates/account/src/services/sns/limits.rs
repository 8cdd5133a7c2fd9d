//! What SNS refuses in a message.
//!
//! Source: SNS API Reference, "Publish" and "MessageAttributeValue"; the developer guide's "message attributes".

use aws_smithy_types::base64;
use serde_json::Value;

use super::topic::invalid;
use crate::base::ServiceError;

/// The largest message with its attributes, and the largest batch, in bytes: the default `MaximumMessageSize`.
pub(super) const MAX_SIZE: usize = 262_144;
/// A subject must be shorter than this, in characters.
const SUBJECT_BOUND: usize = 100;

/// Refuses an empty message.
pub(super) fn check_message(message: &str) -> Result<(), ServiceError> {
    if message.is_empty() { Err(invalid("Empty message")) } else { Ok(()) }
}

/// A subject has at least one and fewer than 100 characters, none of them a line break or control character.
pub(super) fn check_subject(subject: &str) -> Result<(), ServiceError> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if subject.is_empty() || subject.chars().count() >= SUBJECT_BOUND || subject.contains(breaks) {
        return Err(invalid("Subject"));
    }
    Ok(())
}

/// Whether the message is one for each protocol, and then an object with a `default` text.
pub(super) fn check_structure(structure: Option<&str>, message: &str) -> Result<bool, ServiceError> {
    match structure {
        None => Ok(false),
        Some("json") => {
            let parsed: Value = serde_json::from_str(message)
                .map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
            let Value::Object(members) = parsed else {
                return Err(invalid("Message Structure - JSON message body failed to parse"));
            };
            match members.get("default") {
                Some(Value::String(_)) => Ok(true),
                _ => Err(invalid("Message Structure - No default entry in JSON message body")),
            }
        }
        Some(_) => Err(invalid("MessageStructure")),
    }
}

/// Refuses a message attribute that SNS would; gives the bytes of its value.
pub(super) fn check_attribute(
    name: &str,
    data_type: &str,
    text: Option<&str>,
    binary: Option<&str>,
) -> Result<usize, ServiceError> {
    let refuse = |message: String| Err(ServiceError::new("ParameterValueInvalid", message));
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let reserved = ["aws.", "amazon."].iter().any(|prefix| name.to_ascii_lowercase().starts_with(prefix));
    if name.is_empty() || name.len() > 256 || !name.chars().all(allowed) || dotted || reserved {
        return refuse(format!("The message attribute name '{name}' is invalid."));
    }
    if data_type.is_empty() {
        return refuse(format!("The message attribute '{name}' must contain non-empty message attribute type."));
    }
    let base = data_type.split_once('.').map_or(data_type, |(base, _)| base);
    if !matches!(base, "String" | "Number" | "Binary") {
        return refuse(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."
        ));
    }
    let empty = || {
        refuse(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{data_type}'."
        ))
    };
    match (base, text, binary) {
        ("Binary", None, Some(encoded)) if !encoded.is_empty() => match base64::decode(encoded) {
            Ok(bytes) => Ok(bytes.len()),
            Err(_) => refuse(format!("The message attribute '{name}' is no base64 text.")),
        },
        ("Number", Some(text), None) if !text.is_empty() => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(text.len()),
            _ => refuse(format!("Could not cast message attribute '{name}' value to number.")),
        },
        ("String", Some(text), None) if !text.is_empty() => Ok(text.len()),
        _ => empty(),
    }
}
