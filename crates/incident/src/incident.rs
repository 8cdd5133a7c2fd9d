//! Incidents: one resource and what findings report about it.

use serde::{Deserialize, Serialize};

use crate::family::Role;
use crate::finding::{ComplianceChange, GuardDutyFinding, SequenceInstance};
use crate::{SCHEMA, text};

/// What started the incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A GuardDuty finding.
    GuardDuty,
    /// A change of compliance with an AWS Config rule.
    ConfigRule,
}

/// The resource an incident is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Resource {
    /// An EC2 instance.
    Instance {
        /// Instance id.
        id: String,
    },
    /// A security group.
    SecurityGroup {
        /// Group id.
        id: String,
    },
    /// A resource that no playbook acts on: it is recorded and never changed.
    Other {
        /// Resource type as the trigger names it (`AccessKey`, `AWS::Logs::LogGroup`).
        resource_type: String,
        /// Id, where the event gives one.
        id: Option<String>,
    },
}

impl Resource {
    /// The id, where there is one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Resource::Instance { id } | Resource::SecurityGroup { id } => Some(id),
            Resource::Other { id, .. } => id.as_deref(),
        }
    }

    /// The kind in a sentence.
    pub fn kind(&self) -> &str {
        match self {
            Resource::Instance { .. } => "instance",
            Resource::SecurityGroup { .. } => "security group",
            Resource::Other { resource_type, .. } => resource_type,
        }
    }
}

/// The finding, for people and for Security Hub.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingSummary {
    /// Finding id, or the event id if there is no finding.
    pub id: String,
    /// Finding type, or the name of the Config rule.
    #[serde(rename = "type")]
    pub finding_type: String,
    /// One line of harmless text.
    pub title: String,
    /// GuardDuty's severity, 1.0 to 10.0; absent for Config rules.
    pub severity: Option<f64>,
    /// How often GuardDuty observed it.
    pub count: u64,
    /// When it was last updated, as in the event.
    pub updated_at: Option<String>,
    /// Whether it is a generated sample.
    pub sample: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// What the finding points at (addresses, domains, processes), each one harmless line.
    pub indicators: Vec<String>,
}

/// How the finding is identified in Security Hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SecurityHubFinding {
    /// By its identifier: a GuardDuty finding has its ARN as `Id`.
    Identified {
        /// `Id`.
        id: String,
        /// `ProductArn`.
        product_arn: String,
    },
    /// By rule and resource: the event does not contain the identifier, so the finding is looked up.
    OfConfigRule {
        /// Name of the Config rule as it arrived.
        rule_name: String,
        /// ARN of the Config rule, the finding's `GeneratorId` (absent in some events).
        rule_arn: Option<String>,
        /// ARN of the resource.
        resource_arn: String,
    },
}

/// One resource and what is known about it. It contains everything a function needs, so that none parses the event again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// `inc-` and 12 hexadecimal digits: the same for every finding about the same resource of the same account and
    /// Region. Each change of compliance is an incident of its own, the same when it is delivered again.
    pub id: String,
    /// What started it.
    pub trigger: Trigger,
    /// The finding.
    pub finding: FindingSummary,
    /// Account of the resource: never the envelope's.
    pub account: String,
    /// Region of the resource.
    pub region: String,
    /// Partition of the resource.
    pub partition: String,
    /// The resource.
    pub resource: Resource,
    /// The role of the resource in the finding.
    pub role: Role,
    /// Family of the finding type in the words of the field.
    pub family: String,
    /// MITRE ATT&CK tactic, if the finding type implies one.
    pub tactic: Option<String>,
    /// The finding in Security Hub.
    pub security_hub: Option<SecurityHubFinding>,
    /// Values that the event lacked or had in another form, and what was assumed instead.
    pub assumed: Vec<String>,
}

fn incident_id(partition: &str, account: &str, region: &str, kind: &str, id: &str) -> String {
    format!("inc-{}", text::short_hash(&[partition, account, region, kind, id]))
}

