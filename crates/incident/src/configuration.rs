//! The configuration of the response team: how far the response may go, for which resources, and how often.
//!
//! There is one item for the organization and one for each account; both override the parameters of the template. The
//! account overrides the organization field by field, but exemptions and self-protection of both add up, so that an
//! account can protect more and never less. Only the response team can write these items; nothing comes from the resource.

use serde::{Deserialize, Serialize};

use crate::{Mode, SCHEMA, Thresholds, Timestamp};
use aws_text::wildcard::matches_stars;

/// The configuration in one item. Unknown fields are refused, because a misspelled restriction would be ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// [`SCHEMA`] of the writer.
    pub schema: u32,
    /// How far the response may go by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Severities from which a finding counts as suspected and as confirmed.
    #[serde(default)]
    pub thresholds: PartialThresholds,
    /// Rules for finding types. The first match applies; the account's rules come first.
    #[serde(default)]
    pub finding_types: Vec<FindingTypeRule>,
    /// Resources that are not contained without approval.
    #[serde(default)]
    pub exemptions: Vec<Exemption>,
    /// Prefix of the tags that only the response team can write, which an organization policy must ensure. Without it no
    /// tag exempts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_tag_prefix: Option<String>,
    /// How many incidents may be contained per hour.
    #[serde(default)]
    pub budget: PartialBudget,
    /// Resources that the response must not isolate without approval.
    #[serde(default)]
    pub self_protection: SelfProtection,
}

/// Configured thresholds, on GuardDuty's severity scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialThresholds {
    /// From this severity on, suspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspected: Option<f64>,
    /// From this severity on, confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<f64>,
}

/// A rule for the finding types, or names of Config rules, that its pattern matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingTypeRule {
    /// The whole finding type, in which `*` stands for anything: `CryptoCurrency:EC2/*`.
    pub pattern: String,
    /// What applies to them.
    pub then: Then,
    /// The response team's reason.
    pub reason: String,
}

/// The effect of a rule: `{"mode": "contain-confirmed"}` or `{"at-most": "notify"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Replaces the mode.
    Mode(Mode),
    /// Keeps the mode and caps the action.
    AtMost(Cap),
}

/// The strongest permitted action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cap {
    /// Notify people.
    Notify,
    /// Request approval of the plan.
    RequestApproval,
}

/// A resource, or a set of instances, that is not contained without approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// Its kind.
    pub kind: ExemptionKind,
    /// Its id, or for a role and an Auto Scaling group its name.
    pub id: String,
    /// The response team's reason.
    pub reason: String,
    /// When it expires; without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What an exemption is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExemptionKind {
    /// An instance.
    Instance,
    /// Every instance with an interface in a VPC.
    Vpc,
    /// Every instance with an interface in a subnet.
    Subnet,
    /// Every instance of an Auto Scaling group.
    AutoScalingGroup,
    /// Every instance of an image.
    Image,
    /// Every instance with a role.
    Role,
}

impl ExemptionKind {
    /// The kind in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            ExemptionKind::Instance => "instance",
            ExemptionKind::Vpc => "VPC",
            ExemptionKind::Subnet => "subnet",
            ExemptionKind::AutoScalingGroup => "Auto Scaling group",
            ExemptionKind::Image => "image",
            ExemptionKind::Role => "role",
        }
    }

    /// The expected form of its id or name.
    fn form(self) -> &'static str {
        match self {
            ExemptionKind::Instance => "an id such as i-0a1b2c3d4e5f60718",
            ExemptionKind::Vpc => "an id such as vpc-0a1b2c3d4e5f60718",
            ExemptionKind::Subnet => "an id such as subnet-0a1b2c3d4e5f60718",
            ExemptionKind::Image => "an id such as ami-0a1b2c3d4e5f60718",
            ExemptionKind::AutoScalingGroup => "its name, without a colon or blanks around it",
            ExemptionKind::Role => "its name, without path or ARN",
        }
    }

    /// Whether a text has the form of its id or name. Ids: 8 or 17 characters after the prefix (EC2 User Guide, "Resource IDs"),
    /// hexadecimal in AWS, any letters where recorded ones were replaced. Names of roles: IAM's pattern
    /// `[\w+=,.@-]+`; of Auto Scaling groups: no colon (EC2 Auto Scaling API reference, `CreateAutoScalingGroup`).
    fn is_form_of(self, text: &str) -> bool {
        let id = |prefix: &str| {
            text.strip_prefix(prefix).is_some_and(|rest| {
                matches!(rest.len(), 8 | 17) && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
            })
        };
        match self {
            ExemptionKind::Instance => id("i-"),
            ExemptionKind::Vpc => id("vpc-"),
            ExemptionKind::Subnet => id("subnet-"),
            ExemptionKind::Image => id("ami-"),
            ExemptionKind::AutoScalingGroup => !text.is_empty() && text.trim() == text && !text.contains(':'),
            ExemptionKind::Role => {
                !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
            }
        }
    }
}

