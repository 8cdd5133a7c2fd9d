//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[Deviation {
    what: "a change shows in the next call and binds every session at once, while IAM takes seconds",
    why: "a replay has the same result each time it is run; what comes late is a planned fault",
}];

/// What each operation takes, and what AWS does otherwise.
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
