//! The response team's configuration: items of the incident table, one for the organization and one for each account.

use incident::Configuration;

use crate::{Clients, Error, ErrorName, Result, incident_store};

/// Partition key of the items.
pub const INCIDENT_ID: &str = "configuration";

/// Sort key of the organization's item.
pub const ORGANIZATION: &str = "organization";

/// Sort key of an account's item.
pub fn account_sort_key(account: &str) -> String {
    format!("account#{account}")
}

/// What is configured for an account. An item that does not exist configures nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configured {
    /// The account's own configuration.
    pub account: Option<Configuration>,
    /// The organization's configuration.
    pub organization: Option<Configuration>,
}

/// Reads what is configured for an account, strongly consistent, so that a restriction applies as soon as it is stored.
///
/// # Errors
/// `Settings.Invalid`, with the item's key, when an item cannot be read completely: a misspelled restriction must not be
/// ignored. Otherwise as DynamoDB answers.
pub async fn read(clients: &Clients, table: &str, account: &str) -> Result<Configured> {
    let account_key = account_sort_key(account);
    let (account, organization) = tokio::join!(item(clients, table, &account_key), item(clients, table, ORGANIZATION));
    Ok(Configured { account: account?, organization: organization? })
}

async fn item(clients: &Clients, table: &str, sort_key: &str) -> Result<Option<Configuration>> {
    let Some(item) = incident_store::get(clients, table, INCIDENT_ID, sort_key).await? else { return Ok(None) };
    let invalid = |what: String| {
        Error::new(
            ErrorName::SettingsInvalid,
            format!("the item {INCIDENT_ID} {sort_key} of table {table} cannot be used: {what}; correct it"),
        )
    };
    let body =
        incident_store::text(&item, "body").ok_or_else(|| invalid("it has no text attribute `body`".to_owned()))?;
    Configuration::read(body).map(Some).map_err(|error| invalid(error.to_string()))
}
