//! Volumes and snapshots.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::err::{Kind, invalid};
use super::instances::incorrect_state;
use super::render::{self, Frame, put, tag_set};
use super::request::{FilterTable, Selection, begin, tag_specifications};
use super::state::{Instance, Snapshot, State, Tags, Volume};
use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::Context;

/// The least time between two snapshots of one volume (error code `SnapshotCreationPerVolumeRateExceeded`).
const BETWEEN_SNAPSHOTS: Duration = Duration::from_secs(15);

/// `DescribeVolumes`, "Filters".
const VOLUME_FILTERS: &FilterTable = &[
    ("attachment.attach-time", "attachmentSet.attachTime"),
    ("attachment.delete-on-termination", "attachmentSet.deleteOnTermination"),
    ("attachment.device", "attachmentSet.device"),
    ("attachment.instance-id", "attachmentSet.instanceId"),
    ("attachment.status", "attachmentSet.status"),
    ("availability-zone", "availabilityZone"),
    ("create-time", "createTime"),
    ("encrypted", "encrypted"),
    ("size", "size"),
    ("snapshot-id", "snapshotId"),
    ("status", "status"),
    ("volume-id", "volumeId"),
    ("volume-type", "volumeType"),
];

/// `DescribeSnapshots`, "Filters".
const SNAPSHOT_FILTERS: &FilterTable = &[
    ("description", "description"),
    ("encrypted", "encrypted"),
    ("owner-alias", "ownerAlias"),
    ("owner-id", "ownerId"),
    ("progress", "progress"),
    ("snapshot-id", "snapshotId"),
    ("start-time", "startTime"),
    ("status", "status"),
    ("storage-tier", "storageTier"),
    ("volume-id", "volumeId"),
    ("volume-size", "volumeSize"),
];

pub(super) fn describe_volumes(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "VolumeIds", 5)?;
    let render = |id: &str, it: &Volume| render::volume(state, id, it);
    let get = |id: &str| state.volumes.get_key_value(id);
    let (found, next) = if let Some(instances) = selection.exact("attachment.instance-id") {
        let mappings = instances.iter().filter_map(|id| state.instances.get(id)).flat_map(|it| &it.mappings);
        let mut ids: Vec<&str> = mappings.map(|mapping| mapping.volume.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let candidates = ids.into_iter().filter_map(get);
        selection.page(Kind::Volume, candidates, get, VOLUME_FILTERS, render)?
    } else {
        selection.page(Kind::Volume, state.volumes.iter(), get, VOLUME_FILTERS, render)?
    };
    Ok(json!({"volumeSet": found, "nextToken": next}))
}

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "SnapshotIds", 5)?;
    let owners = params.take_strings("OwnerIds")?;
    let frame = Frame::of(context);
    let owned = |it: &Snapshot| {
        let owner = it.rest.get("ownerId").and_then(Value::as_str).unwrap_or(frame.account);
        owners.is_empty() || owners.iter().any(|wanted| wanted == owner || (wanted == "self" && owner == frame.account))
    };
    let all = state.snapshots.iter().filter(|(_, it)| owned(it));
    let get = |id: &str| state.snapshots.get_key_value(id).filter(|(_, it)| owned(it));
    let render = |id: &str, it: &Snapshot| render::snapshot(&frame, id, it);
    let (found, next) = selection.page(Kind::Snapshot, all, get, SNAPSHOT_FILTERS, render)?;
    Ok(json!({"snapshotSet": found, "nextToken": next}))
}

pub(super) fn create_all(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let description = params.take_string("Description")?.unwrap_or_default();
    let copy_tags = match params.take_string("CopyTagsFromSource")?.as_deref() {
        None => false,
        Some("volume") => true,
        Some(other) => return Err(invalid(format!("Value ({other}) for parameter copyTagsFromSource is invalid."))),
    };
    let tags = tag_specifications(&mut params, "snapshot")?;
    let mut specification =
        params.take_params("InstanceSpecification")?.ok_or_else(|| params.missing("InstanceSpecification"))?;
    let instance = specification.require_string("InstanceId")?;
    let exclude_boot = specification.take_bool("ExcludeBootVolume")?.unwrap_or(false);
    let excluded = specification.take_strings("ExcludeDataVolumeIds")?;
    if !params.names().is_empty() {
        return Err(ServiceError::unsupported(format!("parameter {}", params.names().join(", "))));
    }
    let it = state.instance(&instance, context.now).ok_or_else(|| Kind::Instance.absent(&instance))?;
    if it.is_terminated() {
        return Err(incorrect_state(&instance, &it.state));
    }
    let volumes = wanted_volumes(it, exclude_boot, &excluded)?;
    if volumes.is_empty() {
        return Err(invalid(format!("The instance '{instance}' has no volumes to take snapshots of.")));
    }
    for volume in &volumes {
        check_volume(state, volume, context.now)?;
    }
    let mut shown = Vec::with_capacity(volumes.len());
    for volume in volumes {
        let Some(source) = state.volumes.get_mut(&volume) else { return Err(Kind::Volume.absent(&volume)) };
        source.last_snapshot = Some(context.now);
        let mut own_tags = if copy_tags { copied(&source.tags) } else { Tags::new() };
        own_tags.extend(tags.clone());
        let id = context.ids.resource("snap");
        let snapshot = snapshot_of(source, &volume, context.now, &description, own_tags);
        shown.push(info(context, &id, &snapshot));
        state.snapshots.insert(id, snapshot);
    }
    Ok(json!({"snapshotSet": shown}))
}