/// Configured limits of containments per hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialBudget {
    /// In the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<u32>,
    /// In a Region of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u32>,
    /// In a VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<u32>,
    /// In an Auto Scaling group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_scaling_group: Option<u32>,
}

/// Instances that the response must not isolate without approval, besides those it recognizes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfProtection {
    /// Instances that the response team needs.
    #[serde(default)]
    pub instances: Vec<String>,
    /// Instances that are domain controllers.
    #[serde(default)]
    pub domain_controllers: Vec<String>,
    /// Names of break-glass roles: an instance with one of them is needed in an emergency.
    #[serde(default)]
    pub break_glass_roles: Vec<String>,
}

/// Limits of containments per hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In the account.
    pub account: u32,
    /// In a Region of the account.
    pub region: u32,
    /// In a VPC.
    pub vpc: u32,
    /// In an Auto Scaling group.
    pub auto_scaling_group: u32,
}

/// The highest allowed limit: the incident ids of an hour are stored in one item of at most 400 KB.
pub const MAX_BUDGET: u32 = 1_000;

/// The parameters of the template, which apply unless an item overrides them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// How far the response may go by itself.
    pub mode: Mode,
    /// Severities.
    pub thresholds: Thresholds,
}

/// The source of a mode that no item sets.
pub const TEMPLATE: &str = "the template";

/// The policy of one account: its item and the organization's over the parameters of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// How far the response may go by itself.
    pub mode: Mode,
    /// Severities.
    pub thresholds: Thresholds,
    /// The source of the mode, in a sentence.
    pub mode_source: &'static str,
    /// Rules for finding types, in order of precedence.
    pub finding_types: Vec<FindingTypeRule>,
}

/// The guardrails of one account: exemptions, self-protection and budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Exemptions of account and organization.
    pub exemptions: Vec<Exemption>,
    /// Prefix of protected tags.
    pub protected_tag_prefix: Option<String>,
    /// Budget.
    pub budget: Budget,
    /// Self-protection of account and organization.
    pub self_protection: SelfProtection,
}

/// Why an item, or the combination of items and template, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// Not JSON of the form of [`Configuration`].
    #[error("{0}")]
    Malformed(String),
    /// A schema of another version.
    #[error("schema is {0}, this version reads {SCHEMA}")]
    Schema(u32),
    /// A well-formed value that is not allowed.
    #[error("{0}")]
    Value(String),
}

