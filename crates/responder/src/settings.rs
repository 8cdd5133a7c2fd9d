//! The settings of a function.
//!
//! A function's environment holds only names of resources of its stack. Everything that a parameter of the template
//! changes travels in the payload, under `settings`, through the `DefinitionSubstitutions` of the state machine: SAM
//! publishes a new version of a state machine whenever its definition changes, but a new version of a function only when
//! its code or the unresolved text of its properties changes. A parameter in the environment would never reach the alias.

use std::collections::BTreeMap;

use serde_json::Value;

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
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Environment {
        Environment(variables.into_iter().collect())
    }
}

/// The object `settings` of a payload: texts by name, as `DefinitionSubstitutions` write them.
///
/// Each value is taken once. A value that nobody takes is an error, because a misspelled setting must not be ignored.
///
/// ```
/// use responder::{ErrorName, Parameters};
///
/// let payload = serde_json::json!({"settings": {"lock_days": "90", "lock_day": "30"}});
/// let mut parameters = Parameters::of_payload(&payload)?;
/// let days = parameters.parse("lock_days", "a number of days", |text| text.parse::<u32>().ok())?;
/// assert_eq!(days, 90);
/// let error = parameters.finish().unwrap_err();
/// assert_eq!(error.name, ErrorName::SettingsInvalid);
/// assert_eq!(error.to_string(), "the payload has the setting `lock_day`, which this function does not know");
/// # Ok::<(), responder::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// The settings of a payload; none when it has no `settings`.
    ///
    /// # Errors
    /// `Settings.Invalid` when `settings` is no object of texts.
    pub fn of_payload(payload: &Value) -> Result<Parameters> {
        let Some(settings) = payload.get("settings") else { return Ok(Parameters::default()) };
        let invalid = |what: String| Error::new(ErrorName::SettingsInvalid, what);
        let settings =
            settings.as_object().ok_or_else(|| invalid("`settings` of the payload is no object".to_owned()))?;
        let text = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            _ => Err(invalid(format!("the setting `{name}` of the payload is no text"))),
        };
        settings.iter().map(text).collect::<Result<_>>().map(Parameters)
    }

    /// Takes a setting that may be absent; an empty text counts as absent.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// Takes a setting that must be there.
    ///
    /// # Errors
    /// `Settings.Invalid` with its name.
    pub fn require(&mut self, name: &str) -> Result<String> {
        self.take(name).ok_or_else(|| {
            Error::new(
                ErrorName::SettingsInvalid,
                format!("the payload lacks the setting `{name}`; the definition passes it under `settings`"),
            )
        })
    }

    /// Takes a setting that must be there and satisfy `read`.
    ///
    /// # Errors
    /// `Settings.Invalid` with its name, its value and what is expected.
    pub fn parse<T>(&mut self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Result<T> {
        let value = self.require(name)?;
        read(&value).ok_or_else(|| {
            Error::new(
                ErrorName::SettingsInvalid,
                format!("the setting `{name}` is `{value}`, which is not {expected}"),
            )
        })
    }

    /// Takes every setting that is left.
    pub fn take_rest(&mut self) -> BTreeMap<String, String> {
        std::mem::take(&mut self.0)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `Settings.Invalid` with the name of a setting that was not taken.
    pub fn finish(self) -> Result<()> {
        match self.0.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(Error::new(
                ErrorName::SettingsInvalid,
                format!("the payload has the setting `{name}`, which this function does not know"),
            )),
        }
    }
}

/// The settings of one function.
pub trait Settings: Sized {
    /// Reads the names of resources from the environment, and everything else from the payload.
    ///
    /// # Errors
    /// `Settings.Invalid` when a value is missing or wrong.
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Self>;
}

impl Settings for () {
    fn read(_: &Environment, _: &mut Parameters) -> Result<()> {
        Ok(())
    }
}
