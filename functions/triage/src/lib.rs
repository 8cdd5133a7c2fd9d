//! Reads the event and the configuration of the response team, and decides: event → incident and decision with its
//! reasons.

use incident::configuration::{self, Defaults};
use incident::finding::{self, Event};
use incident::{Decision, GuardDutyFinding, Incident, Mode, Resource, Thresholds};
use responder::{Clients, Environment, Error, ErrorName, Result};
use serde::{Deserialize, Serialize};

/// How far the response may go, as the template's parameters say: what no record of configuration overrides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    table: String,
    defaults: Defaults,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment) -> Result<Settings> {
        let severity = |text: &str| text.parse::<f64>().ok().filter(|value| (0.0..=10.0).contains(value));
        let mode = environment.parse(
            "MODE",
            "one of observe, approval-required, contain-confirmed, contain-suspected",
            Mode::from_name,
        )?;
        let thresholds = Thresholds {
            suspected: environment.parse("SUSPECTED_SEVERITY", "a severity from 0 to 10", severity)?,
            confirmed: environment.parse("CONFIRMED_SEVERITY", "a severity from 0 to 10", severity)?,
        };
        if thresholds.suspected > thresholds.confirmed {
            return Err(Error::new(
                ErrorName::SettingsInvalid,
                format!(
                    "SUSPECTED_SEVERITY {} is above CONFIRMED_SEVERITY {}",
                    thresholds.suspected, thresholds.confirmed
                ),
            ));
        }
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned(), defaults: Defaults { mode, thresholds } })
    }
}

/// The event as EventBridge delivered it, and one of its resources where an attack sequence has several.
#[derive(Debug, Deserialize)]
pub struct Input {
    event: serde_json::Value,
    #[serde(default)]
    resource: Option<Resource>,
}

/// The incident and what to do about it.
#[derive(Debug, Serialize)]
pub struct Output {
    incident: Incident,
    decision: Decision,
    /// Ids of the EC2 instances of an attack sequence, each of which is an incident of its own.
    instances: Vec<String>,
    /// What of the resources of an attack sequence could not be read, in sentences.
    unread: Vec<String>,
}

/// Triages an event.
///
/// # Errors
/// `Event.Invalid` when the event cannot be read, or has nothing to do with the resource; the message names the place.
/// `Settings.Invalid` when the configuration cannot be used, and as the table answers: a decision is never made as if
/// there were no configuration.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let event = finding::parse(&input.event).map_err(|error| Error::new(ErrorName::EventInvalid, error.to_string()))?;
    let incident = match &event {
        Event::GuardDuty(finding) => from_finding(finding, input.resource.as_ref())?,
        Event::ComplianceChange(change) => Incident::from_compliance_change(change),
        Event::Other { source, detail_type } => {
            return Err(Error::new(
                ErrorName::EventInvalid,
                format!(
                    "no playbook reads events of `{}` from `{}`; narrow the rule that delivered it",
                    incident::text::line(detail_type, 64),
                    incident::text::line(source, 64)
                ),
            ));
        }
    };
    let configured = responder::configuration::read(clients, &settings.table, &incident.account).await?;
    let policy =
        configuration::policy(configured.account.as_ref(), configured.organization.as_ref(), settings.defaults)
            .map_err(|error| {
                Error::new(ErrorName::SettingsInvalid, format!("the configuration contradicts itself: {error}"))
            })?;
    let decision = incident::decide(&incident, &event, &policy);
    let (instances, unread) = match event {
        Event::GuardDuty(finding) => {
            let ids = finding.sequence_instances.into_iter().map(|instance| instance.id).collect();
            (ids, finding.sequence_unread)
        }
        _ => (Vec::new(), Vec::new()),
    };
    Ok(Output { incident, decision, instances, unread })
}

/// The incident of a finding, or of the one instance of an attack sequence that was selected.
fn from_finding(finding: &GuardDutyFinding, selected: Option<&Resource>) -> Result<Incident> {
    let Some(selected) = selected else { return Ok(Incident::from_finding(finding)) };
    let Resource::Instance { id } = selected else {
        return Err(Error::new(
            ErrorName::EventInvalid,
            format!("a {} of a sequence is not acted on", selected.kind()),
        ));
    };
    let instance = finding.sequence_instances.iter().find(|instance| instance.id == *id).ok_or_else(|| {
        let id = incident::text::line(id, 64);
        Error::new(ErrorName::EventInvalid, format!("`{id}` is not among the resources of the attack sequence"))
    })?;
    Ok(Incident::from_sequence_instance(finding, instance))
}
