//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[Deviation {
    what: "nodes are as `account.json` describes them: no agent comes or goes",
    why: "no step of a response waits for an agent",
}];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "DescribeInstanceInformation",
        "Filters{Key Values} InstanceInformationFilterList{key valueSet} MaxResults NextToken",
    )
    .but(&[Deviation { what: "filters on tags are refused", why: "nodes here have no tags" }]),
    Support::of(
        "CreateOpsItem",
        "Category Description Notifications{Arn} OperationalData{Type Value} OpsItemType Priority \
         RelatedOpsItems{OpsItemId} Severity Source Tags{Key Value} Title",
    )
    .but(&[Deviation { what: "`OpsItemType` can only be `/aws/issue`", why: "no function creates another type" }]),
];
