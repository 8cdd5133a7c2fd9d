//! Reads what containment changes besides the security groups of the interfaces: protection, Auto Scaling group and
//! load balancer registrations. Independent reads run concurrently.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Instance, InstanceAttributeName, InstanceLifecycleType};
use aws_sdk_elasticloadbalancingv2::types::{TargetGroup, TargetHealthStateEnum, TargetTypeEnum};
use futures_util::StreamExt;
use futures_util::stream;
use incident::Interface;
use incident::host::{Host, Membership, Protection, Registration, VolumeMapping};

use crate::{Error, ErrorName, Result, Target, required};

/// How many `DescribeTargetHealth` calls run concurrently.
const MAX_CONCURRENT_READS: usize = 10;

/// How many target groups are checked: an account can have thousands, and containment waits for the result.
const MAX_TARGET_GROUPS: usize = 100;

/// The protection of an instance, from three attributes and its description.
///
/// # Errors
/// As EC2 answers; `Aws.Refused` when the instance does not exist.
pub async fn protection(target: &Target, instance_id: &str) -> Result<Protection> {
    let (instance, attributes) =
        tokio::join!(Box::pin(instance(target, instance_id)), Box::pin(attributes(target, instance_id)));
    let instance = instance?;
    Ok(attributes?.with_description(&instance))
}

/// The attributes of an instance that `DescribeInstances` does not return.
struct Attributes {
    termination_disabled: bool,
    stop_disabled: bool,
    shutdown_behavior: String,
}

const ATTRIBUTE_CALL: &str = "ec2:DescribeInstanceAttribute";

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
        termination_disabled: required(ATTRIBUTE_CALL, "DisableApiTermination", termination)?,
        stop_disabled: required(ATTRIBUTE_CALL, "DisableApiStop", stop)?,
        shutdown_behavior: required(ATTRIBUTE_CALL, "InstanceInitiatedShutdownBehavior", shutdown)?,
    })
}

impl Attributes {
    /// Adds what the description of the instance has.
    fn with_description(self, instance: &Instance) -> Protection {
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
        delete_on_termination: ebs.delete_on_termination() == Some(true),
    })
}

async fn instance(target: &Target, instance_id: &str) -> Result<Instance> {
    let output = target
        .ec2()
        .describe_instances()
        .instance_ids(instance_id)
        .send()
        .await
        .map_err(Error::from_sdk("ec2:DescribeInstances"))?;
    let mut instances = output.reservations.into_iter().flatten().filter_map(|found| found.instances).flatten();
    instances
        .find(|instance| instance.instance_id() == Some(instance_id))
        .ok_or_else(|| Error::new(ErrorName::AwsUnexpected, "ec2:DescribeInstances: the answer lacks the instance"))
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
        .map_err(Error::from_sdk(ATTRIBUTE_CALL))
}

