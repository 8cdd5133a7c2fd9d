//! What a caller must be allowed to do, as the Service Authorization Reference lists actions, resource types and
//! condition keys of AWS IAM.

use super::state::{Identity, Kind, State, arn};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// A permission on an entity: its ARN has its path, and its tags are condition keys. An entity that does not exist has
/// neither.
fn on(
    context: &Context<'_>,
    action: &str,
    kind: Kind,
    name: Option<&str>,
    there: Option<&Identity>,
) -> RequiredPermission {
    let resource = match there {
        Some(identity) => identity.arn.clone(),
        None => arn(context, kind, "/", name.unwrap_or("*")),
    };
    let permission = RequiredPermission::new(format!("iam:{action}"), resource);
    there.into_iter().flat_map(|identity| &identity.tags).fold(permission, |permission, (key, value)| {
        permission.key(format!("aws:ResourceTag/{key}"), value).key(format!("iam:ResourceTag/{key}"), value)
    })
}

fn role(state: &State, context: &Context<'_>, action: &str, params: &Params) -> RequiredPermission {
    let name = params.peek_string("RoleName");
    let there = name.and_then(|name| state.roles.get(name)).map(|role| &role.identity);
    on(context, action, Kind::Role, name, there)
}

/// A change of a role's permissions has the role's boundary as a key.
fn change(state: &State, context: &Context<'_>, action: &str, params: &Params) -> Vec<RequiredPermission> {
    let permission = role(state, context, action, params);
    let there = params.peek_string("RoleName").and_then(|name| state.roles.get(name));
    match there.and_then(|role| role.boundary.as_ref()) {
        Some(boundary) => vec![permission.key("iam:PermissionsBoundary", boundary)],
        None => vec![permission],
    }
}

pub(super) fn get_instance_profile(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let name = params.peek_string("InstanceProfileName");
    let there = name.and_then(|name| state.profiles.get(name)).map(|profile| &profile.identity);
    vec![on(context, "GetInstanceProfile", Kind::InstanceProfile, name, there)]
}

pub(super) fn get_role(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![role(state, context, "GetRole", params)]
}

pub(super) fn get_role_policy(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![role(state, context, "GetRolePolicy", params)]
}

pub(super) fn list_attached(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![role(state, context, "ListAttachedRolePolicies", params)]
}

pub(super) fn list_profiles(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![role(state, context, "ListInstanceProfilesForRole", params)]
}

pub(super) fn list_role_policies(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![role(state, context, "ListRolePolicies", params)]
}

pub(super) fn put_role_policy(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    change(state, context, "PutRolePolicy", params)
}

pub(super) fn delete_role_policy(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    change(state, context, "DeleteRolePolicy", params)
}
