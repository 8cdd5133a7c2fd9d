//! Reads what containment changes of an instance beside the groups of its interfaces: its protection, its Auto Scaling
//! group, its registrations with load balancers. Independent reads are made at the same time.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Instance, InstanceAttributeName, InstanceLifecycleType};
use aws_sdk_elasticloadbalancingv2::types::{TargetGroup, TargetHealthStateEnum, TargetTypeEnum};
use futures_util::StreamExt;
use futures_util::stream;
use incident::Interface;
use incident::host::{Host, Membership, Protection, Registration, VolumeMapping};

use crate::{Error, ErrorName, Result, Target};

/// How many target groups are asked for their targets at the same time.
const AT_ONCE: usize = 10;

/// How many target groups are looked into: an account can have thousands, and containment waits for this.
const MOST_TARGET_GROUPS: usize = 100;

/// The protection of an instance: three attributes and its description, read at the same time.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when the instance does not exist.
pub async fn protection(target: &Target, instance_id: &str) -> Result<Protection> {
    let (instance, attributes) =
        tokio::join!(Box::pin(instance(target, instance_id)), Box::pin(attributes(target, instance_id)));
    let instance = instance?;
    Ok(attributes?.of(&instance))
}

/// The attributes of an instance that its description does not have.
struct Attributes {
    termination_disabled: bool,
    stop_disabled: bool,
    shutdown_behavior: String,
}

async fn attributes(target: &Target, instance_id: &str) -> Result<Attributes> {
    let (termination, stop, shutdown) = tokio::join!(
        Box::pin(attribute(target, instance_id, InstanceAttributeName::DisableApiTermination)),
        Box::pin(attribute(target, instance_id, InstanceAttributeName::DisableApiStop)),
        Box::pin(attribute(target, instance_id, InstanceAttributeName::InstanceInitiatedShutdownBehavior)),
    );
    let termination = termination?.disable_api_termination.and_then(|value| value.value);
    let stop = stop?.disable_api_stop.and_then(|value| value.value);
    let shutdown = shutdown?.instance_initiated_shutdown_behavior.and_then(|value| value.value);
    Ok(Attributes {
        termination_disabled: termination.unwrap_or_default(),
        stop_disabled: stop.unwrap_or_default(),
        shutdown_behavior: shutdown.unwrap_or_else(|| "terminate".to_owned()),
    })
}

impl Attributes {
    /// With what the description of the instance has.
    fn of(self, instance: &Instance) -> Protection {
        Protection {
            termination_disabled: self.termination_disabled,
            stop_disabled: self.stop_disabled,
            shutdown_behavior: self.shutdown_behavior,
            volumes: instance.block_device_mappings().iter().filter_map(volume).collect(),
            spot: instance.instance_lifecycle() == Some(&InstanceLifecycleType::Spot),
        }
    }
}

fn volume(mapping: &aws_sdk_ec2::types::InstanceBlockDeviceMapping) -> Option<VolumeMapping> {
    let ebs = mapping.ebs()?;
    Some(VolumeMapping {
        device: mapping.device_name()?.to_owned(),
        volume_id: ebs.volume_id()?.to_owned(),
        delete_on_termination: ebs.delete_on_termination().unwrap_or_default(),
    })
}

async fn instance(target: &Target, instance_id: &str) -> Result<Instance> {
    let output = target
        .ec2()
        .describe_instances()
        .instance_ids(instance_id)
        .send()
        .await
        .map_err(Error::of("ec2:DescribeInstances"))?;
    let mut instances = output.reservations.into_iter().flatten().flat_map(|found| found.instances.unwrap_or_default());
    instances
        .find(|instance| instance.instance_id() == Some(instance_id))
        .ok_or_else(|| Error::new(ErrorName::AwsUnexpected, "ec2:DescribeInstances did not answer with the instance"))
}

async fn attribute(
    target: &Target,
    instance_id: &str,
    name: InstanceAttributeName,
) -> Result<aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput> {
    target
        .ec2()
        .describe_instance_attribute()
        .instance_id(instance_id)
        .attribute(name)
        .send()
        .await
        .map_err(Error::of("ec2:DescribeInstanceAttribute"))
}