/// The Auto Scaling group of an instance; `None` when it is in none (`DescribeAutoScalingInstances`).
///
/// # Errors
/// As Auto Scaling answers.
pub async fn membership(target: &Target, instance_id: &str) -> Result<Option<Membership>> {
    const CALL: &str = "autoscaling:DescribeAutoScalingInstances";
    let output = target
        .auto_scaling()
        .describe_auto_scaling_instances()
        .instance_ids(instance_id)
        .send()
        .await
        .map_err(Error::from_sdk(CALL))?;
    let mut found = output.auto_scaling_instances().iter();
    let Some(found) = found.find(|found| found.instance_id() == Some(instance_id)) else { return Ok(None) };
    Ok(Some(Membership {
        group: required(CALL, "AutoScalingGroupName", found.auto_scaling_group_name())?.to_owned(),
        lifecycle_state: required(CALL, "LifecycleState", found.lifecycle_state())?.to_owned(),
        protected_from_scale_in: required(CALL, "ProtectedFromScaleIn", found.protected_from_scale_in())?,
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
        .map_err(Error::from_sdk("autoscaling:DescribeAutoScalingGroups"))?;
    Ok(output.auto_scaling_groups().iter().flat_map(|found| found.target_group_arns()).cloned().collect())
}

/// Every target group of the account and Region (`DescribeTargetGroups`).
///
/// # Errors
/// As Elastic Load Balancing answers.
pub async fn target_groups(target: &Target) -> Result<Vec<TargetGroup>> {
    let mut pages = target.load_balancing().describe_target_groups().into_paginator().items().send();
    let mut groups = Vec::new();
    while let Some(group) = pages.next().await {
        groups.push(group.map_err(Error::from_sdk("elasticloadbalancing:DescribeTargetGroups"))?);
    }
    Ok(groups)
}

/// The target groups in which this instance could be a target: instances are registered in their own VPC, addresses from
/// any VPC. Those of its Auto Scaling group come first. The second value counts the groups beyond the limit.
pub fn candidates(
    groups: &[TargetGroup],
    auto_scaling_target_groups: &[String],
    interfaces: &[Interface],
) -> (Vec<String>, usize) {
    let vpcs: BTreeSet<&str> = interfaces.iter().map(|interface| interface.vpc_id.as_str()).collect();
    let could = |group: &TargetGroup| match group.target_type() {
        Some(TargetTypeEnum::Ip) => true,
        Some(TargetTypeEnum::Instance) | None => group.vpc_id().is_none_or(|vpc| vpcs.contains(vpc)),
        _ => false,
    };
    let mut arns: Vec<String> = auto_scaling_target_groups.to_vec();
    for arn in groups.iter().filter(|group| could(group)).filter_map(TargetGroup::target_group_arn) {
        if !arns.iter().any(|known| known == arn) {
            arns.push(arn.to_owned());
        }
    }
    let too_many = arns.len().saturating_sub(MAX_TARGET_GROUPS);
    arns.truncate(MAX_TARGET_GROUPS);
    (arns, too_many)
}

/// Where an instance is registered, among the given target groups, by its id or by an address of its interfaces
/// (`DescribeTargetHealth`). A draining target no longer counts. The second value lists the groups that could not be read.
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
        .buffered(MAX_CONCURRENT_READS)
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
        .map_err(Error::from_sdk("elasticloadbalancing:DescribeTargetHealth"))?;
    let is_draining = |state: Option<&TargetHealthStateEnum>| state == Some(&TargetHealthStateEnum::Draining);
    Ok(output
        .target_health_descriptions()
        .iter()
        .filter(|described| !is_draining(described.target_health().and_then(|health| health.state())))
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

/// The reads of a host that need only its id and description. Each can fail on its own.
pub struct HostReads {
    protection: Result<Protection>,
    membership: Result<Option<Membership>>,
    target_groups: Result<Vec<TargetGroup>>,
}

/// Starts to read the host of an instance that was just described.
pub async fn start_reads(target: &Target, instance_id: &str, described: &Instance) -> HostReads {
    let (attributes, membership, target_groups) = tokio::join!(
        Box::pin(attributes(target, instance_id)),
        Box::pin(membership(target, instance_id)),
        Box::pin(target_groups(target)),
    );
    HostReads {
        protection: attributes.map(|attributes| attributes.with_description(described)),
        membership,
        target_groups,
    }
}

impl HostReads {
    /// Reads the registrations as well. The second value says, in sentences, what could not be read.
    pub async fn finish(self, target: &Target, instance_id: &str, interfaces: &[Interface]) -> (Host, Vec<String>) {
        let mut unread = Vec::new();
        let mut note = |what: &str, error: &Error| unread.push(format!("{what} is unknown: {error}"));
        let protection = self.protection.map_err(|error| note("the protection of the instance", &error)).ok();
        let membership = self.membership.map_err(|error| note("the Auto Scaling group", &error)).ok().flatten();
        let groups = self.target_groups.unwrap_or_else(|error| {
            note("whether load balancers send it traffic", &error);
            Vec::new()
        });
        let (candidates, too_many) = candidates(&groups, &[], interfaces);
        let (registrations, failed) = Box::pin(registrations(target, &candidates, instance_id, interfaces)).await;
        for (group, error) in failed {
            note(&format!("whether {group} sends it traffic"), &error);
        }
        if too_many > 0 {
            unread.push(format!("{too_many} target groups of its VPCs were not checked"));
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
        assert_eq!((arns.len(), too_many), (MAX_TARGET_GROUPS, 20));
    }
}
