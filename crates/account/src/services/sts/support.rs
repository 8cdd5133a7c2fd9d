//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[Deviation {
    what: "a role trusts principals without conditions, such as one on an external id",
    why: "the member role of the template has none",
}];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of("AssumeRole", "DurationSeconds ExternalId RoleArn RoleSessionName"),
    Support::of("GetCallerIdentity", ""),
];
