//! Reading `account.json`: `describe-table` declares a table, `batch-get-item` and `scan` fill tables.

use serde_json::Value;

use super::attribute::read_item;
use super::table::{KeyAttribute, KeyKind, KeySchema, State};
use crate::base::Timestamp;
use crate::protocol::Params;
use crate::service::{Context, SeedError};

/// Reads the output of one command.
///
/// - `describe-table`: `Table`, or a list of tables under `Tables` where there are several;
/// - `batch-get-item`: `Responses`, the items by table name;
/// - `scan`: `Items`, of the only table there is, or of the one that `TableName` (not in the CLI's output) names.
pub(super) fn seed(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    match command {
        "describe-table" => {
            let mut tables = document.take_list("Tables")?;
            tables.extend(document.take_params("Table")?);
            tables.into_iter().try_for_each(|table| declare(state, context, table))
        }
        "batch-get-item" => {
            document.ignore(&["UnprocessedKeys"]);
            let responses = document.take_value("Responses");
            let tables = responses.as_ref().and_then(Value::as_object);
            let tables = tables.ok_or_else(|| SeedError::malformed("Responses", "expected an object of tables"))?;
            for (table, items) in tables {
                fill(state, table, items, &format!("Responses.{table}"))?;
            }
            Ok(())
        }
        "scan" => {
            document.ignore(&["Count", "ScannedCount", "ConsumedCapacity"]);
            let named = document.take_string("TableName")?;
            let items = document.take_value("Items").unwrap_or_default();
            let table = match named {
                Some(name) => name,
                None => {
                    let mut names = state.table_names();
                    match (names.next(), names.next()) {
                        (Some(only), None) => only.to_owned(),
                        _ => {
                            return Err(SeedError::malformed(
                                "TableName",
                                "needed beside `Items`, because there is not exactly one table",
                            ));
                        }
                    }
                }
            };
            fill(state, &table, &items, "Items")
        }
        other => Err(SeedError::unknown_command("dynamodb", other)),
    }
}

fn declare(state: &mut State, context: &mut Context<'_>, mut table: Params) -> Result<(), SeedError> {
    let name = table.require_string("TableName")?;
    let mut kinds = Vec::new();
    for mut definition in table.take_list("AttributeDefinitions")? {
        let attribute = definition.require_string("AttributeName")?;
        let kind = match definition.require_string("AttributeType")?.as_str() {
            "S" => KeyKind::S,
            "N" => KeyKind::N,
            "B" => KeyKind::B,
            other => {
                let place = format!("{}.AttributeType", definition.path());
                return Err(SeedError::malformed(place, format!("`{other}` is none of S, N and B")));
            }
        };
        kinds.push((attribute, kind));
    }
    let (mut hash, mut range) = (None, None);
    for mut element in table.take_list("KeySchema")? {
        let name = element.require_string("AttributeName")?;
        let kind = element.require_string("KeyType")?;
        let defined = kinds.iter().find(|(attribute, _)| *attribute == name);
        let Some((_, attribute_kind)) = defined else {
            let place = format!("{}.AttributeName", element.path());
            return Err(SeedError::malformed(place, format!("`{name}` is not in AttributeDefinitions")));
        };
        let attribute = KeyAttribute { name, kind: *attribute_kind };
        let slot = match kind.as_str() {
            "HASH" => &mut hash,
            "RANGE" => &mut range,
            other => {
                let place = format!("{}.KeyType", element.path());
                return Err(SeedError::malformed(place, format!("`{other}` is neither HASH nor RANGE")));
            }
        };
        *slot = Some(attribute);
    }
    let Some(hash) = hash else {
        return Err(SeedError::malformed(format!("{}.KeySchema", table.path()), "has no HASH key"));
    };
    // What a described table has besides and what changes nothing here.
    table.ignore(&[
        "TableStatus",
        "ProvisionedThroughput",
        "TableSizeBytes",
        "ItemCount",
        "TableArn",
        "BillingModeSummary",
        "DeletionProtectionEnabled",
        "SSEDescription",
        "TableClassSummary",
        "WarmThroughput",
    ]);
    let created = match table.take_string("CreationDateTime")? {
        Some(text) => Timestamp::parse(&text)
            .map_err(|error| SeedError::malformed(format!("{}.CreationDateTime", table.path()), error.to_string()))?,
        None => context.now,
    };
    let id = match table.take_string("TableId")? {
        Some(id) => id,
        None => context.ids.uuid(),
    };
    state.declare(&name, KeySchema { hash, range }, created, id);
    Ok(())
}

fn fill(state: &mut State, name: &str, items: &Value, place: &str) -> Result<(), SeedError> {
    let list = items.as_array().ok_or_else(|| SeedError::malformed(place, "expected a list of items"))?;
    let table = state
        .table_mut(name)
        .ok_or_else(|| SeedError::malformed(place, format!("there is no table `{name}`: describe it first")))?;
    for (index, value) in list.iter().enumerate() {
        let at = |error: crate::base::ServiceError| SeedError::malformed(format!("{place}[{index}]"), error.message);
        let item = read_item(value).map_err(at)?;
        let key = table.key_of_item(&item).map_err(at)?;
        table.set(key, Some(item));
    }
    Ok(())
}
