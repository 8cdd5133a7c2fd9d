use std::collections::{BTreeMap, BTreeSet};

use crate::base::ServiceError;
use crate::services::dynamodb::attribute::Attribute;
use crate::services::dynamodb::err::{ExpressionError, validation};

/// `ExpressionAttributeNames` and `ExpressionAttributeValues` of a request, and which of them the expressions used.
#[derive(Debug, Default)]
pub(in crate::services::dynamodb) struct Placeholders {
    names: BTreeMap<String, String>,
    values: BTreeMap<String, Attribute>,
    used: BTreeSet<String>,
}

impl Placeholders {
    /// Checks the forms of the keys.
    pub(in crate::services::dynamodb) fn new(
        names: BTreeMap<String, String>,
        values: BTreeMap<String, Attribute>,
    ) -> Result<Self, ServiceError> {
        let check = |parameter: &str, sign: char, key: &str| {
            let well_formed = key
                .strip_prefix(sign)
                .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
            if well_formed {
                Ok(())
            } else {
                Err(validation(format!("{parameter} contains invalid key: Syntax error; key: \"{key}\"")))
            }
        };
        names.keys().try_for_each(|key| check("ExpressionAttributeNames", '#', key))?;
        values.keys().try_for_each(|key| check("ExpressionAttributeValues", ':', key))?;
        Ok(Self { names, values, used: BTreeSet::new() })
    }

    pub(super) fn name(&mut self, key: &str) -> Result<String, ExpressionError> {
        let name = self.names.get(key).ok_or_else(|| ExpressionError::UndefinedName(key.to_owned()))?;
        self.used.insert(key.to_owned());
        Ok(name.clone())
    }

    pub(super) fn value(&mut self, key: &str) -> Result<Attribute, ExpressionError> {
        let value = self.values.get(key).ok_or_else(|| ExpressionError::UndefinedValue(key.to_owned()))?;
        self.used.insert(key.to_owned());
        Ok(value.clone())
    }

    /// Refuses what no expression used. To be called after all expressions of the request are parsed.
    pub(in crate::services::dynamodb) fn finish(&self) -> Result<(), ServiceError> {
        let unused = |parameter: &str, keys: Vec<&String>| {
            let left: Vec<&str> =
                keys.into_iter().filter(|key| !self.used.contains(*key)).map(String::as_str).collect();
            if left.is_empty() {
                Ok(())
            } else {
                Err(validation(format!(
                    "Value provided in {parameter} unused in expressions: keys: {{{}}}",
                    left.join(", ")
                )))
            }
        };
        unused("ExpressionAttributeNames", self.names.keys().collect())?;
        unused("ExpressionAttributeValues", self.values.keys().collect())
    }
}
