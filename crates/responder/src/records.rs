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
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .item("incident_id", AttributeValue::S(incident_id.to_owned()))
        .item("record", AttributeValue::S(image.record_key()))
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
    let mut pages = clients
        .home()
        .dynamodb()
        .query()
        .table_name(table)
        .key_condition_expression("incident_id = :incident AND begins_with(#record, :kind)")
        .expression_attribute_names("#record", "record")
        .expression_attribute_values(":incident", AttributeValue::S(incident_id.to_owned()))
        .expression_attribute_values(":kind", AttributeValue::S("before-image#".to_owned()))
        .consistent_read(true)
        .into_paginator()
        .items()
        .send();
    let mut images = Vec::new();
    while let Some(item) = pages.next().await {
        let item = item.map_err(Error::of("dynamodb:Query"))?;
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
        if text("execution") == Some(execution)
            && let Some(image) = text("body").and_then(|body| serde_json::from_str(body).ok())
        {
            images.push(image);
        }
    }
    Ok(images)
}
