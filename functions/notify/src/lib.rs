//! Notifies people: one message per terminal outcome, inert and within the limits of its medium, and a ticket if tickets
//! are enabled. The function publishes what was stored first, so a repeat has the same key and text.

mod body;
mod chat;
mod message;
mod notice;
mod notice_store;
mod ticket;
mod wording;

use aws_sdk_sns::types::MessageAttributeValue;
use incident::{EvidenceReport, Report};
use message::Format;
use notice::Notice;
use notice_store::StoredNotice;
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result};
use serde::{Deserialize, Serialize};

/// Settings of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    topic_arn: String,
    table: String,
    format: Format,
    tickets: bool,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        Ok(Settings {
            topic_arn: environment.require("TOPIC_ARN")?.to_owned(),
            table: environment.require("TABLE_NAME")?.to_owned(),
            format: parameters.parse("notification_format", "`text` or `chat`", Format::from_name)?,
            tickets: parameters.parse("ops_center", "`enabled` or `disabled`", |text| match text {
                "enabled" => Some(true),
                "disabled" => Some(false),
                _ => None,
            })?,
        })
    }
}

/// Either the report of an incident that has ended, or the report of its incomplete evidence.
#[derive(Debug, Deserialize)]
pub struct Input {
    execution: String,
    #[serde(default)]
    report: Option<Report>,
    #[serde(default)]
    evidence: Option<EvidenceReport>,
}

/// What was published.
#[derive(Debug, Serialize)]
pub struct Output {
    /// SNS message id; null when the notice was published before.
    message_id: Option<String>,
    /// Key of the notification, the same for every repeat.
    key: String,
    /// Failures other than that of the message, in sentences.
    gaps: Vec<String>,
}

/// Stores the notice unless one is stored, and publishes the stored notice unless it was published. A failure of the table
/// or of the ticket system is a gap: the message is published anyway.
///
/// # Errors
/// `Input.Invalid` without exactly one report; otherwise as SNS answers. The definition then publishes the last-resort
/// notification itself.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let own = match (input.report, input.evidence) {
        (Some(report), None) => Notice::Outcome(Box::new(report)),
        (None, Some(report)) => Notice::Evidence(Box::new(report)),
        _ => return Err(Error::new(ErrorName::InputInvalid, "expected exactly one of `report` and `evidence`")),
    };
    let key = own.key(&input.execution);
    let mut gaps = Vec::new();
    let stored = match notice_store::put_if_absent(clients, &settings.table, &key, &input.execution, own.clone()).await
    {
        Ok(stored) => Some(stored),
        Err(error) => {
            gaps.push(format!("the report could not be stored, so a repeat may notify again: {error}"));
            None
        }
    };
    // A notice that is not stored, or that differs from what another execution published, gets a key of its own: two texts
    // never share a key.
    let mut own_key = None;
    let notice = match stored {
        Some(StoredNotice { notice: earlier, published: true, by, at })
            if by != input.execution && own.is_news_since(&earlier, at, clients.now().whole_seconds()) =>
        {
            own_key = Some(key.text_of_execution(&input.execution));
            own
        }
        Some(StoredNotice { published: true, .. }) => return Ok(Output { message_id: None, key: key.text(), gaps }),
        Some(StoredNotice { notice, .. }) => notice,
        None => {
            own_key = Some(key.text_of_execution(&input.execution));
            own
        }
    };
    let was_stored = own_key.is_none();
    let published_key = own_key.unwrap_or_else(|| key.text());
    let message = message::render(&notice, &key, settings.format)?;
    let published = clients
        .home()
        .sns()
        .publish()
        .topic_arn(&settings.topic_arn)
        .subject(&message.subject)
        .message(&message.body)
        .message_attributes("key", attribute(&published_key)?)
        .message_attributes("outcome", attribute(notice.name())?)
        .send()
        .await
        .map_err(Error::from_sdk("sns:Publish"))?;
    if settings.tickets
        && let Some(ticket) = ticket::of(&notice, &key)
        && let Err(error) = ticket::open(clients, &ticket).await
    {
        gaps.push(format!("no ticket was opened: {error}"));
    }
    if was_stored && let Err(error) = notice_store::mark_notified(clients, &settings.table, &key).await {
        gaps.push(format!("the notice could not be marked as published, so a repeat may notify again: {error}"));
    }
    Ok(Output { message_id: published.message_id, key: published_key, gaps })
}

fn attribute(value: &str) -> Result<MessageAttributeValue> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| Error::new(ErrorName::AwsUnexpected, error.to_string()))
}
