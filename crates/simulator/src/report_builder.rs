//! Collects the evidence of a run (the claims of its executions, the account read back, calls and notifications), and builds
//! the report from it, once.

use std::collections::BTreeSet;
use std::sync::Arc;

use account::sns::ReadSns;
use account::{Call, Delivery, Timestamp, World};
use incident::contract::{self, Conclusion};
use incident::{Incident, Outcome, Report, text};
use serde_json::{Value, json};

use crate::InternalError;
use crate::case::Unstarted;
use crate::deployment::Deployment;
use crate::driver::{DriverError, FinishedExecution, FunctionFault};
use crate::report::{
    BeforeImageReport, CallReport, EdgeReport, ExecutionReport, ExpectationsReport, IncidentReport, NotificationReport,
    PermissionReport, ReplayReport, RunReport,
};
use crate::states;
use crate::table_items;
use crate::verification::{self, Verdict};
use crate::verified::{EventResult, VerifiedEvent, VerifiedRun};

/// What a run left behind.
pub(crate) struct Evidence<'a> {
    /// The account afterwards.
    pub(crate) world: &'a World,
    /// The stack.
    pub(crate) deployment: &'a Deployment,
    /// Every execution of the run.
    pub(crate) executions: &'a [FinishedExecution],
    /// The position of the execution that the event started.
    pub(crate) root: usize,
    /// Planned faults of functions that no invocation was hit by.
    pub(crate) function_faults_left: Vec<FunctionFault>,
}

/// Builds the report of an event.
pub(crate) fn build(verified: VerifiedEvent<'_>, expectations: Option<ExpectationsReport>) -> ReplayReport {
    let (outcome, reason) = verified.outcome();
    let VerifiedEvent { event, result } = verified;
    let route = event.route();
    let mut assumed = event.assumed.clone();
    let (run, tool_errors) = match result {
        EventResult::Ran { assumed: of_account, run } => {
            assumed.extend(of_account);
            let tool_errors = run.tool_errors.clone();
            (Some(*run), tool_errors)
        }
        EventResult::NotDriven { assumed: of_account, error } => {
            assumed.extend(of_account);
            // An event that is not delivered is a fault of the stack; every other error is one of the tool.
            let of_stack = matches!(error, DriverError::Undelivered { .. });
            (None, if of_stack { Vec::new() } else { vec![error.to_string()] })
        }
        EventResult::Unstarted(Unstarted::Failed(error)) => (None, vec![error.to_string()]),
        EventResult::Unstarted(_) | EventResult::NotSetUp(_) => (None, Vec::new()),
    };
    let mode = run.as_ref().and_then(|run| run.mode.clone()).or_else(|| route.and_then(|route| route.mode.clone()));
    let report = ReplayReport {
        source: event.source.clone(),
        finding: event.finding.clone(),
        rule: route.map(|route| route.rule.clone()),
        playbook: route.map(|route| route.playbook.clone()),
        version: route.map(|route| route.version.clone()),
        mode,
        outcome,
        reason,
        incidents: Vec::new(),
        assumed,
        calls: Vec::new(),
        states: Vec::new(),
        read_back: Vec::new(),
        before_images: Vec::new(),
        transitions: None,
        invocations: None,
        virtual_seconds_to_containment: None,
        virtual_seconds: None,
        notifications: Vec::new(),
        expectations,
        execution: None,
        executions: Vec::new(),
        permissions: Vec::new(),
        edges: Vec::new(),
        unmet_faults: Vec::new(),
        tool_errors,
    };
    let Some(run) = run else { return report };
    ReplayReport {
        incidents: run.incidents,
        calls: run.calls,
        states: run.states,
        read_back: run.read_back,
        before_images: run.before_images,
        transitions: Some(run.transitions),
        invocations: Some(run.invocations),
        virtual_seconds_to_containment: run.virtual_seconds_to_containment,
        virtual_seconds: Some(run.virtual_seconds),
        notifications: run.notifications,
        execution: Some(run.execution),
        executions: run.executions,
        permissions: run.permissions,
        edges: run.edges,
        unmet_faults: run.unmet_faults,
        ..report
    }
}

