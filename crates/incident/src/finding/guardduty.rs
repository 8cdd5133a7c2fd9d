//! A GuardDuty finding as EventBridge delivers it.

use serde_json::Value;

use super::{EventError, Node, indicators};
use crate::{partition, text};

/// Most buckets that are named of one finding.
const MAX_BUCKETS: usize = 4;

/// Most resources that a sequence has (GuardDuty's service model, `Resources`).
const MAX_SEQUENCE_RESOURCES: usize = 400;

/// An EC2 instance among the resources of an attack sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SequenceInstance {
    /// Instance id.
    pub id: String,
    /// Account of the instance.
    pub account: String,
    /// Region of the instance.
    pub region: String,
}

/// What the pipeline reads of a GuardDuty finding.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardDutyFinding {
    /// Finding id: the same for every update of the finding.
    pub id: String,
    /// Finding ARN, the `Id` of its copy in Security Hub.
    pub arn: Option<String>,
    /// Finding type, for example `UnauthorizedAccess:EC2/SSHBruteForce`.
    pub finding_type: String,
    /// Title; attacker-controlled text.
    pub title: String,
    /// Severity, 1.0 to 10.0.
    pub severity: f64,
    /// Account of the resource.
    pub account: String,
    /// Region of the resource.
    pub region: String,
    /// Partition of the resource.
    pub partition: String,
    /// `resource.resourceType`.
    pub resource_type: String,
    /// Instance id: only of findings whose resource type is `Instance`.
    pub instance_id: Option<String>,
    /// What names a resource of another type, one harmless line: an access key id, the name of a bucket, an ARN.
    pub resource_name: Option<String>,
    /// The EC2 instances of an attack sequence (`service.detection.sequence.resources[]`), each once.
    pub sequence_instances: Vec<SequenceInstance>,
    /// Resources of an attack sequence that cannot be read, in sentences: one of them may be an instance.
    pub sequence_unread: Vec<String>,
    /// `service.resourceRole`.
    pub resource_role: Option<String>,
    /// `connectionDirection` of a network connection.
    pub direction: Option<String>,
    /// `service.count`.
    pub count: u64,
    /// `updatedAt`.
    pub updated_at: Option<String>,
    /// Whether it is a generated sample.
    pub sample: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// The hosts, principals, callers and indicators that it names, each one harmless line.
    pub indicators: Vec<String>,
    /// Values that the event lacked, and what was assumed instead.
    pub assumed: Vec<String>,
}

pub(super) fn read(detail: &Node<'_>) -> Result<GuardDutyFinding, EventError> {
    let mut assumed = Vec::new();
    let arn = detail.get("arn").optional_text().filter(|arn| arn.len() <= 512 && arn.starts_with("arn:"));
    let arn_part = |index: usize| arn.and_then(|arn| arn.split(':').nth(index)).filter(|part| !part.is_empty());

    let region = match (detail.get("region"), arn_part(3)) {
        (node, Some(region)) if node.is_absent() && partition::is_region(region) => {
            assumed.push(format!("detail.region is missing: {region} from the finding's ARN"));
            region.to_owned()
        }
        (node, _) => node.formed(partition::is_region, "a Region")?,
    };
    let account = match (detail.get("accountId"), arn_part(4)) {
        (node, Some(account)) if node.is_absent() && partition::is_account(account) => {
            assumed.push(format!("detail.accountId is missing: {account} from the finding's ARN"));
            account.to_owned()
        }
        (node, _) => node.formed(partition::is_account, "an account id")?,
    };
    if account.len() != 12 {
        assumed.push(format!("detail.accountId {account} has {} digits: taken as it is", account.len()));
    }
    let partition = match detail.get("partition").optional_text() {
        Some(text) if text == partition::of_region(&region) => text.to_owned(),
        Some(text) => {
            let derived = partition::of_region(&region);
            assumed.push(format!(
                "detail.partition `{}` is not that of {region}: {derived} from the Region",
                text::line(text, 32)
            ));
            derived.to_owned()
        }
        None => partition::of_region(&region).to_owned(),
    };

    let service = detail.get("service");
    let resource = detail.get("resource");
    let resource_type = resource.get("resourceType").text(128)?;
    let instance_id = if resource_type == "Instance" {
        Some(resource.path(&["instanceDetails", "instanceId"]).formed(is_instance_id, "an instance id")?)
    } else {
        None
    };
    let resource_name = resource_name(&resource, &resource_type);
    let indicators = indicators::read(&resource, &resource_type, &service);
    let id = detail.get("id").text(256)?;
    let (sequence_instances, sequence_unread) = sequence_instances(&service, &account, &region);
    Ok(GuardDutyFinding {
        id: text::line(&id, 256),
        arn: arn.map(str::to_owned),
        finding_type: text::line(&detail.get("type").text(256)?, 256),
        title: detail.get("title").optional_text().map_or_else(String::new, str::to_owned),
        severity: severity(&detail.get("severity"), &mut assumed)?,
        account,
        region,
        partition,
        resource_type,
        instance_id,
        resource_name,
        sequence_instances,
        sequence_unread,
        resource_role: service.get("resourceRole").optional_text().map(|role| role.to_ascii_uppercase()),
        direction: service
            .path(&["action", "networkConnectionAction", "connectionDirection"])
            .optional_text()
            .map(|direction| direction.to_ascii_uppercase()),
        count: service.get("count").number().map_or(1, |count| count.clamp(0.0, MAX_COUNT) as u64),
        updated_at: detail.get("updatedAt").optional_text().map(|time| text::line(time, 64)),
        sample: is_sample(&service.get("additionalInfo")),
        archived: service.get("archived").flag(),
        indicators,
        assumed,
    })
}

