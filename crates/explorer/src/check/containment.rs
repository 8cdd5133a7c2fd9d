//! The account: containment is never undone, nothing is destroyed, nothing is created twice.

use std::collections::{BTreeMap, BTreeSet};

use account::Call;
use account::ec2::SnapshotView;

use super::{Case, named};
use crate::watch::{Network, Observed, Place};

/// Operations that destroy a resource or evidence. By name, not by prefix: deleting one's own deny policy, or a message
/// that was read, destroys nothing.
const DESTRUCTIVE: [(&str, &[&str]); 9] = [
    (
        "ec2",
        &[
            "TerminateInstances",
            "DeleteVolume",
            "DeleteSnapshot",
            "DeregisterImage",
            "DeleteNetworkInterface",
            "DeleteSecurityGroup",
            "DeleteKeyPair",
            "DeleteVpc",
            "DeleteSubnet",
            "ReleaseAddress",
            "UnlockSnapshot",
            "StopInstances",
            "RebootInstances",
            "DetachVolume",
        ],
    ),
    ("autoscaling", &["TerminateInstanceInAutoScalingGroup", "DeleteAutoScalingGroup"]),
    ("elasticloadbalancing", &["DeleteTargetGroup", "DeleteLoadBalancer", "DeleteListener"]),
    (
        "iam",
        &["DeleteUser", "DeleteRole", "DeleteAccessKey", "DeleteInstanceProfile", "DeleteGroup", "DeleteLoginProfile"],
    ),
    ("kms", &["ScheduleKeyDeletion", "DisableKey", "DeleteAlias"]),
    ("s3", &["DeleteObject", "DeleteObjects", "DeleteBucket", "PutBucketLifecycleConfiguration"]),
    ("dynamodb", &["DeleteTable", "DeleteBackup"]),
    ("sns", &["DeleteTopic"]),
    ("securityhub", &["DisableSecurityHub", "DeleteInsight"]),
];

/// Operations that undo a control: only a release may call them.
const UNDOING: [(&str, &[&str]); 4] = [
    ("ec2", &["AssociateAddress", "AssociateIamInstanceProfile"]),
    ("autoscaling", &["ExitStandby", "AttachInstances", "AttachLoadBalancerTargetGroups"]),
    ("elasticloadbalancing", &["RegisterTargets"]),
    ("iam", &["DeleteRolePolicy", "DetachRolePolicy", "DetachUserPolicy", "AddRoleToInstanceProfile"]),
];

fn is_among(call: &Call, list: &[(&str, &[&str])]) -> bool {
    list.iter().any(|(service, operations)| *service == call.service && operations.contains(&call.operation.as_str()))
}

fn all_calls<'a>(case: &'a Case<'_>) -> impl Iterator<Item = &'a Call> {
    case.trial.first.calls.iter().chain(&case.trial.again.calls).map(AsRef::as_ref)
}

pub(super) fn never_uncontained(case: &Case<'_>) -> Option<String> {
    let mut standing: BTreeMap<&Place, &Network> = case.trial.before.networks.iter().collect();
    // Interfaces that a flush has open now, and those that it has opened before.
    let (mut open, mut flushed) = (BTreeSet::new(), BTreeSet::new());
    let first_ends = case.trial.first.calls.last().map_or(0, |call| call.seq);
    let mut is_first = true;
    for observation in &case.trial.observations {
        let Observed::Network(place, now) = &observation.observed else { continue };
        if is_first && observation.seq > first_ends {
            is_first = false;
            if let Some(left) = open.first() {
                return Some(format!("{left} was opened for a flush and is open when the first run has ended"));
            }
        }
        let Some(before) = standing.insert(place, now) else { continue };
        open.retain(|id: &&str| now.get(*id).is_none_or(|is| !is.isolated));
        for (id, was) in before.iter().filter(|(_, was)| was.isolated) {
            let is = now.get(id);
            if is.is_some_and(|is| is.isolated) {
                continue;
            }
            // The flush is intended: once for each interface, and closed again before the run ends.
            if is.is_some_and(|is| is.flushing) && flushed.insert(id.as_str()) {
                open.insert(id.as_str());
                continue;
            }
            let call = all_calls(case).find(|call| call.seq == observation.seq).map_or_else(String::new, named);
            let is = is.map_or_else(String::new, |is| is.groups.join(" "));
            return Some(format!(
                "{id} was isolated by {}; after {call} it has {is}, which is open",
                was.groups.join(" ")
            ));
        }
    }
    if let Some(left) = open.first() {
        return Some(format!("{left} was opened for a flush and was not closed again"));
    }
    let taken_back = all_calls(case).find(|call| is_among(call, &UNDOING) || unprotects(call));
    taken_back.map(|call| format!("{} takes a control back", named(call)))
}

/// Whether a call turns a protection off.
fn unprotects(call: &Call) -> bool {
    let off = |name: &str| {
        let value = call.parameters.get(name).map(|value| value.get("Value").unwrap_or(value));
        value.is_some_and(|value| value.as_bool() == Some(false) || value.as_str() == Some("false"))
    };
    call.operation == "ModifyInstanceAttribute" && (off("DisableApiTermination") || off("DisableApiStop"))
}

/// Attempts count: a role that lacks the permission today may have it tomorrow.
pub(super) fn nothing_destroyed(case: &Case<'_>) -> Option<String> {
    if let Some(call) = all_calls(case).find(|call| is_among(call, &DESTRUCTIVE)) {
        return Some(format!("{} was called", named(call)));
    }
    let kept: BTreeSet<&str> = case.trial.again.after.snapshots.iter().map(|snapshot| snapshot.id.as_str()).collect();
    let lost = case.trial.before.snapshots.iter().find(|snapshot| !kept.contains(snapshot.id.as_str()));
    lost.map(|snapshot| format!("the snapshot {} is gone", snapshot.id))
}

/// The snapshots of one volume for one incident, without those from before the run.
pub(super) fn one_snapshot_set(case: &Case<'_>) -> Option<String> {
    let old: BTreeSet<&str> = case.trial.before.snapshots.iter().map(|snapshot| snapshot.id.as_str()).collect();
    // A copy has no volume, and is one of its source.
    let source = |snapshot: &'_ SnapshotView| -> String {
        snapshot.tags.get(responder::COPY_TAG).unwrap_or(&snapshot.volume).clone()
    };
    let mut made: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for snapshot in case.trial.again.after.snapshots.iter().filter(|snapshot| !old.contains(snapshot.id.as_str())) {
        let incident = snapshot.tags.get(responder::INCIDENT_TAG).map_or("none", String::as_str);
        made.entry((incident, source(snapshot))).or_default().push(&snapshot.id);
    }
    let doubled = made.into_iter().find(|(_, snapshots)| snapshots.len() > 1);
    doubled.map(|((incident, volume), snapshots)| {
        format!("{volume} has {} for the incident {incident}", snapshots.join(" and "))
    })
}
