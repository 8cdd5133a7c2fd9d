//! The reads, one API operation each.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, SecurityGroupRule, Tag};
use incident::security_group::{Peer, Rule};
use incident::text;
use responder::{Error, Result, Target};

/// A live security group.
pub(crate) struct Group {
    /// Its tags `Name` and `Owner`, made harmless.
    pub(crate) owner: Option<String>,
}

/// `DescribeSecurityGroups`; `None` when EC2 does not know the id.
pub(crate) async fn group(target: &Target, id: &str) -> Result<Option<Group>> {
    let described = target
        .ec2()
        .describe_security_groups()
        .group_ids(id)
        .send()
        .await
        .map_err(Error::of("ec2:DescribeSecurityGroups"));
    match described {
        Ok(output) => Ok(output.security_groups().first().map(|group| Group { owner: owner(group.tags()) })),
        Err(error) if error.has_code("InvalidGroup.NotFound") => Ok(None),
        Err(error) => Err(error),
    }
}

fn owner(tags: &[Tag]) -> Option<String> {
    let known: Vec<String> = tags
        .iter()
        .filter_map(|tag| Some((tag.key()?, tag.value()?)))
        .filter(|(key, _)| ["name", "owner"].contains(&key.to_ascii_lowercase().as_str()))
        .map(|(key, value)| format!("{key} {}", text::line(value, 100)))
        .collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// `DescribeSecurityGroupRules`, with the ranges of the prefix lists that ingress rules refer to.
pub(crate) async fn rules(target: &Target, group_id: &str) -> Result<Vec<Rule>> {
    let of_group = Filter::builder().name("group-id").values(group_id).build();
    let mut pages = target.ec2().describe_security_group_rules().filters(of_group).into_paginator().items().send();
    let mut rules = Vec::new();
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(rule) = pages.next().await {
        let rule = rule.map_err(Error::of("ec2:DescribeSecurityGroupRules"))?;
        if let Some(list) = rule.prefix_list_id()
            && !lists.contains_key(list)
        {
            lists.insert(list.to_owned(), ranges(target, list).await?);
        }
        rules.push(read(&rule, &lists));
    }
    Ok(rules)
}

fn read(rule: &SecurityGroupRule, lists: &BTreeMap<String, Vec<String>>) -> Rule {
    let peer = if let Some(cidr) = rule.cidr_ipv4() {
        Peer::Ipv4 { cidr: cidr.to_owned() }
    } else if let Some(cidr) = rule.cidr_ipv6() {
        Peer::Ipv6 { cidr: cidr.to_owned() }
    } else if let Some(list) = rule.prefix_list_id() {
        Peer::PrefixList { id: list.to_owned(), cidrs: lists.get(list).cloned().unwrap_or_default() }
    } else {
        let group = rule.referenced_group_info().and_then(|group| group.group_id()).unwrap_or_default();
        Peer::Group { id: group.to_owned() }
    };
    Rule {
        id: rule.security_group_rule_id().unwrap_or_default().to_owned(),
        egress: rule.is_egress().unwrap_or_default(),
        protocol: rule.ip_protocol().unwrap_or_default().to_owned(),
        from_port: rule.from_port(),
        to_port: rule.to_port(),
        peer,
        description: rule.description().map(str::to_owned),
    }
}

/// `GetManagedPrefixListEntries`.
async fn ranges(target: &Target, list: &str) -> Result<Vec<String>> {
    let mut pages = target.ec2().get_managed_prefix_list_entries().prefix_list_id(list).into_paginator().items().send();
    let mut ranges = Vec::new();
    while let Some(entry) = pages.next().await {
        let entry = entry.map_err(Error::of("ec2:GetManagedPrefixListEntries"))?;
        ranges.extend(entry.cidr().map(str::to_owned));
    }
    Ok(ranges)
}
