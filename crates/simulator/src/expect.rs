//! Holds what came of a replay against what its scenario expects.

use std::collections::{BTreeMap, BTreeSet};

use account::World;
use account::dynamodb::ReadDynamoDb;
use account::ec2::LockState;
use account::ec2::ReadEc2;
use incident::{Incident, Outcome};
use serde_json::Value;

use crate::deployment::Deployment;
use crate::record::{CallRecord, ExpectationsRecord, IncidentRecord, NotificationRecord, Record};
use crate::scenario::Expectations;
use crate::{records, tell};

/// Stands for the isolation group of an interface's VPC in a scenario.
const ISOLATION: &str = "isolation";

/// What was looked at when executions ran.
pub struct Looked<'a> {
    /// The account afterwards.
    pub world: &'a World,
    /// The stack.
    pub deployment: &'a Deployment,
    /// The incident of the first event.
    pub incident: &'a Incident,
}

/// Takes what differs: what it is about, what was expected, what was found.
type Differ<'a> = dyn FnMut(&str, &str, &str) + 'a;

/// Compares the records of a case, one per event, with what is expected of all of it; every difference is a sentence.
pub fn compare(expected: &Expectations, records: &[Record], looked: Option<&Looked<'_>>) -> ExpectationsRecord {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: &str, found: &str| {
        differences.push(format!("{what}: expected {expected}, found {found}"));
    };
    if let Some(first) = records.first() {
        said(expected, first, records, &mut differ);
    }
    made(expected, records, &mut differ);
    match looked {
        Some(looked) => {
            account(expected, looked, &mut differ);
            readings(expected, looked, &mut differ);
            let found = images(records).len();
            if let Some(images) = expected.before_images
                && found != images
            {
                differ("before-images", &images.to_string(), &found.to_string());
            }
        }
        None => {
            if !expected.groups.is_empty()
                || !expected.rules.is_empty()
                || !expected.account.is_empty()
                || !expected.table.is_empty()
                || expected.snapshot_sets.is_some_and(|n| n > 0)
            {
                differ("account", "a state after an execution", "no execution");
            }
        }
    }
    ExpectationsRecord { met: differences.is_empty(), differences }
}

/// Compares the outcome of one event of several.
pub fn compare_outcome(expected: Outcome, record: &Record) -> ExpectationsRecord {
    let met = record.outcome == expected;
    let difference = format!("outcome: expected {expected}, found {} ({})", record.outcome, record.reason);
    ExpectationsRecord { met, differences: if met { Vec::new() } else { vec![difference] } }
}

/// What the records say: outcomes, routing, decisions, gaps.
fn said(expected: &Expectations, first: &Record, records: &[Record], differ: &mut Differ<'_>) {
    // Outcomes are in the order of severity.
    let worst = records.iter().min_by_key(|record| record.outcome).unwrap_or(first);
    if worst.outcome != expected.outcome {
        differ("outcome", expected.outcome.name(), &format!("{} ({})", worst.outcome, worst.reason));
    }
    let found: Vec<Outcome> = records.iter().map(|record| record.outcome).collect();
    if !expected.outcomes.is_empty() && found != expected.outcomes {
        let names = |outcomes: &[Outcome]| outcomes.iter().map(|outcome| outcome.name()).collect::<Vec<_>>().join(" ");
        differ("outcomes", &names(&expected.outcomes), &names(&found));
    }
    if !expected.incidents.is_empty() {
        let id = |incident: &IncidentRecord| incident.resource.get("id").and_then(Value::as_str).map(str::to_owned);
        let found: BTreeMap<String, Outcome> =
            first.incidents.iter().filter_map(|incident| Some((id(incident)?, incident.outcome))).collect();
        if found != expected.incidents {
            differ("incidents", &format!("{:?}", expected.incidents), &format!("{found:?}"));
        }
    }
    if let Some(rule) = &expected.rule
        && first.rule.as_ref() != Some(rule)
    {
        differ("rule", rule, first.rule.as_deref().unwrap_or("none"));
    }
    if let Some(playbook) = &expected.playbook
        && first.playbook != *playbook
    {
        differ("playbook", playbook.as_deref().unwrap_or("none"), first.playbook.as_deref().unwrap_or("none"));
    }
    if let Some(decision) = expected.decision {
        let expected = serde_json::to_value(decision).unwrap_or_default();
        let expected = expected.as_str().unwrap_or_default();
        let found = first.incidents.first().and_then(|incident| incident.decision.as_deref()).unwrap_or("none");
        if found != expected {
            differ("decision", expected, found);
        }
    }
    for gap in &expected.gaps {
        let gaps = || records.iter().flat_map(|record| &record.incidents).flat_map(|incident| &incident.gaps);
        if !gaps().any(|found| found.contains(gap.as_str())) {
            let found: Vec<&str> = gaps().map(String::as_str).collect();
            differ("gaps", &format!("one with `{gap}`"), &format!("{found:?}"));
        }
    }
    for path in &expected.residual_paths {
        let incidents = records.iter().flat_map(|record| &record.incidents);
        if !incidents.flat_map(|incident| &incident.residual_paths).any(|found| found.contains(path.as_str())) {
            differ("residual paths", &format!("one with `{path}`"), "no such path");
        }
    }
}

