use serde_json::{Map, Value};

use super::filter::{passes, take};
use super::node::State;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// The nodes on a page unless the caller says otherwise, and the bounds.
///
/// Source: Systems Manager API Reference, "DescribeInstanceInformation".
const PAGE: usize = 10;
const BOUNDS: std::ops::RangeInclusive<i64> = 5..=50;

/// The managed nodes, page by page in the order of their ids. A node id that is well formed and unknown is no error:
/// it has no entry in the answer.
pub(super) fn describe_instance_information(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let filters = take(&mut params)?;
    let page = match params.take_integer("MaxResults")? {
        None => PAGE,
        Some(wanted) if BOUNDS.contains(&wanted) => usize::try_from(wanted).unwrap_or(PAGE),
        Some(wanted) => {
            let bound = if wanted < 5 { "greater than or equal to 5" } else { "less than or equal to 50" };
            return Err(ServiceError::new(
                "ValidationException",
                format!(
                    "1 validation error detected: Value '{wanted}' at 'maxResults' failed to satisfy constraint: Member must have value {bound}"
                ),
            ));
        }
    };
    let behind = params.take_string("NextToken")?.map(|token| last_id(&token)).transpose()?;
    let mut found = state
        .nodes()
        .filter(|node| passes(node, &filters))
        .filter(|node| behind.as_ref().is_none_or(|last| node.id > *last));
    let listed: Vec<_> = found.by_ref().take(page).collect();
    let mut answer = Map::new();
    let information = listed.iter().map(|node| Value::Object(node.information.clone())).collect::<Vec<_>>();
    answer.insert("InstanceInformationList".to_owned(), information.into());
    if found.next().is_some()
        && let Some(last) = listed.last()
    {
        answer.insert("NextToken".to_owned(), hex::encode(&last.id).into());
    }
    Ok(Value::Object(answer))
}

/// The id that a token stands behind.
fn last_id(token: &str) -> Result<String, ServiceError> {
    hex::decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|id| super::node::is_node_id(id))
        .ok_or_else(|| ServiceError::new("InvalidNextToken", "The specified token isn't valid."))
}