/// The name of a resource that is not an instance. The details of other resource types are ignored: an access key finding
/// can have those of an instance and a bucket too (GuardDuty's service model, `Resource`).
fn resource_name(resource: &Node<'_>, resource_type: &str) -> Option<String> {
    let names: &[[&str; 2]] = match resource_type {
        "AccessKey" => &[
            ["accessKeyDetails", "accessKeyId"],
            ["accessKeyDetails", "userName"],
            ["accessKeyDetails", "principalId"],
        ],
        "EKSCluster" | "KubernetesCluster" => &[["eksClusterDetails", "arn"], ["eksClusterDetails", "name"]],
        "ECSCluster" => &[["ecsClusterDetails", "arn"], ["ecsClusterDetails", "name"]],
        "Container" => &[["containerDetails", "id"], ["containerDetails", "name"]],
        "Lambda" => &[["lambdaDetails", "functionArn"], ["lambdaDetails", "functionName"]],
        "RDSDBInstance" => {
            &[["rdsDbInstanceDetails", "dbInstanceArn"], ["rdsDbInstanceDetails", "dbInstanceIdentifier"]]
        }
        "RDSLimitlessDB" => &[["rdsLimitlessDbDetails", "dbShardGroupArn"]],
        "EBSSnapshot" => &[["ebsSnapshotDetails", "snapshotArn"]],
        "EC2Image" | "EC2AMI" => &[["ec2ImageDetails", "imageArn"]],
        _ if resource_type.ends_with("RecoveryPoint") => &[["recoveryPointDetails", "recoveryPointArn"]],
        _ => &[],
    };
    let buckets = || {
        let name = |bucket| {
            let bucket = Node::at(bucket, "s3BucketDetails");
            bucket.get("name").optional_text().or(bucket.get("arn").optional_text())
        };
        let buckets = resource.get("s3BucketDetails");
        buckets.items().take(MAX_BUCKETS).filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let name = match resource_type {
        "S3Bucket" | "S3Object" => buckets(),
        _ => names.iter().find_map(|path| resource.path(path).optional_text())?.to_owned(),
    };
    Some(text::line(&name, 256)).filter(|name| !name.is_empty())
}

/// Instance ids are `i-` and hexadecimal digits; samples use `i-99999999`. Letters beyond `f` are accepted, because
/// recorded events carry replaced ids. The id is only used as a parameter of API calls.
pub(super) fn is_instance_id(text: &str) -> bool {
    text.strip_prefix("i-")
        .is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// The largest integer that Step Functions passes on unchanged: its numbers are doubles.
const MAX_COUNT: f64 = 9_007_199_254_740_991.0;

/// The EC2 instances of an attack sequence, and the resources that cannot be read. A resource is named by its ARN or its id
/// (`uid`, else `name`), with its own account and Region or those of the finding. Other resources are ignored.
fn sequence_instances(service: &Node<'_>, account: &str, region: &str) -> (Vec<SequenceInstance>, Vec<String>) {
    let mut found: Vec<SequenceInstance> = Vec::new();
    let mut unread: Vec<String> = Vec::new();
    let resources = service.path(&["detection", "sequence", "resources"]);
    let beyond = resources.items().skip(MAX_SEQUENCE_RESOURCES).count();
    if beyond > 0 {
        unread.push(format!("{beyond} resources of the sequence beyond the first {MAX_SEQUENCE_RESOURCES}"));
    }
    for (at, resource) in resources.items().take(MAX_SEQUENCE_RESOURCES).enumerate() {
        let resource = Node::at(resource, "resource");
        let is_instance = |kind: &str| kind.eq_ignore_ascii_case("EC2_INSTANCE");
        if !resource.get("resourceType").optional_text().is_some_and(is_instance) {
            continue;
        }
        let named = [resource.get("uid").optional_text(), resource.get("name").optional_text()];
        let id = named.into_iter().flatten().find_map(|name| {
            let id = name.rsplit_once("instance/").map_or(name, |(_, id)| id);
            is_instance_id(id).then_some((name, id))
        });
        let Some((name, id)) = id else {
            unread.push(format!("resources[{at}] of the sequence, an EC2 instance without an instance id"));
            continue;
        };
        let of_arn = |index: usize| name.starts_with("arn:").then(|| name.split(':').nth(index)).flatten();
        let own = |field: &str, index: usize, form: fn(&str) -> bool, otherwise: &str| -> String {
            let stated = resource.get(field).optional_text().or(of_arn(index)).filter(|text| form(text));
            stated.unwrap_or(otherwise).to_owned()
        };
        let instance = SequenceInstance {
            id: id.to_owned(),
            account: own("accountId", 4, partition::is_account, account),
            region: own("region", 3, partition::is_region, region),
        };
        if !found.iter().any(|known| known.id == instance.id) {
            found.push(instance);
        }
    }
    (found, unread)
}

/// Severity as a number, or as the word the console shows for its band.
fn severity(node: &Node<'_>, assumed: &mut Vec<String>) -> Result<f64, EventError> {
    const BANDS: [(&str, f64); 4] = [("low", 2.0), ("medium", 5.0), ("high", 8.0), ("critical", 9.0)];
    if let Some(number) = node.number() {
        return if (0.0..=10.0).contains(&number) {
            Ok(number)
        } else {
            Err(node.bad(&number.to_string(), "a severity from 0 to 10"))
        };
    }
    let word = node.text(64)?;
    match BANDS.iter().find(|(name, _)| word.trim().eq_ignore_ascii_case(name)) {
        Some((name, value)) => {
            assumed.push(format!("detail.severity is a word ({name}): taken as {value}"));
            Ok(*value)
        }
        None => Err(node.bad(&word, "a severity")),
    }
}

/// `additionalInfo.sample` in events; inside the JSON text of `additionalInfo.value` in the form of the API.
/// A response to a sample must change nothing, so every form of the flag counts, also JSON text in place of an object.
fn is_sample(additional: &Node<'_>) -> bool {
    let in_text = |node: &Node<'_>| {
        node.optional_text()
            .filter(|text| text.len() <= 65_536)
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .is_some_and(|value| Node::at(&value, "value").get("sample").flag())
    };
    let value = additional.get("value");
    additional.get("sample").flag() || value.get("sample").flag() || in_text(&value) || in_text(additional)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_named_by_the_details_of_its_own_type() {
        let resource = serde_json::json!({
            "instanceDetails": {"instanceId": "i-99999999"},
            "accessKeyDetails": {"accessKeyId": "AKIAEXAMPLE", "userName": "alice"},
            "s3BucketDetails": [{"name": "one"}, {"arn": "two"}],
            "eksClusterDetails": {"name": "cluster"},
            "lambdaDetails": {"functionArn": "function"},
        });
        for (resource_type, name) in [
            ("AccessKey", Some("AKIAEXAMPLE")),
            ("S3Bucket", Some("one, two")),
            ("EKSCluster", Some("cluster")),
            ("Lambda", Some("function")),
            ("RDSDBInstance", None),
            ("Instance", None),
            ("Unheard", None),
        ] {
            let found = resource_name(&Node::at(&resource, "resource"), resource_type);
            assert_eq!(found.as_deref(), name, "{resource_type}");
        }
    }
}
