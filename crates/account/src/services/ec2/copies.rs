//! Copies of snapshots, within an account and a Region.
//!
//! The key of an encrypted copy is checked after the call (API reference, `CopySnapshot`: "Amazon Web Services
//! authenticates the KMS key asynchronously"): a key that is not there, is not enabled or that the caller may not use
//! shows some seconds later, as state and message of the copy. Key policies are not simulated, a key that belongs to
//! another account counts as usable.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::err::Kind;
use super::permissions::{made_snapshot, on_snapshot, specified_tags, tagging};
use super::render::{put, snapshot_state, tag_set};
use super::request::{begin, tag_specifications};
use super::snapshots::duration_of;
use super::state::{Failure, KeyRequest, Snapshot, State};
use crate::base::{Ids, ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};
use crate::services::kms;
use crate::state::Region;

/// The key of EBS that AWS manages.
const DEFAULT_KEY: &str = "alias/aws/ebs";
/// The volume of a snapshot that is a copy.
const NO_VOLUME: &str = "vol-ffffffff";
/// How long it takes until a key turns out not to be usable.
const KEY_CHECKED_AFTER: Duration = Duration::from_secs(20);
/// Copies that may be under way in a Region ("Amazon EBS endpoints and quotas").
const AT_ONCE: usize = 20;
/// What a caller must be allowed with a customer's key ("Requirements for Amazon EBS encryption", permissions for
/// principals).
const KEY_ACTIONS: [&str; 5] =
    ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptTo"];

/// The copy, its source, its tags, and its key: this one counts late.
pub(super) fn permissions(state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    const ACTION: &str = "CopySnapshot";
    let tags = specified_tags(params);
    let copy = made_snapshot(context, ACTION, &tags);
    let tagging = tagging(&copy, ACTION, &tags);
    let source = params.peek_string("SourceSnapshotId").filter(|id| state.snapshots.contains_key(*id));
    let source = source.map(|id| on_snapshot(state, context, ACTION, id));
    let key = params.peek_string("KmsKeyId").filter(|key| !key.contains("alias/"));
    let key = key.into_iter().flat_map(|key| {
        let arn = if key.starts_with("arn:") { key.to_owned() } else { context.arn("kms", &format!("key/{key}")) };
        KEY_ACTIONS.into_iter().map(move |action| {
            let permission = RequiredPermission::new(format!("kms:{action}"), arn.clone())
                .key("kms:ViaService", format!("ec2.{}.amazonaws.com", context.region))
                .key("kms:CallerAccount", context.account);
            let permission =
                if action == "CreateGrant" { permission.key("kms:GrantIsForAWSResource", "true") } else { permission };
            permission.deferred()
        })
    });
    [copy].into_iter().chain(tagging).chain(source).chain(key).collect()
}

pub(super) fn copy(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let source_id = params.require_string("SourceSnapshotId")?;
    let source_region = params.require_string("SourceRegion")?;
    let description = params.take_string("Description")?;
    let encrypted = params.take_bool("Encrypted")?.unwrap_or(false);
    let key = params.take_string("KmsKeyId")?;
    let tags = tag_specifications(&mut params, "snapshot")?;
    params.ignore(&["PresignedUrl", "DestinationRegion"]);
    if !params.names().is_empty() {
        return Err(ServiceError::unsupported(format!("parameter {}", params.names().join(", "))));
    }
    if source_region != context.region {
        return Err(ServiceError::unsupported(format!("SourceRegion `{source_region}` from `{}`", context.region)));
    }
    if key.is_some() && !encrypted {
        return Err(ServiceError::new(
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        ));
    }
    let source = state.snapshots.get(&source_id).ok_or_else(|| Kind::Snapshot.absent(&source_id))?;
    let (name, _) = snapshot_state(source, context.now);
    if name != "completed" {
        let text = format!("Snapshot is in invalid state - {name}: {source_id}");
        return Err(ServiceError::new("IncorrectState", text));
    }
    let under_way = |it: &&Snapshot| it.volume == NO_VOLUME && snapshot_state(it, context.now).0 == "pending";
    if state.snapshots.values().filter(under_way).count() >= AT_ONCE {
        let text = format!("Too many snapshot copies in progress. The limit is {AT_ONCE} for this destination region.");
        return Err(ServiceError::new("ResourceLimitExceeded", text));
    }
    let encrypted = encrypted || source.encrypted;
    let key = encrypted.then(|| key.unwrap_or_else(|| DEFAULT_KEY.to_owned()));
    let mut rest = Map::new();
    put(&mut rest, json!({"kmsKeyId": key, "transferType": "standard"}));
    let copy = Snapshot {
        volume: NO_VOLUME.to_owned(),
        size: source.size,
        started: context.now,
        completes: context.now.after(duration_of(source.size)),
        failure: None,
        description: description.unwrap_or_else(|| format!("[Copied {source_id} from {source_region}]")),
        encrypted,
        key_request: key.map(|key| KeyRequest {
            refused: !context.deferred_refusals.is_empty(),
            account: context.account.to_owned(),
            key,
        }),
        lock: None,
        tags: tags.clone(),
        rest,
    };
    let id = context.ids.resource("snap");
    state.snapshots.insert(id.clone(), copy);
    Ok(json!({"snapshotId": id, "tagSet": tag_set(&tags)}))
}

/// Resolves the keys of copies that were asked for.
pub(super) fn advance(region: &mut Region, _ids: &mut Ids, _now: Timestamp) -> bool {
    if region.state::<State>().snapshots.values().any(|snapshot| snapshot.key_request.is_some()) {
        region.detached(|state: &mut State, region| resolve_keys(state, region.state()));
    }
    false
}

fn resolve_keys(state: &mut State, keys: &kms::State) {
    for snapshot in state.snapshots.values_mut() {
        let Some(KeyRequest { key, account, refused }) = snapshot.key_request.take() else { continue };
        let is_foreign = key.split(':').nth(4).is_some_and(|owner| owner != account);
        let arn = if is_foreign { Some(key.as_str()) } else { keys.usable(&key) };
        match arn.filter(|_| !refused) {
            Some(arn) => {
                snapshot.rest.insert("kmsKeyId".to_owned(), arn.into());
            }
            None => {
                let at = snapshot.started.after(KEY_CHECKED_AFTER);
                snapshot.failure = Some(Failure { at, message: "Given key ID is not accessible".to_owned() });
            }
        }
    }
}
