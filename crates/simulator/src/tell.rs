//! Everything that there is to say after an execution: what it claims, what was read back, what was called and told.

use std::collections::BTreeSet;

use std::sync::Arc;

use account::dynamodb::ReadDynamoDb;
use account::sns::ReadSns;
use account::{Call, Delivery, Timestamp, World};
use incident::{Incident, Outcome, Report, text};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::driver::{Ended, FunctionFault};
use crate::readback;
use crate::record::{
    BeforeImageRecord, CallRecord, EdgeRecord, ExecutionRecord, IncidentRecord, NotificationRecord, PermissionRecord,
    Record, RunRecord,
};
use crate::steps;

/// What there is to tell of.
pub struct Told<'a> {
    /// The account afterwards.
    pub world: &'a World,
    /// The stack.
    pub deployment: &'a Deployment,
    /// Every execution of the run.
    pub executions: &'a [Ended],
    /// The position of the one that the event started.
    pub root: usize,
    /// Planned faults of functions that no invocation met.
    pub faults_left: Vec<FunctionFault>,
}

/// Everything that there is to say after an execution, and after those that it started.
pub fn tell(incident: &Incident, mut record: Record, told: &Told<'_>) -> Record {
    let Told { world, deployment, executions, root, .. } = told;
    let Some(ended) = executions.get(*root) else { return record };
    let seconds = |at: Timestamp| at.since(ended.started_at).as_millis() as f64 / 1000.0;
    let own = family(executions, *root);
    let own: Vec<&Ended> = own.iter().filter_map(|at| executions.get(*at)).collect();
    // The configuration of an account may say another mode than the template.
    let decided = own.iter().filter_map(|ended| Some(self::report(ended)?.decision?.mode.name()));
    let modes: BTreeSet<&str> = decided.collect();
    if !modes.is_empty() {
        record.mode = Some(modes.into_iter().collect::<Vec<_>>().join(", "));
    }
    let report = report(ended);
    let claimed = report.as_ref().map_or(Outcome::Escalated, |report| report.outcome);
    let controls = report.as_ref().map_or(&[] as &[_], |report| report.controls.as_slice());
    let verdict = readback::weigh(world, incident, claimed, controls);
    record.outcome = verdict.outcome;
    record.reason = match (&verdict.contradiction, &report) {
        (Some(contradiction), _) => contradiction.clone(),
        (None, None) => how_it_ended(ended),
        (None, Some(report)) => reason(report),
    };
    record.read_back = verdict.read;
    record.incidents = vec![incident_record(incident, report, &verdict.outcome, verdict.contradiction)];
    record.before_images = before_images(world, deployment, incident);
    let dispatched = dispatched(ended);
    if dispatched {
        // The event is about several resources, and each of them has an execution that tells its story.
        record.incidents.clear();
        record.outcome = Outcome::Invalid;
    }
    add_others(&mut record, told, &own);
    if dispatched && record.incidents.is_empty() {
        record.outcome = Outcome::Escalated;
        record.reason = "responses were started, and none of them tells how it ended".to_owned();
    }
    let calls = calls(world, &own);
    let made: BTreeSet<u64> = calls.iter().map(|call| call.seq).collect();
    record.calls = calls
        .iter()
        .map(|call| CallRecord {
            at: seconds(call.at),
            error: match call.delivery {
                Delivery::Delivered => call.error.clone(),
                _ => Some("no answer".to_owned()),
            },
            service: call.service.clone(),
            operation: call.operation.clone(),
            function: call.function.clone(),
            read_only: call.read_only,
            account: call.account.clone(),
            region: call.region.clone(),
        })
        .collect();
    let published = world.published().into_iter().filter(|message| made.contains(&message.sequence));
    record.notifications = published.map(notification).collect();
    record.transitions = Some(ended.execution.transitions());
    record.invocations = Some(ended.invocations.len());
    record.virtual_seconds = Some(seconds(ended.ended_at));
    // What other executions do after that, such as keeping evidence for hours, is no part of it.
    let isolated = own.iter().flat_map(|ended| &ended.invocations).filter(|call| call.step == "quarantine-instance");
    let isolated = isolated.filter_map(|call| call.ended_at).max();
    record.virtual_seconds_to_containment =
        isolated.filter(|_| matches!(record.outcome, Outcome::Contained | Outcome::PartiallyContained)).map(seconds);
    record.executions = own.iter().map(|ended| run_record(ended)).collect();
    record.steps = steps::of(ended);
    record.execution = Some(ExecutionRecord {
        status: ended.outcome.status.as_str().to_owned(),
        error: ended.outcome.error.clone(),
        cause: ended.outcome.cause.clone(),
        output: ended.outcome.output.clone(),
    });
    let unsupported: BTreeSet<String> = world.unsupported().into_iter().collect();
    record.tool_errors.extend(unsupported.into_iter().map(|what| format!("not simulated: {what}")));
    record.unmet_faults = unmet_faults(told);
    record.permissions = permissions(world, deployment);
    record.edges = own.iter().flat_map(|ended| edges(ended)).collect();
    record
}

