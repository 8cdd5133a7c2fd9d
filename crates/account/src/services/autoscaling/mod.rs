//! Amazon EC2 Auto Scaling: groups, their instances, and moving these to standby and out.
//!
//! Scaling policies, lifecycle hooks and warm pools are not simulated, nor are Classic Load Balancers of a group.

mod describe;
mod lifecycle;
mod read;
mod seed;
mod standby;
mod state;
mod support;
mod view;

use std::sync::LazyLock;

use crate::base::ServiceError;
use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use read::ReadAutoScaling;
pub use state::{Lifecycle, State};
pub use view::{AutoScalingGroupView, MemberView};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Auto Scaling: names, protocol and operations. Operations see all services: groups have instances and target groups.
pub(crate) static SERVICE: Service<Region> = Service {
    name: "autoscaling",
    cli_name: "autoscaling",
    scope: Scope::Regional,
    refusals: Refusals::QUERY,
    model: &MODEL,
    condition_keys: &["autoscaling:resourcetag/"],
    operations: &[
        Operation::read("DescribeAutoScalingGroups", Requires::AnyResource, describe::groups).taking(80),
        Operation::read("DescribeAutoScalingInstances", Requires::AnyResource, describe::instances).taking(80),
        Operation::write("DetachInstances", Requires::Permissions(standby::detach_permissions), standby::detach)
            .taking(standby::LATENCY),
        Operation::write("EnterStandby", Requires::Permissions(standby::enter_permissions), standby::enter_standby)
            .taking(standby::LATENCY),
        Operation::write("ExitStandby", Requires::Permissions(standby::exit_permissions), standby::exit_standby)
            .taking(standby::LATENCY),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: Some(lifecycle::advance),
    seeding: Seeding {
        load: seed::load,
        described: &[
            Described::new("describe-auto-scaling-groups", &["AutoScalingGroups"], "AutoScalingGroupName"),
            Described::new("describe-auto-scaling-groups", &["AutoScalingGroups", "Instances"], "InstanceId"),
        ],
        complete: None,
    },
};

/// The refusal of almost everything that is wrong with a request.
fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", text)
}

#[cfg(test)]
mod tests;
