//! Cordon's security groups. The isolation group of a VPC is found or created, and proven to have no rule in either
//! direction, IPv4 and IPv6, before each use.

use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup, SecurityGroupRule, Tag, TagSpecification};
use responder::{Error, ErrorName, PURPOSE_TAG, Result, Target, required};

use crate::context::Context;

/// How often the rules of a group are revoked and read again before someone else must be adding them.
const MAX_ROUNDS: usize = 3;

/// The purpose of a group: the value of its tag [`PURPOSE_TAG`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// No rule in either direction.
    Isolation,
    /// Open in both directions while tracked connections are flushed.
    Flush,
}

impl Purpose {
    fn tag(self) -> &'static str {
        match self {
            Purpose::Isolation => "isolation",
            Purpose::Flush => "flush",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Purpose::Isolation => "Cordon isolation: no rule in either direction. Do not edit.",
            Purpose::Flush => "Cordon flush: has rules only while tracked connections are flushed. Do not use.",
        }
    }
}

/// The result of a search for the isolation group of a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupLookup {
    /// The id of the existing group.
    Found(String),
    /// The name under which the group can be created.
    Missing(String),
}

/// Finds the isolation group of a VPC.
///
/// Group names are unique per VPC and `CreateSecurityGroup` has no client token, so the name is searched for first. A group
/// without the purpose tag belongs to someone else. In case someone takes the name on purpose there is a second one.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when groups of someone else have both names.
pub(crate) async fn find(context: &Context<'_>, vpc_id: &str) -> Result<GroupLookup> {
    let first = context.settings.isolation_group.clone();
    let second = format!("{first}-{}", context.incident.id);
    let groups = named(context.target, &[&first, &second], vpc_id).await?;
    for name in [&first, &second] {
        match groups.iter().find(|group| group.group_name() == Some(name)) {
            None => return Ok(GroupLookup::Missing(name.clone())),
            Some(group) if has_purpose(group, Purpose::Isolation) => {
                let id = required("ec2:DescribeSecurityGroups", "GroupId", group.group_id())?;
                return Ok(GroupLookup::Found(id.to_owned()));
            }
            Some(_) => {}
        }
    }
    Err(Error::new(
        ErrorName::AwsRefused,
        format!(
            "the names {first} and {second} are taken in {vpc_id} by security groups without the tag \
             {PURPOSE_TAG}={}; remove them or change the parameter IsolationGroupName",
            Purpose::Isolation.tag()
        ),
    ))
}

/// The id of the isolation group of a VPC, which is created if it is missing, and proven empty.
///
/// # Errors
/// As EC2 answers.
pub(crate) async fn proven_empty(context: &Context<'_>, vpc_id: &str, lookups: GroupLookup) -> Result<String> {
    let id = match lookups {
        GroupLookup::Found(id) => id,
        GroupLookup::Missing(name) => match create(context.target, &name, vpc_id, Purpose::Isolation).await {
            Ok(id) => id,
            // Another run, or someone else, has created a group of this name in the meantime.
            Err(error) if error.has_code("InvalidGroup.Duplicate") => match find(context, vpc_id).await? {
                GroupLookup::Found(id) => id,
                GroupLookup::Missing(other) => create(context.target, &other, vpc_id, Purpose::Isolation).await?,
            },
            Err(error) => return Err(error),
        },
    };
    empty(context.target, &id).await.map_err(not_visible_yet)?;
    Ok(id)
}

/// Makes `InvalidGroup.NotFound` transient: a group that was just created may not be visible yet.
pub(crate) fn not_visible_yet(error: Error) -> Error {
    if error.has_code("InvalidGroup.NotFound") {
        Error { name: ErrorName::ContainmentInterrupted, ..error }
    } else {
        error
    }
}

/// Whether a group carries the tag of a purpose.
pub(crate) fn has_purpose(group: &SecurityGroup, purpose: Purpose) -> bool {
    group.tags().iter().any(|tag| tag.key() == Some(PURPOSE_TAG) && tag.value() == Some(purpose.tag()))
}

