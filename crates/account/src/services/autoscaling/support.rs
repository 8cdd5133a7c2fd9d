//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "DescribeAutoScalingGroups",
        "AutoScalingGroupNames Filters{Name Values} IncludeInstances IncludeManagedResources MaxRecords \
         NextToken",
    ),
    Support::of("DescribeAutoScalingInstances", "IncludeManagedResources InstanceIds MaxRecords NextToken"),
    Support::of("DetachInstances", "AutoScalingGroupName InstanceIds ShouldDecrementDesiredCapacity"),
    Support::of("EnterStandby", "AutoScalingGroupName InstanceIds ShouldDecrementDesiredCapacity"),
    Support::of("ExitStandby", "AutoScalingGroupName InstanceIds"),
];