/// The Auto Scaling group of an instance; `None` when it is in none (`DescribeAutoScalingInstances`).
///
/// # Errors
/// As Auto Scaling answers.
pub async fn membership(target: &Target, instance_id: &str) -> Result<Option<Membership>> {
    let output = target
        .auto_scaling()
        .describe_auto_scaling_instances()
        .instance_ids(instance_id)
        .send()
        .await
        .map_err(Error::of("autoscaling:DescribeAutoScalingInstances"))?;
    Ok(output.auto_scaling_instances().iter().find(|found| found.instance_id() == Some(instance_id)).map(|found| {
        Membership {
            group: found.auto_scaling_group_name().unwrap_or_default().to_owned(),
            lifecycle_state: found.lifecycle_state().unwrap_or_default().to_owned(),
            protected_from_scale_in: found.protected_from_scale_in().unwrap_or_default(),
        }
    }))
}

/// The target groups that an Auto Scaling group registers its instances with (`DescribeAutoScalingGroups`).
///
/// # Errors
/// As Auto Scaling answers.
pub async fn target_groups_of(target: &Target, group: &str) -> Result<Vec<String>> {
    let output = target
        .auto_scaling()
        .describe_auto_scaling_groups()
        .auto_scaling_group_names(group)
        .send()
        .await
        .map_err(Error::of("autoscaling:DescribeAutoScalingGroups"))?;
    Ok(output.auto_scaling_groups().iter().flat_map(|found| found.target_group_arns()).cloned().collect())
}

/// Every target group that can have instances or addresses as targets: id and VPC (`DescribeTargetGroups`).
///
/// # Errors
/// As Elastic Load Balancing answers.
pub async fn target_groups(target: &Target) -> Result<Vec<TargetGroup>> {
    let mut pages = target.load_balancing().describe_target_groups().into_paginator().items().send();
    let mut groups = Vec::new();
    while let Some(group) = pages.next().await {
        groups.push(group.map_err(Error::of("elasticloadbalancing:DescribeTargetGroups"))?);
    }
    Ok(groups)
}

/// The target groups in which this instance could be a target: instances are registered in their own VPC, addresses from
/// anywhere. Those of its Auto Scaling group come first; what is too many is counted, not looked into.
pub fn candidates(groups: &[TargetGroup], of_group: &[String], interfaces: &[Interface]) -> (Vec<String>, usize) {
    let vpcs: BTreeSet<&str> = interfaces.iter().map(|interface| interface.vpc_id.as_str()).collect();
    let could = |group: &TargetGroup| match group.target_type() {
        Some(TargetTypeEnum::Ip) => true,
        Some(TargetTypeEnum::Instance) | None => group.vpc_id().is_none_or(|vpc| vpcs.contains(vpc)),
        _ => false,
    };
    let mut arns: Vec<String> = of_group.to_vec();
    for arn in groups.iter().filter(|group| could(group)).filter_map(TargetGroup::target_group_arn) {
        if !arns.iter().any(|known| known == arn) {
            arns.push(arn.to_owned());
        }
    }
    let too_many = arns.len().saturating_sub(MOST_TARGET_GROUPS);
    arns.truncate(MOST_TARGET_GROUPS);
    (arns, too_many)
}

/// Where an instance is registered, among some target groups, by its id or by an address of its interfaces; a target
/// that is draining is none any more (`DescribeTargetHealth`). Beside them, the groups that could not be read.
pub async fn registrations(
    target: &Target,
    target_groups: &[String],
    instance_id: &str,
    interfaces: &[Interface],
) -> (Vec<Registration>, Vec<(String, Error)>) {
    let mut names: BTreeSet<&str> = BTreeSet::from([instance_id]);
    for interface in interfaces {
        names.extend(interface.private_ips.iter().chain(&interface.ipv6).map(String::as_str));
    }
    let answers: Vec<(&String, Result<Vec<Registration>>)> = stream::iter(target_groups)
        .map(|arn| Box::pin(async move { (arn, registered(target, arn).await) }))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for (arn, answer) in answers {
        match answer {
            Ok(registered) => found.extend(registered.into_iter().filter(|one| names.contains(one.target.as_str()))),
            Err(error) if error.has_code("TargetGroupNotFound") => {}
            Err(error) => unread.push((arn.clone(), error)),
        }
    }
    (found, unread)
}

