//! The account itself: nothing that held is let go, nothing is destroyed, nothing is doubled.

use std::collections::{BTreeMap, BTreeSet};

use account::Call;

use super::{Case, named};
use crate::explore::watch::{Network, Place, Seen};

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

/// Operations that take a control back: only a release may.
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
    case.trial.first.calls.iter().chain(&case.trial.again.calls)
}

pub(super) fn never_uncontained(case: &Case<'_>) -> Option<String> {
    let mut standing: BTreeMap<&Place, &Network> = case.trial.before.networks.iter().collect();
    for moment in &case.trial.moments {
        let Seen::Network(place, now) = &moment.seen else { continue };
        let Some(before) = standing.insert(place, now) else { continue };
        let is_let_go = |id: &String| now.get(id).is_none_or(|is| !is.isolated && !is_flushing(case, &is.groups));
        let let_go = before.iter().find(|(id, was)| was.isolated && is_let_go(id));
        if let Some((id, was)) = let_go {
            let call = all_calls(case).find(|call| call.seq == moment.seq).map_or_else(String::new, named);
            let is = now.get(id).map_or_else(String::new, |is| is.groups.join(" "));
            return Some(format!(
                "{id} was isolated by {}; after {call} it has {is}, which is open",
                was.groups.join(" ")
            ));
        }
    }
    let taken_back = all_calls(case).find(|call| is_among(call, &UNDOING) || unprotects(call));
    taken_back.map(|call| format!("{} takes a control back", named(call)))
}

/// Whether these are groups that are open for a flush of tracked connections, which is asked for by a parameter; what an
/// interface is left in is for the reading of the account to say.
fn is_flushing(case: &Case<'_>, groups: &[String]) -> bool {
    let is_flush = |id: &String| {
        let group = case.trial.again.after.groups.get(id);
        group.is_some_and(|group| group.tags.get(responder::PURPOSE_TAG).is_some_and(|purpose| purpose == "flush"))
    };
    !groups.is_empty() && groups.iter().all(is_flush)
}

/// Whether a call turns a protection off.
fn unprotects(call: &Call) -> bool {
    let off = |name: &str| {
        let value = call.parameters.get(name).map(|value| value.get("Value").unwrap_or(value));
        value.is_some_and(|value| value.as_bool() == Some(false) || value.as_str() == Some("false"))
    };
    call.operation == "ModifyInstanceAttribute" && (off("DisableApiTermination") || off("DisableApiStop"))
}

/// Attempts count: a role that may not do it today may be given the permission tomorrow.
pub(super) fn nothing_destroyed(case: &Case<'_>) -> Option<String> {
    if let Some(call) = all_calls(case).find(|call| is_among(call, &DESTRUCTIVE)) {
        return Some(format!("{} was called", named(call)));
    }
    let kept: BTreeSet<&str> = case.trial.again.after.snapshots.iter().map(|snapshot| snapshot.id.as_str()).collect();
    let lost = case.trial.before.snapshots.iter().find(|snapshot| !kept.contains(snapshot.id.as_str()));
    lost.map(|snapshot| format!("the snapshot {} is gone", snapshot.id))
}

/// Snapshots of one volume for one incident, those from before the run apart.
pub(super) fn one_snapshot_set(case: &Case<'_>) -> Option<String> {
    let old: BTreeSet<&str> = case.trial.before.snapshots.iter().map(|snapshot| snapshot.id.as_str()).collect();
    let mut made: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for snapshot in case.trial.again.after.snapshots.iter().filter(|snapshot| !old.contains(snapshot.id.as_str())) {
        let incident = snapshot.tags.get(responder::INCIDENT_TAG).map_or("none", String::as_str);
        made.entry((incident, &snapshot.volume)).or_default().push(&snapshot.id);
    }
    let doubled = made.into_iter().find(|(_, snapshots)| snapshots.len() > 1);
    doubled.map(|((incident, volume), snapshots)| {
        format!("{volume} has {} for the incident {incident}", snapshots.join(" and "))
    })
}
