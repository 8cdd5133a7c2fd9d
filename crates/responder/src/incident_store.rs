//! The items of the incident table: partition key `incident_id`, sort key `record`, the content as JSON in `body`.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use incident::{BeforeImage, SCHEMA};

use crate::{Clients, Error, ErrorName, Result};

/// An item as the SDK returns it: attributes by name.
pub type Item = HashMap<String, AttributeValue>;

/// How the sort keys of before-images begin.
const BEFORE_IMAGE: &str = "before-image#";

/// The result of a conditional put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutOutcome {
    /// This call wrote the item.
    Written,
    /// An earlier run wrote the item, which stays as it was.
    AlreadyExists,
}

/// What earlier runs stored about an incident before they changed anything.
#[derive(Debug, Clone, Default)]
pub struct EarlierRuns {
    /// Every before-image.
    pub before_images: Vec<BeforeImage>,
    /// Sort keys of the markers that [`put_marker`] wrote.
    pub markers: Vec<String>,
}

/// The primary key of an item.
pub fn key(incident_id: &str, sort_key: &str) -> Item {
    HashMap::from([
        ("incident_id".to_owned(), AttributeValue::S(incident_id.to_owned())),
        ("record".to_owned(), AttributeValue::S(sort_key.to_owned())),
    ])
}

/// A text attribute; `None` when the item has none of that name or it has another type.
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

/// Reads one item with a strongly consistent read.
///
/// # Errors
/// As DynamoDB answers.
pub async fn get(clients: &Clients, table: &str, incident_id: &str, sort_key: &str) -> Result<Option<Item>> {
    let get = clients.home().dynamodb().get_item().table_name(table).set_key(Some(key(incident_id, sort_key)));
    let output = get.consistent_read(true).send().await.map_err(Error::from_sdk("dynamodb:GetItem"))?;
    Ok(output.item)
}

/// Writes an item unless one with its key exists. `attributes` carry the key and the content; `schema` and `execution`
/// are added here.
///
/// # Errors
/// As DynamoDB answers, except that a failed condition is [`PutOutcome::AlreadyExists`].
pub async fn put_if_absent(clients: &Clients, table: &str, execution: &str, attributes: Item) -> Result<PutOutcome> {
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .set_item(Some(attributes))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("execution", AttributeValue::S(execution.to_owned()))
        .condition_expression("attribute_not_exists(incident_id)")
        .send()
        .await
        .map_err(Error::from_sdk("dynamodb:PutItem"));
    match written {
        Ok(_) => Ok(PutOutcome::Written),
        Err(error) if error.has_code("ConditionalCheckFailedException") => Ok(PutOutcome::AlreadyExists),
        Err(error) => Err(error),
    }
}

/// Writes a before-image unless one exists, so that a repeated run never overwrites it with quarantined state.
///
/// # Errors
/// As DynamoDB answers. The caller must not change the resource then.
pub async fn put_before_image(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
    image: &BeforeImage,
) -> Result<PutOutcome> {
    let body = serde_json::to_string(image)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the before-image: {error}")))?;
    put_timestamped(clients, table, key(incident_id, &image.sort_key()), execution, body).await
}

/// Marks that something is about to be done: the first caller gets `Written`, every later one `AlreadyExists`.
///
/// # Errors
/// As DynamoDB answers. The caller must not do it then.
pub async fn put_marker(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    sort_key: &str,
    execution: &str,
) -> Result<PutOutcome> {
    put_timestamped(clients, table, key(incident_id, sort_key), execution, "{}".to_owned()).await
}

async fn put_timestamped(
    clients: &Clients,
    table: &str,
    mut attributes: Item,
    execution: &str,
    body: String,
) -> Result<PutOutcome> {
    attributes.insert("taken_at".to_owned(), AttributeValue::S(clients.now().to_string()));
    attributes.insert("body".to_owned(), AttributeValue::S(body));
    put_if_absent(clients, table, execution, attributes).await
}

/// Reads the before-images of an incident and the markers whose sort keys begin with `marker_prefix`.
///
/// # Errors
/// As DynamoDB answers; `Aws.Unexpected` when an item cannot be read.
pub async fn read_earlier_runs(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    marker_prefix: &str,
) -> Result<EarlierRuns> {
    let (before_images, marked) = tokio::join!(
        Box::pin(before_images(clients, table, incident_id)),
        Box::pin(query(clients, table, incident_id, marker_prefix))
    );
    let markers = marked?.iter().map(|item| required_text(item, "record").map(str::to_owned)).collect::<Result<_>>()?;
    Ok(EarlierRuns { before_images: before_images?, markers })
}

/// Reads the before-images of an incident.
///
/// # Errors
/// As DynamoDB answers; `Aws.Unexpected` when an item cannot be read.
pub async fn before_images(clients: &Clients, table: &str, incident_id: &str) -> Result<Vec<BeforeImage>> {
    query(clients, table, incident_id, BEFORE_IMAGE).await?.iter().map(parse_image).collect()
}

/// Reads the before-images that one execution wrote: what an earlier attempt of it was about to change.
///
/// # Errors
/// As DynamoDB answers; `Aws.Unexpected` when an item cannot be read.
pub async fn before_images_by_execution(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
) -> Result<Vec<BeforeImage>> {
    let items = query(clients, table, incident_id, BEFORE_IMAGE).await?;
    items.iter().filter(|item| text(item, "execution") == Some(execution)).map(parse_image).collect()
}

fn required_text<'a>(item: &'a Item, name: &str) -> Result<&'a str> {
    text(item, name).ok_or_else(|| {
        Error::new(ErrorName::AwsUnexpected, format!("an item of the incident table has no text attribute `{name}`"))
    })
}

fn parse_image(item: &Item) -> Result<BeforeImage> {
    serde_json::from_str(required_text(item, "body")?).map_err(|error| {
        let sort_key = text(item, "record").unwrap_or("a before-image");
        Error::new(ErrorName::AwsUnexpected, format!("{sort_key} cannot be read: {error}"))
    })
}

async fn query(clients: &Clients, table: &str, incident_id: &str, sort_key_prefix: &str) -> Result<Vec<Item>> {
    let mut pages = clients
        .home()
        .dynamodb()
        .query()
        .table_name(table)
        .key_condition_expression("incident_id = :incident AND begins_with(#record, :kind)")
        .expression_attribute_names("#record", "record")
        .expression_attribute_values(":incident", AttributeValue::S(incident_id.to_owned()))
        .expression_attribute_values(":kind", AttributeValue::S(sort_key_prefix.to_owned()))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(item) = pages.next().await {
        found.push(item.map_err(Error::from_sdk("dynamodb:Query"))?);
    }
    Ok(found)
}
