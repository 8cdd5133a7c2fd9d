//! Settings of a handler that a test puts in the place of a deployed one: it takes whatever the definition passes.

use responder::{Environment, Parameters, Result, Settings};

pub(crate) struct AnySettings;

impl Settings for AnySettings {
    fn read(_: &Environment, parameters: &mut Parameters) -> Result<AnySettings> {
        parameters.take_rest();
        Ok(AnySettings)
    }
}
