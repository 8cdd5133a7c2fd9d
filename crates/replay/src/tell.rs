//! Everything that there is to say after an execution: what it claims, what was read back, what was called and told.

use std::collections::BTreeSet;

use account::{Fate, Timestamp, World};
use incident::{Incident, Outcome, Report, text};
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::driver::Ended;
use crate::readback;
use crate::record::{
    BeforeImageRecord, CallRecord, ExecutionRecord, IncidentRecord, NotificationRecord, PermissionRecord, Record,
};
use crate::steps;

/// Everything that there is to say after an execution.
pub fn tell(incident: &Incident, mut record: Record, deployment: &Deployment, world: &World, ended: Ended) -> Record {
    let seconds = |at: Timestamp| at.since(ended.started_at).as_millis() as f64 / 1000.0;
    let output: Option<Report> =
        ended.outcome.output.as_ref().and_then(|output| serde_json::from_value(output.clone()).ok());
    // An execution that failed after its report was made still has it among its variables.
    let report = output.or_else(|| unfinished(&ended));
    let claimed = report.as_ref().map_or(Outcome::Escalated, |report| report.outcome);
    let verdict = readback::weigh(world, incident, claimed);
    record.outcome = verdict.outcome;
    record.reason = match (&verdict.contradiction, &report) {
        (Some(contradiction), _) => contradiction.clone(),
        (None, None) => format!(
            "the execution ended {}: {}: {}",
            ended.outcome.status.as_str(),
            ended.outcome.error.as_deref().unwrap_or("without an error name"),
            text::line(ended.outcome.cause.as_deref().unwrap_or("without a cause"), 300)
        ),
        (None, Some(report)) => reason(report),
    };
    record.read_back = verdict.read;
    record.incidents = vec![incident_record(incident, report, &verdict.outcome, verdict.contradiction)];
    record.calls = world
        .calls()
        .into_iter()
        .map(|call| CallRecord {
            at: seconds(call.at),
            error: if call.fate == Fate::Deliver { call.error } else { Some("no answer".to_owned()) },
            service: call.service,
            operation: call.operation,
            function: call.function,
            read_only: call.read_only,
            account: call.account,
            region: call.region,
        })
        .collect();
    record.notifications = world.published().into_iter().map(notification).collect();
    record.transitions = Some(ended.transitions);
    record.invocations = Some(ended.invocations.len());
    record.virtual_seconds = Some(seconds(ended.ended_at));
    record.virtual_seconds_to_containment = matches!(record.outcome, Outcome::Contained | Outcome::PartiallyContained)
        .then(|| ended.invocations.iter().rfind(|call| call.step == "quarantine-instance")?.ended_at.map(seconds))
        .flatten();
    record.steps = steps::of(&ended);
    record.execution = Some(ExecutionRecord {
        status: ended.outcome.status.as_str().to_owned(),
        error: ended.outcome.error,
        cause: ended.outcome.cause,
        output: ended.outcome.output,
    });
    let unsupported: BTreeSet<String> = world.unsupported().into_iter().collect();
    record.tool_errors.extend(unsupported.into_iter().map(|what| format!("not simulated: {what}")));
    let unmet = world.faults_left();
    record.unmet_faults = unmet.iter().map(|fault| format!("{}:{}", fault.service, fault.operation)).collect();
    record.before_images = before_images(world, deployment, incident);
    record.permissions = permissions(world, deployment);
    record
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
        .filter(|item| text(item, "incident_id") == incident.id && text(item, "record").starts_with("before-image#"))
        .map(|item| BeforeImageRecord {
            record: text(&item, "record"),
            body: serde_json::from_str(&text(&item, "body")).unwrap_or(Value::Null),
        })
        .collect();
    images.sort_by(|a, b| a.record.cmp(&b.record));
    images
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
    let made = ended.history.iter().rev().find_map(|event| match &event.details {
        asl::EventDetails::StateExited { assigned: Some(assigned), .. } => {
            assigned.iter().find(|(name, _)| name.as_ref() == "report").map(|(_, value)| value.value().clone())
        }
        _ => None,
    })?;
    let mut report: Report = serde_json::from_value(made).ok()?;
    report.outcome = Outcome::Escalated;
    report.gaps.insert(
        0,
        format!(
            "the execution ended {}: {}: {}",
            ended.outcome.status.as_str(),
            ended.outcome.error.as_deref().unwrap_or("without an error name"),
            text::line(ended.outcome.cause.as_deref().unwrap_or("without a cause"), 300)
        ),
    );
    Some(report)
}
