use serde_json::Value;

use super::select::{Selection, page, selection, start_key, view};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::err::validation;
use crate::services::dynamodb::expression::{Condition, KeyCondition, Range, condition, key_condition};
use crate::services::dynamodb::request::{Expressions, table_name};
use crate::services::dynamodb::table::{Key, KeyPart, State, Table};

/// Reads the items of one partition, in the order of the sort key.
pub(in crate::services::dynamodb) fn query(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let table_name = table_name(&mut params)?;
    let selection = selection(&mut params)?;
    let forward = params.take_bool("ScanIndexForward")?.unwrap_or(true);
    let kinds = ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"];
    let mut expressions = Expressions::take(&mut params, &kinds)?;
    let table = state.existing(&table_name)?;
    let Some(condition) = expressions.parse("KeyConditionExpression", condition)? else {
        return Err(validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        ));
    };
    let view = view(table, &selection, &mut expressions)?;
    expressions.finish()?;
    let (hash, range) = keys(table, &key_condition(&condition)?)?;
    if let Some(filter) = &view.filter {
        check_filter(table, filter)?;
    }
    let start = start_in(table, &selection, &hash, range.as_ref())?;
    let entries = table.entries().filter(|(key, _)| {
        key.hash == hash
            && range.as_ref().is_none_or(|range| key.range.as_ref().is_some_and(|part| range.includes(&part.value())))
    });
    Ok(if forward {
        let behind = entries.filter(|(key, _)| start.as_ref().is_none_or(|start| *key > start));
        page(table, &selection, &view, behind)
    } else {
        let behind = entries.rev().filter(|(key, _)| start.as_ref().is_none_or(|start| *key < start));
        page(table, &selection, &view, behind)
    })
}

/// The partition and the range of sort keys that a key condition selects.
fn keys(table: &Table, conditions: &[KeyCondition]) -> Result<(KeyPart, Option<Range>), ServiceError> {
    let schema = &table.key;
    if schema.range.is_none() && conditions.len() > 1 {
        return Err(validation("Query key condition not supported"));
    }
    let find = |name: &str| conditions.iter().find(|condition| condition.attribute == name);
    let missed = |name: &str| validation(format!("Query condition missed key schema element: {name}"));
    let hash = find(&schema.hash.name).ok_or_else(|| missed(&schema.hash.name))?;
    let sort = schema.range.as_ref().and_then(|range| find(&range.name));
    if let Some(range) = &schema.range
        && sort.is_none()
        && conditions.len() > 1
    {
        return Err(missed(&range.name));
    }
    for (condition, attribute) in [(Some(hash), Some(&schema.hash)), (sort, schema.range.as_ref())] {
        if let (Some(condition), Some(attribute)) = (condition, attribute)
            && condition.range.values().iter().any(|value| KeyPart::of(value, attribute.kind).is_none())
        {
            return Err(validation(
                "One or more parameter values were invalid: Condition parameter type does not match schema type",
            ));
        }
    }
    let part = match &hash.range {
        Range::Equal(value) => KeyPart::of(value, schema.hash.kind),
        _ => None,
    };
    match part {
        Some(part) => Ok((part, sort.map(|condition| condition.range.clone()))),
        None => Err(validation("Query key condition not supported")),
    }
}

fn check_filter(table: &Table, filter: &Condition) -> Result<(), ServiceError> {
    let mut key_attribute = None;
    filter.paths(&mut |path| {
        if table.key.has(path.attribute()) {
            key_attribute = Some(path.attribute().to_owned());
        }
    });
    match key_attribute {
        Some(name) => Err(validation(format!(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
        ))),
        None => Ok(()),
    }
}

fn start_in(
    table: &Table,
    selection: &Selection,
    hash: &KeyPart,
    range: Option<&Range>,
) -> Result<Option<Key>, ServiceError> {
    let Some(start) = start_key(table, selection)? else { return Ok(None) };
    if let (Some(range), Some(part)) = (range, &start.range)
        && !range.includes(&part.value())
    {
        return Err(validation("The provided starting key does not match the range key predicate"));
    }
    if start.hash != *hash {
        return Err(validation("The provided starting key is outside query boundaries based on provided conditions"));
    }
    Ok(Some(start))
}
