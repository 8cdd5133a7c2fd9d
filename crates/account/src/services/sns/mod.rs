//! Amazon SNS: standard topics and what was published to them.

mod limits;
mod message;
mod operations;
mod read;
mod seed;
mod support;
mod topic;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use message::{MessageAttribute, Published};
pub use read::ReadSns;
pub use topic::{State, Topic};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Amazon SNS: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "sns",
    cli_name: "sns",
    scope: Scope::Regional,
    refusals: Refusals {
        access_denied: Refusal { code: "AuthorizationError", message: "", status: 403 },
        throttled: Refusal { code: "Throttled", message: "Rate exceeded", status: 429 },
        server_error: Refusal {
            code: "InternalError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
        ..Refusals::QUERY
    },
    model: &MODEL,
    condition_keys: &[],
    operations: &[
        Operation::write("Publish", Requires::Permissions(operations::publish_permissions), operations::publish)
            .taking(60),
        Operation::write(
            "PublishBatch",
            Requires::Permissions(operations::publish_permissions),
            operations::publish_batch,
        )
        .taking(60),
        Operation::read(
            "GetTopicAttributes",
            Requires::Permissions(operations::get_topic_attributes_permissions),
            operations::get_topic_attributes,
        ),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding {
        load: seed::seed,
        described: &[Described::new("list-topics", &["Topics"], "TopicArn")],
        complete: None,
    },
};

#[cfg(test)]
mod tests;
