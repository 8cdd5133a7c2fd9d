//! Events as AWS sends them, read into what the pipeline acts on.
//!
//! The envelope is EventBridge's; the detail is read by its kind. Only the fields that identify the resource and its
//! severity are required; everything else is optional, because recorded events vary. A missing value that another field
//! implies is noted in `assumed`.

mod api_form;
mod config_rule;
mod err;
mod guardduty;
mod indicators;
mod node;

use serde_json::Value;

pub use config_rule::ComplianceChange;
pub use err::EventError;
pub use guardduty::{GuardDutyFinding, SequenceInstance};
use node::Node;

/// An event that starts a playbook.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// "GuardDuty Finding".
    GuardDuty(Box<GuardDutyFinding>),
    /// "Config Rules Compliance Change".
    ComplianceChange(Box<ComplianceChange>),
    /// An EventBridge event of another kind.
    Other {
        /// `source` of the envelope.
        source: String,
        /// `detail-type` of the envelope.
        detail_type: String,
    },
}

/// The envelope of an EventBridge event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// `source`, for example `aws.guardduty`.
    pub source: String,
    /// `detail-type`, for example `GuardDuty Finding`.
    pub detail_type: String,
}

/// Reads the envelope of an EventBridge event and nothing of its detail.
///
/// # Errors
/// [`EventError`] with the place that makes it no EventBridge event.
pub fn envelope(event: &Value) -> Result<Envelope, EventError> {
    let envelope = Node::root(event);
    envelope.expect_object("an EventBridge event")?;
    let source = envelope.get("source").text(256)?;
    let detail_type = envelope.get("detail-type").text(256)?;
    envelope.get("detail").expect_object("the detail of the event")?;
    Ok(Envelope { source, detail_type })
}

/// Reads an EventBridge event.
///
/// # Errors
/// [`EventError`] names the place (`detail.severity`), what is wrong there, and what is expected.
pub fn parse(event: &Value) -> Result<Event, EventError> {
    let Envelope { source, detail_type } = envelope(event)?;
    match (source.as_str(), detail_type.as_str()) {
        ("aws.guardduty", "GuardDuty Finding") => {
            let (detail, converted) = api_form::camel_case_finding(Node::root(event).get("detail").object()?);
            let mut finding = guardduty::read(&Node::at(&detail, "detail"))?;
            if converted {
                finding.assumed.insert(0, API_FORM.to_owned());
            }
            Ok(Event::GuardDuty(Box::new(finding)))
        }
        ("aws.config", "Config Rules Compliance Change") => {
            Ok(Event::ComplianceChange(Box::new(config_rule::read(&Node::root(event))?)))
        }
        _ => Ok(Event::Other { source, detail_type }),
    }
}

const API_FORM: &str = "the detail is in the form of the GuardDuty API (PascalCase): converted to the form of events";

/// The event with its GuardDuty detail in the form of events (camelCase), where it is in the form of the API
/// (PascalCase); `None` when there is nothing to convert.
pub fn in_event_form(event: &Value) -> Option<Value> {
    if event.get("source").and_then(Value::as_str) != Some("aws.guardduty") {
        return None;
    }
    let (detail, converted) = api_form::camel_case_finding(event.get("detail")?);
    converted.then(|| {
        let mut event = event.clone();
        if let Some(object) = event.as_object_mut() {
            object.insert("detail".to_owned(), detail.into_owned());
        }
        event
    })
}
