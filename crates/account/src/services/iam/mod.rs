//! AWS IAM: instance profiles, roles and their policies, and what a session of an instance may do.
//!
//! IAM is one for an account: whatever Region a client is made for, it sees the same state. A change shows in the next
//! call and binds every session at once; in AWS it takes seconds to do either.

mod document;
mod err;
mod permissions;
mod policies;
mod profiles;
mod read;
mod request;
mod roles;
mod seed;
mod session;
mod state;
mod support;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Described, Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use read::ReadIam;
pub use session::Session;
pub use state::State;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS IAM: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "iam",
    cli_name: "iam",
    scope: Scope::Global,
    refusals: Refusals {
        server_error: Refusal {
            code: "ServiceFailure",
            message: "The request processing has failed because of an unknown error, exception or failure.",
            status: 500,
        },
        ..Refusals::QUERY
    },
    model: &MODEL,
    condition_keys: &["iam:passedtoservice", "iam:permissionsboundary", "iam:resourcetag/"],
    operations: &[
        Operation::read("GetInstanceProfile", Requires::Permissions(permissions::get_instance_profile), profiles::get)
            .taking(120),
        Operation::read("GetRole", Requires::Permissions(permissions::get_role), roles::get).taking(120),
        Operation::read("GetRolePolicy", Requires::Permissions(permissions::get_role_policy), policies::get)
            .taking(120),
        Operation::read(
            "ListAttachedRolePolicies",
            Requires::Permissions(permissions::list_attached),
            policies::list_attached,
        )
        .taking(120),
        Operation::read(
            "ListInstanceProfilesForRole",
            Requires::Permissions(permissions::list_profiles),
            profiles::list_of_role,
        )
        .taking(120),
        Operation::read("ListRolePolicies", Requires::Permissions(permissions::list_role_policies), policies::list)
            .taking(120),
        Operation::write("DeleteRolePolicy", Requires::Permissions(permissions::delete_role_policy), policies::delete)
            .taking(300),
        Operation::write("PutRolePolicy", Requires::Permissions(permissions::put_role_policy), policies::put)
            .taking(300),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding {
        load: seed::load,
        described: &[
            Described::new("get-instance-profile", &["InstanceProfile"], "InstanceProfileName"),
            Described::new("list-instance-profiles", &["InstanceProfiles"], "InstanceProfileName"),
            Described::new("get-role", &["Role"], "RoleName"),
            Described::new("list-roles", &["Roles"], "RoleName"),
            Described::new("get-account-authorization-details", &["RoleDetailList"], "RoleName"),
        ],
        complete: Some(seed::complete),
    },
};
