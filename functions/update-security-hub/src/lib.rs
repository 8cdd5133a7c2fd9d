//! Updates the finding in Security Hub: workflow status, note and user-defined fields. A finding that Security Hub did not
//! process is an error, although the HTTP status of the answer is 200.

mod lookup;

use aws_sdk_securityhub::types::{AwsSecurityFindingIdentifier, NoteUpdate, WorkflowStatus, WorkflowUpdate};
use incident::{Control, ControlState, Incident, Outcome, Report, SecurityHubFinding, text};
use responder::{Clients, Error, ErrorName, Result};
use serde::{Deserialize, Serialize};

/// Limits of `BatchUpdateFindings`: a note has 1 to 512 characters, a user-defined value at most 1,024.
const MAX_NOTE: usize = 512;
const MAX_VALUE: usize = 1_024;

/// Transient codes of `UnprocessedFindings`: ingestion lags by up to minutes, and another update may be in progress.
const TRANSIENT: [&str; 2] = ["FindingNotFound", "ConcurrentUpdateError"];

/// The report of an incident that has ended.
#[derive(Debug, Deserialize)]
pub struct Input {
    report: Report,
}

/// What was updated.
#[derive(Debug, Serialize)]
pub struct Output {
    control: Control,
    gaps: Vec<String>,
}

/// Updates the findings of a report in Security Hub.
///
/// # Errors
/// `SecurityHub.NotReady` (transient) or `SecurityHub.Unprocessed`, with the code of each finding; otherwise as Security
/// Hub answers.
pub async fn handle(clients: &Clients, _: &(), input: Input) -> Result<Output> {
    let report = &input.report;
    let Some((incident, finding)) =
        report.incident.as_ref().and_then(|incident| incident.security_hub.as_ref().map(|finding| (incident, finding)))
    else {
        return Ok(nothing_to_update("the event does not say which finding it is in Security Hub"));
    };
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let findings = match finding {
        SecurityHubFinding::Identified { id, product_arn } => vec![identifier(id, product_arn)],
        SecurityHubFinding::OfConfigRule { rule_name, rule_arn, resource_arn } => {
            lookup::of_config_rule(&target, rule_name, rule_arn.as_deref(), resource_arn).await?
        }
    };
    if findings.is_empty() {
        return Ok(nothing_to_update("Security Hub has no active finding about this rule and resource"));
    }
    let count = findings.len();
    let output = target
        .securityhub()
        .batch_update_findings()
        .set_finding_identifiers(Some(findings))
        .set_workflow(workflow(report.outcome))
        .note(NoteUpdate::builder().text(harmless(&note(report, incident), MAX_NOTE)).updated_by("cordon").build())
        .user_defined_fields("cordon-incident", &incident.id)
        .user_defined_fields("cordon-outcome", report.outcome.name())
        .user_defined_fields("cordon-gaps", harmless(&gaps(report), MAX_VALUE))
        .send()
        .await
        .map_err(Error::from_sdk("securityhub:BatchUpdateFindings"))?;
    let unprocessed = output.unprocessed_findings();
    if !unprocessed.is_empty() {
        let codes: Vec<String> = unprocessed
            .iter()
            .map(|finding| {
                let id = finding.finding_identifier().and_then(|finding| finding.id()).unwrap_or("?");
                format!(
                    "{}: {} ({})",
                    finding.error_code().unwrap_or("no code"),
                    finding.error_message().unwrap_or("no message"),
                    id
                )
            })
            .collect();
        let is_transient =
            unprocessed.iter().all(|finding| finding.error_code().is_some_and(|code| TRANSIENT.contains(&code)));
        let name = if is_transient { ErrorName::SecurityHubNotReady } else { ErrorName::SecurityHubUnprocessed };
        let message = format!(
            "securityhub:BatchUpdateFindings left {} of {count} unprocessed: {}",
            codes.len(),
            codes.join("; ")
        );
        return Err(Error::new(name, text::line(&message, 1_000)));
    }
    let detail = format!("{} of {count} processed, outcome {}", output.processed_findings().len(), report.outcome);
    Ok(Output {
        control: Control::new("update-security-hub", &incident.finding.id, ControlState::Done, detail),
        gaps: Vec::new(),
    })
}

pub(crate) fn identifier(id: &str, product_arn: &str) -> AwsSecurityFindingIdentifier {
    AwsSecurityFindingIdentifier::builder().id(id).product_arn(product_arn).build()
}

fn nothing_to_update(why: &str) -> Output {
    Output { control: Control::new("update-security-hub", "-", ControlState::Gap, why), gaps: vec![why.to_owned()] }
}

/// NOTIFIED once something was done or a person has to act. A person sets RESOLVED, and AWS Config resolves its own
/// findings.
fn workflow(outcome: Outcome) -> Option<WorkflowUpdate> {
    matches!(
        outcome,
        Outcome::Contained
            | Outcome::PartiallyContained
            | Outcome::Failed
            | Outcome::Escalated
            | Outcome::AwaitingApproval
            | Outcome::Remediated
            | Outcome::NotFound
    )
    .then(|| WorkflowUpdate::builder().status(WorkflowStatus::Notified).build())
}

fn note(report: &Report, incident: &Incident) -> String {
    let held = report.controls.iter().filter(|control| control.state.holds()).count();
    format!(
        "Cordon {}: {} of {} controls hold on {} {}, {} gaps. Incident {}.",
        report.outcome,
        held,
        report.controls.len(),
        incident.resource.kind(),
        incident.resource.id().unwrap_or("without id"),
        report.gaps.len(),
        incident.id
    )
}

/// Inert text, cut again because making it inert can lengthen it.
fn harmless(text: &str, max: usize) -> String {
    text::line(&text::inert(text, max), max)
}

fn gaps(report: &Report) -> String {
    if report.gaps.is_empty() { "none".to_owned() } else { report.gaps.join("; ") }
}
