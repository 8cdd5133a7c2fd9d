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
pub async fn keep_before_image(clients: &Clients, table: &str, incident_id: &str, image: &BeforeImage) -> Result<Kept> {
    let body = serde_json::to_string(image)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the before-image: {error}")))?;
    let taken_at = aws_smithy_types::DateTime::from(clients.now())
        .fmt(aws_smithy_types::date_time::Format::DateTime)
        .unwrap_or_default();
    let written = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .item("incident_id", AttributeValue::S(incident_id.to_owned()))
        .item("record", AttributeValue::S(image.record_key()))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("taken_at", AttributeValue::S(taken_at))
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
