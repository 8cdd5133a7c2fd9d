//! Amazon SNS: standard topics and what was published to them.

mod limits;
mod message;
mod operations;
mod seed;
mod topic;

use serde_json::{Map, Value};

use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service, Translation};
use crate::wire::Protocol;

pub use message::{MessageAttribute, Published};
pub use topic::{State, Topic};

/// Amazon SNS: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "sns",
    signing_names: &["sns"],
    scope: Scope::Regional,
    protocol: Protocol::Query,
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
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
    model: Some(Translation {
        request: |_, parameters| Ok(parameters),
        sdk_request: |_, parameters| Ok(parameters),
        sdk_response: |_, response| Ok(maps_of(response)),
    }),
    operations: &[
        Operation::write("Publish", Needs::Of(operations::needs_publish), operations::publish).taking(60),
        Operation::write("PublishBatch", Needs::Of(operations::needs_publish), operations::publish_batch).taking(60),
        Operation::read(
            "GetTopicAttributes",
            Needs::Of(operations::needs_get_topic_attributes),
            operations::get_topic_attributes,
        ),
    ],
    state: |region| &mut region.sns,
    seed: seed::seed,
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
