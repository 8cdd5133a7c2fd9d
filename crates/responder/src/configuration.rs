//! The records of configuration of the response team in the incident table: one of the organization, one of each
//! account.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use incident::Configuration;

use crate::{Clients, Error, ErrorName, Result};

/// Partition key of the records.
pub const INCIDENT_ID: &str = "configuration";

/// Sort key of the organization's record.
pub const ORGANISATION: &str = "organization";

/// Sort key of an account's record.
pub fn record_of_account(account: &str) -> String {
    format!("account#{account}")
}

/// What is configured for an account; a record that does not exist says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configured {
    /// The account's own record.
    pub account: Option<Configuration>,
    /// The organization's.
    pub organization: Option<Configuration>,
}

/// Reads what is configured for an account, consistently: what was forbidden a moment ago must not be done.
///
/// # Errors
/// `Settings.Invalid` when a record cannot be read whole, with the record's key: a restriction that is misspelled must
/// not be taken for none. As the table answers otherwise.
pub async fn read(clients: &Clients, table: &str, account: &str) -> Result<Configured> {
    let of_account = record_of_account(account);
    let (account, organization) =
        tokio::join!(record(clients, table, &of_account), record(clients, table, ORGANISATION));
    Ok(Configured { account: account?, organization: organization? })
}

async fn record(clients: &Clients, table: &str, record: &str) -> Result<Option<Configuration>> {
    let key = HashMap::from([
        ("incident_id".to_owned(), AttributeValue::S(INCIDENT_ID.to_owned())),
        ("record".to_owned(), AttributeValue::S(record.to_owned())),
    ]);
    let output = clients
        .home()
        .dynamodb()
        .get_item()
        .table_name(table)
        .set_key(Some(key))
        .consistent_read(true)
        .send()
        .await
        .map_err(Error::of("dynamodb:GetItem"))?;
    let Some(item) = output.item else { return Ok(None) };
    let invalid = |what: String| {
        Error::new(
            ErrorName::SettingsInvalid,
            format!("the record {INCIDENT_ID} {record} of table {table} cannot be used: {what}; correct it"),
        )
    };
    let body = item
        .get("body")
        .and_then(|body| body.as_s().ok())
        .ok_or_else(|| invalid("it has no text attribute `body`".to_owned()))?;
    Configuration::read(body).map(Some).map_err(|error| invalid(error.to_string()))
}