async fn registered(target: &Target, target_group: &str) -> Result<Vec<Registration>> {
    let output = target
        .load_balancing()
        .describe_target_health()
        .target_group_arn(target_group)
        .send()
        .await
        .map_err(Error::of("elasticloadbalancing:DescribeTargetHealth"))?;
    let leaving = |state: Option<&TargetHealthStateEnum>| state == Some(&TargetHealthStateEnum::Draining);
    Ok(output
        .target_health_descriptions()
        .iter()
        .filter(|described| !leaving(described.target_health().and_then(|health| health.state())))
        .filter_map(|described| {
            let it = described.target()?;
            Some(Registration {
                target_group: target_group.to_owned(),
                target: it.id()?.to_owned(),
                port: it.port(),
                availability_zone: it.availability_zone().map(str::to_owned),
            })
        })
        .collect())
}

/// The first reads of a host, made at the same time; each can fail by itself.
pub struct Beginning {
    protection: Result<Protection>,
    membership: Result<Option<Membership>>,
    target_groups: Result<Vec<TargetGroup>>,
}

/// Begins to read the host of an instance that was just described, for a plan.
pub async fn begin(target: &Target, instance_id: &str, described: &Instance) -> Beginning {
    let (attributes, membership, target_groups) = tokio::join!(
        Box::pin(attributes(target, instance_id)),
        Box::pin(membership(target, instance_id)),
        Box::pin(target_groups(target)),
    );
    Beginning { protection: attributes.map(|attributes| attributes.of(described)), membership, target_groups }
}

impl Beginning {
    /// Reads the rest. Beside the host, what could not be read, in sentences.
    pub async fn finish(self, target: &Target, instance_id: &str, interfaces: &[Interface]) -> (Host, Vec<String>) {
        let mut unread = Vec::new();
        let mut not = |what: &str, error: &Error| unread.push(format!("{what} is unknown: {error}"));
        let protection = self.protection.map_err(|error| not("the protection of the instance", &error)).ok();
        let membership = self.membership.map_err(|error| not("the Auto Scaling group", &error)).ok().flatten();
        let groups = self.target_groups.map_err(|error| not("whether load balancers send it traffic", &error));
        let (candidates, too_many) = candidates(&groups.unwrap_or_default(), &[], interfaces);
        let (registrations, failed) = Box::pin(registrations(target, &candidates, instance_id, interfaces)).await;
        for (group, error) in failed {
            not(&format!("whether {group} sends it traffic"), &error);
        }
        if too_many > 0 {
            unread.push(format!("{too_many} target groups of its VPCs were not looked into"));
        }
        (Host { protection, membership, registrations }, unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(arn: &str, kind: TargetTypeEnum, vpc: &str) -> TargetGroup {
        TargetGroup::builder().target_group_arn(arn).target_type(kind).vpc_id(vpc).build()
    }

    fn interface(vpc: &str) -> Interface {
        Interface {
            id: "eni-1".to_owned(),
            vpc_id: vpc.to_owned(),
            groups: Vec::new(),
            requester_managed: false,
            private_ip: None,
            public_ip: None,
            ipv6: Vec::new(),
            private_ips: Vec::new(),
            elastic_addresses: Vec::new(),
            subnet_id: None,
            source_dest_check: true,
        }
    }

    #[test]
    fn instances_are_looked_for_in_their_vpcs_and_addresses_everywhere() {
        let groups = [
            group("same", TargetTypeEnum::Instance, "vpc-1"),
            group("other", TargetTypeEnum::Instance, "vpc-2"),
            group("address", TargetTypeEnum::Ip, "vpc-2"),
            group("function", TargetTypeEnum::Lambda, "vpc-1"),
            group("own", TargetTypeEnum::Instance, "vpc-1"),
        ];
        let (arns, too_many) = candidates(&groups, &["own".to_owned()], &[interface("vpc-1")]);
        assert_eq!((arns, too_many), (vec!["own".to_owned(), "same".to_owned(), "address".to_owned()], 0));
    }

    #[test]
    fn what_is_too_many_is_counted() {
        let groups: Vec<TargetGroup> =
            (0..120).map(|index| group(&index.to_string(), TargetTypeEnum::Ip, "vpc-1")).collect();
        let (arns, too_many) = candidates(&groups, &[], &[interface("vpc-1")]);
        assert_eq!((arns.len(), too_many), (MOST_TARGET_GROUPS, 20));
    }
}
