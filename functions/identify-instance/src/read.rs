//! The reads, one API operation each.

use aws_sdk_ec2::types::{Filter, Instance, Tag};
use aws_smithy_types::date_time::Format;
use incident::facts::ManagedNode;
use incident::host::Host;
use incident::{InstanceFacts, Interface, Volume, text};
use responder::{Error, ErrorName, PURPOSE_TAG, Result, Target, required};

/// `DescribeInstances`: the facts and the complete description; `None` when EC2 does not know the id.
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
    let mut instances = output.reservations.into_iter().flatten().filter_map(|found| found.instances).flatten();
    let Some(instance) = instances.find(|instance| instance.instance_id() == Some(id)) else {
        return Ok(None);
    };
    let state = required("ec2:DescribeInstances", "State", instance.state().and_then(|state| state.name()))?;
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
        tags: instance.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned()))).collect(),
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

/// Which groups of these interfaces are Cordon's isolation groups, by their purpose tag (`DescribeSecurityGroups`).
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
    const CALL: &str = "ec2:DescribeVolumes";
    let attached = Filter::builder().name("attachment.instance-id").values(id).build();
    let mut pages = target.ec2().describe_volumes().filters(attached).into_paginator().items().send();
    let mut volumes = Vec::new();
    while let Some(volume) = pages.next().await {
        let volume = volume.map_err(Error::from_sdk(CALL))?;
        let attachment = volume.attachments().iter().find(|attachment| attachment.instance_id() == Some(id));
        let attachment = required(CALL, "Attachments", attachment)?;
        volumes.push(Volume {
            id: required(CALL, "VolumeId", volume.volume_id())?.to_owned(),
            device: required(CALL, "Device", attachment.device())?.to_owned(),
            size_gib: required(CALL, "Size", volume.size())?,
            encrypted: required(CALL, "Encrypted", volume.encrypted())?,
            kms_key_id: volume.kms_key_id().map(str::to_owned),
            delete_on_termination: attachment.delete_on_termination() == Some(true),
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
