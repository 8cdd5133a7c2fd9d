//! Security groups and their rules.

use serde_json::Value;

use super::{boolean, integer, list, other, required, tags, text};
use crate::service::{Context, SeedError};
use crate::services::ec2::groups::insert_new;
use crate::services::ec2::rules::{add, ipv4_block, ipv6_block, range, remove};
use crate::services::ec2::state::{Group, Peer, Rest, Rule, RuleSpec, Rules, State, Tags};

/// A group. Left out: no ingress, all egress.
pub(super) fn group(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "groupId")?;
    let name = required(&mut document, "groupName")?;
    let vpc = required(&mut document, "vpcId")?;
    let description = text(&mut document, "groupDescription").unwrap_or_default();
    let tags = tags(&mut document);
    let ingress = list(&mut document, "ipPermissions").unwrap_or_default();
    let egress = list(&mut document, "ipPermissionsEgress");
    other::ensure_vpc(state, &vpc);
    if let Some(present) = state.groups.get_mut(&id)
        && present.rules_given
    {
        present.name = name;
        present.vpc = vpc;
        present.description = description;
        present.tags = tags;
        present.inferred = false;
        return Ok(());
    }
    forget_rules(state, &id);
    if egress.is_none() {
        insert_new(state, context, &id, &name, &description, &vpc, tags);
    } else {
        let group =
            Group { name, description, vpc, rules: Rules::default(), tags, inferred: false, rules_given: false };
        state.groups.insert(id.clone(), group);
    }
    for (permissions, egress) in [(ingress, false), (egress.unwrap_or_default(), true)] {
        for permission in permissions {
            for (spec, description) in permission_rules(permission, context.account)? {
                let rule = Rule { egress, spec, description, tags: Tags::new() };
                add(state, &id, context.ids.resource("sgr"), rule);
            }
        }
    }
    Ok(())
}

fn forget_rules(state: &mut State, group: &str) {
    let rules: Vec<String> = state.groups.get(group).map(|it| it.rules.keys().cloned().collect()).unwrap_or_default();
    for rule in rules {
        remove(state, group, &rule);
    }
}

/// The rules of one permission, in the names of responses.
fn permission_rules(mut permission: Rest, account: &str) -> Result<Vec<(RuleSpec, Option<String>)>, SeedError> {
    let protocol = required(&mut permission, "ipProtocol")?;
    let (from, to) = (integer(&mut permission, "fromPort"), integer(&mut permission, "toPort"));
    let (protocol, from, to) = range(&protocol, from, to)?;
    let mut rules = Vec::new();
    for (name, member) in
        [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6"), ("prefixListIds", "prefixListId"), ("groups", "groupId")]
    {
        for mut entry in list(&mut permission, name).unwrap_or_default() {
            let description = text(&mut entry, "description");
            let value = required(&mut entry, member)?;
            let peer = match name {
                "ipRanges" => Peer::Ipv4(ipv4_block(&value)?),
                "ipv6Ranges" => Peer::Ipv6(ipv6_block(&value)?),
                "prefixListIds" => Peer::PrefixList(value),
                _ => {
                    entry.shift_remove("groupName");
                    let owner = text(&mut entry, "userId").unwrap_or_else(|| account.to_owned());
                    Peer::Group { owner, group: value, rest: entry }
                }
            };
            rules.push((RuleSpec { protocol: protocol.clone(), from, to, peer }, description));
        }
    }
    Ok(rules)
}

/// A rule with its id. The first one of a group drops the rules that came without ids.
pub(super) fn rule(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "securityGroupRuleId")?;
    let group = required(&mut document, "groupId")?;
    let egress = boolean(&mut document, "isEgress").unwrap_or(false);
    let protocol = required(&mut document, "ipProtocol")?;
    let (from, to) = (integer(&mut document, "fromPort"), integer(&mut document, "toPort"));
    let (protocol, from, to) = range(&protocol, from, to)?;
    let description = text(&mut document, "description");
    let tags = tags(&mut document);
    let peer = peer(&mut document, context.account)?;
    if !state.groups.get(&group).is_some_and(|it| it.rules_given) {
        ensure(state, context, &group, None, "");
        forget_rules(state, &group);
        if let Some(it) = state.groups.get_mut(&group) {
            it.rules_given = true;
        }
    }
    let rule = Rule { egress, spec: RuleSpec { protocol, from, to, peer }, description, tags };
    add(state, &group, id, rule);
    Ok(())
}

fn peer(document: &mut Rest, account: &str) -> Result<Peer, SeedError> {
    if let Some(cidr) = text(document, "cidrIpv4") {
        return Ok(Peer::Ipv4(ipv4_block(&cidr)?));
    }
    if let Some(cidr) = text(document, "cidrIpv6") {
        return Ok(Peer::Ipv6(ipv6_block(&cidr)?));
    }
    if let Some(list) = text(document, "prefixListId") {
        return Ok(Peer::PrefixList(list));
    }
    match document.shift_remove("referencedGroupInfo") {
        Some(Value::Object(mut group)) => {
            let id = required(&mut group, "groupId")?;
            let owner = text(&mut group, "userId").unwrap_or_else(|| account.to_owned());
            Ok(Peer::Group { owner, group: id, rest: group })
        }
        _ => Err(SeedError::malformed("", "a rule permissions a CIDR block, a prefix list or a group")),
    }
}

/// Makes up a group that something refers to and nothing describes.
pub(super) fn ensure(state: &mut State, context: &mut Context<'_>, id: &str, name: Option<&str>, vpc: &str) {
    match state.groups.get_mut(id) {
        Some(present) => {
            // Known so far by its rules alone.
            if present.inferred && present.vpc.is_empty() {
                vpc.clone_into(&mut present.vpc);
            }
            if let (true, Some(name)) = (present.inferred, name) {
                name.clone_into(&mut present.name);
            }
        }
        None => {
            insert_new(state, context, id, name.unwrap_or(id), "", vpc, Tags::new());
            if let Some(made) = state.groups.get_mut(id) {
                made.inferred = true;
            }
        }
    }
}
