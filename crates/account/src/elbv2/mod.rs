//! Elastic Load Balancing, version 2: target groups, their targets and the health of these. The load balancers
//! themselves are not simulated, nor are Classic Load Balancers, which speak an older version of this API.
//!
//! The service is called `elasticloadbalancing` in policies, in the record of calls and in faults, and `elbv2`, as the
//! CLI calls it, in `account.json`. There is no operation that finds the groups of a target: one goes through all groups,
//! or through those of an Auto Scaling group.

mod health;
mod operations;
mod seed;
mod state;
mod support;
mod view;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};
use crate::region::Region;

pub use health::TargetState;
pub use state::State;
pub use view::TargetView;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// Elastic Load Balancing: names, protocol and operations. Operations see all services: targets are instances.
pub static SERVICE: Service<Region> = Service {
    name: "elasticloadbalancing",
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
        Operation::read("DescribeTargetGroups", Needs::AnyResource, operations::describe_groups).taking(60),
        Operation::read("DescribeTargetHealth", Needs::AnyResource, operations::describe_health).taking(60),
        Operation::write("DeregisterTargets", Needs::Of(operations::needs_deregister), operations::deregister),
        Operation::write("RegisterTargets", Needs::Of(operations::needs_register), operations::register),
    ],
    support: support::SUPPORT,
    state: |region| region,
    seed: seed::load,
};

#[cfg(test)]
mod tests;
