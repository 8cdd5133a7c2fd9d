//! What a release would restore.

use std::collections::BTreeSet;

use account::Call;
use account::ec2::GroupView;
use incident::BeforeImage;
use serde_json::Value;

use super::{Case, acts, named};
use crate::explore::watch::{Records, Seen};

/// Records that are written once, by the beginnings of their keys.
const WRITTEN_ONCE: [&str; 3] = ["before-image#", "evidence#", "report#"];

const IMAGE: &str = "before-image#";

/// The record that has to be in the table before a call: its key begins with this.
fn needed(case: &Case<'_>, call: &Call) -> Option<String> {
    let text = |name: &str| call.parameters.get(name).and_then(Value::as_str);
    match call.operation.as_str() {
        "ModifyNetworkInterfaceAttribute" => text("NetworkInterfaceId").map(|id| format!("{IMAGE}{id}")),
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => {
            let id = text("GroupId")?;
            (!is_own(case, id)).then(|| format!("{IMAGE}{id}"))
        }
        "ModifyInstanceAttribute" => text("InstanceId").map(|id| format!("{IMAGE}{id}#protection")),
        "EnterStandby" | "DetachInstances" => {
            let ids = call.parameters.get("InstanceIds").and_then(Value::as_array);
            let id = ids.and_then(|ids| ids.first()).and_then(Value::as_str)?;
            Some(format!("{IMAGE}{id}#auto-scaling"))
        }
        "DeregisterTargets" => text("TargetGroupArn").map(|arn| format!("{IMAGE}{arn}#")),
        "DisassociateAddress" => Some(format!("{IMAGE}eipalloc-")),
        "DisassociateIamInstanceProfile" => Some(format!("{IMAGE}i-")),
        "PutRolePolicy" => Some(format!("{IMAGE}{}#{}", text("RoleName")?, text("PolicyName")?)),
        _ => None,
    }
}

/// Whether a group is one that Cordon made to isolate.
fn is_own(case: &Case<'_>, id: &str) -> bool {
    let group = case.trial.again.after.groups.get(id).or_else(|| case.trial.before.groups.get(id));
    group.is_some_and(|group| group.tags.contains_key(responder::PURPOSE_TAG))
}

pub(super) fn first(case: &Case<'_>) -> Option<String> {
    let mut records = &case.trial.before.records;
    let mut moments = case.trial.moments.iter().peekable();
    for call in case.trial.first.calls.iter().chain(&case.trial.again.calls) {
        while let Some(moment) = moments.next_if(|moment| moment.seq <= call.seq) {
            if let Seen::Records(now) = &moment.seen {
                records = now;
            }
        }
        if !acts(case.trial, call) {
            continue;
        }
        if let Some(key) = needed(case, call)
            && !has(records, &key)
        {
            return Some(format!("{} changes a resource without `{key}` in the table", named(call)));
        }
    }
    None
}

fn has(records: &Records, key: &str) -> bool {
    records.keys().any(|(_, record)| record.starts_with(key))
}

pub(super) fn truth(case: &Case<'_>) -> Option<String> {
    let before = &case.trial.before;
    let written = case.trial.again.after.records.iter().filter(|(key, _)| !before.records.contains_key(*key));
    for ((_, record), body) in written.filter(|((_, record), _)| record.starts_with(IMAGE)) {
        let image: BeforeImage = match serde_json::from_str(body) {
            Ok(image) => image,
            Err(error) => return Some(format!("`{record}` cannot be read: {error}")),
        };
        match image {
            BeforeImage::NetworkInterface { interface_id, groups, .. } => {
                let was = before.networks.values().find_map(|network| network.get(&interface_id));
                if was.is_none_or(|was| was.groups != groups) {
                    let was = was.map_or_else(|| "not there".to_owned(), |was| was.groups.join(" "));
                    return Some(format!("`{record}` says {}; before the run it was {was}", groups.join(" ")));
                }
            }
            // What these say of an instance is not among what is watched; that they come first is.
            BeforeImage::Protection { .. }
            | BeforeImage::AutoScaling { .. }
            | BeforeImage::Target { .. }
            | BeforeImage::ElasticAddress { .. }
            | BeforeImage::InstanceProfile { .. }
            | BeforeImage::RolePolicy { .. } => {}
            BeforeImage::SecurityGroupRules { group_id, rules } => {
                let was: BTreeSet<&str> = before.groups.get(&group_id).map(rule_ids).unwrap_or_default();
                if let Some(rule) = rules.iter().find(|rule| !was.contains(rule.id.as_str())) {
                    return Some(format!("`{record}` has the rule {}, which was not there before the run", rule.id));
                }
            }
        }
    }
    unrecorded(case)
}

/// A rule that is gone and that no before-image has.
fn unrecorded(case: &Case<'_>) -> Option<String> {
    let after = &case.trial.again.after;
    for (id, was) in case.trial.before.groups.iter().filter(|(id, _)| !is_own(case, id)) {
        let is: BTreeSet<&str> = after.groups.get(id).map(rule_ids).unwrap_or_default();
        let kept = after.records.iter().filter(|((_, record), _)| record.starts_with(&format!("{IMAGE}{id}")));
        let kept: Vec<&str> = kept.map(|(_, body)| body.as_str()).collect();
        let lost = rule_ids(was)
            .into_iter()
            .find(|rule| !is.contains(rule) && !kept.iter().any(|body| body.contains(&format!("\"{rule}\""))));
        if let Some(rule) = lost {
            return Some(format!("the rule {rule} of {id} is gone, and no before-image has it"));
        }
    }
    None
}

fn rule_ids(group: &GroupView) -> BTreeSet<&str> {
    group.ingress.iter().chain(&group.egress).map(|rule| rule.id.as_str()).collect()
}

pub(super) fn kept(case: &Case<'_>) -> Option<String> {
    let mut records = &case.trial.before.records;
    for moment in &case.trial.moments {
        let Seen::Records(now) = &moment.seen else { continue };
        let once = records.iter().filter(|((_, record), _)| WRITTEN_ONCE.iter().any(|kind| record.starts_with(kind)));
        for (key, body) in once {
            let (incident, record) = key;
            match now.get(key) {
                Some(is) if is == body => {}
                Some(_) => return Some(format!("`{record}` of {incident} was overwritten")),
                None => return Some(format!("`{record}` of {incident} was removed")),
            }
        }
        records = now;
    }
    None
}
