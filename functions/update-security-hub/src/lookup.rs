//! Looks up findings that the event does not identify, by rule and resource.

use aws_sdk_securityhub::types::{
    AwsSecurityFindingFilters, AwsSecurityFindingIdentifier, MapFilter, MapFilterComparison, StringFilter,
    StringFilterComparison,
};
use responder::{Error, Result, Target, required};

use crate::identifier;

const CALL: &str = "securityhub:GetFindings";

/// Most findings updated at once; `BatchUpdateFindings` takes 100.
const MAX_FINDINGS: i32 = 100;

/// The active findings of a Config rule about a resource. Findings that AWS Config sends have the rule's ARN as
/// `GeneratorId`; controls of Security Hub name their rule in the product field `RelatedAWSResources:0/name`.
pub(crate) async fn of_config_rule(
    target: &Target,
    rule_name: &str,
    rule_arn: Option<&str>,
    resource_arn: &str,
) -> Result<Vec<AwsSecurityFindingIdentifier>> {
    let equals = |value: &str| StringFilter::builder().value(value).comparison(StringFilterComparison::Equals).build();
    let filters = AwsSecurityFindingFilters::builder().resource_id(equals(resource_arn)).record_state(equals("ACTIVE"));
    let filters = match rule_arn {
        Some(arn) if !rule_name.starts_with("securityhub-") => filters.generator_id(equals(arn)),
        _ => filters.product_fields(
            MapFilter::builder()
                .key("RelatedAWSResources:0/name")
                .value(rule_name)
                .comparison(MapFilterComparison::Equals)
                .build(),
        ),
    };
    let output = target
        .securityhub()
        .get_findings()
        .filters(filters.build())
        .max_results(MAX_FINDINGS)
        .send()
        .await
        .map_err(Error::from_sdk(CALL))?;
    output
        .findings()
        .iter()
        .map(|finding| {
            let id = required(CALL, "Id", finding.id())?;
            Ok(identifier(id, required(CALL, "ProductArn", finding.product_arn())?))
        })
        .collect()
}
