//! A change of compliance with an AWS Config rule as EventBridge delivers it.

use super::{EventError, Node};
use crate::{partition, text};

/// What the pipeline reads of a "Config Rules Compliance Change" event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplianceChange {
    /// Id of the event: the change has no id of its own.
    pub event_id: String,
    /// Rule name as it arrived, with what conformance packs and Security Hub add to it.
    pub rule_name: String,
    /// Rule ARN; recorded events spell the field in two ways or leave it out.
    pub rule_arn: Option<String>,
    /// CloudFormation type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// Account of the resource.
    pub account: String,
    /// Region of the resource.
    pub region: String,
    /// Partition of the resource.
    pub partition: String,
    /// The new compliance: `COMPLIANT`, `NON_COMPLIANT`, `NOT_APPLICABLE` or `INSUFFICIENT_DATA`.
    pub compliance: String,
    /// The rule's annotation; attacker-controlled text.
    pub annotation: Option<String>,
    /// When the result was recorded.
    pub recorded_at: Option<String>,
    /// Values that the event lacked, and what was assumed instead.
    pub assumed: Vec<String>,
}

pub(super) fn read(envelope: &Node<'_>) -> Result<ComplianceChange, EventError> {
    let detail = envelope.get("detail");
    let mut assumed = Vec::new();
    let rule_arn = ["configRuleARN", "configRuleArn"]
        .iter()
        .find_map(|name| detail.get(name).optional_text())
        .filter(|arn| arn.len() <= 512 && arn.starts_with("arn:"));

    let region = match (detail.get("awsRegion"), envelope.get("region").optional_text()) {
        (node, Some(region)) if node.is_absent() && partition::is_region(region) => {
            assumed.push(format!("detail.awsRegion is missing: {region} from the envelope"));
            region.to_owned()
        }
        (node, _) => node.formed(partition::is_region, "a Region")?,
    };
    // The envelope's account can be an aggregator's, so it is used only if the rule's ARN does not contradict it.
    let envelope_account = envelope.get("account").optional_text();
    let account = match (detail.get("awsAccountId"), envelope_account) {
        (node, Some(account))
            if node.is_absent()
                && partition::is_account(account)
                && rule_arn.is_none_or(|arn| arn.split(':').nth(4) == Some(account)) =>
        {
            assumed.push(format!("detail.awsAccountId is missing: {account} from the envelope"));
            account.to_owned()
        }
        (node, _) => node.formed(partition::is_account, "an account id")?,
    };
    if account.len() != 12 {
        assumed.push(format!("detail.awsAccountId {account} has {} digits: taken as it is", account.len()));
    }
    let partition = partition::of_region(&region).to_owned();
    let resource_type = detail.get("resourceType").text(256)?;
    let resource_id = if resource_type == "AWS::EC2::SecurityGroup" {
        detail.get("resourceId").formed(is_group_id, "a security group id")?
    } else {
        detail.get("resourceId").text(768)?
    };
    Ok(ComplianceChange {
        event_id: text::line(envelope.get("id").optional_text().unwrap_or("unknown"), 64),
        rule_name: text::line(&detail.get("configRuleName").text(256)?, 256),
        rule_arn: rule_arn.map(str::to_owned),
        resource_type,
        resource_id,
        account,
        region,
        partition,
        compliance: detail.path(&["newEvaluationResult", "complianceType"]).formed(
            |text| ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"].contains(&text),
            "a compliance type",
        )?,
        annotation: detail.path(&["newEvaluationResult", "annotation"]).optional_text().map(str::to_owned),
        recorded_at: detail
            .path(&["newEvaluationResult", "resultRecordedTime"])
            .optional_text()
            .map(|time| text::line(time, 64)),
        assumed,
    })
}

fn is_group_id(text: &str) -> bool {
    text.strip_prefix("sg-")
        .is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_alphanumeric()))
}
