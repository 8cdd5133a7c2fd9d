//! Before-images: the state that a release would restore.

use std::collections::BTreeSet;

use account::Call;
use account::ec2::GroupView;
use incident::BeforeImage;
use incident::contract::{BEFORE_IMAGE_KEY, EVIDENCE_KEY};
use serde_json::Value;

use super::{Case, acts, named};
use crate::trial::Trial;
use crate::watch::{Observed, Records};

/// The beginnings of the keys of records that are written once.
const WRITTEN_ONCE: [&str; 3] = [BEFORE_IMAGE_KEY, EVIDENCE_KEY, "report#"];

/// A before-image that must be in the table.
enum Needed {
    /// Its key begins so.
    Key(String),
    /// Its body names this.
    Named(String),
}

impl Needed {
    fn is_in(&self, records: &Records) -> bool {
        let mut images = records.iter().filter(|((_, record), _)| record.starts_with(BEFORE_IMAGE_KEY));
        match self {
            Needed::Key(key) => images.any(|((_, record), _)| record.starts_with(key)),
            Needed::Named(id) => images.any(|(_, body)| body.contains(&format!("\"{id}\""))),
        }
    }
}

/// The before-images that a call needs. A call that creates a resource needs none.
fn needed(case: &Case<'_>, call: &Call) -> Vec<Needed> {
    let texts = |name: &str| match call.parameters.get(name) {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let key = |id: &str| Needed::Key(format!("{BEFORE_IMAGE_KEY}{id}"));
    let of =
        |name: &str, part: &str| texts(name).into_iter().map(|id| key(&format!("{id}#{part}"))).collect::<Vec<_>>();
    let named = |name: &str| texts(name).into_iter().map(|id| Needed::Named(id.to_owned())).collect();
    match call.operation.as_str() {
        "ModifyNetworkInterfaceAttribute" => texts("NetworkInterfaceId").into_iter().map(key).collect(),
        "ModifyInstanceAttribute" => of("InstanceId", "protection"),
        "RevokeSecurityGroupIngress" | "RevokeSecurityGroupEgress" => {
            texts("GroupId").into_iter().filter(|id| !is_own(case, id)).map(key).collect()
        }
        "EnterStandby" | "DetachInstances" => of("InstanceIds", "auto-scaling"),
        "DeregisterTargets" => of("TargetGroupArn", ""),
        "PutRolePolicy" => texts("PolicyName").into_iter().flat_map(|policy| of("RoleName", policy)).collect(),
        "DisassociateAddress" | "DisassociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation" => {
            named("AssociationId")
        }
        _ => Vec::new(),
    }
}

/// Whether a group is one that Cordon made to isolate.
fn is_own(case: &Case<'_>, id: &str) -> bool {
    let group = case.trial.again.after.groups.get(id).or_else(|| case.trial.before.groups.get(id));
    group.is_some_and(|group| group.tags.contains_key(responder::PURPOSE_TAG))
}

/// The before-images that the first delivery of a run writes, by record.
pub(super) fn written(trial: &Trial) -> impl Iterator<Item = (String, String)> {
    let new = trial.first.after.records.iter().filter(|(key, _)| !trial.before.records.contains_key(*key));
    new.filter(|((_, record), _)| record.starts_with(BEFORE_IMAGE_KEY))
        .map(|((_, record), body)| (record.clone(), body.clone()))
}

pub(super) fn first(case: &Case<'_>) -> Option<String> {
    let mut records = &case.trial.before.records;
    let mut observations = case.trial.observations.iter().peekable();
    for call in case.trial.first.calls.iter().chain(&case.trial.again.calls) {
        while let Some(observation) = observations.next_if(|observation| observation.seq <= call.seq) {
            if let Observed::Records(now) = &observation.observed {
                records = now;
            }
        }
        if !acts(case.trial, call) {
            continue;
        }
        if let Some(needed) = needed(case, call).iter().find(|needed| !needed.is_in(records)) {
            let what = match needed {
                Needed::Key(key) => format!("a record `{key}…`"),
                Needed::Named(id) => format!("a before-image of {id}"),
            };
            return Some(format!("{} changes a resource, and the table is without {what}", named(call)));
        }
    }
    None
}

pub(super) fn truth(case: &Case<'_>) -> Option<String> {
    let before = &case.trial.before;
    let written = case.trial.again.after.records.iter().filter(|(key, _)| !before.records.contains_key(*key));
    for ((_, record), body) in written.filter(|((_, record), _)| record.starts_with(BEFORE_IMAGE_KEY)) {
        match serde_json::from_str(body) {
            Err(error) => return Some(format!("`{record}` cannot be read: {error}")),
            Ok(BeforeImage::NetworkInterface { interface_id, groups, .. }) => {
                let was = before.networks.values().find_map(|network| network.get(&interface_id));
                if was.is_none_or(|was| was.groups != groups) {
                    let was = was.map_or_else(|| "not there".to_owned(), |was| was.groups.join(" "));
                    return Some(format!("`{record}` says {}; before the run it was {was}", groups.join(" ")));
                }
            }
            // Compared below with the before-images of the run without the fault.
            Ok(
                BeforeImage::Protection { .. }
                | BeforeImage::AutoScaling { .. }
                | BeforeImage::Target { .. }
                | BeforeImage::ElasticAddress { .. }
                | BeforeImage::InstanceProfile { .. }
                | BeforeImage::RolePolicy { .. },
            ) => {}
            Ok(BeforeImage::SecurityGroupRules { group_id, rules }) => {
                // A group that was not there before the run had no rules.
                let was: BTreeSet<&str> = before.groups.get(&group_id).map_or_else(BTreeSet::new, rule_ids);
                if let Some(rule) = rules.iter().find(|rule| !was.contains(rule.id.as_str())) {
                    return Some(format!("`{record}` has the rule {}, which was not there before the run", rule.id));
                }
            }
        }
        // A fault changes when something is read, never the state before the first change.
        let without = case.baseline.images.get(record);
        if without.is_some_and(|without| without != body) {
            return Some(format!("`{record}` differs from the one that the run without this fault writes: {body}"));
        }
    }
    unrecorded(case)
}

/// A rule that is gone and is in no before-image.
fn unrecorded(case: &Case<'_>) -> Option<String> {
    let after = &case.trial.again.after;
    for (id, was) in case.trial.before.groups.iter().filter(|(id, _)| !is_own(case, id)) {
        let is: BTreeSet<&str> = after.groups.get(id).map_or_else(BTreeSet::new, rule_ids);
        let kept =
            after.records.iter().filter(|((_, record), _)| record.starts_with(&format!("{BEFORE_IMAGE_KEY}{id}")));
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
    for observation in &case.trial.observations {
        let Observed::Records(now) = &observation.observed else { continue };
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
