//! The context that every control of a run needs.

use std::future::Future;
use std::time::Duration;

use futures_util::future::{Either, select};
use incident::{BeforeImage, Incident};
use responder::incident_store::{PutOutcome, put_before_image};
use responder::{Clients, Error, ErrorName, Result, Target};

use crate::Settings;

/// One run over one instance.
pub(crate) struct Context<'a> {
    pub(crate) clients: &'a Clients,
    pub(crate) settings: &'a Settings,
    pub(crate) incident: &'a Incident,
    pub(crate) execution: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) instance_id: &'a str,
}

impl Context<'_> {
    /// Writes a before-image unless an earlier run wrote it.
    pub(crate) async fn write_image(&self, image: &BeforeImage) -> Result<()> {
        let table = &self.settings.table;
        let outcome = put_before_image(self.clients, table, &self.incident.id, self.execution, image).await?;
        if outcome == PutOutcome::AlreadyExists {
            tracing::info!(record = image.sort_key(), "an earlier run wrote the before-image; it stays");
        }
        Ok(())
    }

    /// Limits how long isolation waits for a call.
    ///
    /// # Errors
    /// As the call; `Aws.Unavailable` when it takes longer.
    pub(crate) async fn within<T>(&self, limit: Duration, call: impl Future<Output = Result<T>>) -> Result<T> {
        match select(Box::pin(call), Box::pin(self.clients.pause(limit))).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => Err(Error::new(
                ErrorName::AwsUnavailable,
                format!("no answer within {} seconds; isolation does not wait for it", limit.as_secs()),
            )),
        }
    }
}
