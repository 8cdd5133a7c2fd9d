//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[Deviation {
    what: "there are keys and aliases, and no key policies and grants",
    why: "whether a key can be used follows from its state and from the caller's own policies",
}];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[Support::of("DescribeKey", "KeyId").but(&[Deviation {
    what: "a key of another account or Region is refused as not simulated",
    why: "an account has its own keys only",
}])];