/// Reads back what came of the execution that an event started, and of those that it started itself.
///
/// # Errors
/// An internal error when the execution is not among those of the run.
pub(crate) fn verify(incident: &Incident, evidence: &Evidence<'_>) -> Result<VerifiedRun, InternalError> {
    let Evidence { world, deployment, executions, root, .. } = evidence;
    let descendants = descendants(executions, *root);
    let own: Vec<&FinishedExecution> = descendants.iter().filter_map(|at| executions.get(*at)).collect();
    let Some((execution, started)) = own.split_first() else {
        let detail = format!("execution {root} of {}", executions.len());
        return Err(InternalError::new("execution-missing", detail));
    };
    let seconds = |at: Timestamp| at.since(execution.started_at).as_millis() as f64 / 1000.0;
    let summary = summary(incident, execution, started, evidence);
    let (mut calls, mut sequences) = (Vec::new(), BTreeSet::new());
    for call in calls_of(world, &own) {
        sequences.insert(call.seq);
        calls.push(call_report(&call, seconds));
    }
    let published = world.published().into_iter().filter(|message| sequences.contains(&message.sequence));
    // What other executions do after the containment, such as keeping evidence for hours, is no part of it.
    let isolating = own.iter().flat_map(|ended| &ended.invocations).filter(|invocation| invocation.isolates);
    let isolated_at = isolating.filter_map(|invocation| invocation.ended_at).max();
    let is_contained = matches!(summary.outcome, Outcome::Contained | Outcome::PartiallyContained);
    let unsupported: BTreeSet<String> = world.unsupported().into_iter().collect();
    Ok(VerifiedRun {
        mode: decided_modes(&own),
        outcome: summary.outcome,
        reason: summary.reason,
        incidents: summary.incidents,
        calls,
        states: states::of(execution),
        read_back: summary.read_back,
        before_images: summary.before_images,
        transitions: execution.execution.transitions(),
        invocations: execution.invocations.len(),
        virtual_seconds_to_containment: isolated_at.filter(|_| is_contained).map(seconds),
        virtual_seconds: seconds(execution.ended_at),
        notifications: published.map(notification).collect(),
        execution: ExecutionReport {
            status: execution.outcome.status.as_str().to_owned(),
            error: execution.outcome.error.clone(),
            cause: execution.outcome.cause.clone(),
            output: execution.outcome.output.clone(),
        },
        executions: own.iter().map(|ended| run_report(ended)).collect(),
        permissions: permissions(world, deployment),
        edges: own.iter().flat_map(|ended| edges(ended)).collect(),
        unmet_faults: unmet_faults(evidence),
        tool_errors: unsupported.into_iter().map(|what| format!("not simulated: {what}")).collect(),
    })
}

/// The incidents of an event, and the worst of their outcomes.
struct Summary {
    outcome: Outcome,
    reason: String,
    incidents: Vec<IncidentReport>,
    read_back: Vec<crate::report::ReadBackReport>,
    before_images: Vec<BeforeImageReport>,
}

/// The incident of the execution, then those of the executions that it started: a finding may be about several resources.
fn summary(
    incident: &Incident,
    execution: &FinishedExecution,
    started: &[&FinishedExecution],
    evidence: &Evidence<'_>,
) -> Summary {
    let mut incidents = Vec::new();
    let mut worst: Option<(Outcome, String)> = None;
    let conclusion = conclusion(execution);
    let is_dispatched = conclusion == Some(Conclusion::Dispatched);
    let report = report_in(conclusion);
    let Verdict { read, outcome, contradiction } = verify_claim(evidence.world, incident, report.as_ref());
    let mut read_back = read;
    let mut before_images = before_images(evidence, incident);
    // An execution that only starts others has no incident of its own: the started executions have them.
    if !is_dispatched {
        let reason = match (&contradiction, &report) {
            (Some(contradiction), _) => contradiction.clone(),
            (None, None) => how_it_ended(execution),
            (None, Some(report)) => reason(report),
        };
        worst = Some((outcome, reason));
        incidents.push(incident_report(incident, report, outcome, contradiction));
    }
    for ended in started {
        let report = report_in(self::conclusion(ended));
        let Some(incident) = report.as_ref().and_then(|report| report.incident.clone()) else {
            if let Some(unread) = without_incident(ended, report) {
                let reason = unread.gaps.first().cloned().unwrap_or_else(|| how_it_ended(ended));
                worse(&mut worst, Outcome::Escalated, reason);
                incidents.push(unread);
            }
            continue;
        };
        if incidents.iter().any(|found: &IncidentReport| found.id.as_ref() == Some(&incident.id)) {
            continue;
        }
        let Verdict { read, outcome, contradiction } = verify_claim(evidence.world, &incident, report.as_ref());
        let said = contradiction.clone().or_else(|| report.as_ref().map(reason));
        worse(&mut worst, outcome, said.unwrap_or_else(|| how_it_ended(ended)));
        read_back.extend(read);
        before_images.extend(self::before_images(evidence, &incident));
        incidents.push(incident_report(&incident, report, outcome, contradiction));
    }
    let (outcome, reason) = worst.unwrap_or_else(|| {
        (Outcome::Escalated, "responses were started, and none of them reports how it ended".to_owned())
    });
    Summary { outcome, reason, incidents, read_back, before_images }
}

