//! Amazon SNS: standard topics and what was published to them.

mod limits;
mod message;
mod operations;
mod read;
mod seed;
mod topic;

use serde_json::{Map, Value};

use crate::base::Refusal;
use crate::protocol::Protocol;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service, Translation};
use crate::state::Region;

pub use message::{MessageAttribute, Published};
pub use read::ReadSns;
pub use topic::{State, Topic};

/// Amazon SNS: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "sns",
    cli_name: "sns",
    signing_names: &["sns"],
    scope: Scope::Regional,
    protocol: Protocol::Query,
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
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
    model: Some(Translation {
        request: |_, parameters| Ok(parameters),
        sdk_request: |_, parameters| Ok(parameters),
        sdk_response: |_, response| Ok(maps_of(response)),
    }),
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
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding {
        load: seed::seed,
        described: &[Described::new("list-topics", &["Topics"], "TopicArn")],
        complete: None,
    },
};

/// The wire's entries of key and value as the map that the SDKs make of them.
fn maps_of(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let entries = match members.get("entry").and_then(Value::as_array) {
        Some(entries) if members.len() == 1 => entries,
        _ => return Value::Object(members.into_iter().map(|(name, value)| (name, maps_of(value))).collect()),
    };
    let pairs =
        entries.iter().filter_map(|entry| Some((entry.get("key")?.as_str()?.to_owned(), entry.get("value")?.clone())));
    Value::Object(pairs.collect::<Map<String, Value>>())
}

#[cfg(test)]
mod tests;
