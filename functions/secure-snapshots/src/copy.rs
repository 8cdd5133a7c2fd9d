//! Copies snapshots under the evidence key. `CopySnapshot` has no client token, so the tag of the copy is searched for
//! before and after the call, and the SDK does not retry it. A key that cannot be used shows later, in the copy's state.

use std::time::Duration;

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use incident::ControlState;
use responder::{COPY_TAG, Error, ErrorName, INCIDENT_TAG, Result};

use crate::key::{self, Sharing};
use crate::lock;
use crate::read::{self, Progress, Snapshot};
use crate::{Permit, Run};

/// How often and at which interval the tag of the copy is searched for after the call.
const READ_ATTEMPTS: u32 = 4;
const READ_INTERVAL: Duration = Duration::from_secs(3);

/// Name of the control.
const MEASURE: &str = "copy-snapshot";

/// Codes that mean that too many copies are in progress (EC2 API reference, "Error codes").
const TOO_MANY: [&str; 2] = ["ResourceLimitExceeded", "SnapshotCopyLimitExceeded"];

/// Ensures that a completed snapshot whose key prevents sharing has a copy.
///
/// # Errors
/// As [`Run::permit`], and as EC2 answers when the lock of the copy is read.
pub(crate) async fn where_needed(run: &mut Run<'_>, snapshot: &Snapshot, key: &str) -> Result<()> {
    if run.settings.evidence_key.as_deref() == Some(key) {
        return Ok(());
    }
    match sharing(run, key).await {
        Err(error) => {
            run.fail(MEASURE, &snapshot.id, error);
            return Ok(());
        }
        Ok(Sharing::Possible) => return Ok(()),
        Ok(Sharing::Impossible) => {}
        Ok(Sharing::Unknown(why)) if run.settings.evidence_key.is_none() => {
            let gap = format!("whether it can be shared is not known: {why}");
            run.add(MEASURE, &snapshot.id, ControlState::Gap, &gap);
            return Ok(());
        }
        // An unneeded copy costs money; a snapshot that cannot be shared costs the evidence.
        Ok(Sharing::Unknown(_)) => {}
    }
    let Some(evidence_key) = run.settings.evidence_key.clone() else {
        let gap =
            "it is encrypted with the account's default key and cannot be shared: set the parameter EvidenceKeyArn";
        run.add(MEASURE, &snapshot.id, ControlState::Gap, gap);
        return Ok(());
    };
    let copy = match existing(run, snapshot).await {
        Ok(Some(copy)) => Ok(Some(copy)),
        Ok(None) => {
            let permit = run.permit().await?;
            make(run, &permit, snapshot, &evidence_key).await
        }
        Err(error) => Err(error),
    };
    match copy {
        Ok(Some(copy)) => ensure_locked(run, snapshot, &copy, &evidence_key).await,
        // Too many copies in progress: the next round tries again.
        Ok(None) => {
            run.wait();
            Ok(())
        }
        Err(error) => {
            run.fail(MEASURE, &snapshot.id, error);
            Ok(())
        }
    }
}

/// Whether a snapshot under a key can be shared. Who manages a key never changes, so KMS is asked once per key.
async fn sharing(run: &mut Run<'_>, key: &str) -> Result<Sharing> {
    if let Some(possible) = run.known.can_be_shared(key) {
        return Ok(if possible { Sharing::Possible } else { Sharing::Impossible });
    }
    let sharing = key::sharing(&run.target, key).await?;
    match sharing {
        Sharing::Possible => run.known.note_key(key, true),
        Sharing::Impossible => run.known.note_key(key, false),
        Sharing::Unknown(_) => {}
    }
    Ok(sharing)
}

/// Ensures that a copy is locked, and reports its progress.
async fn ensure_locked(run: &mut Run<'_>, snapshot: &Snapshot, copy: &Snapshot, evidence_key: &str) -> Result<()> {
    let state = match &copy.progress {
        Progress::Failed(why) => {
            let detail = format!("the copy {} failed after it had begun: {why}; see to the policy of the key", copy.id);
            run.add(MEASURE, &snapshot.id, ControlState::Failed, &detail);
            return Ok(());
        }
        Progress::Pending => {
            run.wait();
            "pending"
        }
        Progress::Completed => "completed",
    };
    match lock::ensure(run, &[copy]).await {
        Ok(locks) => locks.into_iter().for_each(|(id, lock)| lock.report(run, &id)),
        // The remaining snapshots are attempted anyway.
        Err(error) if error.is_transient() => run.fail(lock::MEASURE, &copy.id, error),
        Err(error) => return Err(error),
    }
    let detail = format!("read back: {} {state}, under {evidence_key}", copy.id);
    run.add(MEASURE, &snapshot.id, ControlState::Done, &detail);
    Ok(())
}

/// The existing copy; a usable one takes precedence over a failed one.
async fn existing(run: &Run<'_>, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
    let mut copies = read::tagged(&run.target, COPY_TAG, &snapshot.id).await?;
    copies.sort_by_key(|copy| (matches!(copy.progress, Progress::Failed(_)), copy.id.clone()));
    Ok(copies.into_iter().next())
}

/// Starts the copy; `None` when EC2 has too many copies in progress.
async fn make(run: &mut Run<'_>, _: &Permit, snapshot: &Snapshot, key: &str) -> Result<Option<Snapshot>> {
    let tag = |name: &str, value: &str| Tag::builder().key(name).value(value).build();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Snapshot)
        .tags(tag(INCIDENT_TAG, &run.incident.id))
        .tags(tag(COPY_TAG, &snapshot.id))
        .build();
    let answered = run
        .target
        .ec2()
        .copy_snapshot()
        .source_snapshot_id(&snapshot.id)
        .source_region(&run.incident.region)
        .encrypted(true)
        .kms_key_id(key)
        .description(format!("Cordon evidence, incident {}, copy of {}", run.incident.id, snapshot.id))
        .tag_specifications(tags)
        .customize()
        .config_override(aws_sdk_ec2::config::Builder::new().retry_config(RetryConfig::disabled()))
        .send()
        .await;
    let answered =
        answered.map(|output| output.request_id().map(str::to_owned)).map_err(Error::from_sdk("ec2:CopySnapshot"));
    let (request_id, lost) = match answered {
        Ok(request_id) => (request_id, None),
        // The call may have taken effect: only the tag can show it.
        Err(error) if error.name == ErrorName::AwsUnavailable => (None, Some(error.message)),
        Err(error) if error.code.as_deref().is_some_and(|code| TOO_MANY.contains(&code)) => return Ok(None),
        Err(error) => return Err(error),
    };
    for attempt in 0..READ_ATTEMPTS {
        if attempt > 0 {
            run.clients.pause(READ_INTERVAL).await;
        }
        if let Some(copy) = existing(run, snapshot).await? {
            let detail = format!("{} of {} under {key}", copy.id, snapshot.id);
            run.keep(format!("copy {}", copy.id), request_id, detail).await?;
            return Ok(Some(copy));
        }
    }
    let why =
        lost.unwrap_or_else(|| "ec2:CopySnapshot succeeded and no snapshot carries the tag of a copy yet".to_owned());
    Err(Error::new(ErrorName::CopyUnconfirmed, why))
}