/// The groups of a VPC that have one of the names.
pub(crate) async fn named(target: &Target, names: &[&str], vpc_id: &str) -> Result<Vec<SecurityGroup>> {
    let output = target
        .ec2()
        .describe_security_groups()
        .filters(Filter::builder().name("vpc-id").values(vpc_id).build())
        .filters(
            Filter::builder()
                .name("group-name")
                .set_values(Some(names.iter().map(|name| (*name).to_owned()).collect()))
                .build(),
        )
        .send()
        .await
        .map_err(Error::from_sdk("ec2:DescribeSecurityGroups"))?;
    Ok(output.security_groups().to_vec())
}

/// Creates a group and tags it in the same call.
pub(crate) async fn create(target: &Target, name: &str, vpc_id: &str, purpose: Purpose) -> Result<String> {
    let output = target
        .ec2()
        .create_security_group()
        .group_name(name)
        .description(purpose.description())
        .vpc_id(vpc_id)
        .tag_specifications(
            TagSpecification::builder()
                .resource_type(ResourceType::SecurityGroup)
                .tags(Tag::builder().key(PURPOSE_TAG).value(purpose.tag()).build())
                .build(),
        )
        .send()
        .await
        .map_err(Error::from_sdk("ec2:CreateSecurityGroup"))?;
    required("ec2:CreateSecurityGroup", "GroupId", output.group_id)
}

/// Proves that a group has no rule: reads its rules, revokes each by its id, and reads again.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when rules keep reappearing.
pub(crate) async fn empty(target: &Target, group: &str) -> Result<()> {
    for _ in 0..MAX_ROUNDS {
        let rules = rules(target, group).await?;
        if rules.is_empty() {
            return Ok(());
        }
        match revoke(target, group, &rules).await {
            Ok(()) => {}
            // An answer was lost, or another run revoked a rule: the next read shows the result.
            Err(error) if error.has_code("InvalidSecurityGroupRuleId.NotFound") => {}
            Err(error) => return Err(error),
        }
    }
    let left = rules(target, group).await?;
    if left.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorName::AwsRefused,
        format!(
            "the group {group} has {} rules that reappear after they were revoked: someone is editing it",
            left.len()
        ),
    ))
}

async fn rules(target: &Target, group: &str) -> Result<Vec<SecurityGroupRule>> {
    let of_group = Filter::builder().name("group-id").values(group).build();
    let mut pages = target.ec2().describe_security_group_rules().filters(of_group).into_paginator().items().send();
    let mut rules = Vec::new();
    while let Some(rule) = pages.next().await {
        rules.push(rule.map_err(Error::from_sdk("ec2:DescribeSecurityGroupRules"))?);
    }
    Ok(rules)
}

async fn revoke(target: &Target, group: &str, rules: &[SecurityGroupRule]) -> Result<()> {
    const CALL: &str = "ec2:DescribeSecurityGroupRules";
    let (mut ingress, mut egress) = (Vec::new(), Vec::new());
    for rule in rules {
        let id = required(CALL, "SecurityGroupRuleId", rule.security_group_rule_id())?.to_owned();
        if required(CALL, "IsEgress", rule.is_egress())? { egress.push(id) } else { ingress.push(id) }
    }
    if !ingress.is_empty() {
        target
            .ec2()
            .revoke_security_group_ingress()
            .group_id(group)
            .set_security_group_rule_ids(Some(ingress))
            .send()
            .await
            .map_err(Error::from_sdk("ec2:RevokeSecurityGroupIngress"))?;
    }
    if !egress.is_empty() {
        target
            .ec2()
            .revoke_security_group_egress()
            .group_id(group)
            .set_security_group_rule_ids(Some(egress))
            .send()
            .await
            .map_err(Error::from_sdk("ec2:RevokeSecurityGroupEgress"))?;
    }
    Ok(())
}
