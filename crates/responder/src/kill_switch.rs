//! The kill switch: one record in the incident table. While it is engaged no function changes anything.
//!
//! It is read, consistently, by every function that mutates, before its first change. What cannot be read stops too: a
//! switch that may or may not be engaged counts as engaged.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Clients, Error, ErrorName, Result};

/// Partition key of the record.
pub const INCIDENT_ID: &str = "control";

/// Sort key of the record.
pub const RECORD: &str = "kill-switch";

/// How the kill switch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KillSwitch {
    /// Whether the response is stopped.
    pub engaged: bool,
    /// Who set it last, as they were authenticated when they did.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
}

/// Reads the switch; `None` when nobody ever set it.
///
/// # Errors
/// As the table answers, and `Response.Stopped` when the record does not say whether the switch is engaged.
pub async fn read(clients: &Clients, table: &str) -> Result<Option<KillSwitch>> {
    let output = clients
        .home()
        .dynamodb()
        .get_item()
        .table_name(table)
        .set_key(Some(key()))
        .consistent_read(true)
        .send()
        .await
        .map_err(Error::of("dynamodb:GetItem"))?;
    let Some(item) = output.item else { return Ok(None) };
    let text = |name: &str| {
        let value = item.get(name).and_then(|value| value.as_s().ok());
        incident::text::line(value.map_or("not recorded", String::as_str), 256)
    };
    let engaged = item.get("engaged").and_then(|value| value.as_bool().ok()).copied().ok_or_else(|| {
        Error::new(
            ErrorName::ResponseStopped,
            "the record of the kill switch does not say whether it is engaged, so it counts as engaged; set it again \
             with `cordon kill-switch`",
        )
    })?;
    Ok(Some(KillSwitch { engaged, by: text("by"), reason: text("reason"), at: text("at") }))
}

/// Whether the response may go on: to be called by every function that mutates, before its first change.
///
/// # Errors
/// `Response.Stopped` with who and why when the switch is engaged, and when the table refuses to say; what is transient
/// as it is, so that the definition tries again. The caller must not mutate anything then.
pub async fn check(clients: &Clients, table: &str) -> Result<()> {
    match read(clients, table).await {
        Ok(Some(switch)) if switch.engaged => Err(Error::new(ErrorName::ResponseStopped, switch.to_string())),
        Ok(_) => Ok(()),
        Err(error) if error.is_transient() || error.name == ErrorName::ResponseStopped => Err(error),
        Err(error) => Err(Error::new(
            ErrorName::ResponseStopped,
            format!("whether the kill switch is engaged cannot be read, so it counts as engaged: {error}"),
        )),
    }
}

/// Engages or releases the switch, and keeps who and why.
///
/// # Errors
/// As the table answers.
pub async fn set(clients: &Clients, table: &str, engaged: bool, by: &str, reason: &str) -> Result<KillSwitch> {
    let switch = KillSwitch { engaged, by: by.to_owned(), reason: reason.to_owned(), at: clients.now_text() };
    clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .set_item(Some(key()))
        .item("engaged", AttributeValue::Bool(engaged))
        .item("by", AttributeValue::S(switch.by.clone()))
        .item("reason", AttributeValue::S(switch.reason.clone()))
        .item("at", AttributeValue::S(switch.at.clone()))
        .send()
        .await
        .map_err(Error::of("dynamodb:PutItem"))?;
    Ok(switch)
}

fn key() -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("incident_id".to_owned(), AttributeValue::S(INCIDENT_ID.to_owned())),
        ("record".to_owned(), AttributeValue::S(RECORD.to_owned())),
    ])
}

impl std::fmt::Display for KillSwitch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = if self.engaged { "engaged" } else { "released" };
        write!(f, "the kill switch was {state} by {} at {}: {}", self.by, self.at, self.reason)
    }
}
