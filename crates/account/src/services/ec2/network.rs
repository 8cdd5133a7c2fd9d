//! VPCs, subnets and Elastic IP addresses.

use serde_json::{Value, json};

use super::err::Kind;
use super::render::{self, Frame};
use super::request::{FilterTable, Selection, begin};
use super::state::{Plain, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeVpcs`, "Filters".
const VPC_FILTERS: &FilterTable = &[
    ("cidr", "cidrBlock"),
    ("cidr-block-association.cidr-block", "cidrBlockAssociationSet.cidrBlock"),
    ("cidr-block-association.association-id", "cidrBlockAssociationSet.associationId"),
    ("cidr-block-association.state", "cidrBlockAssociationSet.cidrBlockState.state"),
    ("dhcp-options-id", "dhcpOptionsId"),
    ("ipv6-cidr-block-association.ipv6-cidr-block", "ipv6CidrBlockAssociationSet.ipv6CidrBlock"),
    ("ipv6-cidr-block-association.association-id", "ipv6CidrBlockAssociationSet.associationId"),
    ("ipv6-cidr-block-association.state", "ipv6CidrBlockAssociationSet.ipv6CidrBlockState.state"),
    ("is-default", "isDefault"),
    ("isDefault", "isDefault"),
    ("owner-id", "ownerId"),
    ("state", "state"),
    ("vpc-id", "vpcId"),
];

/// `DescribeSubnets`, "Filters".
const SUBNET_FILTERS: &FilterTable = &[
    ("availability-zone", "availabilityZone"),
    ("availabilityZone", "availabilityZone"),
    ("availability-zone-id", "availabilityZoneId"),
    ("cidr-block", "cidrBlock"),
    ("cidr", "cidrBlock"),
    ("default-for-az", "defaultForAz"),
    ("map-public-ip-on-launch", "mapPublicIpOnLaunch"),
    ("owner-id", "ownerId"),
    ("state", "state"),
    ("subnet-arn", "subnetArn"),
    ("subnet-id", "subnetId"),
    ("vpc-id", "vpcId"),
];

/// `DescribeAddresses`, "Filters".
const ADDRESS_FILTERS: &FilterTable = &[
    ("allocation-id", "allocationId"),
    ("association-id", "associationId"),
    ("instance-id", "instanceId"),
    ("network-border-group", "networkBorderGroup"),
    ("network-interface-id", "networkInterfaceId"),
    ("network-interface-owner-id", "networkInterfaceOwnerId"),
    ("private-ip-address", "privateIpAddress"),
    ("public-ip", "publicIp"),
];

pub(super) fn describe_vpcs(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "VpcIds", 5)?;
    let frame = Frame::of(context);
    let render = |id: &str, it: &Plain| render::plain(&frame, "vpcId", id, it);
    let get = |id: &str| state.vpcs.get_key_value(id);
    let (found, next) = selection.page(Kind::Vpc, state.vpcs.iter(), get, VPC_FILTERS, render)?;
    Ok(json!({"vpcSet": found, "nextToken": next}))
}

pub(super) fn describe_subnets(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "SubnetIds", 5)?;
    let frame = Frame::of(context);
    let render = |id: &str, it: &Plain| render::plain(&frame, "subnetId", id, it);
    let get = |id: &str| state.subnets.get_key_value(id);
    let (found, next) = selection.page(Kind::Subnet, state.subnets.iter(), get, SUBNET_FILTERS, render)?;
    Ok(json!({"subnetSet": found, "nextToken": next}))
}

pub(super) fn describe_addresses(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "AllocationIds", 5)?;
    let public_ips = params.take_strings("PublicIps")?;
    let frame = Frame::of(context);
    let has_ip = |it: &Plain, ip: &str| it.rest.get("publicIp").and_then(Value::as_str) == Some(ip);
    if let Some(ip) = public_ips.iter().find(|ip| !state.addresses.values().any(|it| has_ip(it, ip))) {
        return Err(ServiceError::new("InvalidAddress.NotFound", format!("Address '{ip}' not found.")));
    }
    let render = |id: &str, it: &Plain| render::plain(&frame, "allocationId", id, it);
    let wanted = |it: &Plain| public_ips.is_empty() || public_ips.iter().any(|ip| has_ip(it, ip));
    let all = state.addresses.iter().filter(|(_, it)| wanted(it));
    let get = |id: &str| state.addresses.get_key_value(id);
    // This operation has no pages.
    let (found, _) = selection.page(Kind::Allocation, all, get, ADDRESS_FILTERS, render)?;
    Ok(json!({"addressesSet": found}))
}

pub(super) fn disassociate_address(
    state: &mut State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let association = params.take_string("AssociationId")?;
    let public_ip = params.take_string("PublicIp")?;
    let (member, value) = match (&association, &public_ip) {
        (Some(id), None) => ("associationId", id),
        (None, Some(ip)) => ("publicIp", ip),
        (Some(_), Some(_)) => {
            return Err(super::err::combination(
                "You may specify public IP or association id, but not both in the same call",
            ));
        }
        (None, None) => {
            return Err(ServiceError::new("MissingParameter", "Either public IP or association id must be specified"));
        }
    };
    let has = |it: &Plain| it.rest.get(member).and_then(Value::as_str) == Some(value.as_str());
    let found = state.addresses.values_mut().find(|it| has(it) && it.rest.contains_key("associationId"));
    let Some(address) = found else {
        return Err(match association {
            Some(id) => Kind::AddressAssociation.absent(&id),
            None => ServiceError::new("InvalidAddress.NotFound", format!("Address '{value}' not found.")),
        });
    };
    if address.rest.get("serviceManaged").is_some() {
        return Err(ServiceError::new("AuthFailure", "You do not have permission to access the specified resource.")
            .status(403));
    }
    let interface = address.rest.get("networkInterfaceId").and_then(Value::as_str).map(str::to_owned);
    let public = address.rest.get("publicIp").and_then(Value::as_str).map(str::to_owned);
    forget_association(address);
    if let Some(interface) = interface.and_then(|id| state.interfaces.get_mut(&id)) {
        let is_it = |value: Option<&Value>| {
            let ip = value.and_then(|association| association.get("publicIp")).and_then(Value::as_str);
            ip.is_some() && ip == public.as_deref()
        };
        if is_it(interface.rest.get("association")) {
            interface.rest.shift_remove("association");
        }
        if let Some(Value::Array(addresses)) = interface.rest.get_mut("privateIpAddressesSet") {
            for address in addresses.iter_mut().filter_map(Value::as_object_mut) {
                if is_it(address.get("association")) {
                    address.shift_remove("association");
                }
            }
        }
    }
    Ok(json!({"return": true}))
}

/// Takes an address from what it is associated with.
pub(super) fn forget_association(address: &mut Plain) {
    for name in ["associationId", "instanceId", "networkInterfaceId", "networkInterfaceOwnerId", "privateIpAddress"] {
        address.rest.shift_remove(name);
    }
}
