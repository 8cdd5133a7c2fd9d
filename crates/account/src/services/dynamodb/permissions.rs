//! What callers must be allowed to do.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB".

use serde_json::Value;

use super::attribute::Attribute;
use super::expression::{Condition, KeyCondition, Placeholders, Range, condition, key_condition};
use super::request::name_in;
use super::table::State;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

type Answer = Vec<RequiredPermission>;

pub(super) fn get_item(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![keyed(state, context, "dynamodb:GetItem", params.peek("TableName"), params.peek("Key"), params)]
}

pub(super) fn put_item(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![keyed(state, context, "dynamodb:PutItem", params.peek("TableName"), params.peek("Item"), params)]
}

pub(super) fn update_item(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![keyed(state, context, "dynamodb:UpdateItem", params.peek("TableName"), params.peek("Key"), params)]
}

pub(super) fn delete_item(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![keyed(state, context, "dynamodb:DeleteItem", params.peek("TableName"), params.peek("Key"), params)]
}

pub(super) fn describe_table(_state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![on_table(context, "dynamodb:DescribeTable", params.peek("TableName"))]
}

pub(super) fn scan(_state: &State, context: &Context<'_>, params: &Params) -> Answer {
    vec![selected(on_table(context, "dynamodb:Scan", params.peek("TableName")), params)]
}

pub(super) fn query(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    let permission = selected(on_table(context, "dynamodb:Query", params.peek("TableName")), params);
    vec![match queried_partition(state, params) {
        Some(value) => permission.key("dynamodb:LeadingKeys", value),
        None => permission,
    }]
}

/// The transaction itself is no action: each of its writes is one.
pub(super) fn transact_write_items(state: &State, context: &Context<'_>, params: &Params) -> Answer {
    let actions = [
        ("ConditionCheck", "dynamodb:ConditionCheckItem", "Key"),
        ("Put", "dynamodb:PutItem", "Item"),
        ("Delete", "dynamodb:DeleteItem", "Key"),
        ("Update", "dynamodb:UpdateItem", "Key"),
    ];
    let mut permissions = Vec::new();
    for item in params.peek_list("TransactItems") {
        for (member, action, key) in actions {
            if let Some(inner) = item.get(member) {
                let permission = keyed(state, context, action, inner.get("TableName"), inner.get(key), params);
                permissions.push(permission.key("dynamodb:EnclosingOperation", "TransactWriteItems"));
            }
        }
    }
    permissions
}

fn on_table(context: &Context<'_>, action: &str, table: Option<&Value>) -> RequiredPermission {
    let name = table.and_then(Value::as_str).unwrap_or_default();
    if name.starts_with("arn:") {
        return RequiredPermission::new(action, name);
    }
    RequiredPermission::new(action, context.arn("dynamodb", &format!("table/{name}")))
}

/// A permission on the table with the partition key of the item as `dynamodb:LeadingKeys`.
fn keyed(
    state: &State,
    context: &Context<'_>,
    action: &str,
    table: Option<&Value>,
    key: Option<&Value>,
    params: &Params,
) -> RequiredPermission {
    let mut permission = on_table(context, action, table);
    let name = name_in(table.and_then(Value::as_str).unwrap_or_default());
    if let Some(table) = state.table(name)
        && let Some(value) = key.and_then(|key| key.get(&table.key.hash.name))
        && let Ok(value) = Attribute::read(value)
    {
        permission = permission.key("dynamodb:LeadingKeys", leading(&value));
    }
    match params.peek_string("ReturnValues") {
        Some(wanted) => permission.key("dynamodb:ReturnValues", wanted),
        None => permission,
    }
}

fn selected(permission: RequiredPermission, params: &Params) -> RequiredPermission {
    match params.peek_string("Select") {
        Some(select) => permission.key("dynamodb:Select", select),
        None => permission,
    }
}

/// The partition key that a query asks for, if the request is well formed.
fn queried_partition(state: &State, params: &Params) -> Option<String> {
    let table = state.table(name_in(params.peek_string("TableName")?))?;
    let names = params.peek("ExpressionAttributeNames").and_then(Value::as_object);
    let names = names
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect();
    let values = params.peek("ExpressionAttributeValues").and_then(Value::as_object);
    let values = values
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), Attribute::read(value).ok()?)))
        .collect();
    let mut placeholders = Placeholders::new(names, values).ok()?;
    let parsed: Condition = condition(params.peek_string("KeyConditionExpression")?, &mut placeholders).ok()?;
    let conditions: Vec<KeyCondition> = key_condition(&parsed).ok()?;
    conditions.into_iter().find_map(|condition| match condition.range {
        Range::Equal(value) if condition.attribute == table.key.hash.name => Some(leading(&value)),
        _ => None,
    })
}

fn leading(value: &Attribute) -> String {
    match value {
        Attribute::S(text) => text.clone(),
        Attribute::N(number) => number.to_string(),
        other => other.shown(),
    }
}
