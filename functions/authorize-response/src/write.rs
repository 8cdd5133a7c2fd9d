//! The writes, each in one transaction.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use incident::budget::{self, Scope};
use incident::claim::Claim;
use incident::{Incident, SCHEMA, Timestamp};
use responder::{Clients, Error, ErrorName};

use crate::claim_item;

/// Why a transaction had no effect.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// Another write came first: the claim must be read again.
    Conflict,
    /// Budgets are exhausted; the reasons.
    BudgetExhausted(Vec<String>),
    /// Any other failure.
    Failed(Error),
}

impl From<Error> for WriteError {
    fn from(error: Error) -> WriteError {
        WriteError::Failed(error)
    }
}

/// The data of a claim that is taken.
#[derive(Debug)]
pub(crate) struct Take<'a> {
    /// Incident id of the first episode, under which the claim is stored.
    pub(crate) base: &'a str,
    /// The incident with the id of its episode.
    pub(crate) incident: &'a Incident,
    /// The claim to write; it replaces the version before it.
    pub(crate) claim: &'a Claim,
    /// The budget scopes that it is charged to.
    pub(crate) charge: &'a [Scope],
    pub(crate) now: Timestamp,
}

/// Takes the claim, stores the finding and charges every scope, in one transaction.
pub(crate) async fn take(clients: &Clients, table: &str, take: &Take<'_>) -> Result<(), WriteError> {
    let hour = take.now.hour();
    let spent: Vec<String> =
        take.charge.iter().filter(|scope| scope.limit == 0).map(|scope| scope.exhausted(0, &hour)).collect();
    if !spent.is_empty() {
        return Err(WriteError::BudgetExhausted(spent));
    }
    let mut claim = Put::builder().table_name(table).set_item(Some(claim_item::item(take.base, take.claim)));
    claim = if take.claim.version == 1 {
        claim.condition_expression("attribute_not_exists(incident_id)")
    } else {
        claim
            .condition_expression("version = :read")
            .expression_attribute_values(":read", AttributeValue::N((take.claim.version - 1).to_string()))
    };
    // A takeover stores the same finding again; the first one stays.
    let finding = Update::builder()
        .table_name(table)
        .key("incident_id", AttributeValue::S(take.incident.id.clone()))
        .key("record", AttributeValue::S(finding_sort_key(take.incident)))
        .update_expression("SET #schema = :schema, body = if_not_exists(body, :body)")
        .expression_attribute_names("#schema", "schema")
        .expression_attribute_values(":schema", AttributeValue::N(SCHEMA.to_string()))
        .expression_attribute_values(":body", AttributeValue::S(body(take.incident)?));
    let mut items = vec![
        TransactWriteItem::builder().put(built(claim.build())?).build(),
        TransactWriteItem::builder().update(built(finding.build())?).build(),
    ];
    let first_charge = items.len();
    for scope in take.charge {
        items.push(TransactWriteItem::builder().update(charge(table, scope, take, &hour)?).build());
    }
    let Err(error) = clients.home().dynamodb().transact_write_items().set_transact_items(Some(items)).send().await
    else {
        return Ok(());
    };
    let reasons = cancelled(error)?;
    if reasons.iter().take(first_charge).any(failed_condition) {
        return Err(WriteError::Conflict);
    }
    let spent: Vec<String> = take
        .charge
        .iter()
        .zip(reasons.iter().skip(first_charge))
        .filter(|(_, reason)| failed_condition(reason))
        .map(|(scope, reason)| scope.exhausted(count(reason, scope), &hour))
        .collect();
    Err(if spent.is_empty() { WriteError::Conflict } else { WriteError::BudgetExhausted(spent) })
}

