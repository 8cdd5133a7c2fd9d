//! Creates one crash-consistent snapshot set over all EBS volumes of an instance. `CreateSnapshots` has no client token,
//! so the function searches for the incident tag before and after each attempt, which makes a retry safe.

use std::time::Duration;

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{Filter, InstanceSpecification, ResourceType, Tag, TagSpecification};
use incident::{Control, ControlState, CustodyEntry, Incident, SCHEMA};
use responder::{
    COPY_TAG, Clients, Environment, Error, ErrorName, INCIDENT_TAG, Parameters, Result, Target, custody, kill_switch,
    required,
};
use serde::{Deserialize, Serialize};

/// How often and at which interval the tag is searched for after the call: tags of a snapshot become visible within
/// seconds.
const READ_ATTEMPTS: u32 = 4;
const READ_INTERVAL: Duration = Duration::from_secs(3);

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, _: &mut Parameters) -> Result<Settings> {
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned() })
    }
}

/// The incident whose evidence is preserved.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    execution: String,
}

/// The snapshot set.
#[derive(Debug, Serialize)]
pub struct Output {
    snapshots: Vec<String>,
    controls: Vec<Control>,
    gaps: Vec<String>,
}

/// A snapshot of the set, its volume and its state.
struct SetMember {
    snapshot: String,
    volume: String,
    state: String,
}

/// Starts the snapshot set of an incident, or finds the one that an earlier attempt started. It does not wait for
/// completion, because the call fixes the point in time.
///
/// # Errors
/// `Response.Stopped` before anything is changed. `Evidence.SnapshotRateExceeded` and `Evidence.SnapshotUnconfirmed` are
/// transient, and running the function again is safe.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    kill_switch::check(clients, &settings.table).await?;
    let incident = &input.incident;
    let (target, id) = clients.for_instance(incident)?;
    let (existing, attached) = tokio::join!(Box::pin(tagged(&target, &incident.id)), Box::pin(volumes(&target, id)));
    let existing = existing?;
    if !existing.is_empty() {
        return Ok(report(id, attached, &existing, ControlState::AlreadyDone));
    }
    // Read before the call, so that a volume that is detached during the call counts as missing.
    let attached = attached?;
    if attached.is_empty() {
        let gap = "no EBS volume is attached: there is nothing that a snapshot could keep".to_owned();
        return Ok(Output {
            snapshots: Vec::new(),
            controls: vec![Control::new("snapshot-volumes", id, ControlState::Gap, gap.clone())],
            gaps: vec![gap],
        });
    }
    let (request_id, lost) = match create(&target, id, incident).await {
        Ok(request_id) => (request_id, None),
        // The call may have taken effect: only the tag can show it.
        Err(error) if error.name == ErrorName::AwsUnavailable => (None, Some(error.message)),
        Err(error) if error.has_code("SnapshotCreationPerVolumeRateExceeded") => {
            return Err(Error::new(ErrorName::SnapshotRateExceeded, error.message));
        }
        Err(error) if error.has_code("ConcurrentSnapshotLimitExceeded") => {
            return Err(Error::new(ErrorName::SnapshotRateExceeded, error.message));
        }
        Err(error) => return Err(error),
    };
    let Some(found) = find_tagged(clients, &target, &incident.id).await? else {
        let why = lost.unwrap_or_else(|| {
            "ec2:CreateSnapshots succeeded and no snapshot carries the tag of the incident yet".to_owned()
        });
        return Err(Error::new(ErrorName::SnapshotUnconfirmed, why));
    };
    let mut output = report(id, Ok(attached), &found, ControlState::Done);
    if let Err(error) = keep_custody(clients, settings, &target, &input, &output, request_id).await {
        output.gaps.push(format!("the snapshot set is not in the custody manifest: {error}"));
    }
    Ok(output)
}

