//! AWS IAM: instance profiles, roles and their policies, and what a session of an instance may do.
//!
//! IAM is one for an account: whatever Region a client is made for, it sees the same state. A change shows in the next
//! call and binds every session at once; in AWS it takes seconds to do either.

mod document;
mod err;
mod needs;
mod policies;
mod profiles;
mod request;
mod roles;
mod seed;
mod session;
mod state;
mod support;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub(crate) use session::Place;
pub use session::Session;
pub use state::State;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS IAM: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "iam",
    scope: Scope::Global,
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
            code: "ServiceFailure",
            message: "The request processing has failed because of an unknown error, exception or failure.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[
        Operation::read("GetInstanceProfile", Needs::Of(needs::get_instance_profile), profiles::get).taking(120),
        Operation::read("GetRole", Needs::Of(needs::get_role), roles::get).taking(120),
        Operation::read("GetRolePolicy", Needs::Of(needs::get_role_policy), policies::get).taking(120),
        Operation::read("ListAttachedRolePolicies", Needs::Of(needs::list_attached), policies::list_attached)
            .taking(120),
        Operation::read("ListInstanceProfilesForRole", Needs::Of(needs::list_profiles), profiles::list_of_role)
            .taking(120),
        Operation::read("ListRolePolicies", Needs::Of(needs::list_role_policies), policies::list).taking(120),
        Operation::write("DeleteRolePolicy", Needs::Of(needs::delete_role_policy), policies::delete).taking(300),
        Operation::write("PutRolePolicy", Needs::Of(needs::put_role_policy), policies::put).taking(300),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.iam,
    seed: seed::load,
};
