//! The network interfaces of an instance, as they are attached now.

use aws_sdk_ec2::types::{Filter, NetworkInterface};
use incident::Interface;
use incident::host::ElasticAddress;

use crate::{Error, Result, Target};

/// Every interface attached to the instance (`DescribeNetworkInterfaces` by attachment), each with the VPC it is in: an
/// instance can have interfaces in several. Never taken from a finding.
///
/// # Errors
/// As EC2 answers.
pub async fn attached_interfaces(target: &Target, instance_id: &str) -> Result<Vec<Interface>> {
    let attached = Filter::builder().name("attachment.instance-id").values(instance_id).build();
    let mut pages = target.ec2().describe_network_interfaces().filters(attached).into_paginator().items().send();
    let mut interfaces = Vec::new();
    while let Some(interface) = pages.next().await {
        let interface = interface.map_err(Error::of("ec2:DescribeNetworkInterfaces"))?;
        interfaces.push(Interface {
            id: interface.network_interface_id().unwrap_or_default().to_owned(),
            vpc_id: interface.vpc_id().unwrap_or_default().to_owned(),
            groups: interface.groups().iter().filter_map(|group| group.group_id()).map(str::to_owned).collect(),
            requester_managed: interface.requester_managed().unwrap_or_default(),
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
            elastic_addresses: elastic_addresses(&interface),
            subnet_id: interface.subnet_id().map(str::to_owned),
            // EC2 always says; were it not to, the instance counts as one that a person must decide about.
            source_dest_check: interface.source_dest_check().unwrap_or_default(),
        });
    }
    Ok(interfaces)
}

/// The Elastic IP addresses of an interface. A public address that EC2 assigned at launch has no allocation and cannot be
/// taken away (`NetworkInterfaceAssociation`).
fn elastic_addresses(interface: &NetworkInterface) -> Vec<ElasticAddress> {
    interface
        .private_ip_addresses()
        .iter()
        .filter_map(|private| {
            let association = private.association()?;
            Some(ElasticAddress {
                allocation_id: association.allocation_id()?.to_owned(),
                association_id: association.association_id()?.to_owned(),
                public_ip: association.public_ip().unwrap_or_default().to_owned(),
                interface_id: interface.network_interface_id().unwrap_or_default().to_owned(),
                private_ip: private.private_ip_address().map(str::to_owned),
            })
        })
        .collect()
}
