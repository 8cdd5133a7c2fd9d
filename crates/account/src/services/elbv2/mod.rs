//! Elastic Load Balancing, version 2: target groups, their targets and the health of these. The load balancers
//! themselves are not simulated, nor are Classic Load Balancers, which speak an older version of this API.
//!
//! The service is called `elasticloadbalancing` in policies, in the call log and in faults, and `elbv2`, as the
//! CLI calls it, in `account.json`. There is no operation that finds the groups of a target: one goes through all groups,
//! or through those of an Auto Scaling group.

mod health;
mod operations;
mod read;
mod seed;
mod state;
mod support;
mod view;

use std::sync::LazyLock;

use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use health::TargetState;
pub use read::ReadElbv2;
pub use state::State;
pub use view::TargetView;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Elastic Load Balancing: names, protocol and operations. Operations see all services: targets are instances.
pub(crate) static SERVICE: Service<Region> = Service {
    name: "elasticloadbalancing",
    cli_name: "elbv2",
    scope: Scope::Regional,
    refusals: Refusals::QUERY,
    model: &MODEL,
    condition_keys: &["elasticloadbalancing:resourcetag/"],
    operations: &[
        Operation::read("DescribeTargetGroups", Requires::AnyResource, operations::describe_groups).taking(60),
        Operation::read("DescribeTargetHealth", Requires::AnyResource, operations::describe_health).taking(60),
        Operation::write(
            "DeregisterTargets",
            Requires::Permissions(operations::deregister_permissions),
            operations::deregister,
        ),
        Operation::write(
            "RegisterTargets",
            Requires::Permissions(operations::register_permissions),
            operations::register,
        ),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: Some(health::advance),
    seeding: Seeding {
        load: seed::load,
        described: &[Described::new("describe-target-groups", &["TargetGroups"], "TargetGroupArn")],
        complete: None,
    },
};

#[cfg(test)]
mod tests;
