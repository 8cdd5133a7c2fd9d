//! AWS Systems Manager: managed nodes, and OpsItems.

mod describe;
mod filter;
mod node;
mod ops_item;
mod seed;
mod support;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use node::{Node, State};
pub use ops_item::OpsItem;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS Systems Manager: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "ssm",
    cli_name: "ssm",
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
    condition_keys: &[],
    operations: &[
        Operation::read("DescribeInstanceInformation", Requires::AnyResource, describe::describe_instance_information),
        Operation::write("CreateOpsItem", Requires::Permissions(ops_item::permissions), ops_item::create_ops_item),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding {
        load: seed::seed,
        described: &[Described::new("describe-instance-information", &["InstanceInformationList"], "InstanceId")],
        complete: None,
    },
};

#[cfg(test)]
mod tests;
