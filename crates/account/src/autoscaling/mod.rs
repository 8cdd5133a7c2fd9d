//! Amazon EC2 Auto Scaling: groups, their instances, and moving these to standby and out.
//!
//! Scaling policies, lifecycle hooks and warm pools are not simulated, nor are Classic Load Balancers of a group.

mod describe;
mod moves;
mod passing;
mod seed;
mod state;
mod support;
mod view;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service, ServiceError};
use crate::region::Region;

pub use state::{Lifecycle, State};
pub use view::{AutoScalingGroupView, MemberView};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Auto Scaling: names, protocol and operations. Operations see all services: groups have instances and target groups.
pub static SERVICE: Service<Region> = Service {
    name: "autoscaling",
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
        access_denied: Refusal { code: "AccessDenied", message: "", status: 403 },
        throttled: Refusal { code: "Throttling", message: "Rate exceeded", status: 400 },
        server_error: Refusal {
            code: "InternalFailure",
            message: "The request processing has failed because of an unknown error, exception or failure.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[
        Operation::read("DescribeAutoScalingGroups", Needs::AnyResource, describe::groups).taking(80),
        Operation::read("DescribeAutoScalingInstances", Needs::AnyResource, describe::instances).taking(80),
        Operation::write("DetachInstances", Needs::Of(moves::needs_detach), moves::detach).taking(moves::LATENCY),
        Operation::write("EnterStandby", Needs::Of(moves::needs_enter), moves::enter_standby).taking(moves::LATENCY),
        Operation::write("ExitStandby", Needs::Of(moves::needs_exit), moves::exit_standby).taking(moves::LATENCY),
    ],
    support: support::SUPPORT,
    state: |region| region,
    seed: seed::load,
};

/// The refusal of almost everything that is wrong with a request.
fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", text)
}

#[cfg(test)]
mod tests;
