//! Resources as responses show them.

use serde_json::{Map, Value, json};

use super::state::{
    Group, Instance, Interface, Peer, Plain, ProfileAssociation, Rest, Rule, Snapshot, State, Tags, Volume,
};
use crate::base::Timestamp;
use crate::service::Context;

/// What a response needs beside the resource.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) struct Frame<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    pub(super) partition: &'a str,
    pub(super) now: Timestamp,
}

impl<'a> Frame<'a> {
    pub(super) fn of(context: &'a Context<'_>) -> Self {
        Self { account: context.account, region: context.region, partition: context.partition, now: context.now }
    }

    pub(super) fn arn(&self, resource: &str) -> String {
        format!("arn:{}:ec2:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}

/// Adds members to a rendered resource; null ones are left out.
pub(super) fn put(out: &mut Rest, members: Value) {
    if let Value::Object(members) = members {
        out.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
    }
}

/// `tagSet`.
pub(super) fn tag_set(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

/// `groupSet`: ids and names.
pub(super) fn group_set(state: &State, ids: &[String]) -> Value {
    ids.iter()
        .map(|id| json!({"groupId": id, "groupName": state.groups.get(id).map(|group| group.name.as_str())}))
        .collect()
}

/// The name and code of an instance state (API reference, `InstanceState`).
pub(super) fn instance_state(name: &str) -> Value {
    let code = match name {
        "pending" => 0,
        "running" => 16,
        "shutting-down" => 32,
        "terminated" => 48,
        "stopping" => 64,
        _ => 80,
    };
    json!({"code": code, "name": name})
}

pub(super) fn instance(state: &State, frame: &Frame<'_>, id: &str, it: &Instance) -> Rest {
    let mut out = it.rest.clone();
    let interfaces: Vec<Value> = it
        .interfaces
        .iter()
        .filter_map(|id| state.interfaces.get(id).map(|interface| (id, interface)))
        .map(|(id, interface)| Value::Object(instance_interface(state, frame, id, interface)))
        .collect();
    let primary = it.interfaces.first().and_then(|id| state.interfaces.get(id));
    let profile = state.profile_of(id).map(|(_, association)| Value::Object(association.profile.clone()));
    put(
        &mut out,
        json!({
            "instanceId": id,
            "instanceState": instance_state(&it.state),
            "tagSet": tag_set(&it.tags),
            "blockDeviceMapping": mappings(it),
            "networkInterfaceSet": interfaces,
            "groupSet": primary.map_or(json!([]), |interface| group_set(state, &interface.groups)),
            "sourceDestCheck": primary.map(|interface| interface.source_dest_check),
            "iamInstanceProfile": profile.unwrap_or_default(),
        }),
    );
    if let (Some(primary), false) = (primary, it.is_terminated()) {
        let public = primary.rest.get("association").and_then(|association| association.get("publicIp"));
        put(
            &mut out,
            json!({
                "vpcId": primary.vpc,
                "subnetId": primary.subnet,
                "privateIpAddress": primary.rest.get("privateIpAddress"),
                "ipAddress": public,
            }),
        );
        if public.is_none() {
            out.shift_remove("ipAddress");
            out.insert("dnsName".to_owned(), "".into());
        }
    }
    out
}

pub(super) fn mappings(it: &Instance) -> Value {
    it.mappings
        .iter()
        .map(|mapping| {
            let mut ebs = mapping.rest.clone();
            put(&mut ebs, json!({"volumeId": mapping.volume, "deleteOnTermination": mapping.delete_on_termination}));
            json!({"deviceName": mapping.device, "ebs": ebs})
        })
        .collect()
}

/// What `DescribeInstances` leaves out of an interface.
const NOT_IN_INSTANCES: [&str; 7] = [
    "availabilityZone",
    "availabilityZoneId",
    "requesterId",
    "outpostArn",
    "denyAllIgwTraffic",
    "ipv6Address",
    "publicDnsName",
];

fn instance_interface(state: &State, frame: &Frame<'_>, id: &str, it: &Interface) -> Rest {
    let mut out = network_interface(state, frame, id, it);
    for name in NOT_IN_INSTANCES.iter().chain(&[
        "requesterManaged",
        "tagSet",
        "ipv6Native",
        "publicIpDnsNameOptions",
        "associatedSubnetSet",
    ]) {
        out.remove(*name);
    }
    if let Some(Value::Object(attachment)) = out.get_mut("attachment") {
        attachment.remove("instanceId");
        attachment.remove("instanceOwnerId");
    }
    for association in associations(&mut out) {
        association.remove("allocationId");
        association.remove("associationId");
    }
    out
}

/// The associations of an interface and of its addresses.
fn associations(interface: &mut Rest) -> Vec<&mut Rest> {
    let mut found = Vec::new();
    for (name, value) in interface.iter_mut() {
        match (name.as_str(), value) {
            ("association", Value::Object(association)) => found.push(association),
            ("privateIpAddressesSet", Value::Array(addresses)) => {
                for address in addresses {
                    if let Some(Value::Object(association)) = address.get_mut("association") {
                        found.push(association);
                    }
                }
            }
            _ => {}
        }
    }
    found
}

pub(super) fn network_interface(state: &State, frame: &Frame<'_>, id: &str, it: &Interface) -> Rest {
    let mut out = it.rest.clone();
    let attachment = it.attachment.as_ref().map(|attachment| {
        let mut out = attachment.rest.clone();
        put(
            &mut out,
            json!({
                "attachmentId": attachment.id,
                "instanceId": attachment.instance,
                "deviceIndex": attachment.device_index,
                "deleteOnTermination": attachment.delete_on_termination,
                "status": "attached",
            }),
        );
        if attachment.instance.is_some() {
            out.entry("instanceOwnerId").or_insert_with(|| frame.account.into());
        }
        out
    });
    put(
        &mut out,
        json!({
            "networkInterfaceId": id,
            "vpcId": it.vpc,
            "subnetId": it.subnet,
            "description": it.description,
            "groupSet": group_set(state, &it.groups),
            "requesterManaged": it.requester_managed,
            "sourceDestCheck": it.source_dest_check,
            "status": if it.attachment.is_some() { "in-use" } else { "available" },
            "attachment": attachment,
            "tagSet": tag_set(&it.tags),
        }),
    );
    out.entry("ownerId").or_insert_with(|| frame.account.into());
    out
}

pub(super) fn group(frame: &Frame<'_>, id: &str, it: &Group) -> Rest {
    let mut out = Map::new();
    put(
        &mut out,
        json!({
            "groupId": id,
            "groupName": it.name,
            "groupDescription": it.description,
            "vpcId": it.vpc,
            "ownerId": frame.account,
            "securityGroupArn": frame.arn(&format!("security-group/{id}")),
            "ipPermissions": permissions(it.rules.values().filter(|rule| !rule.egress)),
            "ipPermissionsEgress": permissions(it.rules.values().filter(|rule| rule.egress)),
            "tagSet": tag_set(&it.tags),
        }),
    );
    out
}

/// Rules as `IpPermissions`: one entry for each protocol and range, with the peers of its rules.
pub(super) fn permissions<'a>(rules: impl Iterator<Item = &'a Rule>) -> Value {
    let mut grouped: indexmap::IndexMap<(&str, i64, i64), Vec<&Rule>> = indexmap::IndexMap::new();
    for rule in rules {
        grouped.entry((&rule.spec.protocol, rule.spec.from, rule.spec.to)).or_default().push(rule);
    }
    grouped
        .into_iter()
        .map(|((protocol, from, to), rules)| {
            let list = |name: &str, pick: &dyn Fn(&Rule) -> Option<Rest>| -> (String, Value) {
                let peers = rules.iter().filter_map(|rule| {
                    let mut peer = pick(rule)?;
                    put(&mut peer, json!({"description": rule.description}));
                    Some(Value::Object(peer))
                });
                (name.to_owned(), peers.collect())
            };
            let one = |name: &str, value: &str| Some(Map::from_iter([(name.to_owned(), Value::from(value))]));
            let mut out = Map::from_iter([("ipProtocol".to_owned(), Value::from(protocol))]);
            if has_ports(protocol) {
                put(&mut out, json!({"fromPort": from, "toPort": to}));
            }
            out.extend([
                list("ipRanges", &|rule| match &rule.spec.peer {
                    Peer::Ipv4(cidr) => one("cidrIp", cidr),
                    _ => None,
                }),
                list("ipv6Ranges", &|rule| match &rule.spec.peer {
                    Peer::Ipv6(cidr) => one("cidrIpv6", cidr),
                    _ => None,
                }),
                list("prefixListIds", &|rule| match &rule.spec.peer {
                    Peer::PrefixList(id) => one("prefixListId", id),
                    _ => None,
                }),
                list("groups", &|rule| match &rule.spec.peer {
                    Peer::Group { owner, group, rest } => {
                        let mut out = rest.clone();
                        put(&mut out, json!({"userId": owner, "groupId": group}));
                        Some(out)
                    }
                    _ => None,
                }),
            ]);
            Value::Object(out)
        })
        .collect()
}

/// Whether a permission of this protocol shows its range.
fn has_ports(protocol: &str) -> bool {
    matches!(protocol, "tcp" | "udp" | "icmp" | "icmpv6")
}

pub(super) fn rule(frame: &Frame<'_>, id: &str, group: &str, it: &Rule) -> Rest {
    let mut out = Map::new();
    put(
        &mut out,
        json!({
            "securityGroupRuleId": id,
            "groupId": group,
            "groupOwnerId": frame.account,
            "isEgress": it.egress,
            "ipProtocol": it.spec.protocol,
            "fromPort": it.spec.from,
            "toPort": it.spec.to,
            "description": it.description,
            "securityGroupRuleArn": frame.arn(&format!("security-group-rule/{id}")),
            "tagSet": tag_set(&it.tags),
        }),
    );
    match &it.spec.peer {
        Peer::Ipv4(cidr) => put(&mut out, json!({"cidrIpv4": cidr})),
        Peer::Ipv6(cidr) => put(&mut out, json!({"cidrIpv6": cidr})),
        Peer::PrefixList(list) => put(&mut out, json!({"prefixListId": list})),
        Peer::Group { owner, group, rest } => {
            let mut referenced = rest.clone();
            referenced.remove("groupName");
            put(&mut referenced, json!({"userId": owner, "groupId": group}));
            put(&mut out, json!({"referencedGroupInfo": referenced}));
        }
    }
    out
}

pub(super) fn volume(state: &State, id: &str, it: &Volume) -> Rest {
    let mut out = it.rest.clone();
    let attachments: Vec<Value> = it
        .instances
        .iter()
        .filter_map(|instance| Some((instance, state.instances.get(instance)?)))
        .flat_map(|(instance, found)| found.mappings.iter().map(move |mapping| (instance, mapping)))
        .filter(|(_, mapping)| mapping.volume == id)
        .map(|(instance, mapping)| {
            let mut out = Map::new();
            put(
                &mut out,
                json!({
                    "volumeId": id,
                    "instanceId": instance,
                    "device": mapping.device,
                    "status": mapping.rest.get("status"),
                    "attachTime": mapping.rest.get("attachTime"),
                    "deleteOnTermination": mapping.delete_on_termination,
                }),
            );
            Value::Object(out)
        })
        .collect();
    put(
        &mut out,
        json!({
            "volumeId": id,
            "size": it.size,
            "volumeType": it.kind,
            "status": if attachments.is_empty() { "available" } else { "in-use" },
            "attachmentSet": attachments,
            "tagSet": tag_set(&it.tags),
        }),
    );
    out
}

/// The state and progress of a snapshot at a moment.
pub(super) fn snapshot_state(it: &Snapshot, now: Timestamp) -> (&'static str, String) {
    if it.has_failed(now) {
        return ("error", "0%".to_owned());
    }
    if now >= it.completes {
        return ("completed", "100%".to_owned());
    }
    let whole = it.completes.since(it.started).as_millis().max(1);
    let done = now.since(it.started).as_millis();
    ("pending", format!("{}%", (done * 100 / whole).min(99)))
}

pub(super) fn snapshot(frame: &Frame<'_>, id: &str, it: &Snapshot) -> Rest {
    let mut out = it.rest.clone();
    let (state, progress) = snapshot_state(it, frame.now);
    put(
        &mut out,
        json!({
            "snapshotId": id,
            "volumeId": it.volume,
            "volumeSize": it.size,
            "status": state,
            "progress": progress,
            "startTime": it.started.iso_millis(),
            "statusMessage": it.failure.as_ref().filter(|_| state == "error").map(|failure| &failure.message),
            "completionTime": (state == "completed").then(|| it.completes.iso_millis()),
            "description": it.description,
            "encrypted": it.encrypted,
            "tagSet": tag_set(&it.tags),
        }),
    );
    out.entry("ownerId").or_insert_with(|| frame.account.into());
    out.entry("storageTier").or_insert_with(|| "standard".into());
    out
}

/// A resource whose members are all as they came; `id_member` is where its id goes.
pub(super) fn plain(frame: &Frame<'_>, id_member: &str, id: &str, it: &Plain) -> Rest {
    let mut out = it.rest.clone();
    out.insert(id_member.to_owned(), id.into());
    out.insert("tagSet".to_owned(), tag_set(&it.tags));
    if id_member != "allocationId" {
        out.entry("ownerId").or_insert_with(|| frame.account.into());
    }
    out
}

pub(super) fn association(id: &str, it: &ProfileAssociation) -> Rest {
    let mut out = Map::new();
    put(
        &mut out,
        json!({
            "associationId": id,
            "instanceId": it.instance,
            "iamInstanceProfile": it.profile,
            "state": it.state,
            "timestamp": it.since.iso_millis(),
        }),
    );
    out
}
