//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[
    Support::of("GetInstanceProfile", "InstanceProfileName"),
    Support::of("GetRole", "RoleName"),
    Support::of("GetRolePolicy", "PolicyName RoleName"),
    Support::of("ListAttachedRolePolicies", "Marker MaxItems PathPrefix RoleName"),
    Support::of("ListInstanceProfilesForRole", "Marker MaxItems RoleName"),
    Support::of("ListRolePolicies", "Marker MaxItems RoleName"),
    Support::of("DeleteRolePolicy", "PolicyName RoleName"),
    Support::of("PutRolePolicy", "PolicyDocument PolicyName RoleName"),
];
