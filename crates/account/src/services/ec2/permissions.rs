//! What a caller must be allowed to do, as the Service Authorization Reference lists actions, resource types and
//! condition keys of Amazon EC2.

use serde_json::Value;

use super::state::{Rest, State, resource_type};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};

/// A permission on a resource that exists, with its tags and the other condition keys of its type.
fn on(state: &State, context: &Context<'_>, action: &str, id: &str) -> RequiredPermission {
    let kind = resource_type(id).unwrap_or("*");
    let mut permission = RequiredPermission::new(format!("ec2:{action}"), context.arn("ec2", &format!("{kind}/{id}")))
        .key("ec2:Region", context.region);
    for (key, value) in state.tags(id).into_iter().flatten() {
        permission =
            permission.key(format!("aws:ResourceTag/{key}"), value).key(format!("ec2:ResourceTag/{key}"), value);
    }
    let vpc = |permission: RequiredPermission, vpc: &str| {
        permission.key("ec2:Vpc", context.arn("ec2", &format!("vpc/{vpc}")))
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    match kind {
        "instance" => {
            permission = permission.key("ec2:InstanceID", id);
            if let Some(kind) = state.instances.get(id).and_then(|it| text(it.rest.get("instanceType"))) {
                permission = permission.key("ec2:InstanceType", kind);
            }
            if let Some(arn) = state.profile_of(id).and_then(|(_, it)| text(it.profile.get("arn"))) {
                permission = permission.key("ec2:InstanceProfile", arn);
            }
            permission
        }
        "network-interface" => {
            permission = permission.key("ec2:NetworkInterfaceID", id);
            match state.interfaces.get(id) {
                Some(it) => vpc(permission, &it.vpc),
                None => permission,
            }
        }
        "security-group" => {
            permission = permission.key("ec2:SecurityGroupID", id);
            match state.groups.get(id) {
                Some(it) => vpc(permission, &it.vpc),
                None => permission,
            }
        }
        "volume" => {
            permission = permission.key("ec2:VolumeID", id);
            if let Some(it) = state.volumes.get(id) {
                let encrypted = it.rest.get("encrypted") == Some(&Value::Bool(true));
                permission = permission.key("ec2:Encrypted", encrypted.to_string());
            }
            permission
        }
        "vpc" => permission.key("ec2:VpcID", id),
        _ => permission,
    }
}

/// A permission on a resource that the call makes, with the tags of the request.
fn made(context: &Context<'_>, action: &str, kind: &str, tags: &[(String, String)]) -> RequiredPermission {
    let permission = RequiredPermission::new(format!("ec2:{action}"), context.arn("ec2", &format!("{kind}/*")))
        .key("ec2:Region", context.region);
    with_request_tags(permission, tags)
}

/// Snapshots are the one type whose ARN has no account.
pub(super) fn made_snapshot(context: &Context<'_>, action: &str, tags: &[(String, String)]) -> RequiredPermission {
    let resource = format!("arn:{}:ec2:{}::snapshot/*", context.partition, context.region);
    with_request_tags(
        RequiredPermission::new(format!("ec2:{action}"), resource).key("ec2:Region", context.region),
        tags,
    )
}

pub(super) fn on_snapshot(state: &State, context: &Context<'_>, action: &str, id: &str) -> RequiredPermission {
    let mut permission = on(state, context, action, id);
    permission.resource = format!("arn:{}:ec2:{}::snapshot/{id}", context.partition, context.region);
    permission
}

fn with_request_tags(permission: RequiredPermission, tags: &[(String, String)]) -> RequiredPermission {
    tags.iter().fold(permission, |permission, (key, value)| {
        permission.key(format!("aws:RequestTag/{key}"), value).key("aws:TagKeys", key)
    })
}

/// Tagging what a call makes needs `ec2:CreateTags` as well, with the call's name as `ec2:CreateAction`.
pub(super) fn tagging(
    permission: &RequiredPermission,
    action: &str,
    tags: &[(String, String)],
) -> Option<RequiredPermission> {
    let mut permission = permission.clone();
    "ec2:CreateTags".clone_into(&mut permission.action);
    (!tags.is_empty()).then(|| permission.key("ec2:CreateAction", action))
}

fn tags_in(list: Vec<&Value>) -> Vec<(String, String)> {
    let text = |tag: &Value, name: &str| tag.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    list.into_iter().map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect()
}

pub(super) fn specified_tags(params: &Params) -> Vec<(String, String)> {
    let specifications = params.peek_list("TagSpecifications");
    let lists = specifications.into_iter().filter_map(|it| it.get("Tags")).filter_map(Value::as_array).flatten();
    tags_in(lists.collect())
}

fn text<'a>(params: &'a Params, name: &str) -> &'a str {
    params.peek_string(name).unwrap_or("*")
}