fn wanted_volumes(it: &Instance, exclude_boot: bool, excluded: &[String]) -> Result<Vec<String>, ServiceError> {
    let root = it.rest.get("rootDeviceName").and_then(Value::as_str);
    let is_root = |device: &str| Some(device) == root;
    for id in excluded {
        match it.mappings.iter().find(|mapping| mapping.volume == *id) {
            None => return Err(invalid(format!("The volume '{id}' is not attached to the instance."))),
            Some(mapping) if is_root(&mapping.device) => {
                return Err(invalid(format!("The volume '{id}' is the root volume; use ExcludeBootVolume.")));
            }
            Some(_) => {}
        }
    }
    let wanted = it
        .mappings
        .iter()
        .filter(|mapping| !(excluded.contains(&mapping.volume) || exclude_boot && is_root(&mapping.device)));
    Ok(wanted.map(|mapping| mapping.volume.clone()).collect())
}

/// Refuses a snapshot too soon after the last one, and more pending ones than the volume's type allows.
fn check_volume(state: &State, id: &str, now: Timestamp) -> Result<(), ServiceError> {
    let volume = state.volumes.get(id).ok_or_else(|| Kind::Volume.absent(id))?;
    if volume.last_snapshot.is_some_and(|last| now.since(last) < BETWEEN_SNAPSHOTS) {
        return Err(ServiceError::new(
            "SnapshotCreationPerVolumeRateExceeded",
            "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
        ));
    }
    // "Amazon EBS endpoints and quotas": concurrent snapshots for each volume.
    let allowed = if matches!(volume.kind.as_str(), "st1" | "sc1") { 1 } else { 5 };
    let pending =
        state.snapshots.values().filter(|it| it.volume == id && render::snapshot_state(it, now).0 == "pending").count();
    if pending >= allowed {
        return Err(ServiceError::new(
            "ConcurrentSnapshotLimitExceeded",
            format!("Maximum allowed in-progress snapshots for a single volume exceeded: {id}"),
        ));
    }
    Ok(())
}

fn snapshot_of(source: &Volume, volume: &str, now: Timestamp, description: &str, tags: Tags) -> Snapshot {
    let mut rest = Map::new();
    put(&mut rest, json!({"kmsKeyId": source.rest.get("kmsKeyId")}));
    Snapshot {
        volume: volume.to_owned(),
        size: source.size,
        started: now,
        completes: now.after(duration_of(source.size)),
        failure: None,
        description: description.to_owned(),
        encrypted: source.rest.get("encrypted") == Some(&Value::Bool(true)),
        key_request: None,
        lock: None,
        tags,
        rest,
    }
}

/// How long a snapshot is pending here: half a minute, and three seconds for each GiB. AWS promises no time.
pub(super) fn duration_of(gibibytes: i64) -> Duration {
    let gibibytes = gibibytes.max(0).unsigned_abs();
    Duration::from_secs(30_u64.saturating_add(gibibytes.saturating_mul(3)))
}

/// Tags that AWS itself sets are not copied.
fn copied(tags: &Tags) -> Tags {
    tags.iter().filter(|(key, _)| !key.starts_with("aws:")).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn info(context: &Context<'_>, id: &str, it: &Snapshot) -> Value {
    let (state, progress) = render::snapshot_state(it, context.now);
    json!({
        "snapshotId": id,
        "volumeId": it.volume,
        "volumeSize": it.size,
        "state": state,
        "startTime": it.started.iso_millis(),
        "progress": progress,
        "ownerId": context.account,
        "description": it.description,
        "encrypted": it.encrypted,
        "tagSet": tag_set(&it.tags),
    })
}
