use serde_json::{Map, Value};

use super::filter::{invalid, passes, take};
use super::finding::{Identifier, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// The findings on a page at most, and unless the caller says otherwise.
///
/// Source: Security Hub API Reference, "GetFindings", `MaxResults`.
const PAGE: usize = 100;

pub(super) fn permissions(_state: &State, context: &Context<'_>, _params: &Params) -> Vec<RequiredPermission> {
    vec![RequiredPermission::new("securityhub:GetFindings", context.arn("securityhub", "hub/default"))]
}

/// Findings that pass the filters, page by page in the order of their identifiers. Sorting is not simulated.
pub(super) fn get_findings(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let filters = match params.take_params("Filters")? {
        Some(mut given) => take(&mut given)?,
        None => Vec::new(),
    };
    let page = match params.take_integer("MaxResults")? {
        None => PAGE,
        Some(wanted) => match usize::try_from(wanted) {
            Ok(wanted) if (1..=PAGE).contains(&wanted) => wanted,
            _ => return Err(invalid("MaxResults", "must be from 1 to 100")),
        },
    };
    let behind = params.take_string("NextToken")?.map(|token| position(&token)).transpose()?;
    let mut found = state
        .entries()
        .filter(|(identifier, _)| behind.as_ref().is_none_or(|last| *identifier > last))
        .filter(|(_, finding)| passes(finding, &filters));
    let listed: Vec<_> = found.by_ref().take(page).collect();
    let mut answer = Map::new();
    let documents: Vec<Value> = listed.iter().map(|(_, finding)| Value::Object(finding.document.clone())).collect();
    answer.insert("Findings".to_owned(), documents.into());
    if found.next().is_some()
        && let Some(((id, product), _)) = listed.last()
    {
        answer.insert("NextToken".to_owned(), hex::encode(format!("{id}\n{product}")).into());
    }
    Ok(Value::Object(answer))
}

/// The identifier that a token stands behind.
fn position(token: &str) -> Result<Identifier, ServiceError> {
    hex::decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.split_once('\n').map(|(id, product)| (id.to_owned(), product.to_owned())))
        .ok_or_else(|| invalid("NextToken", "is not a token of this operation"))
}
