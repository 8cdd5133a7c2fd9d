//! Security group rules: what a permission says, and adding and revoking them.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use super::err::{Kind, combination, invalid};
use super::render::{self, Frame};
use super::request::{FilterTable, Selection, begin, tag_specifications};
use super::state::{Peer, Rest, Rule, RuleSpec, State, Tags};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// The default quota of rules for each direction and address family ("Amazon VPC quotas").
const RULES_PER_GROUP: usize = 60;

/// `DescribeSecurityGroupRules`, "Filters".
const FILTERS: &FilterTable = &[("group-id", "groupId"), ("security-group-rule-id", "securityGroupRuleId")];

/// A rule to be: what it says, and its description.
type Described = (RuleSpec, Option<String>);

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "SecurityGroupRuleIds", 5)?;
    let frame = Frame::of(context);
    let render = |id: &str, group: &String| {
        state.rule(id).map(|(_, rule)| render::rule(&frame, id, group, rule)).unwrap_or_default()
    };
    let get = |id: &str| state.rule_groups.get_key_value(id);
    let (found, next) = if let Some(groups) = selection.exact("group-id") {
        let rules = groups.iter().filter_map(|id| state.groups.get(id)).flat_map(|group| group.rules.keys());
        let mut rules: Vec<&String> = rules.collect();
        rules.sort();
        rules.dedup();
        let candidates = rules.into_iter().filter_map(|id| get(id));
        selection.page(Kind::Rule, candidates, get, FILTERS, render)?
    } else {
        selection.page(Kind::Rule, state.rule_groups.iter(), get, FILTERS, render)?
    };
    Ok(json!({"securityGroupRuleSet": found, "nextToken": next}))
}

pub(super) fn authorize_ingress(
    state: &mut State,
    context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    authorize(state, context, params, false)
}

pub(super) fn authorize_egress(
    state: &mut State,
    context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    authorize(state, context, params, true)
}

fn authorize(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
    egress: bool,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let group = take_group(state, &mut params)?;
    let rules = take_permissions(state, context, &mut params)?;
    let tags = tag_specifications(&mut params, "security-group-rule")?;
    unknown_left(&params)?;
    let it = state.groups.get(&group).ok_or_else(|| Kind::Group.absent(&group))?;
    if rules.is_empty() {
        return Err(params.missing("ipPermissions"));
    }
    for (index, (spec, _)) in rules.iter().enumerate() {
        let there = it.rules.values().any(|rule| rule.egress == egress && rule.spec == *spec);
        if there || rules.iter().take(index).any(|(earlier, _)| earlier == spec) {
            return Err(ServiceError::new(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{}\" already exists", described(spec)),
            ));
        }
    }
    for ipv6 in [false, true] {
        let counts = |spec: &RuleSpec| matches!(spec.peer, Peer::Ipv6(_)) == ipv6;
        let present = it.rules.values().filter(|rule| rule.egress == egress && counts(&rule.spec)).count();
        let added = rules.iter().filter(|(spec, _)| counts(spec)).count();
        if added > 0 && present + added > RULES_PER_GROUP {
            return Err(ServiceError::new(
                "RulesPerSecurityGroupLimitExceeded",
                "The maximum number of rules per security group has been reached.",
            ));
        }
    }
    let mut shown = Vec::with_capacity(rules.len());
    for (spec, description) in rules {
        let id = context.ids.resource("sgr");
        let rule = Rule { egress, spec, description, tags: tags.clone() };
        shown.push(Value::Object(render::rule(&Frame::of(context), &id, &group, &rule)));
        add(state, &group, id, rule);
    }
    Ok(json!({"return": true, "securityGroupRuleSet": shown}))
}

pub(super) fn revoke_ingress(
    state: &mut State,
    context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    revoke(state, context, params, false)
}

pub(super) fn revoke_egress(
    state: &mut State,
    context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    revoke(state, context, params, true)
}

