//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "there are target groups and no load balancers: these are known by the ARNs that the groups name",
        why: "a response acts on targets only",
    },
    Deviation {
        what: "a health check passes if a rule of the security groups admits TCP at its port from any address",
        why: "the addresses of load balancers are not part of the account, nor is what runs on the instance",
    },
];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of("DescribeTargetGroups", "LoadBalancerArn Marker Names PageSize TargetGroupArns"),
    Support::of("DescribeTargetHealth", "TargetGroupArn Targets{AvailabilityZone Id Port}").but(&[Deviation {
        what: "`Include` is refused",
        why: "it asks for anomaly detection, which follows from traffic",
    }]),
    Support::of("DeregisterTargets", "TargetGroupArn Targets{AvailabilityZone Id Port}"),
    Support::of("RegisterTargets", "TargetGroupArn Targets{AvailabilityZone Id Port}"),
];