pub(super) fn instance(state: &State, context: &Context<'_>, action: &str, params: &Params) -> Vec<RequiredPermission> {
    vec![on(state, context, action, text(params, "InstanceId"))]
}

pub(super) fn instance_attribute(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    instance(state, context, "DescribeInstanceAttribute", params)
}

pub(super) fn console_output(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    instance(state, context, "GetConsoleOutput", params)
}

pub(super) fn modify_instance(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "ModifyInstanceAttribute";
    let mut permissions = instance(state, context, ACTION, params);
    permissions.extend(params.peek_strings("Groups").into_iter().map(|id| on(state, context, ACTION, id)));
    let mappings = params.peek_list("BlockDeviceMappings").into_iter();
    let volumes = mappings.filter_map(|it| it.get("Ebs")?.get("VolumeId")?.as_str());
    permissions.extend(volumes.map(|id| on(state, context, ACTION, id)));
    permissions
}

pub(super) fn modify_interface(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "ModifyNetworkInterfaceAttribute";
    let mut permissions = vec![on(state, context, ACTION, text(params, "NetworkInterfaceId"))];
    permissions.extend(params.peek_strings("Groups").into_iter().map(|id| on(state, context, ACTION, id)));
    permissions
}

pub(super) fn create_group(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "CreateSecurityGroup";
    let tags = specified_tags(params);
    let mut group = made(context, ACTION, "security-group", &tags);
    let mut permissions = Vec::new();
    if let Some(vpc) = params.peek_string("VpcId") {
        group = group.key("ec2:Vpc", context.arn("ec2", &format!("vpc/{vpc}")));
        permissions.push(on(state, context, ACTION, vpc));
    }
    permissions.extend(tagging(&group, ACTION, &tags));
    permissions.insert(0, group);
    permissions
}

fn group_change(state: &State, context: &Context<'_>, action: &str, params: &Params) -> Vec<RequiredPermission> {
    let tags = specified_tags(params);
    let rule = made(context, action, "security-group-rule", &tags);
    let mut permissions = vec![on(state, context, action, text(params, "GroupId"))];
    permissions.extend(tagging(&rule, action, &tags));
    permissions
}

pub(super) fn authorize_ingress(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    group_change(state, context, "AuthorizeSecurityGroupIngress", params)
}

pub(super) fn authorize_egress(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    group_change(state, context, "AuthorizeSecurityGroupEgress", params)
}

pub(super) fn revoke_ingress(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    group_change(state, context, "RevokeSecurityGroupIngress", params)
}

pub(super) fn revoke_egress(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    group_change(state, context, "RevokeSecurityGroupEgress", params)
}

pub(super) fn delete_group(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![on(state, context, "DeleteSecurityGroup", text(params, "GroupId"))]
}