fn revoke(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
    egress: bool,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let group = take_group(state, &mut params)?;
    let ids = params.take_strings("SecurityGroupRuleIds")?;
    let specs = take_permissions(state, context, &mut params)?;
    unknown_left(&params)?;
    let it = state.groups.get(&group).ok_or_else(|| Kind::Group.absent(&group))?;
    let (revoked, unknown) = match (ids.is_empty(), specs.is_empty()) {
        (false, false) => {
            return Err(combination("Only one of ipPermissions or securityGroupRuleIds may be specified."));
        }
        (true, true) => return Err(params.missing("ipPermissions")),
        (false, true) => {
            let absent: Vec<&str> = ids
                .iter()
                .map(String::as_str)
                .filter(|id| it.rules.get(*id).is_none_or(|rule| rule.egress != egress))
                .collect();
            match absent.as_slice() {
                [] => (ids, Vec::new()),
                [id] => return Err(Kind::Rule.absent(id)),
                ids => return Err(Kind::Rule.absent_all(ids)),
            }
        }
        (true, false) => {
            let find = |spec: &RuleSpec| {
                it.rules.iter().find(|(_, rule)| rule.egress == egress && rule.spec == *spec).map(|(id, _)| id.clone())
            };
            let (found, missing): (Vec<_>, Vec<_>) = specs
                .into_iter()
                .map(|(spec, description)| (find(&spec), spec, description))
                .partition(|(id, ..)| id.is_some());
            // In a default VPC what is not there is returned; elsewhere it is an error, and nothing is revoked.
            let default_vpc =
                state.vpcs.get(&it.vpc).is_some_and(|vpc| vpc.rest.get("isDefault") == Some(&Value::Bool(true)));
            if !missing.is_empty() && !default_vpc {
                return Err(ServiceError::new(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                ));
            }
            let missing = missing.into_iter().map(|(_, spec, description)| (spec, description)).collect();
            (found.into_iter().filter_map(|(id, ..)| id).collect(), missing)
        }
    };
    let mut shown = Vec::with_capacity(revoked.len());
    for id in revoked {
        if let Some(rule) = remove(state, &group, &id) {
            shown.push(revoked_rule(&group, &id, &rule));
        }
    }
    let unknown: Vec<Rule> = unknown
        .into_iter()
        .map(|(spec, description): Described| Rule { egress, spec, description, tags: Tags::new() })
        .collect();
    Ok(json!({
        "return": true,
        "revokedSecurityGroupRuleSet": shown,
        "unknownIpPermissionSet": render::permissions(unknown.iter()),
    }))
}

fn revoked_rule(group: &str, id: &str, rule: &Rule) -> Value {
    let mut out = Rest::new();
    render::put(
        &mut out,
        json!({
            "securityGroupRuleId": id,
            "groupId": group,
            "isEgress": rule.egress,
            "ipProtocol": rule.spec.protocol,
            "fromPort": rule.spec.from,
            "toPort": rule.spec.to,
            "description": rule.description,
        }),
    );
    let (name, value) = match &rule.spec.peer {
        Peer::Ipv4(cidr) => ("cidrIpv4", cidr),
        Peer::Ipv6(cidr) => ("cidrIpv6", cidr),
        Peer::PrefixList(list) => ("prefixListId", list),
        Peer::Group { group, .. } => ("referencedGroupId", group),
    };
    out.insert(name.to_owned(), value.as_str().into());
    Value::Object(out)
}

/// Puts a rule into a group that is there.
pub(super) fn add(state: &mut State, group: &str, id: String, rule: Rule) {
    if let Some(it) = state.groups.get_mut(group) {
        state.rule_groups.insert(id.clone(), group.to_owned());
        it.rules.insert(id, rule);
    }
}

/// Takes a rule out of its group.
pub(super) fn remove(state: &mut State, group: &str, id: &str) -> Option<Rule> {
    state.rule_groups.remove(id);
    state.groups.get_mut(group)?.rules.shift_remove(id)
}

fn take_group(state: &State, params: &mut Params) -> Result<String, ServiceError> {
    let id = params.take_string("GroupId")?;
    let name = params.take_string("GroupName")?;
    match (id, name) {
        (Some(id), _) if state.groups.contains_key(&id) => Ok(id),
        (Some(id), _) => Err(Kind::Group.absent(&id)),
        // A name alone means a group of the default VPC.
        (None, Some(name)) => {
            let default =
                |vpc: &str| state.vpcs.get(vpc).is_some_and(|it| it.rest.get("isDefault") == Some(&Value::Bool(true)));
            let found = state.groups.iter().find(|(_, it)| it.name == name && default(&it.vpc));
            found.map(|(id, _)| id.clone()).ok_or_else(|| {
                ServiceError::new(
                    "InvalidGroup.NotFound",
                    format!("The security group '{name}' does not exist in default VPC"),
                )
            })
        }
        (None, None) => Err(params.missing("groupName or groupId")),
    }
}

