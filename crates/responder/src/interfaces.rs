//! The network interfaces of an instance, as they are attached now.

use aws_sdk_ec2::types::{Filter, NetworkInterface};
use incident::Interface;
use incident::host::ElasticAddress;

use crate::{Error, Result, Target, required};

const CALL: &str = "ec2:DescribeNetworkInterfaces";

/// Every interface attached to the instance (`DescribeNetworkInterfaces`, filter `attachment.instance-id`), each with
/// its own VPC: an instance can have interfaces in several. Never taken from a finding.
///
/// # Errors
/// As EC2 answers; `Aws.Unexpected` when an interface comes without an id, a VPC or the id of one of its groups.
pub async fn attached_interfaces(target: &Target, instance_id: &str) -> Result<Vec<Interface>> {
    let attached = Filter::builder().name("attachment.instance-id").values(instance_id).build();
    let mut pages = target.ec2().describe_network_interfaces().filters(attached).into_paginator().items().send();
    let mut interfaces = Vec::new();
    while let Some(interface) = pages.next().await {
        interfaces.push(convert(&interface.map_err(Error::from_sdk(CALL))?)?);
    }
    Ok(interfaces)
}

fn convert(interface: &NetworkInterface) -> Result<Interface> {
    let id = required(CALL, "NetworkInterfaceId", interface.network_interface_id())?;
    let group_id =
        |group: &aws_sdk_ec2::types::GroupIdentifier| required(CALL, "GroupId", group.group_id().map(str::to_owned));
    Ok(Interface {
        id: id.to_owned(),
        vpc_id: required(CALL, "VpcId", interface.vpc_id())?.to_owned(),
        groups: interface.groups().iter().map(group_id).collect::<Result<_>>()?,
        // If EC2 leaves it out, the interface counts as changeable: a refused change is then reported.
        requester_managed: interface.requester_managed() == Some(true),
        private_ip: interface.private_ip_address().map(str::to_owned),
        public_ip: interface.association().and_then(|public| public.public_ip()).map(str::to_owned),
        ipv6: interface
            .ipv6_addresses()
            .iter()
            .filter_map(|address| address.ipv6_address())
            .map(str::to_owned)
            .collect(),
        private_ips: interface
            .private_ip_addresses()
            .iter()
            .filter_map(|address| address.private_ip_address())
            .map(str::to_owned)
            .collect(),
        elastic_addresses: elastic_addresses(interface, id),
        subnet_id: interface.subnet_id().map(str::to_owned),
        // If EC2 leaves it out, a person decides about the instance, as for a NAT instance.
        source_dest_check: interface.source_dest_check() == Some(true),
    })
}

/// The Elastic IP addresses of an interface. A public address that EC2 assigned at launch has no allocation and cannot
/// be disassociated (EC2 API reference, `NetworkInterfaceAssociation`).
fn elastic_addresses(interface: &NetworkInterface, interface_id: &str) -> Vec<ElasticAddress> {
    interface
        .private_ip_addresses()
        .iter()
        .filter_map(|private| {
            let association = private.association()?;
            Some(ElasticAddress {
                allocation_id: association.allocation_id()?.to_owned(),
                association_id: association.association_id()?.to_owned(),
                public_ip: association.public_ip()?.to_owned(),
                interface_id: interface_id.to_owned(),
                private_ip: private.private_ip_address().map(str::to_owned),
            })
        })
        .collect()
}
