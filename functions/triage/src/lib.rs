//! Turns an event into an incident and a decision with its reasons, under the configuration of the response team.

use incident::configuration::{self, Defaults};
use incident::finding::{self, Event};
use incident::{Decision, GuardDutyFinding, Incident, Mode, Resource, Thresholds};
use responder::{Clients, Environment, Error, ErrorName, Parameters, Result};
use serde::{Deserialize, Serialize};

/// Settings of the function: the template's parameters, which the configuration in the incident table overrides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    table: String,
    defaults: Defaults,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment, parameters: &mut Parameters) -> Result<Settings> {
        let severity = |text: &str| text.parse::<f64>().ok().filter(|value| (0.0..=10.0).contains(value));
        let mode = parameters.parse(
            "mode",
            "one of observe, approval-required, contain-confirmed, contain-suspected",
            Mode::from_name,
        )?;
        let thresholds = Thresholds {
            suspected: parameters.parse("suspected_severity", "a severity from 0 to 10", severity)?,
            confirmed: parameters.parse("confirmed_severity", "a severity from 0 to 10", severity)?,
        };
        if thresholds.suspected > thresholds.confirmed {
            return Err(Error::new(
                ErrorName::SettingsInvalid,
                format!(
                    "suspected_severity {} is above confirmed_severity {}",
                    thresholds.suspected, thresholds.confirmed
                ),
            ));
        }
        Ok(Settings { table: environment.require("TABLE_NAME")?.to_owned(), defaults: Defaults { mode, thresholds } })
    }
}

/// The event as EventBridge delivered it, and the selected resource when an attack sequence has several.
#[derive(Debug, Deserialize)]
pub struct Input {
    event: serde_json::Value,
    #[serde(default)]
    resource: Option<Resource>,
}

/// The incident and the decision about it.
#[derive(Debug, Serialize)]
pub struct Output {
    incident: Incident,
    decision: Decision,
    /// Ids of the EC2 instances of an attack sequence, each of which is an incident of its own.
    instances: Vec<String>,
    /// Resources of an attack sequence that could not be read, in sentences.
    unread: Vec<String>,
}

/// Triages an event.
///
/// # Errors
/// `Event.Invalid`, naming the field, when the event cannot be read or does not contain the selected resource.
/// `Settings.Invalid` when the configuration cannot be used, and as DynamoDB answers: no decision is made without the
/// configuration.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let event = finding::parse(&input.event).map_err(|error| Error::new(ErrorName::EventInvalid, error.to_string()))?;
    let incident = match &event {
        Event::GuardDuty(finding) => select_incident(finding, input.resource.as_ref())?,
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
                Error::new(ErrorName::SettingsInvalid, format!("the configuration is contradictory: {error}"))
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
fn select_incident(finding: &GuardDutyFinding, selected: Option<&Resource>) -> Result<Incident> {
    let Some(selected) = selected else { return Ok(Incident::from_finding(finding)) };
    let Resource::Instance { id } = selected else {
        return Err(Error::new(
            ErrorName::EventInvalid,
            format!("the selected resource is a {}; only instances of a sequence can be selected", selected.kind()),
        ));
    };
    let instance = finding.sequence_instances.iter().find(|instance| instance.id == *id).ok_or_else(|| {
        let id = incident::text::line(id, 64);
        Error::new(ErrorName::EventInvalid, format!("`{id}` is not among the resources of the attack sequence"))
    })?;
    Ok(Incident::from_sequence_instance(finding, instance))
}
