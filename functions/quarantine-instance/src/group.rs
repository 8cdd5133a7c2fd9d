//! The security groups of Cordon's own. The isolation group of a VPC is found or made, and proven to have no rule in
//! either direction, IPv4 and IPv6, before each use.

use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup, SecurityGroupRule, Tag, TagSpecification};
use responder::{Error, ErrorName, PURPOSE_TAG, Result, Target};

use crate::context::Context;

/// How often a group is emptied and read again before it counts as one that someone keeps filling.
const MAX_ROUNDS: usize = 3;

/// What a group of Cordon's own is for: the value of [`PURPOSE_TAG`] on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// No rule in either direction.
    Isolation,
    /// Open both ways for the moment in which tracked connections are flushed.
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

/// The isolation group of a VPC, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupLookup {
    /// It exists.
    Known(String),
    /// It is to be made under this name.
    Missing(String),
}

/// Looks for the isolation group of a VPC.
///
/// Group names are unique per VPC and there is no client token: a group of the name is found first, and one that does
/// not carry our tag is not ours. Someone could make a group of our name to be in our way, so there is a second name.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when both names are taken by groups that are not ours.
pub(crate) async fn find(context: &Context<'_>, vpc_id: &str) -> Result<GroupLookup> {
    let first = context.settings.isolation_group.clone();
    let second = format!("{first}-{}", context.incident.id);
    let groups = named(context.target, &[&first, &second], vpc_id).await?;
    for name in [&first, &second] {
        match groups.iter().find(|group| group.group_name() == Some(name)) {
            None => return Ok(GroupLookup::Missing(name.clone())),
            Some(group) if has_purpose(group, Purpose::Isolation) => {
                return Ok(GroupLookup::Found(group.group_id().unwrap_or_default().to_owned()));
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

/// The id of the isolation group of a VPC, made where it is missing, proven empty.
///
/// # Errors
/// As EC2 answers.
pub(crate) async fn proven_empty(context: &Context<'_>, vpc_id: &str, lookups: GroupLookup) -> Result<String> {
    let id = match lookups {
        GroupLookup::Found(id) => id,
        GroupLookup::Missing(name) => match create(context.target, &name, vpc_id, Purpose::Isolation).await {
            Ok(id) => id,
            // Another run was faster, or someone who wants to be in our way.
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

/// A group that was just made may not be visible everywhere at once: worth another attempt.
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
    Ok(output.security_groups.unwrap_or_default())
}

/// Makes a group and tags it in the same call.
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
    output
        .group_id
        .ok_or_else(|| Error::new(ErrorName::AwsUnexpected, "ec2:CreateSecurityGroup answered without a group id"))
}

/// Proves that a group has no rule: reads its rules, revokes each by its id, and reads again.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when rules keep coming back.
pub(crate) async fn empty(target: &Target, group: &str) -> Result<()> {
    for _ in 0..MAX_ROUNDS {
        let rules = rules(target, group).await?;
        if rules.is_empty() {
            return Ok(());
        }
        match revoke(target, group, &rules).await {
            Ok(()) => {}
            // An answer was lost or another run was faster: what is read next tells.
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
        format!("the group {group} has {} rules that come back: someone is editing it", left.len()),
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
    let ids = |egress: bool| -> Option<Vec<String>> {
        let ids: Vec<String> = rules
            .iter()
            .filter(|rule| rule.is_egress().unwrap_or_default() == egress)
            .filter_map(|rule| rule.security_group_rule_id().map(str::to_owned))
            .collect();
        (!ids.is_empty()).then_some(ids)
    };
    if let Some(ingress) = ids(false) {
        target
            .ec2()
            .revoke_security_group_ingress()
            .group_id(group)
            .set_security_group_rule_ids(Some(ingress))
            .send()
            .await
            .map_err(Error::from_sdk("ec2:RevokeSecurityGroupIngress"))?;
    }
    if let Some(egress) = ids(true) {
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
