//! Compares the result of a case with what its scenario expects.

use std::collections::{BTreeMap, BTreeSet};

use account::World;
use account::ec2::{LockState, ReadEc2};
use incident::contract::{BEFORE_IMAGE_KEY, EVIDENCE_KEY, PURPOSE_ISOLATION};
use incident::{Incident, Outcome};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::report::{CallReport, ExpectationsReport, IncidentReport, NotificationReport};
use crate::scenario::Expectations;
use crate::table_items;
use crate::verified::{VerifiedEvent, VerifiedRun};

/// Stands for the isolation group of an interface's VPC in a scenario.
const ISOLATION: &str = "isolation";

/// The account after the executions.
pub(crate) struct AccountAfter<'a> {
    /// The account.
    pub(crate) world: &'a World,
    /// The stack.
    pub(crate) deployment: &'a Deployment,
    /// The incident of the first event.
    pub(crate) incident: &'a Incident,
}

/// Takes a difference: its subject, what was expected, what was found.
type Differ<'a> = dyn FnMut(&str, &str, &str) + 'a;

/// Compares the events of a case with what is expected of them: one result for each event that something is expected of.
/// The first has every difference of the whole case, the others those of their own outcomes.
pub(crate) fn compare(
    expected: &Expectations,
    events: &[VerifiedEvent<'_>],
    account: Option<&AccountAfter<'_>>,
) -> Vec<Option<ExpectationsReport>> {
    let mut outcomes = expected.outcomes.iter();
    let compared = events.iter().enumerate().map(|(at, event)| {
        let outcome = outcomes.next();
        match at {
            0 => Some(compare_case(expected, event, events, account)),
            _ => outcome.map(|outcome| compare_outcome(*outcome, event)),
        }
    });
    compared.collect()
}

fn compare_case(
    expected: &Expectations,
    first: &VerifiedEvent<'_>,
    events: &[VerifiedEvent<'_>],
    account: Option<&AccountAfter<'_>>,
) -> ExpectationsReport {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: &str, found: &str| {
        differences.push(format!("{what}: expected {expected}, found {found}"));
    };
    compare_decisions(expected, first, events, &mut differ);
    let runs: Vec<&VerifiedRun> = events.iter().filter_map(VerifiedEvent::run).collect();
    compare_actions(expected, &runs, &mut differ);
    match account {
        Some(account) => {
            compare_network(expected, account, &mut differ);
            compare_answers(expected, account, &mut differ);
            let found = images(&runs).len();
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
    ExpectationsReport { met: differences.is_empty(), differences }
}

/// Compares the outcome of one event of several.
fn compare_outcome(expected: Outcome, event: &VerifiedEvent<'_>) -> ExpectationsReport {
    let (found, reason) = event.outcome();
    let met = found == expected;
    let difference = format!("outcome: expected {expected}, found {found} ({reason})");
    ExpectationsReport { met, differences: if met { Vec::new() } else { vec![difference] } }
}

/// Outcomes, routing, decisions, gaps.
fn compare_decisions(
    expected: &Expectations,
    first: &VerifiedEvent<'_>,
    events: &[VerifiedEvent<'_>],
    differ: &mut Differ<'_>,
) {
    let outcomes: Vec<(Outcome, String)> = events.iter().map(VerifiedEvent::outcome).collect();
    // Outcomes are in the order of severity.
    if let Some((worst, reason)) = outcomes.iter().min_by_key(|(outcome, _)| *outcome)
        && *worst != expected.outcome
    {
        differ("outcome", expected.outcome.name(), &format!("{worst} ({reason})"));
    }
    let found: Vec<Outcome> = outcomes.iter().map(|(outcome, _)| *outcome).collect();
    if !expected.outcomes.is_empty() && found != expected.outcomes {
        let names = |outcomes: &[Outcome]| outcomes.iter().map(|outcome| outcome.name()).collect::<Vec<_>>().join(" ");
        differ("outcomes", &names(&expected.outcomes), &names(&found));
    }
    let of_first = || first.run().into_iter().flat_map(|run| &run.incidents);
    if !expected.incidents.is_empty() {
        let id = |incident: &IncidentReport| incident.resource.get("id").and_then(Value::as_str).map(str::to_owned);
        let found: BTreeMap<String, Outcome> =
            of_first().filter_map(|incident| Some((id(incident)?, incident.outcome))).collect();
        if found != expected.incidents {
            differ("incidents", &format!("{:?}", expected.incidents), &format!("{found:?}"));
        }
    }
    let route = first.event.route();
    if let Some(rule) = &expected.rule {
        let found = route.map(|route| route.rule.as_str());
        if found != Some(rule) {
            differ("rule", rule, found.unwrap_or("none"));
        }
    }
    if let Some(playbook) = &expected.playbook {
        let found = route.map(|route| route.playbook.as_str());
        if found != playbook.as_deref() {
            differ("playbook", playbook.as_deref().unwrap_or("none"), found.unwrap_or("none"));
        }
    }
    if let Some(decision) = expected.decision {
        let found = of_first().next().and_then(|incident| incident.decision);
        if found != Some(decision) {
            differ("decision", decision.name(), found.map_or("none", |found| found.name()));
        }
    }
    let incidents = || events.iter().filter_map(VerifiedEvent::run).flat_map(|run| &run.incidents);
    for gap in &expected.gaps {
        let gaps = || incidents().flat_map(|incident| &incident.gaps);
        if !gaps().any(|found| found.contains(gap.as_str())) {
            let found: Vec<&str> = gaps().map(String::as_str).collect();
            differ("gaps", &format!("one with `{gap}`"), &format!("{found:?}"));
        }
    }
    for path in &expected.residual_paths {
        let mut paths = incidents().flat_map(|incident| &incident.residual_paths);
        if !paths.any(|found| found.contains(path.as_str())) {
            differ("residual paths", &format!("one with `{path}`"), "no such path");
        }
    }
}

/// Calls, notifications, executions, before-images, controls.
fn compare_actions(expected: &Expectations, runs: &[&VerifiedRun], differ: &mut Differ<'_>) {
    let calls: Vec<&CallReport> = runs.iter().flat_map(|run| &run.calls).collect();
    for call in &expected.must_call {
        if !calls.iter().any(|found| is_call(found, call)) {
            differ("calls", call, "no such call");
        }
    }
    for call in &expected.must_not_call {
        if calls.iter().any(|found| is_call(found, call)) {
            differ("calls", &format!("no {call}"), "such a call");
        }
    }
    in_order(&expected.calls_in_order, &calls, differ);
    let notifications: Vec<&NotificationReport> = runs.iter().flat_map(|run| &run.notifications).collect();
    if let Some(count) = expected.notifications
        && notifications.len() != count
    {
        differ("notifications", &count.to_string(), &notifications.len().to_string());
    }
    for text in &expected.notification_texts {
        let contains = |notification: &&NotificationReport| {
            notification.message.contains(text.as_str())
                || notification.subject.as_deref().is_some_and(|subject| subject.contains(text.as_str()))
        };
        if !notifications.iter().any(contains) {
            differ("notified", &format!("a notification with `{text}`"), "no such notification");
        }
    }
    for fault in runs.first().into_iter().flat_map(|run| &run.unmet_faults) {
        differ("faults", &format!("a call that the planned fault at {fault} hits"), "no such call");
    }
    for (playbook, expected) in &expected.started {
        let started = runs.iter().flat_map(|run| run.executions.iter().skip(1));
        let found: Vec<&str> = started.filter(|run| run.playbook == *playbook).map(|run| run.status.as_str()).collect();
        if found != *expected {
            differ(&format!("executions of {playbook}"), &format!("{expected:?}"), &format!("{found:?}"));
        }
    }
    let images = images(runs);
    for (interface, groups) in &expected.before_image_groups {
        let image = images.get(format!("{BEFORE_IMAGE_KEY}{interface}").as_str());
        let found = image.and_then(|body| body.get("groups")).unwrap_or(&Value::Null);
        if *found != json!(groups) {
            differ(&format!("before-image of {interface}"), &groups.join(" "), &found.to_string());
        }
    }
    let chains = expected.order.iter().flat_map(|(function, chains)| chains.iter().map(move |chain| (function, chain)));
    for (function, chain) in chains {
        one_after_another(function, chain, &calls, differ);
    }
    for (control, holds) in &expected.holds {
        let read = runs.iter().flat_map(|run| &run.read_back).filter(|read| read.resource == *control);
        let read: Vec<Option<bool>> = read.map(|read| read.holds).collect();
        if read.is_empty() || read.iter().any(|found| *found != Some(*holds)) {
            let found = if read.is_empty() { "nothing of that name".to_owned() } else { format!("{read:?}") };
            differ(&format!("read back {control}"), &holds.to_string(), &found);
        }
    }
    for key in &expected.before_images_of {
        if !images.contains_key(format!("{BEFORE_IMAGE_KEY}{key}").as_str()) {
            differ("before-images", key, "no such record");
        }
    }
}

/// The before-images by their keys: several events about one resource have the same.
fn images<'a>(runs: &[&'a VerifiedRun]) -> BTreeMap<&'a str, &'a Value> {
    let images = runs.iter().flat_map(|run| &run.before_images);
    images.map(|image| (image.record.as_str(), &image.body)).collect()
}

/// Whether a call is the one of a name: `ec2:CreateSnapshots`, or that of one function:
/// `snapshot-volumes/ec2:CreateSnapshots`.
fn is_call(call: &CallReport, name: &str) -> bool {
    let (function, name) = name.split_once('/').map_or((None, name), |(function, name)| (Some(function), name));
    name.split_once(':') == Some((call.service.as_str(), call.operation.as_str()))
        && function.is_none_or(|function| function == call.function)
}

fn in_order(expected: &[String], calls: &[&CallReport], differ: &mut Differ<'_>) {
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
fn one_after_another(function: &str, order: &[String], calls: &[&CallReport], differ: &mut Differ<'_>) {
    let places = |name: &str| -> Vec<usize> {
        let matching = calls.iter().enumerate().filter(|(_, call)| call.function == function && is_call(call, name));
        matching.map(|(place, _)| place).collect()
    };
    for (earlier, later) in order.iter().zip(order.iter().skip(1)) {
        match (places(earlier).last(), places(later).first()) {
            (Some(last), Some(first)) if last < first => {}
            (Some(_), Some(_)) => differ("order of calls", &format!("{earlier} before {later}"), "the other way round"),
            _ => differ("order of calls", &format!("{earlier} before {later}"), "one of them not at all"),
        }
    }
}

/// Answers of the account, and items of the incident table.
fn compare_answers(expected: &Expectations, account: &AccountAfter<'_>, differ: &mut Differ<'_>) {
    let AccountAfter { world, deployment, incident } = account;
    let home = &deployment.surroundings;
    for reading in &expected.account {
        let (account, region) =
            if reading.home { (&home.account, &home.region) } else { (&incident.account, &incident.region) };
        let Some((service, operation)) = reading.call.split_once(':') else {
            differ(&reading.call, "a call such as ec2:DescribeInstances", "another text");
            continue;
        };
        match world.describe_unrecorded(account, region, service, operation, Value::Object(reading.with.clone())) {
            Ok(answer) => {
                for (pointer, expected) in &reading.finds {
                    let found = answer.pointer(pointer).unwrap_or(&Value::Null);
                    if !table_items::includes(found, expected) {
                        differ(&format!("{} {pointer}", reading.call), &expected.to_string(), &found.to_string());
                    }
                }
            }
            Err(error) => differ(&reading.call, "an answer", &error.to_string()),
        }
    }
    let items: Vec<Value> = table_items::all(world, deployment).collect();
    for fields in &expected.table {
        if !items.iter().any(|item| table_items::holds(item, fields)) {
            let keys = |name: &str| fields.get(name).and_then(Value::as_str);
            let same = items.iter().find(|item| {
                ["incident_id", "record"]
                    .iter()
                    .all(|name| item.pointer(&format!("/{name}/S")).and_then(Value::as_str) == keys(name))
            });
            let found = same.map_or_else(|| "no such record".to_owned(), Value::to_string);
            differ("table", &Value::Object(fields.clone()).to_string(), &found);
        }
    }
}

/// Network interfaces, security groups and snapshots.
fn compare_network(expected: &Expectations, after: &AccountAfter<'_>, differ: &mut Differ<'_>) {
    let AccountAfter { world, deployment, incident } = after;
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
                        && group
                            .tags
                            .get(responder::PURPOSE_TAG)
                            .is_some_and(|purpose| purpose == PURPOSE_ISOLATION)
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
    compare_evidence(expected, after, differ);
}

/// Locks, copies and the custody manifest.
fn compare_evidence(expected: &Expectations, account: &AccountAfter<'_>, differ: &mut dyn FnMut(&str, &str, &str)) {
    let AccountAfter { world, deployment, incident } = account;
    let mut snapshots = world.snapshots(&incident.account, &incident.region);
    snapshots.retain(|snapshot| {
        snapshot.tags.get(responder::INCIDENT_TAG).is_some_and(|id| table_items::is_episode_of(id, incident))
    });
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
    let entries: Vec<String> = table_items::of_incident(world, deployment, incident)
        .filter(|item| item.record.starts_with(EVIDENCE_KEY))
        .map(|item| format!("{} {}", item.record, item.body.as_deref().unwrap_or("without a body")))
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
        .filter(|snapshot| {
            snapshot.tags.get(responder::INCIDENT_TAG).is_some_and(|id| table_items::is_episode_of(id, incident))
        })
        .filter(|snapshot| !snapshot.tags.contains_key(responder::COPY_TAG))
        .map(|snapshot| snapshot.volume.as_str())
        .collect();
    tagged.iter().map(|volume| tagged.iter().filter(|other| *other == volume).count()).max().unwrap_or_default()
}