/// Keeps the worst outcome with its reason; of equals the first.
fn worse(worst: &mut Option<(Outcome, String)>, outcome: Outcome, reason: String) {
    if worst.as_ref().is_none_or(|(known, _)| outcome < *known) {
        *worst = Some((outcome, reason));
    }
}

fn verify_claim(world: &World, incident: &Incident, report: Option<&Report>) -> Verdict {
    let claimed = report.map_or(Outcome::Escalated, |report| report.outcome);
    let controls = report.map_or(&[] as &[_], |report| report.controls.as_slice());
    verification::outcome(world, incident, claimed, controls)
}

/// What an execution concludes with. One that failed after its report was complete still has it among its variables.
fn conclusion(ended: &FinishedExecution) -> Option<Conclusion> {
    let output = ended.outcome.output.as_ref().and_then(Conclusion::read);
    match output {
        Some(Conclusion::Report(report)) => Some(Conclusion::Report(report)),
        other => unfinished(ended).map(|report| Conclusion::Report(Box::new(report))).or(other),
    }
}

fn report_in(conclusion: Option<Conclusion>) -> Option<Report> {
    match conclusion {
        Some(Conclusion::Report(report)) => Some(*report),
        Some(Conclusion::Dispatched) | None => None,
    }
}

/// The report that an execution made before it failed: escalated, with the failure as a gap.
fn unfinished(ended: &FinishedExecution) -> Option<Report> {
    let made = ended.execution.history().iter().rev().find_map(|event| match &event.details {
        asl::EventDetails::StateExited { assigned: Some(assigned), .. } => assigned
            .iter()
            .find(|(name, _)| name.as_ref() == contract::REPORT_VARIABLE)
            .map(|(_, value)| value.value().clone()),
        _ => None,
    })?;
    let mut report: Report = serde_json::from_value(made).ok()?;
    report.outcome = Outcome::Escalated;
    report.gaps.insert(0, how_it_ended(ended));
    Some(report)
}

