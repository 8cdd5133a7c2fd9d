use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::attribute::{item_size, write_item};
use crate::services::dynamodb::capacity::{HalfUnits, consumed, detail};
use crate::services::dynamodb::err::validation;
use crate::services::dynamodb::request::choice;
use crate::services::dynamodb::table::State;
use crate::services::dynamodb::write::{Effect, Kind, Refused, Write, attempt, read};

/// The most writes in one transaction.
///
/// Source: DynamoDB API Reference, "TransactWriteItems".
const MAX_WRITES: usize = 100;
/// The bytes of all items in one transaction.
const MAX_SIZE: usize = 4 * 1024 * 1024;
/// How long a client token stands for one transaction.
const TOKEN_VALIDITY: Duration = Duration::from_secs(600);

/// Carries out all writes or none.
pub(in crate::services::dynamodb) fn transact_write_items(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let detail = detail(&mut params)?;
    choice(&mut params, "ReturnItemCollectionMetrics", &["SIZE", "NONE"])?;
    let token = params.take_string("ClientRequestToken")?;
    let mut content = params.peek("TransactItems").cloned().unwrap_or_default();
    let actions = params.take_list("TransactItems")?;
    if actions.is_empty() || actions.len() > MAX_WRITES {
        let bound = if actions.is_empty() { "greater than or equal to 1" } else { "less than or equal to 100" };
        return Err(validation(format!(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length {bound}"
        )));
    }
    let mut writes: Vec<(Kind, Write)> = Vec::new();
    let mut known = true;
    for mut action in actions {
        writes.push(one(state, &mut action, &mut known)?);
        known &= action.names().is_empty();
    }
    let distinct: BTreeSet<_> = writes.iter().map(|(_, write)| (&write.table, &write.key)).collect();
    if distinct.len() < writes.len() {
        return Err(validation("Transaction request cannot include multiple operations on one item"));
    }
    // A parameter that is not simulated must not have an effect.
    if !known || !params.names().is_empty() {
        return Ok(Value::Null);
    }
    if let Some(token) = &token {
        state.transactions.retain(|_, (at, _)| context.now.since(*at) < TOKEN_VALIDITY);
        match state.transactions.get(token) {
            Some((_, earlier)) if *earlier == content => return Ok(json!({})),
            Some(_) => {
                return Err(ServiceError::new(
                    "IdempotentParameterMismatchException",
                    "The provided client token has been used with different request parameters",
                ));
            }
            None => (),
        }
    }
    let effects = attempt_all(state, &writes)?;
    let mut units: BTreeMap<&str, HalfUnits> = BTreeMap::new();
    for ((_, write), effect) in writes.iter().zip(&effects) {
        let size = [&effect.old, &effect.new].into_iter().flatten().map(item_size).max().unwrap_or_default();
        let sum = units.entry(&write.table).or_default();
        *sum = sum.plus(HalfUnits::write(size, true));
    }
    let capacity: Vec<Value> = units.into_iter().filter_map(|(table, units)| consumed(detail, table, units)).collect();
    for ((kind, write), effect) in writes.into_iter().zip(effects) {
        if let Some(table) = state.table_mut(&write.table)
            && kind != Kind::Check
        {
            table.set(write.key, effect.new);
        }
    }
    if let Some(token) = token {
        // The order of fields is the caller's whim.
        content.sort_all_objects();
        state.transactions.insert(token, (context.now, content));
    }
    let mut answer = Map::new();
    if !capacity.is_empty() {
        answer.insert("ConsumedCapacity".to_owned(), capacity.into());
    }
    Ok(Value::Object(answer))
}

fn one(state: &State, action: &mut Params, known: &mut bool) -> Result<(Kind, Write), ServiceError> {
    let kinds =
        [("ConditionCheck", Kind::Check), ("Put", Kind::Put), ("Delete", Kind::Delete), ("Update", Kind::Update)];
    let mut found = None;
    for (name, kind) in kinds {
        let Some(mut inner) = action.take_params(name)? else { continue };
        if found.is_some() {
            return Err(validation("TransactItems can only contain one of Check, Put, Update or Delete"));
        }
        if kind == Kind::Update && !inner.has("UpdateExpression") {
            return Err(inner.missing("updateExpression"));
        }
        found = Some((kind, read(state, kind, &mut inner)?));
        *known &= inner.names().is_empty();
    }
    found.ok_or_else(|| {
        validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
    })
}

/// Tries every write against the items as they are, and gives every reason if one is refused.
fn attempt_all(state: &State, writes: &[(Kind, Write)]) -> Result<Vec<Effect>, ServiceError> {
    let mut effects = Vec::new();
    let mut reasons = Vec::new();
    let mut size = 0_usize;
    for (_, write) in writes {
        match attempt(state.existing(&write.table)?, write) {
            Ok(effect) => {
                size += effect.new.as_ref().map(item_size).unwrap_or_default();
                effects.push(effect);
                reasons.push(("None", json!({ "Code": "None" })));
            }
            Err(Refused::Condition(item)) => {
                let mut reason = Map::new();
                if let Some(item) = item {
                    reason.insert("Item".to_owned(), write_item(&item));
                }
                reason.insert("Code".to_owned(), "ConditionalCheckFailed".into());
                reason.insert("Message".to_owned(), "The conditional request failed".into());
                reasons.push(("ConditionalCheckFailed", Value::Object(reason)));
            }
            Err(Refused::Invalid(error)) => {
                reasons.push(("ValidationError", json!({ "Code": "ValidationError", "Message": error.message })));
            }
        }
    }
    if effects.len() == writes.len() {
        if size > MAX_SIZE {
            return Err(validation("The aggregate size of the items in the transaction cannot exceed 4 MB"));
        }
        return Ok(effects);
    }
    let (codes, reasons): (Vec<&str>, Vec<Value>) = reasons.into_iter().unzip();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    Err(ServiceError::new("TransactionCanceledException", message).field("CancellationReasons", reasons))
}