impl Configuration {
    /// Reads the JSON of an item. An item is used completely or not at all.
    ///
    /// # Errors
    /// [`ConfigurationError`] with the field or the value that is wrong.
    pub fn read(text: &str) -> Result<Configuration, ConfigurationError> {
        let read: Configuration = serde_json::from_str(text)
            .map_err(|error| ConfigurationError::Malformed(crate::text::line(&error.to_string(), 500)))?;
        if read.schema != SCHEMA {
            return Err(ConfigurationError::Schema(read.schema));
        }
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> Result<(), ConfigurationError> {
        let wrong = |what: String| Err(ConfigurationError::Value(what));
        for (name, severity) in [("suspected", self.thresholds.suspected), ("confirmed", self.thresholds.confirmed)] {
            if let Some(severity) = severity
                && !(0.0..=10.0).contains(&severity)
            {
                return wrong(format!("thresholds.{name} is {severity}, not a severity from 0 to 10"));
            }
        }
        if let Some(rule) = self.finding_types.iter().find(|rule| rule.pattern.is_empty()) {
            return wrong(format!("a rule of finding_types has an empty pattern (reason `{}`)", rule.reason));
        }
        // An id of another form would match nothing, so that the protected resource would be contained.
        let exempt = self.exemptions.iter().map(|exemption| ("an exemption", exemption.kind, &exemption.id));
        let SelfProtection { instances, domain_controllers, break_glass_roles } = &self.self_protection;
        let protected = [
            ("self_protection.instances", ExemptionKind::Instance, instances),
            ("self_protection.domain_controllers", ExemptionKind::Instance, domain_controllers),
            ("self_protection.break_glass_roles", ExemptionKind::Role, break_glass_roles),
        ];
        let protected =
            protected.into_iter().flat_map(|(place, kind, ids)| ids.iter().map(move |id| (place, kind, id)));
        if let Some((place, kind, id)) = exempt.chain(protected).find(|(_, kind, id)| !kind.is_form_of(id)) {
            return wrong(format!(
                "{place} names the {} `{}`: expected {}",
                kind.label(),
                crate::text::line(id, 256),
                kind.form()
            ));
        }
        // An empty prefix would honor every tag, also those that the suspect wrote.
        if self.protected_tag_prefix.as_ref().is_some_and(|prefix| prefix.trim().is_empty()) {
            return wrong("protected_tag_prefix is empty, which would protect no tag and honor every one".to_owned());
        }
        let budget = self.budget;
        for limit in [budget.account, budget.region, budget.vpc, budget.auto_scaling_group].into_iter().flatten() {
            if limit > MAX_BUDGET {
                return wrong(format!("a budget is {limit}, above {MAX_BUDGET}"));
            }
        }
        Ok(())
    }
}

/// Combines the policy of an account.
///
/// # Errors
/// [`ConfigurationError::Value`] when the combined suspected threshold is above the confirmed one.
pub fn policy(
    account: Option<&Configuration>,
    organization: Option<&Configuration>,
    defaults: Defaults,
) -> Result<Policy, ConfigurationError> {
    let layers = [account, organization];
    let thresholds = Thresholds {
        suspected: first(layers, |layer| layer.thresholds.suspected).unwrap_or(defaults.thresholds.suspected),
        confirmed: first(layers, |layer| layer.thresholds.confirmed).unwrap_or(defaults.thresholds.confirmed),
    };
    if thresholds.suspected > thresholds.confirmed {
        return Err(ConfigurationError::Value(format!(
            "the suspected threshold {} is above the confirmed threshold {}, after combining account, organization and \
             template",
            thresholds.suspected, thresholds.confirmed
        )));
    }
    let (mode, mode_source) = match (account.and_then(|layer| layer.mode), organization.and_then(|layer| layer.mode)) {
        (Some(mode), _) => (mode, "the configuration of the account"),
        (None, Some(mode)) => (mode, "the configuration of the organization"),
        (None, None) => (defaults.mode, TEMPLATE),
    };
    Ok(Policy { mode, thresholds, mode_source, finding_types: all(layers, |layer| &layer.finding_types) })
}

/// Combines the guardrails of an account.
pub fn limits(account: Option<&Configuration>, organization: Option<&Configuration>, budget: Budget) -> Limits {
    let layers = [account, organization];
    Limits {
        exemptions: all(layers, |layer| &layer.exemptions),
        protected_tag_prefix: first(layers, |layer| layer.protected_tag_prefix.clone()),
        budget: Budget {
            account: first(layers, |layer| layer.budget.account).unwrap_or(budget.account),
            region: first(layers, |layer| layer.budget.region).unwrap_or(budget.region),
            vpc: first(layers, |layer| layer.budget.vpc).unwrap_or(budget.vpc),
            auto_scaling_group: first(layers, |layer| layer.budget.auto_scaling_group)
                .unwrap_or(budget.auto_scaling_group),
        },
        self_protection: SelfProtection {
            instances: all(layers, |layer| &layer.self_protection.instances),
            domain_controllers: all(layers, |layer| &layer.self_protection.domain_controllers),
            break_glass_roles: all(layers, |layer| &layer.self_protection.break_glass_roles),
        },
    }
}

impl Policy {
    /// The first rule for a finding type, or for a Config rule: by its whole name, or without what conformance packs,
    /// Security Hub and AWS Organizations add to it.
    pub fn rule_for(&self, finding_type: &str) -> Option<&FindingTypeRule> {
        let base = crate::remediation::base_name(finding_type);
        self.finding_types
            .iter()
            .find(|rule| matches_stars(&rule.pattern, finding_type) || matches_stars(&rule.pattern, base))
    }
}

impl Limits {
    /// Whether a guardrail is about the role of an instance, so that the role must be read.
    pub fn need_role(&self) -> bool {
        !self.self_protection.break_glass_roles.is_empty()
            || self.exemptions.iter().any(|exemption| exemption.kind == ExemptionKind::Role)
    }
}

type Layers<'a> = [Option<&'a Configuration>; 2];

