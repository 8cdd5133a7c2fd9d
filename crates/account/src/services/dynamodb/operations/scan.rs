use serde_json::Value;

use super::select::{page, selection, start_key, view};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::request::{Expressions, table_name};
use crate::services::dynamodb::table::State;

/// Reads all items. AWS promises no order of partitions; here they come in the order of the partition key.
pub(in crate::services::dynamodb) fn scan(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let table_name = table_name(&mut params)?;
    let selection = selection(&mut params)?;
    let mut expressions = Expressions::take(&mut params, &["ProjectionExpression", "FilterExpression"])?;
    let table = state.existing(&table_name)?;
    let view = view(table, &selection, &mut expressions)?;
    expressions.finish()?;
    let start = start_key(table, &selection)?;
    let entries = table.entries().filter(|(key, _)| start.as_ref().is_none_or(|start| *key > start));
    Ok(page(table, &selection, &view, entries))
}