/// The report that an execution ended with. One that failed after its report was made still has it among its variables.
fn report(ended: &Ended) -> Option<Report> {
    let output = ended.outcome.output.as_ref();
    output.and_then(|output| serde_json::from_value(output.clone()).ok()).or_else(|| unfinished(ended))
}

/// Whether an execution did nothing but start others: it ends well, and with no report.
fn dispatched(ended: &Ended) -> bool {
    report(ended).is_none() && ended.outcome.output.as_ref().is_some_and(|output| output.get("instances").is_some())
}

/// The incidents of the executions that others started: those of the resources of a finding that has several.
fn add_others(record: &mut Record, told: &Told<'_>, own: &[&Ended]) {
    for ended in own.iter().skip(1) {
        let report = report(ended);
        let Some(incident) = report.as_ref().and_then(|report| report.incident.clone()) else {
            if let Some(unread) = unread(record, ended, report) {
                record.incidents.push(unread);
            }
            continue;
        };
        let known = |found: &IncidentRecord| found.id.as_ref() == Some(&incident.id);
        if record.incidents.iter().any(known) {
            continue;
        }
        let claimed = report.as_ref().map_or(Outcome::Escalated, |report| report.outcome);
        let controls = report.as_ref().map_or(&[] as &[_], |report| report.controls.as_slice());
        let verdict = readback::weigh(told.world, &incident, claimed, controls);
        if verdict.outcome < record.outcome {
            record.outcome = verdict.outcome;
            let said = report.as_ref().map(reason).unwrap_or_default();
            record.reason = verdict.contradiction.clone().unwrap_or(said);
        }
        record.read_back.extend(verdict.read);
        record.before_images.extend(before_images(told.world, told.deployment, &incident));
        let other = incident_record(&incident, report, &verdict.outcome, verdict.contradiction);
        record.incidents.push(other);
    }
}

/// A response that did not come to know its incident: it is escalated all the same. What is no response, such as the
/// keeping of evidence, has no outcome.
fn unread(record: &mut Record, ended: &Ended, report: Option<Report>) -> Option<IncidentRecord> {
    let resource = ended.input.pointer("/cordon/resource")?.clone();
    let gaps = report.map_or_else(|| vec![how_it_ended(ended)], |report| report.gaps);
    if Outcome::Escalated < record.outcome {
        record.outcome = Outcome::Escalated;
        record.reason = gaps.first().cloned().unwrap_or_default();
    }
    Some(IncidentRecord {
        id: None,
        resource,
        decision: None,
        reasons: Vec::new(),
        outcome: Outcome::Escalated,
        controls: Vec::new(),
        gaps,
        residual_paths: Vec::new(),
    })
}

fn run_record(ended: &Ended) -> RunRecord {
    RunRecord {
        playbook: ended.playbook.clone(),
        name: ended.name.clone(),
        status: ended.outcome.status.as_str().to_owned(),
        transitions: ended.execution.transitions(),
        invocations: ended.invocations.len(),
        virtual_seconds: ended.ended_at.since(ended.started_at).as_millis() as f64 / 1000.0,
    }
}

/// The positions of an execution and of all that it started, directly or not, in order.
fn family(executions: &[Ended], root: usize) -> BTreeSet<usize> {
    let mut family = BTreeSet::from([root]);
    // What an execution starts comes after it.
    for (at, execution) in executions.iter().enumerate() {
        if execution.parent.is_some_and(|parent| family.contains(&parent)) {
            family.insert(at);
        }
    }
    family
}

/// The calls of some executions, in their order.
fn calls(world: &World, executions: &[&Ended]) -> Vec<Arc<Call>> {
    let mut positions: Vec<_> = executions.iter().flat_map(|ended| ended.calls.iter().cloned()).collect();
    positions.sort_by_key(|range| range.start);
    positions.into_iter().flat_map(|range| world.calls_between(range)).collect()
}

fn unmet_faults(told: &Told<'_>) -> Vec<String> {
    let calls = told.world.faults_left().into_iter().map(|fault| format!("{}:{}", fault.service, fault.operation));
    let functions = told.faults_left.iter().map(|fault| format!("lambda:Invoke of {}", fault.function));
    calls.chain(functions).collect()
}

