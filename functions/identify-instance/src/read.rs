//! The reads, one API operation each.

use aws_sdk_ec2::types::{Filter, Instance, Tag};
use aws_smithy_types::date_time::Format;
use incident::facts::ManagedNode;
use incident::host::Host;
use incident::{InstanceFacts, Interface, Volume, text};
use responder::{Error, ErrorName, PURPOSE_TAG, Result, Target};

/// `DescribeInstances`, its facts and the description whole; `None` when EC2 does not know the id.
pub(crate) async fn instance(target: &Target, id: &str) -> Result<Option<(InstanceFacts, Instance)>> {
    let described = target
        .ec2()
        .describe_instances()
        .instance_ids(id)
        .send()
        .await
        .map_err(Error::from_sdk("ec2:DescribeInstances"));
    let output = match described {
        Ok(output) => output,
        Err(error) if error.has_code("InvalidInstanceID.NotFound") => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut instances = output.reservations.into_iter().flatten().flat_map(|found| found.instances.unwrap_or_default());
    let Some(instance) = instances.find(|instance| instance.instance_id() == Some(id)) else {
        return Ok(None);
    };
    let state = instance.state().and_then(|state| state.name()).ok_or_else(|| {
        Error::new(ErrorName::AwsUnexpected, format!("ec2:DescribeInstances: {id} came without a state"))
    })?;
    let facts = InstanceFacts {
        instance_id: id.to_owned(),
        owner: owner(instance.tags()),
        state: state.as_str().to_owned(),
        image_id: instance.image_id().map(str::to_owned),
        platform: instance.platform_details().map(str::to_owned),
        launched_at: instance.launch_time().and_then(|time| time.fmt(Format::DateTime).ok()),
        root_device_type: instance.root_device_type().map(|kind| kind.as_str().to_owned()),
        interfaces: Vec::new(),
        volumes: Vec::new(),
        instance_profile_arn: instance.iam_instance_profile().and_then(|profile| profile.arn()).map(str::to_owned),
        auto_scaling_group: tag(instance.tags(), "aws:autoscaling:groupName").map(str::to_owned),
        managed_node: None,
        host: Host::default(),
        tags: instance
            .tags()
            .iter()
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
            .collect(),
        isolated: false,
    };
    Ok(Some((facts, instance)))
}

fn tag<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key().is_some_and(|found| found.eq_ignore_ascii_case(key))).and_then(|tag| tag.value())
}

fn owner(tags: &[Tag]) -> Option<String> {
    let known: Vec<String> = ["Name", "Owner"]
        .iter()
        .filter_map(|key| tag(tags, key).map(|value| format!("{key} {}", text::line(value, 100))))
        .collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// Which of the groups of these interfaces are isolation groups of the response, by the tag it gives them
/// (`DescribeSecurityGroups`).
pub(crate) async fn isolation_groups(target: &Target, interfaces: &[Interface]) -> Result<Vec<String>> {
    let mut groups: Vec<String> = interfaces.iter().flat_map(|interface| interface.groups.iter().cloned()).collect();
    groups.sort_unstable();
    groups.dedup();
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let among = Filter::builder().name("group-id").set_values(Some(groups)).build();
    let ours = Filter::builder().name(format!("tag:{PURPOSE_TAG}")).values("isolation").build();
    let mut pages =
        target.ec2().describe_security_groups().filters(among).filters(ours).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(group) = pages.next().await {
        let group = group.map_err(Error::from_sdk("ec2:DescribeSecurityGroups"))?;
        found.extend(group.group_id().map(str::to_owned));
    }
    Ok(found)
}

/// `DescribeVolumes` by attachment.
pub(crate) async fn volumes(target: &Target, id: &str) -> Result<Vec<Volume>> {
    let attached = Filter::builder().name("attachment.instance-id").values(id).build();
    let mut pages = target.ec2().describe_volumes().filters(attached).into_paginator().items().send();
    let mut volumes = Vec::new();
    while let Some(volume) = pages.next().await {
        let volume = volume.map_err(Error::from_sdk("ec2:DescribeVolumes"))?;
        let attachment = volume.attachments().iter().find(|attachment| attachment.instance_id() == Some(id));
        volumes.push(Volume {
            id: volume.volume_id().unwrap_or_default().to_owned(),
            device: attachment.and_then(|attachment| attachment.device()).unwrap_or_default().to_owned(),
            size_gib: volume.size().unwrap_or_default(),
            encrypted: volume.encrypted().unwrap_or_default(),
            kms_key_id: volume.kms_key_id().map(str::to_owned),
            delete_on_termination: attachment
                .and_then(|attachment| attachment.delete_on_termination())
                .unwrap_or_default(),
        });
    }
    Ok(volumes)
}

/// `DescribeInstanceInformation`; `None` when the instance is not a managed node.
pub(crate) async fn managed_node(target: &Target, id: &str) -> Result<Option<ManagedNode>> {
    let by_id = aws_sdk_ssm::types::InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .values(id)
        .build()
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))?;
    let output = target
        .ssm()
        .describe_instance_information()
        .filters(by_id)
        .send()
        .await
        .map_err(Error::from_sdk("ssm:DescribeInstanceInformation"))?;
    Ok(output.instance_information_list().first().map(|node| ManagedNode {
        ping_status: node.ping_status().map_or("Unknown", |status| status.as_str()).to_owned(),
        platform_type: node.platform_type().map(|platform| platform.as_str().to_owned()),
        agent_version: node.agent_version().map(str::to_owned),
    }))
}
