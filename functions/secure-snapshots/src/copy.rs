//! Copies under the key for evidence. `CopySnapshot` has no client token: the tag on the copy is looked for before and
//! after, and the SDK does not retry the call. A key that cannot be used shows late, in the state of the copy.

use std::time::Duration;

use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use incident::ControlState;
use responder::{COPY_TAG, Error, ErrorName, INCIDENT_TAG, Result};

use crate::Run;
use crate::key::{self, Sharing};
use crate::lock::Locks;
use crate::read::{self, Progress, Snapshot};

/// After an answer was lost, how often and how far apart the tag is looked for.
const LOOKS: u32 = 4;
const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// Name of the control.
const MEASURE: &str = "copy-snapshot";

/// Codes that mean that too many copies are under way (EC2 error codes).
const TOO_MANY: [&str; 2] = ["ResourceLimitExceeded", "SnapshotCopyLimitExceeded"];

/// Sees that there is a copy of a complete snapshot where its key does not let it be shared.
pub(crate) async fn where_needed(run: &mut Run<'_>, snapshot: &Snapshot, key: &str, locks: &mut Locks) {
    if run.settings.evidence_key.as_deref() == Some(key) {
        return;
    }
    match key::sharing(&run.target, key).await {
        Err(error) => return run.fail(MEASURE, &snapshot.id, error),
        Ok(Sharing::Possible) => return,
        Ok(Sharing::Impossible) => {}
        Ok(Sharing::Unknown(why)) if run.settings.evidence_key.is_none() => {
            let gap = format!("whether it can be shared is not known: {why}");
            return run.add(MEASURE, &snapshot.id, ControlState::Gap, &gap);
        }
        // To copy what need not be copied costs money; to keep what cannot be shared costs the evidence.
        Ok(Sharing::Unknown(_)) => {}
    }
    let Some(evidence_key) = run.settings.evidence_key.clone() else {
        let gap =
            "it is encrypted with the account's default key and cannot be shared: set the parameter EvidenceKeyArn";
        return run.add(MEASURE, &snapshot.id, ControlState::Gap, gap);
    };
    let copy = match existing(run, snapshot).await {
        Ok(Some(copy)) => copy,
        Ok(None) => match make(run, snapshot, &evidence_key).await {
            Ok(Some(copy)) => copy,
            // Too many at once: the next round tries again.
            Ok(None) => return run.wait(),
            Err(error) => return run.fail(MEASURE, &snapshot.id, error),
        },
        Err(error) => return run.fail(MEASURE, &snapshot.id, error),
    };
    match &copy.progress {
        Progress::Failed(why) => {
            let detail = format!("the copy {} failed after it had begun: {why}; see to the policy of the key", copy.id);
            return run.add(MEASURE, &snapshot.id, ControlState::Failed, &detail);
        }
        Progress::Pending => run.wait(),
        Progress::Completed => {}
    }
    locks.hold(run, &copy).await;
    let state = if copy.progress == Progress::Completed { "completed" } else { "pending" };
    run.add(
        MEASURE,
        &snapshot.id,
        ControlState::Done,
        &format!("read back: {} {state}, under {evidence_key}", copy.id),
    );
}

/// The copy that there is: a good one before one that failed.
async fn existing(run: &Run<'_>, snapshot: &Snapshot) -> Result<Option<Snapshot>> {
    let mut copies = read::tagged(&run.target, COPY_TAG, &snapshot.id).await?;
    copies.sort_by_key(|copy| (matches!(copy.progress, Progress::Failed(_)), copy.id.clone()));
    Ok(copies.into_iter().next())
}

/// Makes the copy; `None` when EC2 makes too many at once.
async fn make(run: &mut Run<'_>, snapshot: &Snapshot, key: &str) -> Result<Option<Snapshot>> {
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
    let answered = answered.map(|output| output.request_id().map(str::to_owned)).map_err(Error::of("ec2:CopySnapshot"));
    let (request_id, lost) = match answered {
        Ok(request_id) => (request_id, None),
        // The call may have had its effect: only the tag can tell.
        Err(error) if error.name == ErrorName::AwsUnavailable => (None, Some(error.message)),
        Err(error) if error.code.as_deref().is_some_and(|code| TOO_MANY.contains(&code)) => return Ok(None),
        Err(error) => return Err(error),
    };
    for look in 0..LOOKS {
        if look > 0 {
            run.clients.pause(BETWEEN_LOOKS).await;
        }
        if let Some(copy) = existing(run, snapshot).await? {
            let detail = format!("{} of {} under {key}", copy.id, snapshot.id);
            run.keep(format!("copy {}", copy.id), request_id, detail).await;
            return Ok(Some(copy));
        }
    }
    let why =
        lost.unwrap_or_else(|| "ec2:CopySnapshot succeeded and no snapshot carries the tag of a copy yet".to_owned());
    Err(Error::new(ErrorName::CopyUnconfirmed, why))
}
