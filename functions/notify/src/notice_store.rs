//! The stored notice: the first execution to store one decides the text, later ones publish the same.

use aws_sdk_dynamodb::types::AttributeValue;
use incident::Timestamp;
use responder::incident_store::{self, PutOutcome};
use responder::{Clients, Error, ErrorName, Result};

use crate::notice::{Notice, NoticeKey};

/// A stored notice.
#[derive(Debug)]
pub(crate) struct StoredNotice {
    /// The notice that was stored first.
    pub(crate) notice: Notice,
    /// Whether it was published.
    pub(crate) published: bool,
    /// The execution that stored it.
    pub(crate) by: String,
    /// When it was stored.
    pub(crate) at: Timestamp,
}

/// Stores a notice unless one is stored under its key, and returns the stored one.
///
/// # Errors
/// As DynamoDB answers; `Aws.Unexpected` when the stored notice cannot be read.
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
    let now = clients.now();
    let mut attributes = incident_store::key(&key.incident_id, &key.sort_key());
    attributes.insert("stored_at".to_owned(), AttributeValue::S(now.to_string()));
    attributes.insert("key".to_owned(), AttributeValue::S(key.text()));
    // The attributes `told` and `told_at` are part of the stored format.
    attributes.insert("told".to_owned(), AttributeValue::Bool(false));
    attributes.insert("body".to_owned(), AttributeValue::S(body));
    match incident_store::put_if_absent(clients, table, execution, attributes).await? {
        PutOutcome::Written => Ok(StoredNotice { notice, published: false, by: execution.to_owned(), at: now }),
        PutOutcome::AlreadyExists => read(clients, table, key, &notice).await,
    }
}

async fn read(clients: &Clients, table: &str, key: &NoticeKey, own: &Notice) -> Result<StoredNotice> {
    let (incident_id, sort_key) = (&key.incident_id, key.sort_key());
    let unreadable = |what: &str| {
        Error::new(ErrorName::AwsUnexpected, format!("the stored {sort_key} of {incident_id} cannot be read: {what}"))
    };
    let item = incident_store::get(clients, table, incident_id, &sort_key).await?;
    let item = item.ok_or_else(|| unreadable("it was there a moment ago and is gone"))?;
    let text = |name: &str| incident_store::text(&item, name).ok_or_else(|| unreadable(&format!("no `{name}`")));
    let body = text("body")?;
    let invalid = |error: serde_json::Error| unreadable(&error.to_string());
    let notice = match own {
        Notice::Outcome(_) => Notice::Outcome(serde_json::from_str(body).map_err(invalid)?),
        Notice::Evidence(_) => Notice::Evidence(serde_json::from_str(body).map_err(invalid)?),
    };
    let published = item.get("told").and_then(|told| told.as_bool().ok()).copied();
    Ok(StoredNotice {
        notice,
        published: published.ok_or_else(|| unreadable("no `told`"))?,
        by: text("execution")?.to_owned(),
        at: text("stored_at")?.parse().map_err(|_| unreadable("`stored_at` is not a timestamp"))?,
    })
}

/// Marks the notice as published.
///
/// # Errors
/// As DynamoDB answers.
pub(crate) async fn mark_notified(clients: &Clients, table: &str, key: &NoticeKey) -> Result<()> {
    clients
        .home()
        .dynamodb()
        .update_item()
        .table_name(table)
        .set_key(Some(incident_store::key(&key.incident_id, &key.sort_key())))
        .update_expression("SET told = :told, told_at = :now")
        .expression_attribute_values(":told", AttributeValue::Bool(true))
        .expression_attribute_values(":now", AttributeValue::S(clients.now().to_string()))
        .send()
        .await
        .map(drop)
        .map_err(Error::from_sdk("dynamodb:UpdateItem"))
}
