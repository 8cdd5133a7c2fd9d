//! What several operations read from their parameters.

use std::collections::BTreeMap;

use super::attribute::{Item, read_item};
use super::err::{ExpressionError, validation};
use super::expression::Placeholders;
use crate::base::ServiceError;
use crate::protocol::Params;

/// Reads `TableName`: a name, or the ARN of a table.
pub(super) fn table_name(params: &mut Params) -> Result<String, ServiceError> {
    let given = params.require_string("TableName")?;
    let name = name_in(&given);
    let constraint = if given.starts_with("arn:") {
        None
    } else if name.len() < 3 {
        Some("Member must have length greater than or equal to 3")
    } else if name.len() > 255 {
        Some("Member must have length less than or equal to 255")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
        Some("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    } else {
        None
    };
    match constraint {
        Some(constraint) => Err(validation(format!(
            "1 validation error detected: Value '{given}' at 'tableName' failed to satisfy constraint: {constraint}"
        ))),
        None => Ok(name.to_owned()),
    }
}

/// The name in a table's name or ARN.
pub(super) fn name_in(given: &str) -> &str {
    match given.strip_prefix("arn:") {
        Some(rest) => rest.split_once(":table/").map_or(given, |(_, name)| name),
        None => given,
    }
}

/// Reads a parameter with attributes that must be there: `Item`, `Key`.
pub(super) fn required_item(params: &mut Params, name: &'static str) -> Result<Item, ServiceError> {
    match params.take_value(name) {
        Some(value) => read_item(&value),
        None => Err(params.missing(&lower_first(name))),
    }
}

/// Reads a parameter that is one of a few words.
pub(super) fn choice(
    params: &mut Params,
    name: &'static str,
    words: &[&'static str],
) -> Result<Option<&'static str>, ServiceError> {
    let Some(given) = params.take_string(name)? else { return Ok(None) };
    match words.iter().find(|word| **word == given) {
        Some(word) => Ok(Some(word)),
        None => Err(validation(format!(
            "1 validation error detected: Value '{given}' at '{}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
            lower_first(name),
            words.join(", ")
        ))),
    }
}

/// The expressions of a request and what stands for names and values in them.
#[derive(Debug)]
pub(super) struct Expressions {
    given: BTreeMap<&'static str, String>,
    placeholders: Placeholders,
}

impl Expressions {
    /// Reads the expression parameters `kinds`, `ExpressionAttributeNames` and `ExpressionAttributeValues`.
    pub(super) fn take(params: &mut Params, kinds: &[&'static str]) -> Result<Self, ServiceError> {
        let mut given = BTreeMap::new();
        for kind in kinds {
            if let Some(expression) = params.take_string(kind)? {
                given.insert(*kind, expression);
            }
        }
        let named = params.has("ExpressionAttributeNames");
        let names = params.take_map("ExpressionAttributeNames")?;
        let values = params.take_value("ExpressionAttributeValues");
        if named && given.is_empty() {
            return Err(validation("ExpressionAttributeNames can only be specified when using expressions"));
        }
        if named && names.is_empty() {
            return Err(validation("ExpressionAttributeNames must not be empty"));
        }
        let with_values: Vec<&str> = kinds.iter().copied().filter(|kind| *kind != "ProjectionExpression").collect();
        if values.is_some() && with_values.iter().all(|kind| !given.contains_key(kind)) {
            let verb = if with_values.len() > 1 { "are" } else { "is" };
            return Err(validation(format!(
                "ExpressionAttributeValues can only be specified when using expressions: {} {verb} null",
                with_values.join(" and ")
            )));
        }
        let values = match values {
            None => Item::new(),
            Some(values) => {
                let read = read_item(&values).map_err(|error| ServiceError {
                    message: format!("ExpressionAttributeValues contains invalid value: {}", error.message),
                    ..error
                })?;
                if read.is_empty() {
                    return Err(validation("ExpressionAttributeValues must not be empty"));
                }
                read
            }
        };
        Ok(Self { given, placeholders: Placeholders::new(names, values)? })
    }

    /// Parses the expression `kind`, if it was given.
    pub(super) fn parse<T>(
        &mut self,
        kind: &'static str,
        parser: fn(&str, &mut Placeholders) -> Result<T, ExpressionError>,
    ) -> Result<Option<T>, ServiceError> {
        let Some(expression) = self.given.get(kind) else { return Ok(None) };
        parser(expression, &mut self.placeholders)
            .map(Some)
            .map_err(|error| validation(format!("Invalid {kind}: {error}")))
    }

    /// Refuses placeholders that no expression used; after the last [`Expressions::parse`].
    pub(super) fn finish(self) -> Result<(), ServiceError> {
        self.placeholders.finish()
    }
}

/// The spelling of a parameter in DynamoDB's messages.
pub(super) fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase().to_string() + chars.as_str()).unwrap_or_default()
}
