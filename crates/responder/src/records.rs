//! Records in the incident table: partition key `incident_id`, sort key `record`, the content as JSON in `body`.

use aws_sdk_dynamodb::types::AttributeValue;
use incident::{BeforeImage, SCHEMA};

use crate::{Clients, Error, ErrorName, Result};

/// What became of a before-image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It was written now.
    Written,
    /// An earlier run wrote it, and that one stays.
    AlreadyThere,
}

/// Writes a before-image unless there is one: a re-run can never overwrite it with quarantined state.
///
/// # Errors
/// As the table answers. The caller must not mutate the resource then.
pub async fn keep_before_image(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
    image: &BeforeImage,
) -> Result<Kept> {
    let body = serde_json::to_string(image)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the before-image: {error}")))?;
    put_if_absent(clients, table, incident_id, image.record_key(), execution, body).await
}

/// Notes once that something is about to be done: the first caller gets `Written`, every later one `AlreadyThere`.
///
/// # Errors
/// As the table answers. The caller must not do it then.
pub async fn note_once(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    record: &str,
    execution: &str,
) -> Result<Kept> {
    put_if_absent(clients, table, incident_id, record.to_owned(), execution, "{}".to_owned()).await
}

async fn put_if_absent(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    record: String,
    execution: &str,
    body: String,
) -> Result<Kept> {
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .item("incident_id", AttributeValue::S(incident_id.to_owned()))
        .item("record", AttributeValue::S(record))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("execution", AttributeValue::S(execution.to_owned()))
        .item("taken_at", AttributeValue::S(clients.now_text()))
        .item("body", AttributeValue::S(body))
        .condition_expression("attribute_not_exists(incident_id)")
        .send()
        .await
        .map_err(Error::of("dynamodb:PutItem"));
    match written {
        Ok(_) => Ok(Kept::Written),
        Err(error) if error.has_code("ConditionalCheckFailedException") => Ok(Kept::AlreadyThere),
        Err(error) => Err(error),
    }
}

/// What an incident has on record of its containment.
#[derive(Debug, Clone, Default)]
pub struct OnRecord {
    /// Every before-image.
    pub before_images: Vec<BeforeImage>,
    /// The notes of [`note_once`], by their record.
    pub notes: Vec<String>,
}

/// Everything that earlier runs wrote down of an incident before they changed anything.
///
/// # Errors
/// As the table answers.
pub async fn on_record(clients: &Clients, table: &str, incident_id: &str, notes: &str) -> Result<OnRecord> {
    let (before_images, noted) = tokio::join!(
        Box::pin(before_images(clients, table, incident_id)),
        Box::pin(items(clients, table, incident_id, notes))
    );
    Ok(OnRecord {
        before_images: before_images?,
        notes: noted?.iter().filter_map(|item| text(item, "record")).map(str::to_owned).collect(),
    })
}

/// The before-images of an incident.
///
/// # Errors
/// As the table answers.
pub async fn before_images(clients: &Clients, table: &str, incident_id: &str) -> Result<Vec<BeforeImage>> {
    Ok(items(clients, table, incident_id, BEFORE_IMAGE).await?.iter().filter_map(image).collect())
}

/// The before-images of an incident that this execution wrote: what an earlier attempt of it was about to change.
///
/// # Errors
/// As the table answers.
pub async fn before_images_of(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
) -> Result<Vec<BeforeImage>> {
    let items = items(clients, table, incident_id, BEFORE_IMAGE).await?;
    Ok(items.iter().filter(|item| text(item, "execution") == Some(execution)).filter_map(image).collect())
}

/// How the sort keys of before-images begin.
const BEFORE_IMAGE: &str = "before-image#";

type Item = std::collections::HashMap<String, AttributeValue>;

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

fn image(item: &Item) -> Option<BeforeImage> {
    text(item, "body").and_then(|body| serde_json::from_str(body).ok())
}

async fn items(clients: &Clients, table: &str, incident_id: &str, prefix: &str) -> Result<Vec<Item>> {
    let mut pages = clients
        .home()
        .dynamodb()
        .query()
        .table_name(table)
        .key_condition_expression("incident_id = :incident AND begins_with(#record, :kind)")
        .expression_attribute_names("#record", "record")
        .expression_attribute_values(":incident", AttributeValue::S(incident_id.to_owned()))
        .expression_attribute_values(":kind", AttributeValue::S(prefix.to_owned()))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(item) = pages.next().await {
        found.push(item.map_err(Error::of("dynamodb:Query"))?);
    }
    Ok(found)
}
