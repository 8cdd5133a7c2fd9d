//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[
    Deviation {
        what: "there are no scaling policies, lifecycle hooks, warm pools and Classic Load Balancers of a group",
        why: "no response changes them",
    },
    Deviation {
        what: "a change of the group takes as long each time, and unhealthy instances are noticed within 30 seconds",
        why: "the time that AWS takes varies, and a replay has one clock",
    },
];

/// What each operation takes, and what AWS does otherwise.
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
