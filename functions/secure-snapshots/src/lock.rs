//! Locks snapshots in governance mode: nobody can delete the snapshot until someone with permission unlocks it. Compliance
//! mode cannot be undone, so only a person may choose it.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{LockMode, LockState};
use incident::{ControlState, Timestamp};
use responder::{Error, Result, Target};

use crate::read::Snapshot;
use crate::{Permit, Run};

/// Name of the control.
pub(crate) const MEASURE: &str = "lock-snapshot";

/// The lock of a snapshot.
pub(crate) enum Lock {
    /// It existed, and an earlier round reported it.
    Known(String),
    /// It existed, and no earlier round reported it: a round that made it may have been interrupted.
    Found(String),
    /// It was made in this round and read back.
    Made { description: String, request_id: Option<String> },
    /// It was made in this round and the read-back does not show it.
    Missing,
    /// It could not be made, or could not be read back.
    Failed(Error),
}

/// Ensures that snapshots are locked: locks each that is not, reads the new locks back, and adds them to the custody
/// manifest. While the evidence is pending anyway, locks that an earlier round read are trusted.
///
/// # Errors
/// As EC2 answers the first read, and as [`Run::permit`]: nothing was changed then.
pub(crate) async fn ensure(run: &mut Run<'_>, snapshots: &[&Snapshot]) -> Result<BTreeMap<String, Lock>> {
    let now = run.clients.now().whole_seconds();
    if !run.settled {
        let known = |one: &&Snapshot| Some((one.id.clone(), Lock::Known(run.known.lock(&one.id, now)?.to_owned())));
        if let Some(known) = snapshots.iter().map(known).collect() {
            return Ok(known);
        }
    }
    let ids: Vec<String> = snapshots.iter().map(|snapshot| snapshot.id.clone()).collect();
    let mut found = read(&run.target, ids.clone()).await?;
    let mut locks = BTreeMap::new();
    let mut made = Vec::new();
    for id in ids {
        let lock = match found.remove(&id) {
            Some(description) if run.known.was_locked(&id) => Lock::Known(description),
            Some(description) => Lock::Found(description),
            None => {
                let permit = run.permit().await?;
                match make(run, &permit, &id).await {
                    Ok(request_id) => {
                        made.push((id, request_id));
                        continue;
                    }
                    Err(error) => Lock::Failed(error),
                }
            }
        };
        locks.insert(id, lock);
    }
    let read_back = read(&run.target, made.iter().map(|(id, _)| id.clone()).collect()).await;
    for (id, request_id) in made {
        let lock = match &read_back {
            Err(error) => Lock::Failed(error.clone()),
            Ok(read) => match read.get(&id) {
                None => Lock::Missing,
                Some(description) => Lock::Made { description: description.clone(), request_id },
            },
        };
        locks.insert(id, lock);
    }
    for (id, lock) in &locks {
        lock.keep(run, id, now).await?;
    }
    Ok(locks)
}

impl Lock {
    /// Notes an active lock, and adds it to the custody manifest if it is new to the incident.
    async fn keep(&self, run: &mut Run<'_>, snapshot: &str, now: Timestamp) -> Result<()> {
        let description = match self {
            Lock::Known(description) => description,
            Lock::Found(description) => {
                run.keep(format!("lock {snapshot}"), None, format!("found locked: {description}")).await?;
                description
            }
            Lock::Made { description, request_id } => {
                run.keep(format!("lock {snapshot}"), request_id.clone(), format!("read back: {description}")).await?;
                description
            }
            Lock::Missing | Lock::Failed(_) => return Ok(()),
        };
        run.known.note_lock(snapshot, description, now);
        Ok(())
    }

    /// Reports the lock as a control.
    pub(crate) fn report(self, run: &mut Run<'_>, snapshot: &str) {
        let (state, description) = match self {
            Lock::Known(description) | Lock::Found(description) => (ControlState::AlreadyDone, description),
            Lock::Made { description, .. } => (ControlState::Done, description),
            Lock::Missing => (ControlState::Failed, "there is no lock".to_owned()),
            Lock::Failed(error) => return run.fail(MEASURE, snapshot, error),
        };
        run.add(MEASURE, snapshot, state, &format!("read back: {description}"));
    }
}

/// `LockSnapshot`; returns the request id.
async fn make(run: &Run<'_>, _: &Permit, snapshot: &str) -> Result<Option<String>> {
    run.target
        .ec2()
        .lock_snapshot()
        .snapshot_id(snapshot)
        .lock_mode(LockMode::Governance)
        .lock_duration(run.settings.lock_days)
        .send()
        .await
        .map(|output| output.request_id().map(str::to_owned))
        .map_err(Error::from_sdk("ec2:LockSnapshot"))
}

/// The active locks of these snapshots, each with its description (`DescribeLockedSnapshots`).
async fn read(target: &Target, snapshots: Vec<String>) -> Result<BTreeMap<String, String>> {
    let mut locks = BTreeMap::new();
    if snapshots.is_empty() {
        return Ok(locks);
    }
    let output = target
        .ec2()
        .describe_locked_snapshots()
        .set_snapshot_ids(Some(snapshots))
        .send()
        .await
        .map_err(Error::from_sdk("ec2:DescribeLockedSnapshots"))?;
    for lock in output.snapshots() {
        let holds = matches!(
            lock.lock_state(),
            Some(LockState::Governance | LockState::Compliance | LockState::ComplianceCooloff)
        );
        if let (true, Some(id), Some(state)) = (holds, lock.snapshot_id(), lock.lock_state()) {
            let until =
                lock.lock_expires_on().and_then(|at| at.fmt(aws_sdk_ec2::primitives::DateTimeFormat::DateTime).ok());
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            locks.insert(id.to_owned(), format!("{} lock{until}", state.as_str()));
        }
    }
    Ok(locks)
}
