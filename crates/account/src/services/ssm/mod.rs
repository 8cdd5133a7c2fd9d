//! AWS Systems Manager: managed nodes, and OpsItems.

mod describe;
mod filter;
mod node;
mod ops_item;
mod seed;

use crate::base::Refusal;
use crate::protocol::Protocol;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use node::{Node, State};
pub use ops_item::OpsItem;

/// AWS Systems Manager: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "ssm",
    cli_name: "ssm",
    signing_names: &["ssm"],
    scope: Scope::Regional,
    protocol: Protocol::Json11,
    namespace: "AmazonSSM",
    refusals: Refusals {
        server_error: Refusal {
            code: "InternalServerError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
        ..Refusals::JSON
    },
    model: None,
    condition_keys: &[],
    operations: &[
        Operation::read("DescribeInstanceInformation", Requires::AnyResource, describe::describe_instance_information),
        Operation::write("CreateOpsItem", Requires::Permissions(ops_item::permissions), ops_item::create_ops_item),
    ],
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
