use serde_json::{Map, Value};

use super::select::projected_paths;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::services::dynamodb::attribute::{item_size, write_item};
use crate::services::dynamodb::capacity::{HalfUnits, consumed, detail};
use crate::services::dynamodb::expression::project;
use crate::services::dynamodb::request::{Expressions, required_item, table_name};
use crate::services::dynamodb::table::State;

/// Reads an item by its key; without `Item` in the answer if there is none.
pub(in crate::services::dynamodb) fn get_item(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let detail = detail(&mut params)?;
    let table_name = table_name(&mut params)?;
    let key = required_item(&mut params, "Key")?;
    let consistent = params.take_bool("ConsistentRead")?.unwrap_or(false);
    let mut expressions = Expressions::take(&mut params, &["ProjectionExpression"])?;
    let table = state.existing(&table_name)?;
    let paths = projected_paths(table, &mut expressions)?;
    expressions.finish()?;
    let found = table.get(&table.key_of_parameter(&key)?);
    let mut answer = Map::new();
    if let Some(item) = found {
        let item = paths.map_or_else(|| item.clone(), |paths| project(&paths, item));
        answer.insert("Item".to_owned(), write_item(&item));
    }
    let size = found.map(item_size).unwrap_or_default();
    if let Some(capacity) = consumed(detail, &table_name, HalfUnits::read(size, consistent)) {
        answer.insert("ConsumedCapacity".to_owned(), capacity);
    }
    Ok(Value::Object(answer))
}
