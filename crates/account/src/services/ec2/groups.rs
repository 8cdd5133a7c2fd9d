//! Security groups: making, describing and deleting them.

use serde_json::{Value, json};

use super::err::{Kind, invalid};
use super::render::{self, Frame};
use super::request::{FilterTable, Selection, begin, tag_specifications};
use super::rules;
use super::state::{Group, Peer, Rule, RuleSpec, Rules, State, Tags};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeSecurityGroups`, "Filters".
const FILTERS: &FilterTable = &[
    ("description", "groupDescription"),
    ("egress.ip-permission.cidr", "ipPermissionsEgress.ipRanges.cidrIp"),
    ("egress.ip-permission.from-port", "ipPermissionsEgress.fromPort"),
    ("egress.ip-permission.group-id", "ipPermissionsEgress.groups.groupId"),
    ("egress.ip-permission.ipv6-cidr", "ipPermissionsEgress.ipv6Ranges.cidrIpv6"),
    ("egress.ip-permission.prefix-list-id", "ipPermissionsEgress.prefixListIds.prefixListId"),
    ("egress.ip-permission.protocol", "ipPermissionsEgress.ipProtocol"),
    ("egress.ip-permission.to-port", "ipPermissionsEgress.toPort"),
    ("group-id", "groupId"),
    ("group-name", "groupName"),
    ("ip-permission.cidr", "ipPermissions.ipRanges.cidrIp"),
    ("ip-permission.from-port", "ipPermissions.fromPort"),
    ("ip-permission.group-id", "ipPermissions.groups.groupId"),
    ("ip-permission.ipv6-cidr", "ipPermissions.ipv6Ranges.cidrIpv6"),
    ("ip-permission.prefix-list-id", "ipPermissions.prefixListIds.prefixListId"),
    ("ip-permission.protocol", "ipPermissions.ipProtocol"),
    ("ip-permission.to-port", "ipPermissions.toPort"),
    ("owner-id", "ownerId"),
    ("vpc-id", "vpcId"),
];

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "GroupIds", 5)?;
    let names = params.take_strings("GroupNames")?;
    let frame = Frame::of(context);
    if !names.is_empty() {
        return by_name(state, &frame, &names);
    }
    let get = |id: &str| state.groups.get_key_value(id);
    let render = |id: &str, it: &Group| render::group(&frame, id, it);
    let (found, next) = selection.page(Kind::Group, state.groups.iter(), get, FILTERS, render)?;
    Ok(json!({"securityGroupInfo": found, "nextToken": next}))
}

/// Groups of the default VPC by name.
fn by_name(state: &State, frame: &Frame<'_>, names: &[String]) -> Result<Value, ServiceError> {
    let vpc = default_vpc(state);
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let group = state.groups.iter().find(|(_, group)| Some(&group.vpc) == vpc.as_ref() && group.name == *name);
        let (id, group) = group.ok_or_else(|| {
            let text = format!("The security group '{name}' does not exist in default VPC");
            ServiceError::new("InvalidGroup.NotFound", text)
        })?;
        found.push(Value::Object(render::group(frame, id, group)));
    }
    Ok(json!({"securityGroupInfo": found}))
}

pub(super) fn create(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let name = params.require_string("GroupName")?;
    let description = params.require_string("Description")?;
    let vpc = params.take_string("VpcId")?;
    let tags = tag_specifications(&mut params, "security-group")?;
    check_text("groupName", &name)?;
    check_text("groupDescription", &description)?;
    if name.to_ascii_lowercase().starts_with("sg-") {
        return Err(invalid(format!(
            "Invalid value '{name}' for groupName. Group names may not be in the format sg-*."
        )));
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(invalid("Cannot use reserved security group name: default"));
    }
    let vpc = match vpc {
        Some(vpc) if state.vpcs.contains_key(&vpc) => vpc,
        Some(vpc) => return Err(Kind::Vpc.absent(&vpc)),
        None => {
            default_vpc(state).ok_or_else(|| ServiceError::new("VPCIdNotSpecified", "No default VPC for this user"))?
        }
    };
    if state.groups.values().any(|group| group.vpc == vpc && group.name == name) {
        return Err(ServiceError::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc}'"),
        ));
    }
    let id = context.ids.resource("sg");
    insert_new(state, context, &id, &name, &description, &vpc, tags.clone());
    let arn = context.arn("ec2", &format!("security-group/{id}"));
    Ok(json!({"groupId": id, "securityGroupArn": arn, "tagSet": render::tag_set(&tags)}))
}

/// A group as AWS makes it: no ingress, and all egress; over IPv6 as well where the VPC has IPv6.
pub(super) fn insert_new(
    state: &mut State,
    context: &mut Context<'_>,
    id: &str,
    name: &str,
    description: &str,
    vpc: &str,
    tags: Tags,
) {
    let group = Group {
        name: name.to_owned(),
        description: description.to_owned(),
        vpc: vpc.to_owned(),
        rules: Rules::default(),
        tags,
        inferred: false,
        rules_given: false,
    };
    state.groups.insert(id.to_owned(), group);
    let mut peers = vec![Peer::Ipv4("0.0.0.0/0".to_owned())];
    if has_ipv6(state, vpc) {
        peers.push(Peer::Ipv6("::/0".to_owned()));
    }
    for peer in peers {
        let spec = RuleSpec { protocol: "-1".to_owned(), from: -1, to: -1, peer };
        let rule = Rule { egress: true, spec, description: None, tags: Tags::new() };
        rules::add(state, id, context.ids.resource("sgr"), rule);
    }
}

fn has_ipv6(state: &State, vpc: &str) -> bool {
    let blocks =
        state.vpcs.get(vpc).and_then(|vpc| vpc.rest.get("ipv6CidrBlockAssociationSet")).and_then(Value::as_array);
    blocks.into_iter().flatten().any(|block| {
        let state = block.get("ipv6CidrBlockState").and_then(|state| state.get("state")).and_then(Value::as_str);
        matches!(state, None | Some("associated" | "associating"))
    })
}

fn default_vpc(state: &State) -> Option<String> {
    let is_default = |rest: &super::state::Rest| rest.get("isDefault") == Some(&Value::Bool(true));
    state.vpcs.iter().find(|(_, vpc)| is_default(&vpc.rest)).map(|(id, _)| id.clone())
}

/// Up to 255 characters of `a-z A-Z 0-9`, space and `._-:/()#,@[]+=&;{}!$*` (`CreateSecurityGroup`).
fn check_text(what: &str, text: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.is_empty() || text.chars().count() > 255 || !text.chars().all(allowed) {
        return Err(invalid(format!(
            "Value ({text}) for parameter {what} is invalid. Character sets beyond ASCII are not supported, and it has 1 to 255 characters."
        )));
    }
    Ok(())
}

pub(super) fn delete(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("GroupId")?;
    let group = state.groups.get(&id).ok_or_else(|| Kind::Group.absent(&id))?;
    if group.name == "default" {
        return Err(ServiceError::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        ));
    }
    let used = state.interfaces.values().any(|interface| interface.groups.contains(&id));
    let named = state.groups.iter().filter(|(other, _)| **other != id).any(|(_, other)| {
        other.rules.values().any(|rule| matches!(&rule.spec.peer, Peer::Group { group, .. } if *group == id))
    });
    if used || named {
        return Err(ServiceError::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    if let Some(group) = state.groups.remove(&id) {
        for rule in group.rules.keys() {
            state.rule_groups.remove(rule);
        }
    }
    Ok(json!({"return": true, "groupId": id}))
}
