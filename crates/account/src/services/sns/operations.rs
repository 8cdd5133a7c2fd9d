//! One function per operation.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::limits::MAX_SIZE;
use super::message::{Draft, Published, check, take};
use super::topic::{State, invalid};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// The most entries of a batch.
const MAX_BATCH: usize = 10;

pub(super) fn publish_permissions(_state: &State, _context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    // A call without a topic is refused for that, whatever the policy says of it.
    let arn = params.peek_string("TopicArn").or_else(|| params.peek_string("TargetArn")).unwrap_or("*");
    vec![RequiredPermission::new("sns:Publish", arn)]
}

pub(super) fn get_topic_attributes_permissions(
    _state: &State,
    _context: &Context<'_>,
    params: &Params,
) -> Vec<RequiredPermission> {
    vec![RequiredPermission::new("sns:GetTopicAttributes", params.peek_string("TopicArn").unwrap_or("*"))]
}

/// Publishes a message to a topic. Phone numbers and mobile endpoints are not simulated.
pub(super) fn publish(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let topic = params.take_string("TopicArn")?;
    let target = params.take_string("TargetArn")?;
    let given = take(&mut params)?;
    // What is left here is not simulated, and must not leave a message behind.
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    let arn = match (topic, target) {
        (Some(_), Some(_)) => return Err(invalid("Only one of TopicArn or TargetArn is allowed")),
        (Some(arn), None) | (None, Some(arn)) => arn,
        (None, None) => return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter")),
    };
    state.topic(&arn, context)?;
    let (draft, size) = check(given)?;
    if size > MAX_SIZE {
        return Err(invalid("Message too long"));
    }
    let id = accept(state, context, &arn, draft);
    Ok(json!({ "MessageId": id }))
}

/// Publishes up to ten messages; each succeeds or fails by itself.
pub(super) fn publish_batch(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let arn = params.require_string("TopicArn")?;
    let mut entries = Vec::new();
    let mut known = true;
    for mut entry in params.take_list("PublishBatchRequestEntries")? {
        entries.push((entry.require_string("Id")?, take(&mut entry)?));
        known &= entry.names().is_empty();
    }
    if !known || !params.names().is_empty() {
        return Ok(Value::Null);
    }
    state.topic(&arn, context)?;
    if entries.is_empty() {
        return Err(ServiceError::new("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > MAX_BATCH {
        return Err(ServiceError::new(
            "TooManyEntriesInBatchRequest",
            "The batch request contains more entries than permissible.",
        ));
    }
    let well_formed = |id: &str| {
        (1..=80).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
    };
    if entries.iter().any(|(id, _)| !well_formed(id)) {
        return Err(ServiceError::new(
            "InvalidBatchEntryId",
            "The Id of a batch entry in a batch request doesn't abide by the specification.",
        ));
    }
    if entries.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len() < entries.len() {
        return Err(ServiceError::new(
            "BatchEntryIdsNotDistinct",
            "Two or more batch entries in the request have the same Id.",
        ));
    }
    let checked: Vec<_> = entries.into_iter().map(|(id, given)| (id, check(given))).collect();
    let total: usize = checked.iter().filter_map(|(_, result)| result.as_ref().ok()).map(|(_, size)| size).sum();
    if total > MAX_SIZE {
        return Err(ServiceError::new(
            "BatchRequestTooLong",
            "The length of all the batch messages put together is more than the limit.",
        ));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, result) in checked {
        match result {
            Ok((draft, _)) => {
                let message_id = accept(state, context, &arn, draft);
                successful.push(json!({ "Id": id, "MessageId": message_id }));
            }
            Err(error) => {
                failed.push(json!({
                    "Id": id, "Code": error.code, "Message": error.message, "SenderFault": true
                }));
            }
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// The attributes of a topic.
pub(super) fn get_topic_attributes(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let arn = params.require_string("TopicArn")?;
    let topic = state.topic(&arn, context)?;
    let mut attributes = topic.attributes.clone();
    for (name, value) in [
        ("TopicArn", arn.as_str()),
        ("Owner", context.account),
        ("DisplayName", ""),
        ("SubscriptionsPending", "0"),
        ("SubscriptionsConfirmed", "0"),
        ("SubscriptionsDeleted", "0"),
    ] {
        attributes.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    Ok(json!({ "Attributes": attributes }))
}

fn accept(state: &mut State, context: &mut Context<'_>, arn: &str, draft: Draft) -> String {
    let message_id = context.ids.uuid();
    state.accept(Published {
        sequence: context.sequence,
        at: context.now,
        function: context.principal.function.clone(),
        topic_arn: arn.to_owned(),
        message_id: message_id.clone(),
        subject: draft.subject,
        message: draft.message,
        by_protocol: draft.by_protocol,
        attributes: draft.attributes,
    });
    message_id
}
