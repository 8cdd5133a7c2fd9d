//! Holds what came of a replay against what its scenario expects.

use std::collections::BTreeSet;

use account::World;
use incident::Incident;

use crate::deployment::Deployment;
use crate::record::{ExpectationsRecord, NotificationRecord, Record};
use crate::scenario::Expectations;

/// Stands for the isolation group of an interface's VPC in a scenario.
const ISOLATION: &str = "isolation";

/// What was looked at when an execution ran.
pub struct Looked<'a> {
    /// The account afterwards.
    pub world: &'a World,
    /// The stack.
    pub deployment: &'a Deployment,
    /// The incident.
    pub incident: &'a Incident,
    /// How many before-images it has.
    pub before_images: usize,
}

/// Compares; every difference is a sentence.
pub fn compare(expected: &Expectations, record: &Record, looked: Option<&Looked<'_>>) -> ExpectationsRecord {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: &str, found: &str| {
        differences.push(format!("{what}: expected {expected}, found {found}"));
    };
    if record.outcome != expected.outcome {
        differ("outcome", expected.outcome.name(), &format!("{} ({})", record.outcome, record.reason));
    }
    if let Some(rule) = &expected.rule
        && record.rule.as_ref() != Some(rule)
    {
        differ("rule", rule, record.rule.as_deref().unwrap_or("none"));
    }
    if let Some(playbook) = &expected.playbook
        && record.playbook != *playbook
    {
        differ("playbook", playbook.as_deref().unwrap_or("none"), record.playbook.as_deref().unwrap_or("none"));
    }
    if let Some(decision) = expected.decision {
        let expected = serde_json::to_value(decision).unwrap_or_default();
        let expected = expected.as_str().unwrap_or_default();
        let found = record.incidents.first().and_then(|incident| incident.decision.as_deref()).unwrap_or("none");
        if found != expected {
            differ("decision", expected, found);
        }
    }
    let calls: BTreeSet<String> =
        record.calls.iter().map(|call| format!("{}:{}", call.service, call.operation)).collect();
    for call in &expected.must_call {
        if !calls.contains(call) {
            differ("calls", call, "no such call");
        }
    }
    for call in &expected.must_not_call {
        if calls.contains(call) {
            differ("calls", &format!("no {call}"), "such a call");
        }
    }
    if let Some(count) = expected.notifications
        && record.notifications.len() != count
    {
        differ("notifications", &count.to_string(), &record.notifications.len().to_string());
    }
    for text in &expected.told {
        let says = |told: &NotificationRecord| {
            told.message.contains(text.as_str())
                || told.subject.as_deref().is_some_and(|subject| subject.contains(text.as_str()))
        };
        if !record.notifications.iter().any(says) {
            differ("told", &format!("a notification with `{text}`"), "no such notification");
        }
    }
    for gap in &expected.gaps {
        let mut gaps = record.incidents.iter().flat_map(|incident| &incident.gaps);
        if !gaps.any(|found| found.contains(gap.as_str())) {
            let found: Vec<&str> =
                record.incidents.iter().flat_map(|incident| &incident.gaps).map(String::as_str).collect();
            differ("gaps", &format!("one with `{gap}`"), &format!("{found:?}"));
        }
    }
    for fault in &record.unmet_faults {
        differ("faults", &format!("a call that meets the planned fault at {fault}"), "no such call");
    }
    for path in &expected.residual_paths {
        let mut paths = record.incidents.iter().flat_map(|incident| &incident.residual_paths);
        if !paths.any(|found| found.contains(path.as_str())) {
            differ("residual paths", &format!("one with `{path}`"), "no such path");
        }
    }
    for (interface, groups) in &expected.before_image_groups {
        let image = record.before_images.iter().find(|image| image.record == format!("before-image#{interface}"));
        let found = image.and_then(|image| image.body.get("groups")).cloned().unwrap_or_default();
        if found != serde_json::json!(groups) {
            differ(&format!("before-image of {interface}"), &groups.join(" "), &found.to_string());
        }
    }
    match looked {
        Some(looked) => account(expected, looked, &mut differ),
        None => {
            if !expected.groups.is_empty()
                || !expected.rules.is_empty()
                || expected.snapshot_sets.is_some_and(|n| n > 0)
            {
                differ("account", "a state after an execution", "no execution");
            }
        }
    }
    ExpectationsRecord { met: differences.is_empty(), differences }
}

/// The part of the expectations that is about the account afterwards.
fn account(expected: &Expectations, looked: &Looked<'_>, differ: &mut dyn FnMut(&str, &str, &str)) {
    let Looked { world, deployment, incident, .. } = looked;
    let (account, region) = (incident.account.as_str(), incident.region.as_str());
    let isolation = deployment.template.parameters.get("IsolationGroupName").map_or("", String::as_str);
    for (interface, groups) in &expected.groups {
        let found = world.interface(account, region, interface).map(|found| found.groups);
        let Some(found) = found else {
            differ(interface, &groups.join(" "), "no such interface");
            continue;
        };
        let named: Vec<String> = found
            .iter()
            .map(|id| match world.security_group(account, region, id) {
                Some(group)
                    if group.name.starts_with(isolation)
                        && group.tags.get(responder::PURPOSE_TAG).is_some_and(|purpose| purpose == ISOLATION)
                        && group.ingress.is_empty()
                        && group.egress.is_empty() =>
                {
                    ISOLATION.to_owned()
                }
                _ => id.clone(),
            })
            .collect();
        if named != *groups {
            differ(interface, &groups.join(" "), &format!("{} ({})", named.join(" "), found.join(" ")));
        }
    }
    for (group, rules) in &expected.rules {
        let found: BTreeSet<String> = world
            .security_group(account, region, group)
            .map(|group| group.ingress.iter().chain(&group.egress).map(|rule| rule.id.clone()).collect())
            .unwrap_or_default();
        let expected: BTreeSet<String> = rules.iter().cloned().collect();
        if found != expected {
            differ(group, &format!("{expected:?}"), &format!("{found:?}"));
        }
    }
    if let Some(sets) = expected.snapshot_sets {
        let found = snapshot_sets(world, incident);
        if found != sets {
            differ("snapshot sets", &sets.to_string(), &found.to_string());
        }
    }
    if let Some(images) = expected.before_images {
        let found = looked.before_images;
        if found != images {
            differ("before-images", &images.to_string(), &found.to_string());
        }
    }
}

/// How many sets the incident has: the most snapshots that any one volume has.
fn snapshot_sets(world: &World, incident: &Incident) -> usize {
    let snapshots = world.snapshots(&incident.account, &incident.region);
    let tagged: Vec<&str> = snapshots
        .iter()
        .filter(|snapshot| snapshot.tags.get(responder::INCIDENT_TAG) == Some(&incident.id))
        .map(|snapshot| snapshot.volume.as_str())
        .collect();
    tagged.iter().map(|volume| tagged.iter().filter(|other| *other == volume).count()).max().unwrap_or_default()
}
