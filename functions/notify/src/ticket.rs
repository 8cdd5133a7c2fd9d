//! A ticket in Systems Manager OpsCenter: one open OpsItem per key.
//!
//! `CreateOpsItem` takes a title of 1,024 and a description of 2,048 characters (service model of SSM, 2014-11-06), a
//! severity of 1 to 4, and deduplicates open items by source and the operational data `/aws/dedup` (Systems Manager user
//! guide, "Managing duplicate OpsItems").

use std::time::Duration;

use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::config::timeout::TimeoutConfig;
use aws_sdk_ssm::types::{OpsItemDataType, OpsItemDataValue};
use incident::{Incident, Outcome, Resource, text};
use responder::{Clients, Error, Result};

use crate::body;
use crate::message::{Format, subject};
use crate::notice::{Notice, NoticeKey};
use crate::wording;

/// Characters, so that the longest character still fits.
const MAX_DESCRIPTION: usize = 2_000;

/// A ticket that takes longer is a gap, so that it does not use up the function's time.
const MAX_TIME: Duration = Duration::from_secs(6);

/// The content of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) title: String,
    pub(crate) description: String,
    severity: &'static str,
    key: String,
    /// ARN of the resource, where it is known.
    resource: Option<String>,
}

/// The ticket of a notice; `None` when nobody has to act.
pub(crate) fn of(notice: &Notice, key: &NoticeKey) -> Option<Ticket> {
    if !notice.needs_a_ticket() {
        return None;
    }
    let next = Format::Text.safe(&wording::next_action(notice), 900);
    let description: String =
        format!("{}\n\nNext: {next}\n{}", wording::meaning(notice), body::facts(notice, Format::Text))
            .chars()
            .take(MAX_DESCRIPTION)
            .collect();
    let severity = match notice {
        Notice::Outcome(report) => match report.outcome {
            Outcome::Failed | Outcome::Escalated => "1",
            Outcome::PartiallyContained | Outcome::AwaitingApproval => "2",
            _ => "3",
        },
        Notice::Evidence(_) => "3",
    };
    Some(Ticket {
        title: subject(notice),
        description,
        severity,
        key: key.text(),
        resource: notice.incident().and_then(arn),
    })
}

/// Opens a ticket unless one with its key is open.
///
/// # Errors
/// As Systems Manager answers; the call is not retried.
pub(crate) async fn open(clients: &Clients, ticket: &Ticket) -> Result<()> {
    let data =
        |value: String| OpsItemDataValue::builder().value(value).r#type(OpsItemDataType::SearchableString).build();
    let dedup = serde_json::json!({"dedupString": ticket.key}).to_string();
    let limits = TimeoutConfig::builder().operation_timeout(MAX_TIME).operation_attempt_timeout(MAX_TIME).build();
    let mut create = clients
        .home()
        .ssm()
        .create_ops_item()
        .source("cordon")
        .category("Security")
        .severity(ticket.severity)
        .title(&ticket.title)
        .description(&ticket.description)
        .operational_data("/aws/dedup", data(dedup))
        .operational_data("cordon-key", data(ticket.key.clone()));
    if let Some(arn) = &ticket.resource {
        create = create.operational_data("/aws/resources", data(serde_json::json!([{"arn": arn}]).to_string()));
    }
    let opened = create
        .customize()
        .config_override(
            aws_sdk_ssm::config::Builder::new().retry_config(RetryConfig::disabled()).timeout_config(limits),
        )
        .send()
        .await
        .map_err(Error::from_sdk("ssm:CreateOpsItem"));
    match opened {
        Ok(_) => Ok(()),
        Err(error) if error.has_code("OpsItemAlreadyExistsException") => Ok(()),
        Err(error) => Err(error),
    }
}

fn arn(incident: &Incident) -> Option<String> {
    let kind = match &incident.resource {
        Resource::Instance { .. } => "instance",
        Resource::SecurityGroup { .. } => "security-group",
        Resource::Other { .. } => return None,
    };
    let id = text::line(incident.resource.id()?, 64);
    Some(format!("arn:{}:ec2:{}:{}:{kind}/{id}", incident.partition, incident.region, incident.account))
}
