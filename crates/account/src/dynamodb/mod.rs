//! Amazon DynamoDB: tables with their items, the expression language, conditional and transactional writes.
//!
//! Tables have no secondary index. The legacy parameters (`Expected`, `AttributeUpdates`, `KeyConditions` …) are not
//! simulated; whoever sends one is told so.

mod attribute;
mod capacity;
mod err;
mod expression;
mod needs;
mod number;
mod operations;
mod request;
mod seed;
mod support;
mod table;
mod write;

use serde_json::Value;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use attribute::{Attribute, Item};
pub use err::{ExpressionError, NumberError, UpdateError};
pub use number::Number;
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
pub static SERVICE: Service<State> = Service {
    name: "dynamodb",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "UnrecognizedClientException",
            message: "The security token included in the request is invalid.",
            status: 400,
        },
        expired_token: Refusal {
            code: "ExpiredTokenException",
            message: "The security token included in the request is expired",
            status: 400,
        },
        access_denied: Refusal { code: "AccessDeniedException", message: "", status: 400 },
        throttled: Refusal { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
        server_error: Refusal {
            code: "InternalServerError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: &MODEL,
    // A single-digit number of milliseconds is what DynamoDB promises; the network is the rest.
    operations: &[
        Operation::read("GetItem", Needs::Of(needs::get_item), operations::get_item).taking(15),
        Operation::read("Query", Needs::Of(needs::query), operations::query).taking(15),
        Operation::read("Scan", Needs::Of(needs::scan), operations::scan),
        Operation::read("DescribeTable", Needs::Of(needs::describe_table), operations::describe_table),
        Operation::write("PutItem", Needs::Of(needs::put_item), operations::put_item).taking(20),
        Operation::write("UpdateItem", Needs::Of(needs::update_item), operations::update_item).taking(20),
        Operation::write("DeleteItem", Needs::Of(needs::delete_item), operations::delete_item).taking(20),
        Operation::write(
            "TransactWriteItems",
            Needs::Of(needs::transact_write_items),
            operations::transact_write_items,
        )
        .taking(40),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.dynamodb,
    seed: seed::seed,
};

#[cfg(test)]
mod tests;