fn unknown_left(params: &Params) -> Result<(), ServiceError> {
    match params.names().as_slice() {
        [] => Ok(()),
        names => Err(ServiceError::unsupported(format!("parameter {}", names.join(", ")))),
    }
}

/// `IpPermissions`, or the short form for one rule with one CIDR block.
fn take_permissions(state: &State, context: &Context<'_>, params: &mut Params) -> Result<Vec<Described>, ServiceError> {
    let mut rules = Vec::new();
    for mut permission in params.take_list("IpPermissions")? {
        rules.extend(permission_rules(&mut permission, context.account)?);
    }
    if let Some(cidr) = params.take_string("CidrIp")? {
        let protocol = params.require_string("IpProtocol")?;
        let (from, to) = (params.take_integer("FromPort")?, params.take_integer("ToPort")?);
        let (protocol, from, to) = range(&protocol, from, to)?;
        rules.push((RuleSpec { protocol, from, to, peer: Peer::Ipv4(ipv4_block(&cidr)?) }, None));
    }
    for (spec, _) in &rules {
        if let Peer::Group { owner, group, .. } = &spec.peer
            && owner == context.account
            && !state.groups.contains_key(group)
        {
            return Err(Kind::Group.absent(group));
        }
    }
    Ok(rules)
}

/// The rules of one permission: one for each peer.
pub(super) fn permission_rules(permission: &mut Params, account: &str) -> Result<Vec<Described>, ServiceError> {
    let protocol = permission.require_string("IpProtocol")?;
    let (from, to) = (permission.take_integer("FromPort")?, permission.take_integer("ToPort")?);
    let (protocol, from, to) = range(&protocol, from, to)?;
    let mut peers = Vec::new();
    for mut block in permission.take_list("IpRanges")? {
        peers.push((Peer::Ipv4(ipv4_block(&block.require_string("CidrIp")?)?), block.take_string("Description")?));
    }
    for mut block in permission.take_list("Ipv6Ranges")? {
        peers.push((Peer::Ipv6(ipv6_block(&block.require_string("CidrIpv6")?)?), block.take_string("Description")?));
    }
    for mut list in permission.take_list("PrefixListIds")? {
        peers.push((Peer::PrefixList(list.require_string("PrefixListId")?), list.take_string("Description")?));
    }
    for mut pair in permission.take_list("UserIdGroupPairs")? {
        let description = pair.take_string("Description")?;
        let group = pair.take_string("GroupId")?;
        let group = group.ok_or_else(|| ServiceError::unsupported("a group named in a rule without its id"))?;
        let owner = pair.take_string("UserId")?.unwrap_or_else(|| account.to_owned());
        let mut rest = Rest::new();
        for (name, member) in [
            ("VpcId", "vpcId"),
            ("VpcPeeringConnectionId", "vpcPeeringConnectionId"),
            ("PeeringStatus", "peeringStatus"),
        ] {
            if let Some(text) = pair.take_string(name)? {
                rest.insert(member.to_owned(), text.into());
            }
        }
        pair.ignore(&["GroupName"]);
        peers.push((Peer::Group { owner, group, rest }, description));
    }
    for (_, description) in &peers {
        if description.as_ref().is_some_and(|text| text.chars().count() > 255) {
            return Err(invalid("Invalid rule description: it is longer than 255 characters."));
        }
    }
    Ok(peers
        .into_iter()
        .map(|(peer, description)| (RuleSpec { protocol: protocol.clone(), from, to, peer }, description))
        .collect())
}

