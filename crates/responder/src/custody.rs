//! The custody manifest: entries of the incident table that are written once, each with the role that produced it.

use aws_sdk_dynamodb::types::AttributeValue;
use incident::CustodyEntry;

use crate::incident_store::{self, PutOutcome};
use crate::{Clients, Error, ErrorName, Result, Target, required};

/// The ARN of the role session that the clients of a target act as (`sts:GetCallerIdentity`, which needs no permission).
///
/// # Errors
/// As STS answers; `Aws.Unexpected` when the answer has no ARN.
pub async fn caller_arn(target: &Target) -> Result<String> {
    const CALL: &str = "sts:GetCallerIdentity";
    let identity = target.sts().get_caller_identity().send().await.map_err(Error::from_sdk(CALL))?;
    required(CALL, "Arn", identity.arn)
}

/// Writes an entry unless it exists: the first entry stays. `content`, where there is any, is stored beside it as text
/// (Base64) of at most about 300 KB, because a DynamoDB item holds 400 KB.
///
/// # Errors
/// As DynamoDB answers.
pub async fn put_entry(
    clients: &Clients,
    table: &str,
    incident_id: &str,
    execution: &str,
    entry: &CustodyEntry,
    content: Option<String>,
) -> Result<PutOutcome> {
    let body = serde_json::to_string(entry)
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, format!("the custody entry: {error}")))?;
    let mut attributes = incident_store::key(incident_id, &entry.sort_key());
    attributes.insert("body".to_owned(), AttributeValue::S(body));
    attributes.extend(content.map(|content| ("content".to_owned(), AttributeValue::S(content))));
    incident_store::put_if_absent(clients, table, execution, attributes).await
}