/// What was done: calls, notifications, executions, before-images.
fn made(expected: &Expectations, records: &[Record], differ: &mut Differ<'_>) {
    let calls = || records.iter().flat_map(|record| &record.calls);
    for call in &expected.must_call {
        if !calls().any(|found| is_call(found, call)) {
            differ("calls", call, "no such call");
        }
    }
    for call in &expected.must_not_call {
        if calls().any(|found| is_call(found, call)) {
            differ("calls", &format!("no {call}"), "such a call");
        }
    }
    in_order(&expected.calls_in_order, &calls().collect::<Vec<_>>(), differ);
    let told: usize = records.iter().map(|record| record.notifications.len()).sum();
    if let Some(count) = expected.notifications
        && told != count
    {
        differ("notifications", &count.to_string(), &told.to_string());
    }
    for text in &expected.told {
        let says = |told: &NotificationRecord| {
            told.message.contains(text.as_str())
                || told.subject.as_deref().is_some_and(|subject| subject.contains(text.as_str()))
        };
        if !records.iter().flat_map(|record| &record.notifications).any(says) {
            differ("told", &format!("a notification with `{text}`"), "no such notification");
        }
    }
    for fault in records.first().iter().flat_map(|record| &record.unmet_faults) {
        differ("faults", &format!("a call that meets the planned fault at {fault}"), "no such call");
    }
    for (playbook, expected) in &expected.started {
        let started = records.iter().flat_map(|record| record.executions.iter().skip(1));
        let found: Vec<&str> = started.filter(|run| run.playbook == *playbook).map(|run| run.status.as_str()).collect();
        if found != *expected {
            differ(&format!("executions of {playbook}"), &format!("{expected:?}"), &format!("{found:?}"));
        }
    }
    let images = images(records);
    for (interface, groups) in &expected.before_image_groups {
        let image = images.get(format!("before-image#{interface}").as_str());
        let found = image.and_then(|body| body.get("groups")).cloned().unwrap_or_default();
        if found != serde_json::json!(groups) {
            differ(&format!("before-image of {interface}"), &groups.join(" "), &found.to_string());
        }
    }
    let chains = expected.order.iter().flat_map(|(function, chains)| chains.iter().map(move |chain| (function, chain)));
    for (function, chain) in chains {
        one_after_another(function, chain, &calls().collect::<Vec<_>>(), differ);
    }
    for (control, holds) in &expected.holds {
        let read = records.iter().flat_map(|record| &record.read_back).filter(|read| read.resource == *control);
        let read: Vec<Option<bool>> = read.map(|read| read.holds).collect();
        if read.is_empty() || read.iter().any(|found| *found != Some(*holds)) {
            let found = if read.is_empty() { "nothing of that name".to_owned() } else { format!("{read:?}") };
            differ(&format!("read back {control}"), &holds.to_string(), &found);
        }
    }
    for key in &expected.before_images_of {
        if !images.contains_key(format!("before-image#{key}").as_str()) {
            differ("before-images", key, "no such record");
        }
    }
}

/// The before-images by their keys: several events about one resource have the same.
fn images(records: &[Record]) -> BTreeMap<&str, &Value> {
    let images = records.iter().flat_map(|record| &record.before_images);
    images.map(|image| (image.record.as_str(), &image.body)).collect()
}

/// Whether a call is the one of a name: `ec2:CreateSnapshots`, or that of one function:
/// `snapshot-volumes/ec2:CreateSnapshots`.
fn is_call(call: &CallRecord, name: &str) -> bool {
    let (function, name) = name.split_once('/').map_or((None, name), |(function, name)| (Some(function), name));
    name.split_once(':') == Some((call.service.as_str(), call.operation.as_str()))
        && function.is_none_or(|function| function == call.function)
}

fn in_order(expected: &[String], calls: &[&CallRecord], differ: &mut Differ<'_>) {
    let mut last: Option<(usize, &str)> = None;
    for name in expected {
        let Some(at) = calls.iter().position(|call| call.error.is_none() && is_call(call, name)) else {
            return differ("calls in order", name, "no such call that succeeded");
        };
        if let Some((before, earlier)) = last.filter(|(before, _)| *before >= at) {
            let found = format!("call {} and call {}", at + 1, before + 1);
            return differ("calls in order", &format!("the first {name} after the first {earlier}"), &found);
        }
        last = Some((at, name));
    }
}

