//! What of each operation is simulated.

use crate::service::Support;

pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "DescribeInstanceInformation",
        "Filters{Key Values} InstanceInformationFilterList{key valueSet} MaxResults NextToken",
    ),
    Support::of(
        "CreateOpsItem",
        "Category Description Notifications{Arn} OperationalData{Type Value} OpsItemType Priority \
         RelatedOpsItems{OpsItemId} Severity Source Tags{Key Value} Title",
    ),
];
