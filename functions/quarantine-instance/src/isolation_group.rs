//! The isolation group of a VPC: found or made, and proven to have no rule in either direction, IPv4 and IPv6, before
//! each use.

use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroupRule, Tag, TagSpecification};
use incident::Incident;
use responder::{Error, ErrorName, PURPOSE_TAG, Result, Target};

/// Value of [`PURPOSE_TAG`] on the groups that this function made.
const PURPOSE: &str = "isolation";

/// How often a group is emptied and read again before it counts as one that someone keeps filling.
const MAX_ROUNDS: usize = 3;

/// An isolation group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IsolationGroup {
    /// Group id.
    pub(crate) id: String,
}

/// The isolation group of a VPC, proven empty.
///
/// Group names are unique per VPC and there is no client token: a group of the name is found first, and one that does
/// not carry our tag is not ours. Someone could make a group of our name to be in our way, so there is a second name.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when both names are taken by groups that are not ours.
pub(crate) async fn proven_empty(
    target: &Target,
    name: &str,
    incident: &Incident,
    vpc_id: &str,
) -> Result<IsolationGroup> {
    for name in [name.to_owned(), format!("{name}-{}", incident.id)] {
        let group = match find(target, &name, vpc_id).await? {
            Some(found) => found,
            None => match create(target, &name, vpc_id).await {
                Ok(id) => Found::Ours(IsolationGroup { id }),
                // Another run was faster.
                Err(error) if error.has_code("InvalidGroup.Duplicate") => {
                    find(target, &name, vpc_id).await?.unwrap_or(Found::Foreign)
                }
                Err(error) => return Err(error),
            },
        };
        if let Found::Ours(group) = group {
            empty(target, &group).await.map_err(not_visible_yet)?;
            return Ok(group);
        }
    }
    Err(Error::new(
        ErrorName::AwsRefused,
        format!(
            "the names {name} and {name}-{} are taken in {vpc_id} by security groups without the tag \
             {PURPOSE_TAG}={PURPOSE}; remove them or change the parameter IsolationGroupName",
            incident.id
        ),
    ))
}

/// A group that was just made may not be visible everywhere at once: worth another attempt.
pub(crate) fn not_visible_yet(error: Error) -> Error {
    if error.has_code("InvalidGroup.NotFound") {
        Error { name: ErrorName::ContainmentInterrupted, ..error }
    } else {
        error
    }
}

enum Found {
    Ours(IsolationGroup),
    Foreign,
}

async fn find(target: &Target, name: &str, vpc_id: &str) -> Result<Option<Found>> {
    let output = target
        .ec2()
        .describe_security_groups()
        .filters(Filter::builder().name("vpc-id").values(vpc_id).build())
        .filters(Filter::builder().name("group-name").values(name).build())
        .send()
        .await
        .map_err(Error::of("ec2:DescribeSecurityGroups"))?;
    let Some(group) = output.security_groups().first() else { return Ok(None) };
    let ours = group.tags().iter().any(|tag| tag.key() == Some(PURPOSE_TAG) && tag.value() == Some(PURPOSE));
    Ok(Some(match group.group_id() {
        Some(id) if ours => Found::Ours(IsolationGroup { id: id.to_owned() }),
        _ => Found::Foreign,
    }))
}

async fn create(target: &Target, name: &str, vpc_id: &str) -> Result<String> {
    let output = target
        .ec2()
        .create_security_group()
        .group_name(name)
        .description("Cordon isolation: no rule in either direction. Do not edit.")
        .vpc_id(vpc_id)
        .tag_specifications(
            TagSpecification::builder()
                .resource_type(ResourceType::SecurityGroup)
                .tags(Tag::builder().key(PURPOSE_TAG).value(PURPOSE).build())
                .build(),
        )
        .send()
        .await
        .map_err(Error::of("ec2:CreateSecurityGroup"))?;
    output
        .group_id
        .ok_or_else(|| Error::new(ErrorName::AwsUnexpected, "ec2:CreateSecurityGroup answered without a group id"))
}

/// Proves that a group has no rule: reads its rules, revokes each by its id, and reads again.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when rules keep coming back.
pub(crate) async fn empty(target: &Target, group: &IsolationGroup) -> Result<()> {
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
        format!("the isolation group {} has {} rules that come back: someone is editing it", group.id, left.len()),
    ))
}

async fn rules(target: &Target, group: &IsolationGroup) -> Result<Vec<SecurityGroupRule>> {
    let of_group = Filter::builder().name("group-id").values(&group.id).build();
    let mut pages = target.ec2().describe_security_group_rules().filters(of_group).into_paginator().items().send();
    let mut rules = Vec::new();
    while let Some(rule) = pages.next().await {
        rules.push(rule.map_err(Error::of("ec2:DescribeSecurityGroupRules"))?);
    }
    Ok(rules)
}

async fn revoke(target: &Target, group: &IsolationGroup, rules: &[SecurityGroupRule]) -> Result<()> {
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
            .group_id(&group.id)
            .set_security_group_rule_ids(Some(ingress))
            .send()
            .await
            .map_err(Error::of("ec2:RevokeSecurityGroupIngress"))?;
    }
    if let Some(egress) = ids(true) {
        target
            .ec2()
            .revoke_security_group_egress()
            .group_id(&group.id)
            .set_security_group_rule_ids(Some(egress))
            .send()
            .await
            .map_err(Error::of("ec2:RevokeSecurityGroupEgress"))?;
    }
    Ok(())
}
