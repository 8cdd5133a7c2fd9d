//! The settings of a function, read from the environment variables that the template sets.

use std::collections::BTreeMap;

use crate::{Error, ErrorName, Result};

/// Environment variables by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The environment of this process, without variables that are not valid Unicode.
    pub fn of_process() -> Environment {
        Environment(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// A variable that may be absent; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that must be set.
    ///
    /// # Errors
    /// `Settings.Invalid` with the variable's name.
    pub fn require(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| {
            Error::new(
                ErrorName::SettingsInvalid,
                format!("environment variable {name} is not set; infra/template.yaml sets it on the function"),
            )
        })
    }

    /// A variable that must be set and satisfy `read`.
    ///
    /// # Errors
    /// `Settings.Invalid` with the variable's name and value.
    pub fn parse<T>(&self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
        let value = self.require(name)?;
        read(value).ok_or_else(|| {
            Error::new(
                ErrorName::SettingsInvalid,
                format!("environment variable {name} is `{value}`, which is not {expected}"),
            )
        })
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Environment {
        Environment(variables.into_iter().collect())
    }
}

/// The settings of one function.
pub trait Settings: Sized {
    /// Reads the settings.
    ///
    /// # Errors
    /// `Settings.Invalid` when a variable is missing or wrong.
    fn read(environment: &Environment) -> Result<Self>;
}

impl Settings for () {
    fn read(_: &Environment) -> Result<()> {
        Ok(())
    }
}