fn edges(ended: &Ended) -> impl Iterator<Item = EdgeRecord> {
    ended.execution.edges_taken().map(|edge| EdgeRecord {
        playbook: ended.playbook.clone(),
        version: ended.version.clone(),
        edge: edge.to_string(),
    })
}

/// The before-images of the incident in the table, by their keys.
fn before_images(world: &World, deployment: &Deployment, incident: &Incident) -> Vec<BeforeImageRecord> {
    let home = &deployment.surroundings;
    let text = |item: &Value, name: &str| {
        item.pointer(&format!("/{name}/S")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut images: Vec<BeforeImageRecord> = deployment
        .template
        .tables
        .iter()
        .flat_map(|table| world.items(&home.account, &home.region, &table.name))
        .filter(|item| {
            of_episode(&text(item, "incident_id"), incident) && text(item, "record").starts_with("before-image#")
        })
        .map(|item| BeforeImageRecord {
            record: text(&item, "record"),
            body: serde_json::from_str(&text(&item, "body")).unwrap_or(Value::Null),
        })
        .collect();
    images.sort_by(|a, b| a.record.cmp(&b.record));
    images
}

/// Whether an id is that of an incident or of a later episode of it: `inc-0123456789ab`, `inc-0123456789ab-2`.
pub fn of_episode(id: &str, incident: &Incident) -> bool {
    id.strip_prefix(incident.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The permissions of every role of the stack, used or not, and those of member roles that were used.
fn permissions(world: &World, deployment: &Deployment) -> Vec<PermissionRecord> {
    let usage = world.usage();
    let callers = deployment
        .functions
        .values()
        .map(|function| &function.caller)
        .chain(deployment.machines.values().map(|machine| &machine.caller));
    let mut all = Vec::new();
    for caller in callers {
        let unused = usage.unused(&caller.arn, &caller.policy);
        all.extend(caller.policy.permissions().into_iter().map(|permission| PermissionRecord {
            role: caller.arn.clone(),
            used: !unused.contains(&permission),
            permission: format!("{} {}", permission.statement, permission.action),
        }));
    }
    all
}

fn how_it_ended(ended: &Ended) -> String {
    format!(
        "the execution ended {}: {}: {}",
        ended.outcome.status.as_str(),
        ended.outcome.error.as_deref().unwrap_or("without an error name"),
        text::line(ended.outcome.cause.as_deref().unwrap_or("without a cause"), 300)
    )
}

/// Why an incident ended as it did: its first gap, or the last reason of the decision.
fn reason(report: &Report) -> String {
    let needs_gap = report.outcome.needs_a_person() || report.outcome == Outcome::NotFound;
    let gap = report.gaps.first().filter(|_| needs_gap);
    let last = report.decision.as_ref().and_then(|decision| decision.reasons.last());
    gap.or(last).cloned().unwrap_or_default()
}

fn incident_record(
    incident: &Incident,
    report: Option<Report>,
    outcome: &Outcome,
    contradiction: Option<String>,
) -> IncidentRecord {
    let resource = json!({"kind": incident.resource.kind(), "id": incident.resource.id()});
    let mut record = IncidentRecord {
        id: Some(incident.id.clone()),
        resource,
        decision: None,
        reasons: Vec::new(),
        outcome: *outcome,
        controls: Vec::new(),
        gaps: contradiction.into_iter().collect(),
        residual_paths: Vec::new(),
    };
    if let Some(report) = report {
        if let Some(decision) = report.decision {
            record.decision =
                serde_json::to_value(decision.action).ok().and_then(|action| action.as_str().map(str::to_owned));
            record.reasons = decision.reasons;
        }
        record.controls = report.controls;
        record.gaps.extend(report.gaps);
        record.residual_paths = report.residual_paths;
    }
    record
}

fn notification(published: account::sns::Published) -> NotificationRecord {
    NotificationRecord {
        key: published.attributes.get("key").map(|attribute| attribute.value.clone()),
        topic: published.topic_arn,
        subject: published.subject,
        message: published.message,
    }
}

/// The report that an execution made before it failed: escalated, with the failure as a gap.
fn unfinished(ended: &Ended) -> Option<Report> {
    let made = ended.execution.history().iter().rev().find_map(|event| match &event.details {
        asl::EventDetails::StateExited { assigned: Some(assigned), .. } => {
            assigned.iter().find(|(name, _)| name.as_ref() == "report").map(|(_, value)| value.value().clone())
        }
        _ => None,
    })?;
    let mut report: Report = serde_json::from_value(made).ok()?;
    report.outcome = Outcome::Escalated;
    report.gaps.insert(0, how_it_ended(ended));
    Some(report)
}
