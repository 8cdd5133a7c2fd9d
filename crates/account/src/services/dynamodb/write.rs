//! Writes to one item: read from parameters, tried against a table, then carried out. Single writes and transactions
//! take the same way.

use super::attribute::{Item, check_depth, item_size, write_item};
use super::err::validation;
use super::expression::{Condition, Path, Update, apply, condition, holds, update};
use super::request::{Expressions, choice, required_item, table_name};
use super::table::{Key, State, Table};
use crate::base::ServiceError;
use crate::protocol::Params;

/// The largest item, in bytes of names and values.
///
/// Source: DynamoDB Developer Guide, "Quotas and limits", "Item size".
const MAX_ITEM_SIZE: usize = 400 * 1024;

/// A write that is well formed and has a table.
#[derive(Debug, Clone, Hash)]
pub(super) struct Write {
    pub(super) table: String,
    pub(super) key: Key,
    change: Change,
    condition: Option<Condition>,
    /// Whether a failed condition answers with the item.
    show_item: bool,
}

#[derive(Debug, Clone, Hash)]
enum Change {
    Put(Item),
    Update(Update),
    Delete,
    /// Only the condition matters.
    Check,
}

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Put,
    Update,
    Delete,
    Check,
}

/// What a write would do to its item.
#[derive(Debug, Clone, Hash)]
pub(super) struct Effect {
    /// The item before.
    pub(super) old: Option<Item>,
    /// The item after.
    pub(super) new: Option<Item>,
}

/// Why a write fails on the item that is there.
#[derive(Debug, Clone)]
pub(super) enum Refused {
    /// The condition does not hold; the item if the caller asked for it.
    Condition(Option<Item>),
    /// The update cannot be applied.
    Invalid(ServiceError),
}

impl Refused {
    /// The error of a single write.
    pub(super) fn into_error(self) -> ServiceError {
        match self {
            Self::Invalid(error) => error,
            Self::Condition(item) => {
                let error = ServiceError::new("ConditionalCheckFailedException", "The conditional request failed");
                match item {
                    Some(item) => error.field("Item", write_item(&item)),
                    None => error,
                }
            }
        }
    }
}

/// Reads the parameters of a write.
pub(super) fn read(state: &State, kind: Kind, params: &mut Params) -> Result<Write, ServiceError> {
    let table_name = table_name(params)?;
    let given = required_item(params, if kind == Kind::Put { "Item" } else { "Key" })?;
    let expressions: &[&'static str] = match kind {
        Kind::Update => &["UpdateExpression", "ConditionExpression"],
        Kind::Put | Kind::Delete | Kind::Check => &["ConditionExpression"],
    };
    let mut expressions = Expressions::take(params, expressions)?;
    let show_item = choice(params, "ReturnValuesOnConditionCheckFailure", &["ALL_OLD", "NONE"])? == Some("ALL_OLD");
    if kind == Kind::Put && item_size(&given) > MAX_ITEM_SIZE {
        return Err(validation("Item size has exceeded the maximum allowed size"));
    }
    let update = expressions.parse("UpdateExpression", update)?;
    let condition = expressions.parse("ConditionExpression", condition)?;
    expressions.finish()?;
    if kind == Kind::Check && condition.is_none() {
        return Err(params.missing("conditionExpression"));
    }
    let table = state.existing(&table_name)?;
    let key = match kind {
        Kind::Put => table.key_of_item(&given)?,
        Kind::Update | Kind::Delete | Kind::Check => table.key_of_parameter(&given)?,
    };
    if let Some(condition) = &condition {
        check_key_paths(table, condition)?;
    }
    let change = match kind {
        Kind::Put => Change::Put(given),
        Kind::Delete => Change::Delete,
        Kind::Check => Change::Check,
        Kind::Update => {
            let update = update.unwrap_or_default();
            check_targets(table, &update)?;
            Change::Update(update)
        }
    };
    Ok(Write { table: table_name, key, change, condition, show_item })
}

/// Tries a write; nothing changes.
pub(super) fn attempt(table: &Table, write: &Write) -> Result<Effect, Refused> {
    let old = table.get(&write.key).cloned();
    if let Some(condition) = &write.condition {
        let absent = Item::new();
        if !holds(condition, old.as_ref().unwrap_or(&absent)) {
            return Err(Refused::Condition(if write.show_item { old } else { None }));
        }
    }
    let new = match &write.change {
        Change::Put(item) => Some(item.clone()),
        Change::Delete => None,
        Change::Check => old.clone(),
        Change::Update(update) => {
            let before = old.clone().unwrap_or_else(|| table.key_item(&write.key));
            let after = apply(update, &before).map_err(|error| Refused::Invalid(validation(error.to_string())))?;
            check_depth(&after).map_err(Refused::Invalid)?;
            if item_size(&after) > MAX_ITEM_SIZE {
                return Err(Refused::Invalid(validation("Item size to update has exceeded the maximum allowed size")));
            }
            Some(after)
        }
    };
    Ok(Effect { old, new })
}

impl Write {
    /// The paths that an update writes.
    pub(super) fn targets(&self) -> Vec<Path> {
        match &self.change {
            Change::Update(update) => update.targets().cloned().collect(),
            Change::Put(_) | Change::Delete | Change::Check => Vec::new(),
        }
    }
}

fn check_targets(table: &Table, update: &Update) -> Result<(), ServiceError> {
    for target in update.targets() {
        let name = target.attribute();
        if table.key.has(name) {
            return Err(validation(format!(
                "One or more parameter values were invalid: Cannot update attribute {name}. This attribute is part of the key"
            )));
        }
    }
    Ok(())
}

/// Refuses a path into a key attribute, which has no inside.
pub(super) fn check_key_paths(table: &Table, condition: &Condition) -> Result<(), ServiceError> {
    let mut nested = None;
    condition.paths(&mut |path| {
        if path.is_nested() && table.key.has(path.attribute()) {
            nested = Some(path.attribute().to_owned());
        }
    });
    match nested {
        Some(name) => Err(key_path(&name)),
        None => Ok(()),
    }
}

/// The error for a path into the key attribute `name`.
pub(super) fn key_path(name: &str) -> ServiceError {
    validation(format!(
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: {name}"
    ))
}