/// Adds the incident to the counter of a scope, unless that is full. The counter is a set of incident ids, so that adding
/// one again changes nothing.
fn charge(table: &str, scope: &Scope, take: &Take<'_>, hour: &str) -> Result<Update, Error> {
    let id = &take.incident.id;
    let update = Update::builder()
        .table_name(table)
        .key("incident_id", AttributeValue::S(scope.partition_key(hour)))
        .key("record", AttributeValue::S("incidents".to_owned()))
        .update_expression("ADD incidents :added SET expires = if_not_exists(expires, :expires)")
        .condition_expression("attribute_not_exists(incidents) OR contains(incidents, :id) OR size(incidents) < :limit")
        .expression_attribute_values(":added", AttributeValue::Ss(vec![id.clone()]))
        .expression_attribute_values(":id", AttributeValue::S(id.clone()))
        .expression_attribute_values(":limit", AttributeValue::N(scope.limit.to_string()))
        .expression_attribute_values(
            ":expires",
            AttributeValue::N(budget::expires(take.now).unix_seconds().to_string()),
        )
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    built(update.build())
}

/// Attaches a finding to its episode, once: a copy of a finding changes nothing.
pub(crate) async fn attach(
    clients: &Clients,
    table: &str,
    base: &Incident,
    incident: &Incident,
    now: Timestamp,
) -> Result<(), WriteError> {
    let finding = Put::builder()
        .table_name(table)
        .item("incident_id", AttributeValue::S(incident.id.clone()))
        .item("record", AttributeValue::S(finding_sort_key(incident)))
        .item("schema", AttributeValue::N(SCHEMA.to_string()))
        .item("body", AttributeValue::S(body(incident)?))
        .condition_expression("attribute_not_exists(incident_id)");
    let claim = Update::builder()
        .table_name(table)
        .key("incident_id", AttributeValue::S(base.id.clone()))
        .key("record", AttributeValue::S(claim_item::SORT_KEY.to_owned()))
        .update_expression("ADD updates :one SET seen_at = :now")
        .condition_expression("attribute_exists(incident_id)")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .expression_attribute_values(":now", AttributeValue::S(now.to_string()));
    let written = clients
        .home()
        .dynamodb()
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(built(finding.build())?).build())
        .transact_items(TransactWriteItem::builder().update(built(claim.build())?).build())
        .send()
        .await;
    let Err(error) = written else { return Ok(()) };
    // If the finding is already stored, this is a copy of it or a repeat of this write.
    if cancelled(error)?.first().is_some_and(failed_condition) { Ok(()) } else { Err(WriteError::Conflict) }
}

/// The sort key of a finding; each version of a finding is an item of its own.
fn finding_sort_key(incident: &Incident) -> String {
    let finding = &incident.finding;
    let version = finding.updated_at.clone().unwrap_or_else(|| finding.count.to_string());
    format!("finding#{}#{version}", finding.id)
}

fn body(incident: &Incident) -> Result<String, Error> {
    serde_json::to_string(incident).map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))
}

/// The SDK's builders check required members at run time.
fn built<T, E: std::fmt::Display>(request: Result<T, E>) -> Result<T, Error> {
    request.map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))
}

/// The reasons of a canceled transaction, one per write. Every other failure is an error.
fn cancelled(error: SdkError<TransactWriteItemsError>) -> Result<Vec<CancellationReason>, Error> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            let reasons = cancelled.cancellation_reasons();
            // Conflicts and throttling are transient.
            const TRANSIENT: [&str; 5] = [
                "None",
                "ConditionalCheckFailed",
                "TransactionConflict",
                "ThrottlingError",
                "ProvisionedThroughputExceeded",
            ];
            match reasons.iter().find(|reason| !reason.code().is_none_or(|code| TRANSIENT.contains(&code))) {
                Some(reason) => Err(Error::new(
                    ErrorName::AwsRefused,
                    format!(
                        "dynamodb:TransactWriteItems: {}: {}",
                        reason.code().unwrap_or("no code"),
                        incident::text::line(reason.message().unwrap_or("no message"), 500)
                    ),
                )),
                None => Ok(reasons.to_vec()),
            }
        }
        _ => Err(Error::from_sdk("dynamodb:TransactWriteItems")(error)),
    }
}

fn failed_condition(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// How many incidents a full counter holds. DynamoDB returns the item because the update asks for it; without it the
/// limit, which the counter has reached, is reported.
fn count(reason: &CancellationReason, scope: &Scope) -> usize {
    reason
        .item()
        .and_then(|item| item.get("incidents"))
        .and_then(|incidents| incidents.as_ss().ok())
        .map_or(scope.limit as usize, Vec::len)
}
