//! What requests have in common: names, pages.

use serde_json::{Map, Value};

use super::err::invalid;
use crate::base::ServiceError;
use crate::protocol::Params;

/// Takes a name that must be there: 1 to `longest` letters, digits and `_+=,.@-` (the patterns of the service model).
pub(super) fn take_name(params: &mut Params, parameter: &str, longest: usize) -> Result<String, ServiceError> {
    let name = params.require_string(parameter)?;
    let member = member_name(parameter);
    check_length(&name, &member, longest)?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(invalid(format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
        )));
    }
    Ok(name)
}

/// Takes a role's name.
pub(super) fn take_role(params: &mut Params) -> Result<String, ServiceError> {
    take_name(params, "RoleName", 64)
}

/// Takes the name of a policy.
pub(super) fn take_policy(params: &mut Params) -> Result<String, ServiceError> {
    take_name(params, "PolicyName", 128)
}

/// Refuses what is empty or longer than `longest` characters.
pub(super) fn check_length(value: &str, member: &str, longest: usize) -> Result<(), ServiceError> {
    let bound = match value.chars().count() {
        0 => "greater than or equal to 1".to_owned(),
        length if length > longest => format!("less than or equal to {longest}"),
        _ => return Ok(()),
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have length {bound}"
    )))
}

/// `RoleName` is `roleName` in messages.
fn member_name(parameter: &str) -> String {
    let mut chars = parameter.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page {
    size: usize,
    /// The key of the last element of the page before.
    after: Option<String>,
}

impl Page {
    /// Takes `MaxItems` (1 to 1,000, 100 if it is not given) and `Marker`.
    pub(super) fn take(params: &mut Params) -> Result<Self, ServiceError> {
        let size = params.take_integer("MaxItems")?.unwrap_or(100);
        if !(1..=1000).contains(&size) {
            let bound = if size < 1 { "greater than or equal to 1" } else { "less than or equal to 1000" };
            return Err(invalid(format!(
                "1 validation error detected: Value '{size}' at 'maxItems' failed to satisfy constraint: Member must have value {bound}"
            )));
        }
        let after = params.take_string("Marker")?;
        let after = after
            .map(|marker| hex::decode(marker).ok().and_then(|bytes| String::from_utf8(bytes).ok()))
            .map(|key| key.ok_or_else(|| invalid("Invalid Marker.")))
            .transpose()?;
        Ok(Self { size: usize::try_from(size).unwrap_or(usize::MAX), after })
    }

    /// The answer with this page of `all`, which comes in the order of its keys, under `member`.
    pub(super) fn of(&self, member: &str, all: impl Iterator<Item = (String, Value)>) -> Value {
        let mut rest = all.skip_while(|(key, _)| self.after.as_ref().is_some_and(|after| key <= after)).peekable();
        let (mut found, mut last) = (Vec::new(), None);
        while found.len() < self.size {
            let Some((key, value)) = rest.next() else { break };
            last = Some(key);
            found.push(value);
        }
        let marker = last.filter(|_| rest.peek().is_some()).map(hex::encode);
        Value::Object(Map::from_iter([
            (member.to_owned(), Value::Array(found)),
            ("IsTruncated".to_owned(), marker.is_some().into()),
            ("Marker".to_owned(), marker.into()),
        ]))
    }
}
