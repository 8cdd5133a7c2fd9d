//! Amazon DynamoDB: tables with their items, the expression language, conditional and transactional writes.
//!
//! Tables have no secondary index. The legacy parameters (`Expected`, `AttributeUpdates`, `KeyConditions` …) are not
//! simulated; a call with one fails and says so.

mod attribute;
mod capacity;
mod err;
mod expression;
mod number;
mod operations;
mod permissions;
mod read;
mod request;
mod seed;
mod support;
mod table;
mod write;

use serde_json::Value;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use attribute::{Attribute, Item};
pub use err::{ExpressionError, NumberError, UpdateError};
pub use number::Number;
pub use read::ReadDynamoDb;
pub use table::{KeyAttribute, KeyKind, KeySchema, State, Table};

impl State {
    /// The items of a table in DynamoDB's JSON, in the order of their keys; none if there is no such table.
    pub fn items(&self, table: &str) -> Vec<Value> {
        self.table(table).map(|table| table.items().map(attribute::write_item).collect()).unwrap_or_default()
    }
}

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Amazon DynamoDB: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "dynamodb",
    cli_name: "dynamodb",
    scope: Scope::Regional,
    refusals: Refusals {
        server_error: Refusal {
            code: "InternalServerError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
        ..Refusals::JSON
    },
    model: &MODEL,
    // A single-digit number of milliseconds is what DynamoDB promises; the network is the rest.
    condition_keys: &[
        "dynamodb:enclosingoperation",
        "dynamodb:leadingkeys",
        "dynamodb:returnvalues",
        "dynamodb:select",
    ],
    operations: &[
        Operation::read("GetItem", Requires::Permissions(permissions::get_item), operations::get_item).taking(15),
        Operation::read("Query", Requires::Permissions(permissions::query), operations::query).taking(15),
        Operation::read("Scan", Requires::Permissions(permissions::scan), operations::scan),
        Operation::read(
            "DescribeTable",
            Requires::Permissions(permissions::describe_table),
            operations::describe_table,
        ),
        Operation::write("PutItem", Requires::Permissions(permissions::put_item), operations::put_item).taking(20),
        Operation::write("UpdateItem", Requires::Permissions(permissions::update_item), operations::update_item)
            .taking(20),
        Operation::write("DeleteItem", Requires::Permissions(permissions::delete_item), operations::delete_item)
            .taking(20),
        Operation::write(
            "TransactWriteItems",
            Requires::Permissions(permissions::transact_write_items),
            operations::transact_write_items,
        )
        .taking(40),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding { load: seed::seed, described: &[], complete: None },
};

#[cfg(test)]
mod tests;