fn first<T>(layers: Layers<'_>, field: impl Fn(&Configuration) -> Option<T>) -> Option<T> {
    layers.into_iter().flatten().find_map(field)
}

fn all<T: Clone>(layers: Layers<'_>, field: impl Fn(&Configuration) -> &Vec<T>) -> Vec<T> {
    layers.into_iter().flatten().flat_map(|layer| field(layer).iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_whole_or_not_at_all() {
        let whole = r#"{
            "schema": 1,
            "mode": "contain-confirmed",
            "thresholds": {"suspected": 4, "confirmed": 7.5},
            "finding_types": [
                {"pattern": "CryptoCurrency:*", "then": {"mode": "contain-suspected"}, "reason": "never wanted"},
                {"pattern": "Recon:*", "then": {"at-most": "notify"}, "reason": "our scanners"}
            ],
            "exemptions": [{"kind": "auto-scaling-group", "id": "build", "reason": "build hosts", "until": "2026-06-01T00:00:00+02:00"}],
            "protected_tag_prefix": "soc:",
            "budget": {"account": 20, "vpc": 5},
            "self_protection": {"instances": ["i-0a1b2c3d"], "domain_controllers": ["i-0a1b2c3d4e5f60718"], "break_glass_roles": ["admin"]}
        }"#;
        assert!(Configuration::read(whole).is_ok_and(|read| read.mode == Some(Mode::ContainConfirmed)));
        assert_eq!(Configuration::read(r#"{"schema": 1}"#).map(|read| read.mode), Ok(None));
        for (changed, to) in [
            ("\"schema\": 1", "\"schema\": 2"),
            ("\"schema\": 1,", ""),
            ("\"exemptions\"", "\"exceptions\""),
            ("\"until\"", "\"till\""),
            ("2026-06-01T00:00:00+02:00", "tomorrow"),
            ("contain-confirmed", "contain"),
            ("\"vpc\": 5", "\"vpc\": -5"),
            ("\"vpc\": 5", "\"vpc\": 1001"),
            ("7.5", "75"),
            ("\"soc:\"", "\"\""),
            ("CryptoCurrency:*", ""),
            ("\"id\": \"build\"", "\"id\": \"\""),
            ("\"id\": \"build\"", "\"id\": \"build \""),
            ("\"id\": \"build\"", "\"id\": \"arn:any:autoscaling:eu-west-1:111122223333:autoScalingGroup:1:x/build\""),
            ("i-0a1b2c3d\"", "i-0A1B2C3D\""),
            ("i-0a1b2c3d4e5f60718", "i-0a1b2c3d4e5f6071"),
            ("\"i-0a1b2c3d\"", "\"arn:any:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d\""),
            ("\"i-0a1b2c3d4e5f60718\"", "\"dc-01\""),
            ("\"admin\"", "\"/break-glass/admin\""),
            ("at-most", "at-least"),
            ("}\n        }", "}\n        "),
        ] {
            let broken = whole.replacen(changed, to, 1);
            assert_ne!(broken, whole, "{changed}");
            assert!(Configuration::read(&broken).is_err(), "{changed} → {to}");
        }
    }
}
