//! AWS Systems Manager: managed nodes, and OpsItems.

mod describe;
mod filter;
mod node;
mod ops_item;
mod seed;
mod support;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use node::{Node, State};
pub use ops_item::OpsItem;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS Systems Manager: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "ssm",
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
    operations: &[
        Operation::read("DescribeInstanceInformation", Needs::AnyResource, describe::describe_instance_information),
        Operation::write("CreateOpsItem", Needs::Of(ops_item::needs), ops_item::create_ops_item),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.ssm,
    seed: seed::seed,
};

#[cfg(test)]
mod tests;
