//! The expression language of DynamoDB: conditions, updates, projections, key conditions.
//!
//! Source: DynamoDB Developer Guide, "Using expressions in DynamoDB". Nesting and the number of operators are bounded,
//! so no expression can exhaust the stack.

mod apply;
mod condition;
mod cursor;
mod evaluate;
mod key_condition;
mod lexer;
mod path;
mod placeholders;
mod projection;
mod reserved;
mod update;

pub(super) use apply::apply;
pub(super) use condition::{Condition, condition};
pub(super) use evaluate::holds;
pub(super) use key_condition::{KeyCondition, Range, key_condition};
pub(super) use path::Path;
pub(super) use placeholders::Placeholders;
pub(super) use projection::{project, projection};
pub(super) use update::{Update, update};

#[cfg(test)]
mod tests;
