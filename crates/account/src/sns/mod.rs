//! Amazon SNS: standard topics and what was published to them.

mod limits;
mod message;
mod operations;
mod seed;
mod support;
mod topic;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use message::{MessageAttribute, Published};
pub use topic::{State, Topic};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Amazon SNS: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "sns",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "InvalidClientTokenId",
            message: "The security token included in the request is invalid.",
            status: 403,
        },
        expired_token: Refusal {
            code: "ExpiredToken",
            message: "The security token included in the request is expired",
            status: 403,
        },
        access_denied: Refusal { code: "AuthorizationError", message: "", status: 403 },
        throttled: Refusal { code: "Throttled", message: "Rate exceeded", status: 429 },
        server_error: Refusal {
            code: "InternalError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[
        Operation::write("Publish", Needs::Of(operations::needs_publish), operations::publish).taking(60),
        Operation::write("PublishBatch", Needs::Of(operations::needs_publish), operations::publish_batch).taking(60),
        Operation::read(
            "GetTopicAttributes",
            Needs::Of(operations::needs_get_topic_attributes),
            operations::get_topic_attributes,
        ),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.sns,
    seed: seed::seed,
};

#[cfg(test)]
mod tests;
