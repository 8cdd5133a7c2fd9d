//! Snapshots as EC2 describes them.

use aws_sdk_ec2::types::{Filter, SnapshotState};
use responder::{Error, Result, Target, required};

/// The progress of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Its data is still being copied.
    Pending,
    /// It is complete.
    Completed,
    /// It failed, with EC2's message. A key that cannot be used shows here, not in the answer to the call.
    Failed(String),
}

/// The properties of a snapshot that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) id: String,
    pub(crate) progress: Progress,
    /// ARN of its key, when it is encrypted.
    pub(crate) key: Option<String>,
}

/// The existing snapshots with these ids, in no order. A filter selects them, because `SnapshotIds` fails when one of them
/// does not exist.
pub(crate) async fn snapshots(target: &Target, ids: &[String]) -> Result<Vec<Snapshot>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::builder().name("snapshot-id").set_values(Some(ids.to_vec())).build();
    described(target, filter).await
}

/// The snapshots that carry a tag.
pub(crate) async fn tagged(target: &Target, tag: &str, value: &str) -> Result<Vec<Snapshot>> {
    described(target, Filter::builder().name(format!("tag:{tag}")).values(value).build()).await
}

const CALL: &str = "ec2:DescribeSnapshots";

async fn described(target: &Target, filter: Filter) -> Result<Vec<Snapshot>> {
    let mut pages = target.ec2().describe_snapshots().owner_ids("self").filters(filter).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(snapshot) = pages.next().await {
        let snapshot = snapshot.map_err(Error::from_sdk(CALL))?;
        let progress = match snapshot.state() {
            Some(SnapshotState::Completed) => Progress::Completed,
            Some(SnapshotState::Error) => {
                Progress::Failed(snapshot.state_message().unwrap_or("EC2 does not say why").to_owned())
            }
            _ => Progress::Pending,
        };
        found.push(Snapshot {
            id: required(CALL, "SnapshotId", snapshot.snapshot_id())?.to_owned(),
            progress,
            key: snapshot
                .kms_key_id()
                .filter(|key| snapshot.encrypted() == Some(true) && !key.is_empty())
                .map(str::to_owned),
        });
    }
    Ok(found)
}
