//! What of each operation is simulated.

use crate::service::{Deviation, Support};

/// What AWS does otherwise, whatever the operation.
pub(super) const DEVIATIONS: &[Deviation] = &[Deviation {
    what: "filters on numbers, dates and addresses are refused",
    why: "a filter is added when a function uses it",
}];

/// What each operation takes, and what AWS does otherwise.
pub(super) const SUPPORT: &[Support] = &[
    Support::of(
        "GetFindings",
        "Filters{AwsAccountId{Comparison Value} CompanyName{Comparison Value} \
         ComplianceSecurityControlId{Comparison Value} ComplianceStatus{Comparison Value} \
         GeneratorId{Comparison Value} Id{Comparison Value} NoteText{Comparison Value} \
         NoteUpdatedBy{Comparison Value} ProductArn{Comparison Value} ProductName{Comparison Value} \
         RecordState{Comparison Value} Region{Comparison Value} ResourceId{Comparison Value} \
         ResourceRegion{Comparison Value} ResourceType{Comparison Value} SeverityLabel{Comparison Value} \
         Title{Comparison Value} VerificationState{Comparison Value} WorkflowStatus{Comparison Value} \
         ProductFields{Comparison Key Value} UserDefinedFields{Comparison Key Value}} MaxResults NextToken",
    )
    .but(&[Deviation {
        what: "findings come in the order of their identifiers",
        why: "`SortCriteria` is not simulated, and AWS names no order without it",
    }]),
    Support::of(
        "BatchUpdateFindings",
        "Confidence Criticality FindingIdentifiers{Id ProductArn} Note{Text UpdatedBy} RelatedFindings{Id \
         ProductArn} Severity{Label Normalized Product} Types UserDefinedFields VerificationState \
         Workflow{Status}",
    ),
];