impl Incident {
    /// The incident of one instance of an attack sequence.
    pub fn from_sequence_instance(finding: &GuardDutyFinding, instance: &SequenceInstance) -> Incident {
        let partition = crate::partition::of_region(&instance.region).to_owned();
        let resource = Resource::Instance { id: instance.id.clone() };
        Incident {
            id: incident_id(&partition, &instance.account, &instance.region, resource.kind(), &instance.id),
            account: instance.account.clone(),
            region: instance.region.clone(),
            partition,
            resource,
            ..Incident::from_finding(finding)
        }
    }

    /// The incident of a GuardDuty finding.
    pub fn from_finding(finding: &GuardDutyFinding) -> Incident {
        let resource = match &finding.instance_id {
            // Access key and S3 findings can carry placeholder instance details, so only the resource type decides.
            Some(id) if finding.resource_type == "Instance" => Resource::Instance { id: id.clone() },
            _ => Resource::Other {
                resource_type: text::line(&finding.resource_type, 64),
                id: finding.resource_name.clone(),
            },
        };
        let family = crate::family::of_type(&finding.finding_type);
        // A resource that is only recorded gets one incident per finding.
        let subject = finding.instance_id.as_deref().unwrap_or(&finding.id);
        Incident {
            schema: SCHEMA,
            id: incident_id(&finding.partition, &finding.account, &finding.region, resource.kind(), subject),
            trigger: Trigger::GuardDuty,
            finding: FindingSummary {
                id: finding.id.clone(),
                finding_type: finding.finding_type.clone(),
                title: text::line(&finding.title, 256),
                severity: Some(finding.severity),
                count: finding.count,
                updated_at: finding.updated_at.clone(),
                sample: finding.sample,
                archived: finding.archived,
                indicators: finding.indicators.clone(),
            },
            account: finding.account.clone(),
            region: finding.region.clone(),
            partition: finding.partition.clone(),
            role: family.role(finding.resource_role.as_deref(), finding.direction.as_deref()),
            family: family.name.to_owned(),
            tactic: family.tactic.map(str::to_owned),
            security_hub: finding.arn.as_ref().map(|arn| SecurityHubFinding::Identified {
                id: arn.clone(),
                product_arn: format!("arn:{}:securityhub:{}::product/aws/guardduty", finding.partition, finding.region),
            }),
            resource,
            assumed: finding.assumed.clone(),
        }
    }

    /// The incident of a change of compliance.
    pub fn from_compliance_change(change: &ComplianceChange) -> Incident {
        let resource = if change.resource_type == "AWS::EC2::SecurityGroup" {
            Resource::SecurityGroup { id: change.resource_id.clone() }
        } else {
            Resource::Other {
                resource_type: text::line(&change.resource_type, 128),
                id: Some(text::line(&change.resource_id, 256)),
            }
        };
        let resource_arn = format!(
            "arn:{}:ec2:{}:{}:security-group/{}",
            change.partition, change.region, change.account, change.resource_id
        );
        Incident {
            schema: SCHEMA,
            id: incident_id(
                &change.partition,
                &change.account,
                &change.region,
                crate::remediation::base_name(&change.rule_name),
                &format!("{}#{}", change.resource_id, change.recorded_at.as_ref().unwrap_or(&change.event_id)),
            ),
            trigger: Trigger::ConfigRule,
            finding: FindingSummary {
                id: change.event_id.clone(),
                finding_type: change.rule_name.clone(),
                title: format!(
                    "{} is {} with {}",
                    text::line(&change.resource_id, 128),
                    change.compliance,
                    change.rule_name
                ),
                severity: None,
                count: 1,
                updated_at: change.recorded_at.clone(),
                sample: false,
                archived: false,
                indicators: change.annotation.iter().map(|note| text::line(note, 256)).collect(),
            },
            account: change.account.clone(),
            region: change.region.clone(),
            partition: change.partition.clone(),
            role: Role::Noncompliant,
            family: "noncompliance".to_owned(),
            tactic: None,
            security_hub: matches!(resource, Resource::SecurityGroup { .. }).then(|| {
                SecurityHubFinding::OfConfigRule {
                    rule_name: change.rule_name.clone(),
                    rule_arn: change.rule_arn.clone(),
                    resource_arn,
                }
            }),
            resource,
            assumed: change.assumed.clone(),
        }
    }
}
