//! Network interfaces: describing them, and changing their groups and other attributes.

use serde_json::{Value, json};

use super::err::{Kind, combination};
use super::render::{self, Frame};
use super::request::{FilterTable, Selection, begin};
use super::state::State;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// The default quota of groups per interface ("Amazon VPC quotas"; it can be raised to 16).
const GROUPS_PER_INTERFACE: usize = 5;

/// `DescribeNetworkInterfaces`, "Filters".
pub(super) const FILTERS: &FilterTable = &[
    ("addresses.association.owner-id", "privateIpAddressesSet.association.ipOwnerId"),
    ("addresses.association.public-ip", "privateIpAddressesSet.association.publicIp"),
    ("addresses.primary", "privateIpAddressesSet.primary"),
    ("addresses.private-ip-address", "privateIpAddressesSet.privateIpAddress"),
    ("association.allocation-id", "association.allocationId"),
    ("association.association-id", "association.associationId"),
    ("association.ip-owner-id", "association.ipOwnerId"),
    ("association.public-ip", "association.publicIp"),
    ("association.public-dns-name", "association.publicDnsName"),
    ("attachment.attach-time", "attachment.attachTime"),
    ("attachment.attachment-id", "attachment.attachmentId"),
    ("attachment.delete-on-termination", "attachment.deleteOnTermination"),
    ("attachment.device-index", "attachment.deviceIndex"),
    ("attachment.instance-id", "attachment.instanceId"),
    ("attachment.instance-owner-id", "attachment.instanceOwnerId"),
    ("attachment.status", "attachment.status"),
    ("availability-zone", "availabilityZone"),
    ("description", "description"),
    ("group-id", "groupSet.groupId"),
    ("group-name", "groupSet.groupName"),
    ("interface-type", "interfaceType"),
    ("ipv6-addresses.ipv6-address", "ipv6AddressesSet.ipv6Address"),
    ("mac-address", "macAddress"),
    ("network-interface-id", "networkInterfaceId"),
    ("owner-id", "ownerId"),
    ("private-dns-name", "privateDnsName"),
    ("private-ip-address", "privateIpAddress"),
    ("requester-id", "requesterId"),
    ("requester-managed", "requesterManaged"),
    ("source-dest-check", "sourceDestCheck"),
    ("status", "status"),
    ("subnet-id", "subnetId"),
    ("vpc-id", "vpcId"),
];

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "NetworkInterfaceIds", 5)?;
    let frame = Frame::of(context);
    let render = |id: &str, it: &_| render::network_interface(state, &frame, id, it);
    let get = |id: &str| state.interfaces.get_key_value(id);
    // An instance knows its interfaces: no need to look at all others.
    let (found, next) = if let Some(instances) = selection.exact("attachment.instance-id") {
        let mut ids: Vec<&String> =
            instances.iter().filter_map(|id| state.instances.get(id)).flat_map(|it| &it.interfaces).collect();
        ids.sort();
        let candidates = ids.into_iter().filter_map(|id| get(id));
        selection.page(Kind::Interface, candidates, get, FILTERS, render)?
    } else {
        selection.page(Kind::Interface, state.interfaces.iter(), get, FILTERS, render)?
    };
    Ok(json!({"networkInterfaceSet": found, "nextToken": next}))
}

enum Change {
    Groups(Vec<String>),
    Description(String),
    SourceDestCheck(bool),
    DeleteOnTermination(String, bool),
}

pub(super) fn modify(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("NetworkInterfaceId")?;
    let change = take_change(&mut params)?;
    if !params.names().is_empty() {
        return Err(ServiceError::unsupported(format!("attribute {}", params.names().join(", "))));
    }
    let it = state.interfaces.get(&id).ok_or_else(|| Kind::Interface.absent(&id))?;
    if it.requester_managed {
        return Err(ServiceError::new("AuthFailure", "You do not have permission to access the specified resource.")
            .status(403));
    }
    match change {
        Change::Groups(groups) => {
            let groups = check_groups(state, &id, &groups)?;
            set_groups(state, &id, groups);
        }
        Change::Description(text) => {
            if let Some(it) = state.interfaces.get_mut(&id) {
                it.description = text;
            }
        }
        Change::SourceDestCheck(value) => {
            if let Some(it) = state.interfaces.get_mut(&id) {
                it.source_dest_check = value;
            }
        }
        Change::DeleteOnTermination(attachment, value) => {
            let found = state
                .interfaces
                .get_mut(&id)
                .and_then(|it| it.attachment.as_mut())
                .filter(|found| found.id == attachment)
                .ok_or_else(|| Kind::Attachment.absent(&attachment))?;
            found.delete_on_termination = value;
        }
    }
    Ok(json!({"return": true}))
}

fn take_change(params: &mut Params) -> Result<Change, ServiceError> {
    let mut changes = Vec::new();
    let groups = params.take_strings("Groups")?;
    if !groups.is_empty() {
        changes.push(Change::Groups(groups));
    }
    if let Some(mut wrapped) = params.take_params("Description")? {
        changes.push(Change::Description(wrapped.take_string("Value")?.unwrap_or_default()));
    }
    if let Some(mut wrapped) = params.take_params("SourceDestCheck")? {
        let value = wrapped.take_bool("Value")?.ok_or_else(|| wrapped.missing("Value"))?;
        changes.push(Change::SourceDestCheck(value));
    }
    if let Some(mut attachment) = params.take_params("Attachment")? {
        let id = attachment.require_string("AttachmentId")?;
        if let Some(value) = attachment.take_bool("DeleteOnTermination")? {
            changes.push(Change::DeleteOnTermination(id, value));
        }
    }
    if changes.len() > 1 {
        return Err(combination("Fields for multiple attribute types specified"));
    }
    changes.pop().ok_or_else(|| {
        let left = params.names();
        if left.is_empty() {
            combination("No attributes specified.")
        } else {
            ServiceError::unsupported(format!("attribute {}", left.join(", ")))
        }
    })
}

/// Checks that groups may be set on an interface: one at least, the quota at most, all there and of its VPC. Returns them
/// once each.
pub(super) fn check_groups(state: &State, interface: &str, groups: &[String]) -> Result<Vec<String>, ServiceError> {
    let it = state.interfaces.get(interface).ok_or_else(|| Kind::Interface.absent(interface))?;
    let mut checked: Vec<String> = Vec::with_capacity(groups.len());
    for id in groups {
        let group = state.groups.get(id).ok_or_else(|| Kind::Group.absent(id))?;
        if group.vpc != it.vpc {
            return Err(ServiceError::new(
                "InvalidGroup.NotFound",
                "You have specified two resources that belong to different networks.",
            ));
        }
        if !checked.contains(id) {
            checked.push(id.clone());
        }
    }
    match checked.len() {
        0 => Err(ServiceError::new("MissingParameter", "The request must contain the parameter SecurityGroupId")),
        count if count > GROUPS_PER_INTERFACE => Err(ServiceError::new(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )),
        _ => Ok(checked),
    }
}

pub(super) fn set_groups(state: &mut State, interface: &str, groups: Vec<String>) {
    if let Some(it) = state.interfaces.get_mut(interface) {
        it.groups = groups;
    }
}