/// A started response that did not come to know its incident is escalated all the same. What is no response, such as the
/// keeping of evidence, has no outcome.
fn without_incident(ended: &FinishedExecution, report: Option<Report>) -> Option<IncidentReport> {
    let resource = contract::selected_resource(&ended.input)?.clone();
    let gaps = report.map_or_else(|| vec![how_it_ended(ended)], |report| report.gaps);
    Some(IncidentReport {
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

/// The modes that the incidents were decided under: the configuration of an account may say another than the template.
fn decided_modes(own: &[&FinishedExecution]) -> Option<String> {
    let decided = own.iter().filter_map(|ended| Some(report_in(conclusion(ended))?.decision?.mode.name()));
    let modes: BTreeSet<&str> = decided.collect();
    (!modes.is_empty()).then(|| modes.into_iter().collect::<Vec<_>>().join(", "))
}

fn run_report(ended: &FinishedExecution) -> RunReport {
    RunReport {
        playbook: ended.playbook.clone(),
        name: ended.name.clone(),
        status: ended.outcome.status.as_str().to_owned(),
        transitions: ended.execution.transitions(),
        invocations: ended.invocations.len(),
        virtual_seconds: ended.ended_at.since(ended.started_at).as_millis() as f64 / 1000.0,
    }
}

/// The positions of an execution and of all that it started, directly or not, in order.
fn descendants(executions: &[FinishedExecution], root: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([root]);
    // What an execution starts comes after it.
    for (at, execution) in executions.iter().enumerate() {
        if execution.parent.is_some_and(|parent| found.contains(&parent)) {
            found.insert(at);
        }
    }
    found
}

/// The calls of some executions, in their order.
fn calls_of(world: &World, executions: &[&FinishedExecution]) -> Vec<Arc<Call>> {
    let mut positions: Vec<_> = executions.iter().flat_map(|ended| ended.calls.iter().cloned()).collect();
    positions.sort_by_key(|range| range.start);
    positions.into_iter().flat_map(|range| world.calls_between(range)).collect()
}

fn call_report(call: &Call, seconds: impl Fn(Timestamp) -> f64) -> CallReport {
    CallReport {
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
    }
}

fn unmet_faults(evidence: &Evidence<'_>) -> Vec<String> {
    let left = evidence.world.faults_left().into_iter();
    let calls = left.map(|fault| format!("{}:{}", fault.service, fault.operation));
    let functions = evidence.function_faults_left.iter();
    calls.chain(functions.map(|fault| format!("lambda:Invoke of {}", fault.function))).collect()
}

fn edges(ended: &FinishedExecution) -> impl Iterator<Item = EdgeReport> {
    ended.execution.edges_taken().map(|edge| EdgeReport {
        playbook: ended.playbook.clone(),
        version: ended.version.clone(),
        edge: edge.to_string(),
    })
}

/// The before-images of the incident in the table, by their keys. A body that is no JSON is null.
fn before_images(evidence: &Evidence<'_>, incident: &Incident) -> Vec<BeforeImageReport> {
    let items = table_items::of_incident(evidence.world, evidence.deployment, incident);
    let mut images: Vec<BeforeImageReport> = items
        .filter(|item| item.record.starts_with(table_items::BEFORE_IMAGE))
        .map(|item| BeforeImageReport {
            body: item.body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or(Value::Null),
            record: item.record,
        })
        .collect();
    images.sort_by(|a, b| a.record.cmp(&b.record));
    images
}

/// The permissions of every role of the stack, used or not.
fn permissions(world: &World, deployment: &Deployment) -> Vec<PermissionReport> {
    let usage = world.usage();
    let of_functions = deployment.functions.values().map(|function| &function.caller);
    let callers = of_functions.chain(deployment.machines.values().map(|machine| &machine.caller));
    let mut all = Vec::new();
    for caller in callers {
        let unused = usage.unused(&caller.arn, &caller.policy);
        all.extend(caller.policy.permissions().into_iter().map(|permission| PermissionReport {
            role: caller.arn.clone(),
            used: !unused.contains(&permission),
            permission: format!("{} {}", permission.statement, permission.action),
        }));
    }
    all
}

fn how_it_ended(ended: &FinishedExecution) -> String {
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
    // A report without gap and decision gives no reason.
    gap.or(last).cloned().unwrap_or_default()
}

fn incident_report(
    incident: &Incident,
    report: Option<Report>,
    outcome: Outcome,
    contradiction: Option<String>,
) -> IncidentReport {
    let mut gaps: Vec<String> = contradiction.into_iter().collect();
    let (mut decision, mut controls, mut residual_paths) = (None, Vec::new(), Vec::new());
    if let Some(report) = report {
        gaps.extend(report.gaps);
        (decision, controls, residual_paths) = (report.decision, report.controls, report.residual_paths);
    }
    let (decision, reasons) = decision.map(|decision| (decision.action, decision.reasons)).unzip();
    IncidentReport {
        id: Some(incident.id.clone()),
        resource: json!({"kind": incident.resource.kind(), "id": incident.resource.id()}),
        decision,
        // Nothing was decided: there is no reason.
        reasons: reasons.unwrap_or_default(),
        outcome,
        controls,
        gaps,
        residual_paths,
    }
}

fn notification(published: account::sns::Published) -> NotificationReport {
    NotificationReport {
        key: published.attributes.get("key").map(|attribute| attribute.value.clone()),
        topic: published.topic_arn,
        subject: published.subject,
        message: published.message,
    }
}
