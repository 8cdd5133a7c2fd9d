use std::collections::BTreeMap;

use super::limits::{check_attribute, check_message, check_structure, check_subject};
use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;

/// A message that SNS accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Published {
    /// The number of the call in the call log.
    pub sequence: u64,
    /// When it was published.
    pub at: Timestamp,
    /// The function that published.
    pub function: String,
    /// The topic's ARN.
    pub topic_arn: String,
    /// The id that the caller got.
    pub message_id: String,
    /// The subject, if one was given.
    pub subject: Option<String>,
    /// The message: a text, or a JSON object with a text for each protocol if `by_protocol`.
    pub message: String,
    /// Whether `MessageStructure` is `json`.
    pub by_protocol: bool,
    /// The message attributes by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageAttribute {
    /// `String`, `String.Array`, `Number` or `Binary`, possibly with a label behind a dot.
    pub data_type: String,
    /// The value as text; of a binary attribute its base64 form.
    pub value: String,
}

/// A message as a caller gives it, checked.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) subject: Option<String>,
    pub(super) message: String,
    pub(super) by_protocol: bool,
    pub(super) attributes: BTreeMap<String, MessageAttribute>,
}

/// The parameters of a message as they came, before any check.
#[derive(Debug)]
pub(super) struct Given {
    subject: Option<String>,
    message: String,
    structure: Option<String>,
    attributes: BTreeMap<String, GivenAttribute>,
}

#[derive(Debug)]
struct GivenAttribute {
    data_type: String,
    text: Option<String>,
    binary: Option<String>,
}

/// Takes the parameters that `Publish` and an entry of `PublishBatch` have in common.
pub(super) fn take(params: &mut Params) -> Result<Given, ServiceError> {
    let message = params.require_string("Message")?;
    let subject = params.take_string("Subject")?;
    let structure = params.take_string("MessageStructure")?;
    let mut attributes = BTreeMap::new();
    for (name, mut attribute) in params.take_map_of_params("MessageAttributes")? {
        let given = GivenAttribute {
            data_type: attribute.take_string("DataType")?.unwrap_or_default(),
            text: attribute.take_string("StringValue")?,
            binary: attribute.take_string("BinaryValue")?,
        };
        attributes.insert(name, given);
    }
    Ok(Given { subject, message, structure, attributes })
}

/// Checks a message and gives it with its size in bytes: body, attribute names, types and values.
pub(super) fn check(given: Given) -> Result<(Draft, usize), ServiceError> {
    let Given { subject, message, structure, attributes } = given;
    check_message(&message)?;
    if let Some(subject) = &subject {
        check_subject(subject)?;
    }
    let by_protocol = check_structure(structure.as_deref(), &message)?;
    let mut size = message.len();
    let mut checked = BTreeMap::new();
    for (name, GivenAttribute { data_type, text, binary }) in attributes {
        let bytes = check_attribute(&name, &data_type, text.as_deref(), binary.as_deref())?;
        size += name.len() + data_type.len() + bytes;
        checked.insert(name, MessageAttribute { data_type, value: text.or(binary).unwrap_or_default() });
    }
    Ok((Draft { subject, message, by_protocol, attributes: checked }, size))
}
