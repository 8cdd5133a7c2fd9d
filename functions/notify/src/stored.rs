//! The stored report: who writes first is told, whoever comes later tells the same.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use incident::{Moment, SCHEMA};
use responder::{Clients, Error, ErrorName, Result};

use crate::story::{Place, Story};

/// What is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    /// What was stored first.
    pub(crate) story: Story,
    /// Whether people were told.
    pub(crate) told: bool,
    /// The execution that stored it.
    pub(crate) by: String,
    /// When it was stored.
    pub(crate) at: Option<Moment>,
}

/// Stores a story unless one is stored at its place; what is stored there then.
///
/// # Errors
/// As the table answers, and `Aws.Unexpected` when what is stored cannot be read.
pub(crate) async fn keep_first(
    clients: &Clients,
    table: &str,
    place: &Place,
    execution: &str,
    story: Story,
) -> Result<Stored> {
    let body = match &story {
        Story::Outcome(report) => serde_json::to_string(report),
        Story::Evidence(report) => serde_json::to_string(report),
    };
    let body = body.map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the report: {error}")))?;
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .set_item(Some(key(place)))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("execution", AttributeValue::S(execution.to_owned()))
        .item("stored_at", AttributeValue::S(clients.now_text()))
        .item("key", AttributeValue::S(place.key()))
        .item("told", AttributeValue::Bool(false))
        .item("body", AttributeValue::S(body))
        .condition_expression("attribute_not_exists(incident_id)")
        .send()
        .await
        .map_err(Error::of("dynamodb:PutItem"));
    match written {
        Ok(_) => Ok(Stored { story, told: false, by: execution.to_owned(), at: None }),
        Err(error) if error.has_code("ConditionalCheckFailedException") => read(clients, table, place, &story).await,
        Err(error) => Err(error),
    }
}

async fn read(clients: &Clients, table: &str, place: &Place, own: &Story) -> Result<Stored> {
    let output = clients
        .home()
        .dynamodb()
        .get_item()
        .table_name(table)
        .set_key(Some(key(place)))
        .consistent_read(true)
        .send()
        .await
        .map_err(Error::of("dynamodb:GetItem"))?;
    let item = output.item.unwrap_or_default();
    let body = item.get("body").and_then(|body| body.as_s().ok()).map_or("", String::as_str);
    let unreadable = |error: serde_json::Error| {
        Error::new(ErrorName::AwsUnexpected, format!("the stored {} of {}: {error}", place.record(), place.incident_id))
    };
    let story = match own {
        Story::Outcome(_) => Story::Outcome(serde_json::from_str(body).map_err(unreadable)?),
        Story::Evidence(_) => Story::Evidence(serde_json::from_str(body).map_err(unreadable)?),
    };
    let told = item.get("told").and_then(|told| told.as_bool().ok()).copied().unwrap_or(false);
    let by = item.get("execution").and_then(|by| by.as_s().ok()).cloned().unwrap_or_default();
    let at = item.get("stored_at").and_then(|at| at.as_s().ok()).and_then(|at| at.parse().ok());
    Ok(Stored { story, told, by, at })
}

/// Keeps that people were told.
///
/// # Errors
/// As the table answers.
pub(crate) async fn mark_told(clients: &Clients, table: &str, place: &Place) -> Result<()> {
    clients
        .home()
        .dynamodb()
        .update_item()
        .table_name(table)
        .set_key(Some(key(place)))
        .update_expression("SET told = :told, told_at = :now")
        .expression_attribute_values(":told", AttributeValue::Bool(true))
        .expression_attribute_values(":now", AttributeValue::S(clients.now_text()))
        .send()
        .await
        .map(drop)
        .map_err(Error::of("dynamodb:UpdateItem"))
}

fn key(place: &Place) -> HashMap<String, AttributeValue> {
    HashMap::from([
        ("incident_id".to_owned(), AttributeValue::S(place.incident_id.clone())),
        ("record".to_owned(), AttributeValue::S(place.record())),
    ])
}
