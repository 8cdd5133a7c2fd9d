//! The writes to one item.

use serde_json::{Map, Value};

use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::attribute::{Item, item_size, write_item};
use crate::services::dynamodb::capacity::{HalfUnits, consumed, detail};
use crate::services::dynamodb::err::validation;
use crate::services::dynamodb::expression::project;
use crate::services::dynamodb::request::choice;
use crate::services::dynamodb::table::State;
use crate::services::dynamodb::write::{Effect, Kind, Refused, Write, attempt, read};

/// Stores an item, over the one with the same key.
pub(in crate::services::dynamodb) fn put_item(
    state: &mut State,
    _context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    single(state, Kind::Put, params)
}

/// Changes attributes of an item, or creates it.
pub(in crate::services::dynamodb) fn update_item(
    state: &mut State,
    _context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    single(state, Kind::Update, params)
}

/// Removes an item, if it is there.
pub(in crate::services::dynamodb) fn delete_item(
    state: &mut State,
    _context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    single(state, Kind::Delete, params)
}

fn single(state: &mut State, kind: Kind, mut params: Params) -> Result<Value, ServiceError> {
    let detail = detail(&mut params)?;
    // Only tables with local secondary indexes have item collections to report on, and none here has one.
    choice(&mut params, "ReturnItemCollectionMetrics", &["SIZE", "NONE"])?;
    let wanted = choice(&mut params, "ReturnValues", &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"])?
        .unwrap_or("NONE");
    if kind != Kind::Update && !matches!(wanted, "NONE" | "ALL_OLD") {
        return Err(validation("ReturnValues can only be ALL_OLD or NONE"));
    }
    let write = read(state, kind, &mut params)?;
    // A parameter that is not simulated must not have an effect.
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    let table = state.existing(&write.table)?;
    let effect = attempt(table, &write).map_err(Refused::into_error)?;
    let mut answer = Map::new();
    if let Some(attributes) = returned(wanted, &effect, &write) {
        answer.insert("Attributes".to_owned(), write_item(&attributes));
    }
    let larger = [&effect.old, &effect.new].into_iter().flatten().map(item_size).max().unwrap_or_default();
    if let Some(capacity) = consumed(detail, &write.table, HalfUnits::write(larger, false)) {
        answer.insert("ConsumedCapacity".to_owned(), capacity);
    }
    if let Some(table) = state.table_mut(&write.table) {
        table.set(write.key, effect.new);
    }
    Ok(Value::Object(answer))
}

/// The attributes that `ReturnValues` asks for; `None` where there is nothing to return.
fn returned(wanted: &str, effect: &Effect, write: &Write) -> Option<Item> {
    let item = match wanted {
        "ALL_OLD" => effect.old.clone()?,
        "ALL_NEW" => effect.new.clone()?,
        "UPDATED_OLD" => project(&write.targets(), effect.old.as_ref()?),
        "UPDATED_NEW" => project(&write.targets(), effect.new.as_ref()?),
        _ => return None,
    };
    if item.is_empty() { None } else { Some(item) }
}
