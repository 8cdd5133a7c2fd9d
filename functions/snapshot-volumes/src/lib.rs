//! One crash-consistent snapshot set over all EBS volumes of an instance, tagged with the incident and safe under
//! retry: `CreateSnapshots` has no client token, so the tag is looked for before and after every attempt.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::types::{Filter, InstanceSpecification, ResourceType, Snapshot, Tag, TagSpecification};
use incident::{Control, ControlState, Incident, Resource};
use responder::{Clients, Error, ErrorName, INCIDENT_TAG, Result, Target};
use serde::{Deserialize, Serialize};

/// After an answer was lost, how often and how far apart the tag is looked for: tags of a snapshot are visible within
/// seconds.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// Snapshots older than this are not evidence of what is happening now. Updates of one finding come within hours.
const OLDEST: Duration = Duration::from_secs(24 * 3600);

/// The incident whose evidence is kept.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
}

/// The snapshot set.
#[derive(Debug, Serialize)]
pub struct Output {
    snapshots: Vec<String>,
    controls: Vec<Control>,
    gaps: Vec<String>,
}

/// Starts the snapshot set of an incident, or finds the one that was started. Completion is not waited for: the point in
/// time is fixed by the call.
///
/// # Errors
/// `Evidence.SnapshotRateExceeded` and `Evidence.SnapshotUnconfirmed` are transient; a re-run is safe.
pub async fn handle(clients: &Clients, _: &(), input: Input) -> Result<Output> {
    let incident = &input.incident;
    let Resource::Instance { id } = &incident.resource else {
        return Err(Error::new(
            ErrorName::InputInvalid,
            format!("the incident is about a {}, not an instance", incident.resource.kind()),
        ));
    };
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let existing = tagged(clients, &target, &incident.id).await?;
    if !existing.is_empty() {
        return report(&target, id, existing, ControlState::AlreadyDone).await;
    }
    if volumes(&target, id).await?.is_empty() {
        let gap = "no EBS volume is attached: there is nothing that a snapshot could keep".to_owned();
        return Ok(Output {
            snapshots: Vec::new(),
            controls: vec![Control::new("snapshot-volumes", id, ControlState::Gap, gap.clone())],
            gaps: vec![gap],
        });
    }
    match create(&target, id, incident).await {
        Ok(()) => {}
        Err(error) if error.name == ErrorName::AwsUnavailable => {
            // The call may have had its effect: only the tag can tell.
            return match found_later(clients, &target, &incident.id).await? {
                Some(found) => report(&target, id, found, ControlState::Done).await,
                None => Err(Error::new(ErrorName::SnapshotUnconfirmed, error.message)),
            };
        }
        Err(error) if error.has_code("SnapshotCreationPerVolumeRateExceeded") => {
            return Err(Error::new(ErrorName::SnapshotRateExceeded, error.message));
        }
        Err(error) if error.has_code("ConcurrentSnapshotLimitExceeded") => {
            return Err(Error::new(ErrorName::SnapshotRateExceeded, error.message));
        }
        Err(error) => return Err(error),
    }
    match found_later(clients, &target, &incident.id).await? {
        Some(found) => report(&target, id, found, ControlState::Done).await,
        None => Err(Error::new(
            ErrorName::SnapshotUnconfirmed,
            "ec2:CreateSnapshots succeeded and no snapshot carries the tag of the incident yet",
        )),
    }
}

/// The snapshots of the set that carry the tag of the incident: neither failed ones nor those of an earlier compromise of
/// the same instance, which has the same incident id.
async fn tagged(clients: &Clients, target: &Target, incident_id: &str) -> Result<Vec<Snapshot>> {
    let now = clients.now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let oldest = now.saturating_sub(OLDEST).as_secs() as i64;
    let by_tag = Filter::builder().name(format!("tag:{INCIDENT_TAG}")).values(incident_id).build();
    let mut pages = target.ec2().describe_snapshots().owner_ids("self").filters(by_tag).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(snapshot) = pages.next().await {
        let snapshot = snapshot.map_err(Error::of("ec2:DescribeSnapshots"))?;
        let started = snapshot.start_time().map_or(0, |time| time.secs());
        let failed = snapshot.state().is_some_and(|state| state.as_str() == "error");
        if started >= oldest && !failed {
            found.push(snapshot);
        }
    }
    Ok(found)
}

async fn found_later(clients: &Clients, target: &Target, incident_id: &str) -> Result<Option<Vec<Snapshot>>> {
    for look in 0..LOOKS {
        if look > 0 {
            clients.pause(BETWEEN_LOOKS).await;
        }
        let found = tagged(clients, target, incident_id).await?;
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Ids of the EBS volumes that are attached.
async fn volumes(target: &Target, instance_id: &str) -> Result<Vec<String>> {
    let attached = Filter::builder().name("attachment.instance-id").values(instance_id).build();
    let mut pages = target.ec2().describe_volumes().filters(attached).into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(volume) = pages.next().await {
        let volume = volume.map_err(Error::of("ec2:DescribeVolumes"))?;
        ids.extend(volume.volume_id().map(str::to_owned));
    }
    Ok(ids)
}

/// `CreateSnapshots` over the whole instance. The SDK must not retry it: a lost answer would make a second set.
async fn create(target: &Target, instance_id: &str, incident: &Incident) -> Result<()> {
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Snapshot)
        .tags(Tag::builder().key(INCIDENT_TAG).value(&incident.id).build())
        .build();
    target
        .ec2()
        .create_snapshots()
        .instance_specification(
            InstanceSpecification::builder().instance_id(instance_id).exclude_boot_volume(false).build(),
        )
        .description(format!("Cordon evidence of {instance_id}, incident {}", incident.id))
        .tag_specifications(tags)
        .customize()
        .config_override(aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await
        .map(|_| ())
        .map_err(Error::of("ec2:CreateSnapshots"))
}

/// The set against the volumes that are attached: what was left out is a gap.
async fn report(target: &Target, instance_id: &str, found: Vec<Snapshot>, state: ControlState) -> Result<Output> {
    let kept: Vec<&str> = found.iter().filter_map(Snapshot::volume_id).collect();
    let gaps: Vec<String> = match volumes(target, instance_id).await {
        Ok(attached) => attached
            .iter()
            .filter(|volume| !kept.contains(&volume.as_str()))
            .map(|volume| format!("volume {volume} is not in the snapshot set"))
            .collect(),
        // The set exists all the same; what is not known is whether it is whole.
        Err(error) => vec![format!("whether every volume is in the snapshot set is unknown: {error}")],
    };
    let mut snapshots: Vec<String> =
        found.iter().filter_map(|snapshot| snapshot.snapshot_id().map(str::to_owned)).collect();
    snapshots.sort_unstable();
    let read: Vec<String> = found
        .iter()
        .map(|snapshot| {
            format!(
                "{} of {} {}",
                snapshot.snapshot_id().unwrap_or_default(),
                snapshot.volume_id().unwrap_or_default(),
                snapshot.state().map_or("unknown", |state| state.as_str())
            )
        })
        .collect();
    let state = if gaps.is_empty() { state } else { ControlState::Gap };
    Ok(Output {
        snapshots,
        controls: vec![Control::new("snapshot-volumes", instance_id, state, format!("read back: {}", read.join(", ")))],
        gaps,
    })
}