/// Whether calls of a function come after one another, the last of each before the first of the next, each made at all.
fn one_after_another(function: &str, order: &[String], calls: &[&CallRecord], differ: &mut Differ<'_>) {
    let places = |name: &str| -> Vec<usize> {
        let matching = calls.iter().enumerate().filter(|(_, call)| call.function == function && is_call(call, name));
        matching.map(|(place, _)| place).collect()
    };
    for pair in order.windows(2) {
        let [earlier, later] = pair else { continue };
        match (places(earlier).last(), places(later).first()) {
            (Some(last), Some(first)) if last < first => {}
            (Some(_), Some(_)) => differ("order of calls", &format!("{earlier} before {later}"), "the other way round"),
            _ => differ("order of calls", &format!("{earlier} before {later}"), "one of them not at all"),
        }
    }
}

/// What the account answers, and what the table holds.
fn readings(expected: &Expectations, looked: &Looked<'_>, differ: &mut Differ<'_>) {
    let Looked { world, deployment, incident } = looked;
    let home = &deployment.surroundings;
    for reading in &expected.account {
        let (account, region) =
            if reading.home { (&home.account, &home.region) } else { (&incident.account, &incident.region) };
        let (service, operation) = reading.call.split_once(':').unwrap_or((reading.call.as_str(), ""));
        match world.describe_unrecorded(account, region, service, operation, Value::Object(reading.with.clone())) {
            Ok(answer) => {
                for (pointer, expected) in &reading.finds {
                    let found = answer.pointer(pointer).unwrap_or(&Value::Null);
                    if !records::includes(found, expected) {
                        differ(&format!("{} {pointer}", reading.call), &expected.to_string(), &found.to_string());
                    }
                }
            }
            Err(error) => differ(&reading.call, "an answer", &error.to_string()),
        }
    }
    let tables = deployment.template.tables.iter();
    let items: Vec<Value> = tables.flat_map(|table| world.items(&home.account, &home.region, &table.name)).collect();
    for record in &expected.table {
        if !items.iter().any(|item| records::holds(item, record)) {
            let keys = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or("?");
            let same = items.iter().find(|item| {
                ["incident_id", "record"]
                    .iter()
                    .all(|name| item.pointer(&format!("/{name}/S")).and_then(Value::as_str) == Some(keys(name)))
            });
            let found = same.map_or_else(|| "no such record".to_owned(), Value::to_string);
            differ("table", &Value::Object(record.clone()).to_string(), &found);
        }
    }
}

/// The part of the expectations that is about the account afterwards.
fn account(expected: &Expectations, looked: &Looked<'_>, differ: &mut Differ<'_>) {
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
    evidence(expected, looked, differ);
}

/// Locks, copies and the custody manifest.
fn evidence(expected: &Expectations, looked: &Looked<'_>, differ: &mut dyn FnMut(&str, &str, &str)) {
    let Looked { world, deployment, incident, .. } = looked;
    let mut snapshots = world.snapshots(&incident.account, &incident.region);
    snapshots
        .retain(|snapshot| snapshot.tags.get(responder::INCIDENT_TAG).is_some_and(|id| tell::of_episode(id, incident)));
    let mut count = |what: &str, expected: Option<usize>, found: usize| {
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            differ(what, &expected.to_string(), &found.to_string());
        }
    };
    let locked = snapshots.iter().filter(|snapshot| snapshot.lock == Some(LockState::Governance));
    count("locked snapshots", expected.locked, locked.count());
    let key = deployment.template.parameters.get("EvidenceKeyArn");
    let copies = snapshots.iter().filter(|snapshot| {
        snapshot.tags.contains_key(responder::COPY_TAG) && snapshot.state == "completed" && snapshot.key.as_ref() == key
    });
    count("copies", expected.copies, copies.count());
    let home = &deployment.surroundings;
    let text = |item: &Value, name: &str| -> String {
        item.pointer(&format!("/{name}/S")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let entries: Vec<String> = deployment
        .template
        .tables
        .iter()
        .flat_map(|table| world.items(&home.account, &home.region, &table.name))
        .filter(|item| tell::of_episode(&text(item, "incident_id"), incident))
        .filter(|item| text(item, "record").starts_with("evidence#"))
        .map(|item| format!("{} {}", text(&item, "record"), text(&item, "body")))
        .collect();
    for wanted in &expected.custody {
        if !entries.iter().any(|entry| entry.contains(wanted.as_str())) {
            differ("custody", &format!("an entry with `{wanted}`"), &format!("{entries:#?}"));
        }
    }
}

/// How many sets the incident has: the most snapshots that any one volume has.
fn snapshot_sets(world: &World, incident: &Incident) -> usize {
    let snapshots = world.snapshots(&incident.account, &incident.region);
    let tagged: Vec<&str> = snapshots
        .iter()
        .filter(|snapshot| snapshot.tags.get(responder::INCIDENT_TAG).is_some_and(|id| tell::of_episode(id, incident)))
        .filter(|snapshot| !snapshot.tags.contains_key(responder::COPY_TAG))
        .map(|snapshot| snapshot.volume.as_str())
        .collect();
    tagged.iter().map(|volume| tagged.iter().filter(|other| *other == volume).count()).max().unwrap_or_default()
}