pub(super) fn create_snapshots(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "CreateSnapshots";
    let tags = specified_tags(params);
    let specification = params.peek("InstanceSpecification");
    let id = specification.and_then(|it| it.get("InstanceId")).and_then(Value::as_str).unwrap_or("*");
    let excluded = specification.and_then(|it| it.get("ExcludeDataVolumeIds")).and_then(Value::as_array);
    let is_excluded = |volume: &str| excluded.into_iter().flatten().any(|it| it.as_str() == Some(volume));
    let mut permissions = vec![on(state, context, ACTION, id)];
    let volumes = state.instances.get(id).into_iter().flat_map(|it| &it.mappings).map(|it| it.volume.as_str());
    permissions.extend(volumes.filter(|volume| !is_excluded(volume)).map(|volume| on(state, context, ACTION, volume)));
    let snapshot = made_snapshot(context, ACTION, &tags);
    permissions.extend(tagging(&snapshot, ACTION, &tags));
    permissions.push(snapshot);
    permissions
}

pub(super) fn lock_snapshot(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    vec![on_snapshot(state, context, "LockSnapshot", text(params, "SnapshotId"))]
}

fn tag_change(state: &State, context: &Context<'_>, action: &str, params: &Params) -> Vec<RequiredPermission> {
    let tags = tags_in(params.peek_list("Tags"));
    let resources = params.peek_strings("Resources").into_iter();
    let permissions = resources.map(|id| match resource_type(id) {
        Some("snapshot") => on_snapshot(state, context, action, id),
        _ => on(state, context, action, id),
    });
    permissions.map(|permission| with_request_tags(permission, &tags)).collect()
}

pub(super) fn create_tags(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    tag_change(state, context, "CreateTags", params)
}

pub(super) fn delete_tags(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    tag_change(state, context, "DeleteTags", params)
}

pub(super) fn disassociate_address(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "DisassociateAddress";
    let names = [("associationId", "AssociationId"), ("publicIp", "PublicIp")];
    let wanted = |rest: &Rest| {
        names.iter().any(|(member, name)| {
            let value = params.peek_string(name);
            value.is_some() && rest.get(*member).and_then(Value::as_str) == value
        })
    };
    let Some((id, it)) = state.addresses.iter().find(|(_, it)| wanted(&it.rest)) else {
        return vec![RequiredPermission::new(format!("ec2:{ACTION}"), context.arn("ec2", "elastic-ip/*"))];
    };
    let interface = it.rest.get("networkInterfaceId").and_then(Value::as_str);
    let instance = it.rest.get("instanceId").and_then(Value::as_str).filter(|id| !id.is_empty());
    [Some(id.as_str()), interface, instance].into_iter().flatten().map(|id| on(state, context, ACTION, id)).collect()
}

/// The instance of a profile association, and the right to hand over the new profile's role. A role has the name of its
/// profile here, as the console makes them: this account knows no other.
fn profile_change(
    state: &State,
    context: &Context<'_>,
    action: &str,
    instance: &str,
    params: &Params,
) -> Vec<RequiredPermission> {
    let mut permissions = vec![on(state, context, action, instance)];
    let profile = params.peek("IamInstanceProfile");
    let member = |name: &str| profile.and_then(|it| it.get(name)).and_then(Value::as_str);
    let name = member("Arn").and_then(|arn| arn.rsplit('/').next()).or_else(|| member("Name"));
    if let Some(name) = name {
        let role = format!("arn:{}:iam::{}:role/{name}", context.partition, context.account);
        let service = if context.partition == "aws-cn" { "ec2.amazonaws.com.cn" } else { "ec2.amazonaws.com" };
        permissions.push(RequiredPermission::new("iam:PassRole", role).key("iam:PassedToService", service));
    }
    permissions
}

fn associated<'a>(state: &'a State, params: &Params) -> &'a str {
    let association = params.peek_string("AssociationId").and_then(|id| state.profiles.get(id));
    association.map_or("*", |it| it.instance.as_str())
}

pub(super) fn associate_profile(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    profile_change(state, context, "AssociateIamInstanceProfile", text(params, "InstanceId"), params)
}

pub(super) fn replace_profile(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    profile_change(state, context, "ReplaceIamInstanceProfileAssociation", associated(state, params), params)
}

pub(super) fn disassociate_profile(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    profile_change(state, context, "DisassociateIamInstanceProfile", associated(state, params), params)
}
