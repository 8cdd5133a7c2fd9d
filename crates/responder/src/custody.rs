//! The custody manifest: entries in the incident table that are written once, and by which role.

use aws_sdk_dynamodb::types::AttributeValue;
use incident::{CustodyEntry, SCHEMA};

use crate::records::Kept;
use crate::{Clients, Error, ErrorName, Result, Target};

/// The ARN of the role session that calls with the clients of a target.
///
/// # Errors
/// As STS answers; `GetCallerIdentity` needs no permission.
pub async fn caller(target: &Target) -> Result<String> {
    let identity = target.sts().get_caller_identity().send().await.map_err(Error::of("sts:GetCallerIdentity"))?;
    Ok(identity.arn.unwrap_or_else(|| "unknown".to_owned()))
}

/// Writes an entry unless there is one: what was kept first stays. Content, where there is any, is stored beside it as
/// text (Base64), at most some 300 KB: an item has 400 KB.
///
/// # Errors
/// As the table answers.
pub async fn keep(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
    entry: &CustodyEntry,
    content: Option<String>,
) -> Result<Kept> {
    let body = serde_json::to_string(entry)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the custody entry: {error}")))?;
    let put = clients
        .home()
        .dynamodb()
        .put_item()
        .table_name(table)
        .item("incident_id", AttributeValue::S(incident_id.to_owned()))
        .item("record", AttributeValue::S(entry.record_key()))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("execution", AttributeValue::S(execution.to_owned()))
        .item("body", AttributeValue::S(body))
        .condition_expression("attribute_not_exists(incident_id)");
    let put = match content {
        Some(content) => put.item("content", AttributeValue::S(content)),
        None => put,
    };
    let written = put.send().await.map_err(Error::of("dynamodb:PutItem"));
    match written {
        Ok(_) => Ok(Kept::Written),
        Err(error) if error.has_code("ConditionalCheckFailedException") => Ok(Kept::AlreadyThere),
        Err(error) => Err(error),
    }
}
