//! The kill switch: one item of the incident table. While it is engaged no function changes anything.
//!
//! Every function that changes a resource reads it, strongly consistent, before its first change. It fails closed: a
//! switch that cannot be read counts as engaged.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Clients, Error, ErrorName, Result, incident_store};

/// Partition key of the item.
pub const INCIDENT_ID: &str = "control";

/// Sort key of the item.
pub const SORT_KEY: &str = "kill-switch";

/// The state of the kill switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillSwitch {
    /// Whether the response is stopped.
    pub engaged: bool,
    /// ARN of the principal who set it last, from AWS STS.
    pub by: String,
    /// The reason they gave.
    pub reason: String,
    /// When they set it, RFC 3339.
    pub at: String,
}

/// Reads the switch; `None` when it was never set.
///
/// # Errors
/// As DynamoDB answers; `Response.Stopped` when the item does not say whether the switch is engaged.
pub async fn read(clients: &Clients, table: &str) -> Result<Option<KillSwitch>> {
    let Some(item) = incident_store::get(clients, table, INCIDENT_ID, SORT_KEY).await? else { return Ok(None) };
    let text = |name: &str| incident::text::line(incident_store::text(&item, name).unwrap_or("not recorded"), 256);
    let engaged = item.get("engaged").and_then(|value| value.as_bool().ok()).copied().ok_or_else(|| {
        Error::new(
            ErrorName::ResponseStopped,
            "the kill switch item does not say whether the switch is engaged, so it counts as engaged; set it again with \
             `cordon kill-switch`",
        )
    })?;
    Ok(Some(KillSwitch { engaged, by: text("by"), reason: text("reason"), at: text("at") }))
}

/// Whether the response may change anything. Every function that changes a resource calls this before its first change.
///
/// # Errors
/// `Response.Stopped`, with the principal and the reason, when the switch is engaged or cannot be read; a transient error
/// unchanged, so that the definition retries. The caller must not change anything then.
pub async fn check(clients: &Clients, table: &str) -> Result<()> {
    match read(clients, table).await {
        Ok(Some(switch)) if switch.engaged => Err(Error::new(ErrorName::ResponseStopped, switch.to_string())),
        Ok(_) => Ok(()),
        Err(error) if error.is_transient() || error.name == ErrorName::ResponseStopped => Err(error),
        Err(error) => Err(Error::new(
            ErrorName::ResponseStopped,
            format!("the kill switch cannot be read, so it counts as engaged: {error}"),
        )),
    }
}

/// Engages or releases the switch, and stores who did it and why.
///
/// # Errors
/// As DynamoDB answers.
pub async fn set(clients: &Clients, table: &str, engaged: bool, by: &str, reason: &str) -> Result<KillSwitch> {
    let switch = KillSwitch { engaged, by: by.to_owned(), reason: reason.to_owned(), at: clients.now().to_string() };
    clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .set_item(Some(incident_store::key(INCIDENT_ID, SORT_KEY)))
        .item("engaged", AttributeValue::Bool(engaged))
        .item("by", AttributeValue::S(switch.by.clone()))
        .item("reason", AttributeValue::S(switch.reason.clone()))
        .item("at", AttributeValue::S(switch.at.clone()))
        .send()
        .await
        .map_err(Error::from_sdk("dynamodb:PutItem"))?;
    Ok(switch)
}

impl std::fmt::Display for KillSwitch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = if self.engaged { "engaged" } else { "released" };
        write!(f, "the kill switch was {state} by {} at {}: {}", self.by, self.at, self.reason)
    }
}