/// Protocol and range in their one form.
pub(super) fn range(protocol: &str, from: Option<i64>, to: Option<i64>) -> Result<(String, i64, i64), ServiceError> {
    let protocol = match protocol.to_ascii_lowercase().as_str() {
        "6" | "tcp" => "tcp".to_owned(),
        "17" | "udp" => "udp".to_owned(),
        "1" | "icmp" => "icmp".to_owned(),
        "58" | "icmpv6" => "icmpv6".to_owned(),
        "-1" | "all" => "-1".to_owned(),
        other => match other.parse::<u8>() {
            Ok(number) => number.to_string(),
            Err(_) => return Err(invalid(format!("Invalid value '{protocol}' for IP protocol. Unknown protocol."))),
        },
    };
    let (from, to) = match protocol.as_str() {
        "tcp" | "udp" => match (from, to) {
            (Some(from), Some(to)) if (0..=65535).contains(&from) && (from..=65535).contains(&to) => (from, to),
            // All ports may also be written as -1.
            (Some(-1), Some(-1)) => (0, 65535),
            (Some(from), Some(to)) => return Err(invalid(format!("Invalid TCP/UDP port range ({from}:{to})"))),
            _ => return Err(invalid("Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")),
        },
        "icmp" | "icmpv6" => match (from.unwrap_or(-1), to.unwrap_or(-1)) {
            (from, to) if (-1..=255).contains(&from) && (-1..=255).contains(&to) => (from, to),
            (from, to) => return Err(invalid(format!("Invalid ICMP type and code ({from}:{to})"))),
        },
        // Ranges mean nothing here and AWS drops them.
        _ => (-1, -1),
    };
    Ok((protocol, from, to))
}

/// An IPv4 block in its one form: the bits behind the prefix are zero.
pub(super) fn ipv4_block(text: &str) -> Result<String, ServiceError> {
    let parsed = text.split_once('/').and_then(|(address, length)| {
        let bits = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let length = length.parse::<u32>().ok().filter(|length| *length <= 32)?;
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        Some(format!("{}/{length}", Ipv4Addr::from(bits & mask)))
    });
    parsed.ok_or_else(|| invalid(format!("CIDR block {text} is malformed")))
}

/// An IPv6 block in its one form.
pub(super) fn ipv6_block(text: &str) -> Result<String, ServiceError> {
    let parsed = text.split_once('/').and_then(|(address, length)| {
        let bits = u128::from(address.parse::<Ipv6Addr>().ok()?);
        let length = length.parse::<u32>().ok().filter(|length| *length <= 128)?;
        let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
        Some(format!("{}/{length}", Ipv6Addr::from(bits & mask)))
    });
    parsed.ok_or_else(|| invalid(format!("CIDR block {text} is malformed")))
}

fn described(spec: &RuleSpec) -> String {
    let peer = match &spec.peer {
        Peer::Ipv4(text) | Peer::Ipv6(text) | Peer::PrefixList(text) | Peer::Group { group: text, .. } => text,
    };
    match spec.protocol.as_str() {
        "-1" => format!("peer: {peer}, ALL, ALLOW"),
        protocol => format!(
            "peer: {peer}, {}, from port: {}, to port: {}, ALLOW",
            protocol.to_ascii_uppercase(),
            spec.from,
            spec.to
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_one_form() -> Result<(), ServiceError> {
        assert_eq!(ipv4_block("10.1.2.3/8")?, "10.0.0.0/8");
        assert_eq!(ipv4_block("0.0.0.0/0")?, "0.0.0.0/0");
        assert_eq!(ipv6_block("::0/0")?, "::/0");
        assert_eq!(ipv6_block("2001:DB8:0:0::1/64")?, "2001:db8::/64");
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "x/8", ""] {
            assert!(ipv4_block(text).is_err() && ipv6_block(text).is_err(), "{text}");
        }
        Ok(())
    }

    #[test]
    fn ranges_have_one_form() -> Result<(), ServiceError> {
        assert_eq!(range("6", Some(22), Some(22))?, ("tcp".to_owned(), 22, 22));
        assert_eq!(range("-1", Some(22), Some(22))?, ("-1".to_owned(), -1, -1));
        assert_eq!(range("icmp", None, None)?, ("icmp".to_owned(), -1, -1));
        assert_eq!(range("50", None, None)?, ("50".to_owned(), -1, -1));
        for (protocol, from, to) in
            [("tcp", None, Some(1)), ("tcp", Some(2), Some(1)), ("udp", Some(0), Some(65536)), ("300", None, None)]
        {
            assert!(range(protocol, from, to).is_err(), "{protocol}");
        }
        Ok(())
    }
}
