//! The stored report: who writes first is told, whoever comes later tells the same.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use incident::{SCHEMA, Timestamp};
use responder::{Clients, Error, ErrorName, Result};

use crate::notice::{Notice, NoticeKey};

/// What is stored.
#[derive(Debug)]
pub(crate) struct StoredNotice {
    /// What was stored first.
    pub(crate) notice: Notice,
    /// Whether people were told.
    pub(crate) told: bool,
    /// The execution that stored it.
    pub(crate) by: String,
    /// When it was stored.
    pub(crate) at: Option<Timestamp>,
}

/// Stores a notice unless one is stored at its key; what is stored there then.
///
/// # Errors
/// As the table answers, and `Aws.Unexpected` when what is stored cannot be read.
pub(crate) async fn put_if_absent(
    clients: &Clients,
    table: &str,
    key: &NoticeKey,
    execution: &str,
    notice: Notice,
) -> Result<StoredNotice> {
    let body = match &notice {
        Notice::Outcome(report) => serde_json::to_string(report),
        Notice::Evidence(report) => serde_json::to_string(report),
    };
    let body = body.map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the report: {error}")))?;
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .set_item(Some(key(key)))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("execution", AttributeValue::S(execution.to_owned()))
        .item("stored_at", AttributeValue::S(clients.now().to_string()))
        .item("key", AttributeValue::S(key.key()))
        .item("told", AttributeValue::Bool(false))
        .item("body", AttributeValue::S(body))
        .condition_expression("attribute_not_exists(incident_id)")
        .send()
        .await
        .map_err(Error::from_sdk("dynamodb:PutItem"));
    match written {
        Ok(_) => Ok(StoredNotice { notice, told: false, by: execution.to_owned(), at: None }),
        Err(error) if error.has_code("ConditionalCheckFailedException") => read(clients, table, key, &notice).await,
        Err(error) => Err(error),
    }
}

async fn read(clients: &Clients, table: &str, key: &NoticeKey, own: &Notice) -> Result<StoredNotice> {
    let output = clients
        .home()
        .dynamodb()
        .get_item()
        .table_name(table)
        .set_key(Some(key(key)))
        .consistent_read(true)
        .send()
        .await
        .map_err(Error::from_sdk("dynamodb:GetItem"))?;
    let item = output.item.unwrap_or_default();
    let body = item.get("body").and_then(|body| body.as_s().ok()).map_or("", String::as_str);
    let unreadable = |error: serde_json::Error| {
        Error::new(ErrorName::AwsUnexpected, format!("the stored {} of {}: {error}", key.record(), key.incident_id))
    };
    let notice = match own {
        Notice::Outcome(_) => Notice::Outcome(serde_json::from_str(body).map_err(unreadable)?),
        Notice::Evidence(_) => Notice::Evidence(serde_json::from_str(body).map_err(unreadable)?),
    };
    let told = item.get("told").and_then(|told| told.as_bool().ok()).copied().unwrap_or(false);
    let by = item.get("execution").and_then(|by| by.as_s().ok()).cloned().unwrap_or_default();
    let at = item.get("stored_at").and_then(|at| at.as_s().ok()).and_then(|at| at.parse().ok());
    Ok(StoredNotice { notice, told, by, at })
}

/// Keeps that people were told.
///
/// # Errors
/// As the table answers.
pub(crate) async fn mark_notified(clients: &Clients, table: &str, key: &NoticeKey) -> Result<()> {
    clients
        .home()
        .dynamodb()
        .update_item()
        .table_name(table)
        .set_key(Some(key(key)))
        .update_expression("SET told = :told, told_at = :now")
        .expression_attribute_values(":told", AttributeValue::Bool(true))
        .expression_attribute_values(":now", AttributeValue::S(clients.now().to_string()))
        .send()
        .await
        .map(drop)
        .map_err(Error::from_sdk("dynamodb:UpdateItem"))
}

fn key(key: &NoticeKey) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("incident_id".to_owned(), AttributeValue::S(key.incident_id.clone())),
        ("record".to_owned(), AttributeValue::S(key.record())),
    ])
}
