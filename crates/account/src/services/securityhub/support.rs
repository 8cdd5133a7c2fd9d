//! What of each operation is simulated.

use crate::service::Support;

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
    ),
    Support::of(
        "BatchUpdateFindings",
        "Confidence Criticality FindingIdentifiers{Id ProductArn} Note{Text UpdatedBy} RelatedFindings{Id \
         ProductArn} Severity{Label Normalized Product} Types UserDefinedFields VerificationState \
         Workflow{Status}",
    ),
];
