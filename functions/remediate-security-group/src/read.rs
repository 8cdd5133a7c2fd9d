//! The reads, one API operation each.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, SecurityGroupRule, Tag};
use incident::security_group::{Peer, Rule};
use incident::text;
use responder::{Error, Result, Target, required};

const CALL: &str = "ec2:DescribeSecurityGroupRules";

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
        .map_err(Error::from_sdk("ec2:DescribeSecurityGroups"));
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

/// The rules of a group, and which parts could not be read.
pub(crate) struct Read {
    /// Every rule.
    pub(crate) rules: Vec<Rule>,
    /// Prefix lists of ingress rules over the port that could not be read, in sentences.
    pub(crate) unread: Vec<String>,
}

/// `DescribeSecurityGroupRules`, with the CIDR ranges of the prefix lists that ingress rules for a TCP port refer to. A
/// list can belong to another account; one that cannot be read must not prevent the correction of the others.
pub(crate) async fn rules(target: &Target, group_id: &str, port: u16) -> Result<Read> {
    let of_group = Filter::builder().name("group-id").values(group_id).build();
    let mut pages = target.ec2().describe_security_group_rules().filters(of_group).into_paginator().items().send();
    let mut out = Read { rules: Vec::new(), unread: Vec::new() };
    let mut lists: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(rule) = pages.next().await {
        let rule = rule.map_err(Error::from_sdk(CALL))?;
        let mut read = convert(&rule)?;
        if let Some(list) = rule.prefix_list_id()
            && !lists.contains_key(list)
            && read.covers_ingress(port)
        {
            match ranges(target, list).await {
                Ok(ranges) => {
                    lists.insert(list.to_owned(), ranges);
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    let id = &read.id;
                    out.unread.push(format!("rule {id} admits the prefix list {list}, which cannot be read: {error}"));
                }
            }
        }
        if let Peer::PrefixList { id, cidrs } = &mut read.peer
            && let Some(ranges) = lists.get(id)
        {
            cidrs.clone_from(ranges);
        }
        out.rules.push(read);
    }
    Ok(out)
}

/// A rule, without the ranges of a prefix list.
fn convert(rule: &SecurityGroupRule) -> Result<Rule> {
    let peer = if let Some(cidr) = rule.cidr_ipv4() {
        Peer::Ipv4 { cidr: cidr.to_owned() }
    } else if let Some(cidr) = rule.cidr_ipv6() {
        Peer::Ipv6 { cidr: cidr.to_owned() }
    } else if let Some(list) = rule.prefix_list_id() {
        Peer::PrefixList { id: list.to_owned(), cidrs: Vec::new() }
    } else {
        let group = rule.referenced_group_info().and_then(|group| group.group_id());
        Peer::Group { id: required(CALL, "ReferencedGroupInfo", group)?.to_owned() }
    };
    Ok(Rule {
        id: required(CALL, "SecurityGroupRuleId", rule.security_group_rule_id())?.to_owned(),
        egress: required(CALL, "IsEgress", rule.is_egress())?,
        protocol: required(CALL, "IpProtocol", rule.ip_protocol())?.to_owned(),
        from_port: rule.from_port(),
        to_port: rule.to_port(),
        peer,
        description: rule.description().map(str::to_owned),
    })
}

/// `GetManagedPrefixListEntries`.
async fn ranges(target: &Target, list: &str) -> Result<Vec<String>> {
    let mut pages = target.ec2().get_managed_prefix_list_entries().prefix_list_id(list).into_paginator().items().send();
    let mut ranges = Vec::new();
    while let Some(entry) = pages.next().await {
        let entry = entry.map_err(Error::from_sdk("ec2:GetManagedPrefixListEntries"))?;
        ranges.extend(entry.cidr().map(str::to_owned));
    }
    Ok(ranges)
}
