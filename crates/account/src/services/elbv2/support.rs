//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[
    Support::of("DescribeTargetGroups", "LoadBalancerArn Marker Names PageSize TargetGroupArns"),
    Support::of("DescribeTargetHealth", "TargetGroupArn Targets{AvailabilityZone Id Port}"),
    Support::of("DeregisterTargets", "TargetGroupArn Targets{AvailabilityZone Id Port}"),
    Support::of("RegisterTargets", "TargetGroupArn Targets{AvailabilityZone Id Port}"),
];