/// Adds the set to the custody manifest: which role made it, when, and under which request id.
async fn keep_custody(
    clients: &Clients,
    settings: &Settings,
    target: &Target,
    input: &Input,
    output: &Output,
    request_id: Option<String>,
) -> Result<()> {
    let entry = CustodyEntry {
        schema: SCHEMA,
        what: "snapshot-set".to_owned(),
        at: clients.now().to_string(),
        request_id,
        role: custody::caller_arn(target).await?,
        sha256: None,
        detail: output.snapshots.join(" "),
        gaps: output.gaps.clone(),
    };
    custody::put_entry(clients, &settings.table, &input.incident.id, &input.execution, &entry, None).await.map(drop)
}

/// The snapshots that carry the incident tag, without failed ones and without re-encrypted copies.
async fn tagged(target: &Target, incident_id: &str) -> Result<Vec<SetMember>> {
    const CALL: &str = "ec2:DescribeSnapshots";
    let by_tag = Filter::builder().name(format!("tag:{INCIDENT_TAG}")).values(incident_id).build();
    let mut pages = target.ec2().describe_snapshots().owner_ids("self").filters(by_tag).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(snapshot) = pages.next().await {
        let snapshot = snapshot.map_err(Error::from_sdk(CALL))?;
        let failed = snapshot.state().is_some_and(|state| state.as_str() == "error");
        let copied = snapshot.tags().iter().any(|tag| tag.key() == Some(COPY_TAG));
        if !copied && !failed {
            found.push(SetMember {
                snapshot: required(CALL, "SnapshotId", snapshot.snapshot_id)?,
                volume: required(CALL, "VolumeId", snapshot.volume_id)?,
                state: required(CALL, "State", snapshot.state)?.as_str().to_owned(),
            });
        }
    }
    Ok(found)
}

async fn find_tagged(clients: &Clients, target: &Target, incident_id: &str) -> Result<Option<Vec<SetMember>>> {
    for attempt in 0..READ_ATTEMPTS {
        if attempt > 0 {
            clients.pause(READ_INTERVAL).await;
        }
        let found = tagged(target, incident_id).await?;
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Ids of the EBS volumes that are attached.
async fn volumes(target: &Target, instance_id: &str) -> Result<Vec<String>> {
    const CALL: &str = "ec2:DescribeVolumes";
    let attached = Filter::builder().name("attachment.instance-id").values(instance_id).build();
    let mut pages = target.ec2().describe_volumes().filters(attached).into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(volume) = pages.next().await {
        let volume = volume.map_err(Error::from_sdk(CALL))?;
        ids.push(required(CALL, "VolumeId", volume.volume_id)?);
    }
    Ok(ids)
}

/// `CreateSnapshots` over the whole instance. The SDK must not retry it: after a lost answer a retry would create a second
/// set.
async fn create(target: &Target, instance_id: &str, incident: &Incident) -> Result<Option<String>> {
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
        .map(|output| output.request_id().map(str::to_owned))
        .map_err(Error::from_sdk("ec2:CreateSnapshots"))
}

/// Compares the set with the attached volumes: a volume without a snapshot is a gap.
fn report(instance_id: &str, attached: Result<Vec<String>>, found: &[SetMember], state: ControlState) -> Output {
    let gaps: Vec<String> = match attached {
        Ok(attached) => attached
            .iter()
            .filter(|volume| !found.iter().any(|member| member.volume == **volume))
            .map(|volume| format!("volume {volume} is not in the snapshot set"))
            .collect(),
        // The set exists; only its completeness is unknown.
        Err(error) => vec![format!("whether every volume is in the snapshot set is unknown: {error}")],
    };
    let mut snapshots: Vec<String> = found.iter().map(|member| member.snapshot.clone()).collect();
    snapshots.sort_unstable();
    let read: Vec<String> =
        found.iter().map(|member| format!("{} of {} {}", member.snapshot, member.volume, member.state)).collect();
    let state = if gaps.is_empty() { state } else { ControlState::Gap };
    Output {
        snapshots,
        controls: vec![Control::new("snapshot-volumes", instance_id, state, format!("read back: {}", read.join(", ")))],
        gaps,
    }
}
