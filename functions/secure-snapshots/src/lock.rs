//! Locks in governance mode: nobody deletes the snapshot, and who may unlock it still can. Compliance mode is for ever,
//! and no decision of a machine's.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::types::{LockMode, LockState};
use incident::ControlState;
use responder::{Error, Result, Target};

use crate::Run;
use crate::read::Snapshot;

/// Locks by snapshot, in words.
pub(crate) struct Locks(BTreeMap<String, String>);

impl Locks {
    /// The locks that hold on these snapshots.
    pub(crate) async fn read(target: &Target, snapshots: &[Snapshot]) -> Result<Locks> {
        let mut locks = BTreeMap::new();
        if snapshots.is_empty() {
            return Ok(Locks(locks));
        }
        let output = target
            .ec2()
            .describe_locked_snapshots()
            .set_snapshot_ids(Some(snapshots.iter().map(|snapshot| snapshot.id.clone()).collect()))
            .send()
            .await
            .map_err(Error::of("ec2:DescribeLockedSnapshots"))?;
        for lock in output.snapshots() {
            let holds = matches!(
                lock.lock_state(),
                Some(LockState::Governance | LockState::Compliance | LockState::ComplianceCooloff)
            );
            if let (true, Some(id), Some(state)) = (holds, lock.snapshot_id(), lock.lock_state()) {
                let until = lock
                    .lock_expires_on()
                    .and_then(|at| at.fmt(aws_sdk_ec2::primitives::DateTimeFormat::DateTime).ok());
                let until = until.map_or_else(String::new, |until| format!(" until {until}"));
                locks.insert(id.to_owned(), format!("{} lock{until}", state.as_str()));
            }
        }
        Ok(Locks(locks))
    }

    /// Sees that a snapshot is locked: locks it unless it is, and reads the lock back.
    pub(crate) async fn hold(&mut self, run: &mut Run<'_>, snapshot: &Snapshot) {
        const MEASURE: &str = "lock-snapshot";
        if let Some(lock) = self.0.get(&snapshot.id) {
            run.add(MEASURE, &snapshot.id, ControlState::AlreadyDone, &format!("read back: {lock}"));
            return;
        }
        let locked = run
            .target
            .ec2()
            .lock_snapshot()
            .snapshot_id(&snapshot.id)
            .lock_mode(LockMode::Governance)
            .lock_duration(run.settings.lock_days)
            .send()
            .await
            .map_err(Error::of("ec2:LockSnapshot"));
        let request_id = match locked {
            Ok(output) => output.request_id().map(str::to_owned),
            Err(error) => return run.fail(MEASURE, &snapshot.id, error),
        };
        match Locks::read(&run.target, std::slice::from_ref(snapshot)).await {
            Err(error) => run.fail(MEASURE, &snapshot.id, error),
            Ok(mut read) => match read.0.remove(&snapshot.id) {
                None => run.add(MEASURE, &snapshot.id, ControlState::Failed, "read back: there is no lock"),
                Some(lock) => {
                    let detail = format!("read back: {lock}");
                    run.keep(format!("lock {}", snapshot.id), request_id, detail.clone()).await;
                    run.add(MEASURE, &snapshot.id, ControlState::Done, &detail);
                    self.0.insert(snapshot.id.clone(), lock);
                }
            },
        }
    }
}
