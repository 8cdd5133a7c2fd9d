//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[Support::of("DescribeKey", "KeyId")];
