//! The service models, as botocore ships them.

use serde_json::Value;

use crate::error::TaskError;
use crate::python;

/// The models of several services.
#[derive(Debug)]
pub(super) struct Botocore {
    /// The version of botocore.
    pub(super) version: String,
    services: Value,
}

impl Botocore {
    /// Loads the models of the named services.
    pub(super) fn load<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, TaskError> {
        let names = names.collect::<Vec<_>>().join("\n");
        let (version, printed) = python::dump(include_str!("dump.py"), &names, "botocore")?;
        Ok(Self { version, services: printed.get("services").cloned().unwrap_or_default() })
    }

    /// The model of one service.
    pub(super) fn service(&self, name: &str) -> Result<&Value, TaskError> {
        self.services.get(name).ok_or_else(|| TaskError::Failed(format!("botocore has no service `{name}`")))
    }
}
