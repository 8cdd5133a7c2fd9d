//! What `Query` and `Scan` share: filter, projection, pages.

use serde_json::{Map, Value};

use crate::base::ServiceError;
use crate::protocol::Params;
use crate::services::dynamodb::attribute::{Item, item_size, read_item, write_item};
use crate::services::dynamodb::capacity::{Detail, HalfUnits, consumed, detail};
use crate::services::dynamodb::err::validation;
use crate::services::dynamodb::expression::{Condition, Path, condition, holds, project, projection};
use crate::services::dynamodb::request::{Expressions, choice};
use crate::services::dynamodb::table::{Key, Table};
use crate::services::dynamodb::write::{check_key_paths, key_path};

/// The bytes that one page reads at most.
///
/// Source: DynamoDB Developer Guide, "Paginating table query results".
const PAGE_SIZE: usize = 1024 * 1024;

/// The parameters that `Query` and `Scan` have in common, apart from the table and the expressions.
#[derive(Debug)]
pub(super) struct Selection {
    detail: Detail,
    consistent: bool,
    limit: Option<usize>,
    select: Option<&'static str>,
    start: Option<Item>,
}

/// Reads the common parameters.
pub(super) fn selection(params: &mut Params) -> Result<Selection, ServiceError> {
    let limit = match params.take_integer("Limit")? {
        None => None,
        Some(limit) => match usize::try_from(limit) {
            Ok(limit) if limit > 0 => Some(limit),
            _ => {
                return Err(validation(format!(
                    "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"
                )));
            }
        },
    };
    if let Some(index) = params.take_string("IndexName")? {
        return Err(validation(format!("The table does not have the specified index: {index}")));
    }
    Ok(Selection {
        detail: detail(params)?,
        consistent: params.take_bool("ConsistentRead")?.unwrap_or(false),
        limit,
        select: choice(
            params,
            "Select",
            &["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"],
        )?,
        start: params.take_value("ExclusiveStartKey").map(|value| read_item(&value)).transpose()?,
    })
}

/// Parses a `ProjectionExpression` for a table.
pub(super) fn projected_paths(table: &Table, expressions: &mut Expressions) -> Result<Option<Vec<Path>>, ServiceError> {
    let paths = expressions.parse("ProjectionExpression", projection)?;
    for path in paths.iter().flatten() {
        if path.is_nested() && table.key.has(path.attribute()) {
            return Err(key_path(path.attribute()));
        }
    }
    Ok(paths)
}

/// Filter and projection of a request.
#[derive(Debug)]
pub(super) struct View {
    pub(super) filter: Option<Condition>,
    paths: Option<Vec<Path>>,
}

/// Parses filter and projection.
pub(super) fn view(table: &Table, selection: &Selection, expressions: &mut Expressions) -> Result<View, ServiceError> {
    let filter = expressions.parse("FilterExpression", condition)?;
    if let Some(filter) = &filter {
        check_key_paths(table, filter)?;
    }
    let paths = projected_paths(table, expressions)?;
    match (selection.select, &paths) {
        (Some("ALL_PROJECTED_ATTRIBUTES"), _) => {
            Err(validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"))
        }
        (Some("ALL_ATTRIBUTES"), Some(_)) => {
            Err(validation("Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"))
        }
        (Some("COUNT"), Some(_)) => {
            Err(validation("Cannot specify the ProjectionExpression when choosing to get only the Count"))
        }
        (Some("SPECIFIC_ATTRIBUTES"), None) => Err(validation(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
        )),
        _ => Ok(View { filter, paths }),
    }
}

/// The key to start behind.
pub(super) fn start_key(table: &Table, selection: &Selection) -> Result<Option<Key>, ServiceError> {
    let Some(start) = &selection.start else { return Ok(None) };
    table
        .key_of_parameter(start)
        .map(Some)
        .map_err(|error| validation(format!("The provided starting key is invalid: {}", error.message)))
}

/// One page of the items in `entries`, which are in order and behind the start.
pub(super) fn page<'a>(
    table: &Table,
    selection: &Selection,
    view: &View,
    entries: impl Iterator<Item = (&'a Key, &'a Item)>,
) -> Value {
    let (mut size, mut scanned, mut count) = (0_usize, 0_usize, 0_usize);
    let mut items: Vec<Value> = Vec::new();
    let mut last = None;
    for (key, item) in entries {
        size += item_size(item);
        scanned += 1;
        if view.filter.as_ref().is_none_or(|filter| holds(filter, item)) {
            count += 1;
            let shown = view.paths.as_ref().map_or_else(|| item.clone(), |paths| project(paths, item));
            items.push(write_item(&shown));
        }
        // A page that is full names its last key, whether or not more follows.
        if selection.limit.is_some_and(|limit| scanned >= limit) || size >= PAGE_SIZE {
            last = Some(key);
            break;
        }
    }
    let mut answer = Map::new();
    answer.insert("Count".to_owned(), count.into());
    answer.insert("ScannedCount".to_owned(), scanned.into());
    if selection.select != Some("COUNT") {
        answer.insert("Items".to_owned(), items.into());
    }
    if let Some(key) = last {
        answer.insert("LastEvaluatedKey".to_owned(), write_item(&table.key_item(key)));
    }
    let units = HalfUnits::read(size, selection.consistent);
    if let Some(capacity) = consumed(selection.detail, &table.name, units) {
        answer.insert("ConsumedCapacity".to_owned(), capacity);
    }
    Value::Object(answer)
}
