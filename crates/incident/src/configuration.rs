//! What the response team configures: how far the response may go, for whom, and how often.
//!
//! One record for the organization and one for each account, over the parameters of the template. Where both say
//! something the account wins, field by field; what protects (exemptions, self-protection) adds up, so that an account
//! can protect more and never less. Only the response team can write these records: nothing here is taken from the
//! resource.

use serde::{Deserialize, Serialize};

use crate::{Mode, Moment, SCHEMA, Thresholds};
use aws_text::wildcard::matches_stars;

/// A record of configuration. Unknown fields are refused: a misspelled restriction would silently be none.
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
    /// Rules for finding types. The first that matches counts; those of the account are asked first.
    #[serde(default)]
    pub finding_types: Vec<FindingTypeRule>,
    /// What is not contained without a person.
    #[serde(default)]
    pub exemptions: Vec<Exemption>,
    /// Prefix of the tags that only the response team can write, as an organization policy ensures. Without it no tag
    /// exempts anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_tag_prefix: Option<String>,
    /// How many incidents may be contained in an hour.
    #[serde(default)]
    pub budget: PartialBudget,
    /// What the response must not cut off by itself.
    #[serde(default)]
    pub self_protection: SelfProtection,
}

/// Thresholds where they are configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialThresholds {
    /// From here on, suspected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspected: Option<f64>,
    /// From here on, confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<f64>,
}

/// A rule for the finding types, or names of Config rules, that its pattern matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingTypeRule {
    /// The whole finding type, in which `*` stands for anything: `CryptoCurrency:EC2/*`.
    pub pattern: String,
    /// What holds for them.
    pub then: Then,
    /// Why, in the words of the response team.
    pub reason: String,
}

/// What a rule says: `{"mode": "contain-confirmed"}` or `{"at-most": "notify"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// The mode is another one.
    Mode(Mode),
    /// The mode stays, and no more than this is done.
    AtMost(Cap),
}

/// The most that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cap {
    /// People are told.
    Notify,
    /// The plan waits for a person.
    RequestApproval,
}

/// Something that is not contained without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// What kind of thing.
    pub kind: ExemptionKind,
    /// Its id; of a role and of an Auto Scaling group the name.
    pub id: String,
    /// Why, in the words of the response team.
    pub reason: String,
    /// Until when; without it, for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
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
    /// The kind in words.
    pub fn words(self) -> &'static str {
        match self {
            ExemptionKind::Instance => "instance",
            ExemptionKind::Vpc => "VPC",
            ExemptionKind::Subnet => "subnet",
            ExemptionKind::AutoScalingGroup => "Auto Scaling group",
            ExemptionKind::Image => "image",
            ExemptionKind::Role => "role",
        }
    }

    /// How such a thing is named, in words.
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

    /// Whether a text can name such a thing. Ids: 8 or 17 characters after the prefix (EC2 User Guide, "Resource IDs"),
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

/// Limits of containments in an hour, where they are configured.
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

/// What the response must not cut off by itself, besides what it recognizes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelfProtection {
    /// Instances that the response team needs.
    #[serde(default)]
    pub instances: Vec<String>,
    /// Instances that are domain controllers.
    #[serde(default)]
    pub domain_controllers: Vec<String>,
    /// Names of roles that people break the glass with: an instance that has one is needed in an emergency.
    #[serde(default)]
    pub break_glass_roles: Vec<String>,
}

/// Limits of containments in an hour.
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

/// The most that a limit may be: the incidents of an hour are kept in one item of at most 400 KB.
pub const MAX_BUDGET: u32 = 1_000;

/// What holds where no record says otherwise: the parameters of the template.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Defaults {
    /// How far the response may go by itself.
    pub mode: Mode,
    /// Severities.
    pub thresholds: Thresholds,
}

/// Where a mode comes from that no record sets.
pub const TEMPLATE: &str = "the template";

/// What holds for one account: the records of account and organization over the parameters of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// How far the response may go by itself.
    pub mode: Mode,
    /// Severities.
    pub thresholds: Thresholds,
    /// Where the mode comes from, in words.
    pub mode_from: &'static str,
    /// Rules for finding types, in the order they are asked.
    pub finding_types: Vec<FindingTypeRule>,
}

/// What is not contained without a person: exemptions, self-protection and budget of one account.
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

/// Why a record of configuration, or what several make together, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// Not JSON of the form of [`Configuration`].
    #[error("{0}")]
    Malformed(String),
    /// A schema of another version.
    #[error("schema is {0}, this version reads {SCHEMA}")]
    Schema(u32),
    /// A value that has the right form and cannot be meant.
    #[error("{0}")]
    Value(String),
}

impl Configuration {
    /// Reads a record.
    ///
    /// # Errors
    /// [`ConfigurationError`]: a record that cannot be read whole is not used in part.
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
        // An id of another form would match nothing, and what it should protect would be contained.
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
                kind.words(),
                crate::text::line(id, 256),
                kind.form()
            ));
        }
        // An empty prefix would honor every tag, those of the suspect too.
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

/// What holds for an account when it is decided what to do.
///
/// # Errors
/// When the thresholds that come together contradict each other.
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
            "the threshold of suspicion {} is above that of confirmation {}, as account, organization and template \
             come together",
            thresholds.suspected, thresholds.confirmed
        )));
    }
    let (mode, mode_from) = match (account.and_then(|layer| layer.mode), organization.and_then(|layer| layer.mode)) {
        (Some(mode), _) => (mode, "the configuration of the account"),
        (None, Some(mode)) => (mode, "the configuration of the organization"),
        (None, None) => (defaults.mode, TEMPLATE),
    };
    Ok(Policy { mode, thresholds, mode_from, finding_types: all(layers, |layer| &layer.finding_types) })
}

/// What keeps the response from containing in an account.
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
    /// Whether any of them is about the role of an instance, so that the role must be known.
    pub fn need_the_role(&self) -> bool {
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
