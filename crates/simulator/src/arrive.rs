//! The first stage of a replay: events are read, with what lies beside them, and routed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use incident::finding::{self, Event};
use incident::{Incident, Outcome, text};
use serde_json::Value;
use template::routing;

use crate::deployment::Deployment;
use crate::driver::Delivery;
use crate::record::{FindingRecord, Record, SourceRecord};
use crate::replay::Replay;
use crate::scenario::{self, Scenario, Surrounding};
use ingest::{self, Input, Recorded};

/// Longest reason why no rule matches, in characters.
const MAX_REASON: usize = 2000;

/// What is replayed on one account: the events, each routed, and what lies beside them.
pub struct Case {
    /// What is set up and expected, where there is a `scenario.json`.
    pub scenario: Option<Scenario>,
    /// The account, where there is an `account.json`.
    pub account: Option<Value>,
    /// The stack that the events reach; absent when no event could be routed.
    pub deployment: Option<Arc<Deployment>>,
    /// The events; at least one.
    pub arrivals: Vec<Arrival>,
}

/// An event as far as it came.
pub struct Arrival {
    /// What is known of it before anything runs: all there is to say where nothing does.
    pub record: Record,
    /// What it starts; `None` for an event that is invalid or that no rule takes.
    pub starts: Option<Start>,
}

/// An event that a rule takes.
pub struct Start {
    /// The event, in the form of EventBridge.
    pub event: Value,
    /// What it is about.
    pub incident: Incident,
    /// Logical id of the machine that its rule starts.
    pub machine: String,
    /// The rule's target, by which EventBridge starts it.
    pub delivery: Delivery,
    /// When it arrives, after the first event.
    pub after: Duration,
}

/// An event that was read.
struct Read {
    record: Record,
    after: Duration,
    /// In the form of EventBridge; `None` where the record says why not.
    event: Option<Value>,
    incident: Result<Incident, String>,
}

impl Case {
    /// What the events start, in their order.
    pub fn starts(&self) -> impl Iterator<Item = &Start> {
        self.arrivals.iter().filter_map(|arrival| arrival.starts.as_ref())
    }
}

impl Replay {
    /// Reads what lies beside an event and routes it, and the other events of its scenario. Never fails: what goes wrong
    /// is in the record of the arrival.
    pub fn arrive(&self, recorded: Recorded) -> Case {
        let beside = if recorded.source.line.is_none() {
            scenario::beside(Path::new(&recorded.source.path))
        } else {
            Ok(Surrounding::default())
        };
        let Surrounding { events, scenario, account } = match beside {
            Ok(beside) => beside,
            Err(problem) => {
                let record = Record::ended(source(&recorded), Outcome::Invalid, problem);
                let arrivals = vec![Arrival { record, starts: None }];
                return Case { scenario: None, account: None, deployment: None, arrivals };
            }
        };
        let mut given = Some(recorded);
        let read = if events.is_empty() {
            given.into_iter().map(|recorded| read(recorded, Duration::ZERO)).collect()
        } else {
            let of_file = |(path, after): (std::path::PathBuf, Duration)| {
                let itself = path.file_name().is_some_and(|name| name == "event.json");
                let recorded = given.take_if(|_| itself).or_else(|| from_file(path))?;
                Some(read(recorded, after))
            };
            events.into_iter().filter_map(of_file).collect()
        };
        self.routed(scenario, account, read)
    }

    /// Routes events of no scenario that arrive together on one account.
    pub fn arrive_together(&self, recorded: Vec<Recorded>) -> Case {
        let read = recorded.into_iter().map(|recorded| read(recorded, Duration::ZERO)).collect();
        self.routed(None, None, read)
    }

    /// All events reach the stack where the first one arrives.
    fn routed(&self, scenario: Option<Scenario>, account: Option<Value>, events: Vec<Read>) -> Case {
        let parameters = self.effective_parameters(scenario.as_ref());
        let first =
            events.iter().find_map(|read| Some(ingest::stack_of(read.event.as_ref()?, read.incident.as_ref().ok())));
        let deployment = first.map(|surroundings| self.deployment(&surroundings, &parameters));
        let of_event = |Read { mut record, after, event, incident }: Read| {
            let starts = match (event, &deployment) {
                (Some(event), Some(Ok(deployment))) => routed(deployment, &mut record, event, incident, after),
                (Some(_), Some(Err(error))) => {
                    record.reason = error.to_string();
                    record.outcome = Outcome::Invalid;
                    None
                }
                _ => None,
            };
            Arrival { record, starts }
        };
        let arrivals = events.into_iter().map(of_event).collect();
        Case { scenario, account, deployment: deployment.and_then(Result::ok), arrivals }
    }
}

fn source(recorded: &Recorded) -> SourceRecord {
    SourceRecord { path: recorded.source.path.clone(), line: recorded.source.line }
}

fn from_file(path: std::path::PathBuf) -> Option<Recorded> {
    let mut found = None;
    ingest::read(Input::File(path), &mut |recorded| {
        found = Some(recorded);
        false
    });
    found
}

fn read(recorded: Recorded, after: Duration) -> Read {
    let source = source(&recorded);
    let checked = recorded.event.map_err(|error| error.to_string()).and_then(|event| {
        finding::envelope(&event).map_err(|error| error.to_string())?;
        Ok(event)
    });
    let event = match checked {
        Ok(event) => event,
        Err(reason) => {
            let record = Record::ended(source, Outcome::Invalid, reason.clone());
            return Read { record, after, event: None, incident: Err(reason) };
        }
    };
    let incident = match finding::parse(&event) {
        // Read as it arrived, so that a conversion is in the record; replayed in the form of events.
        Ok(Event::GuardDuty(finding)) => Ok(Incident::from_finding(&finding)),
        Ok(Event::ComplianceChange(change)) => Ok(Incident::from_compliance_change(&change)),
        Ok(Event::Other { detail_type, .. }) => Err(format!("no playbook reads `{}`", text::line(&detail_type, 64))),
        Err(error) => Err(error.to_string()),
    };
    let event = finding::in_event_form(&event).unwrap_or(event);
    let mut record = Record::ended(source, Outcome::Unmatched, "");
    if let Ok(incident) = &incident {
        record.finding = finding_record(incident);
        record.assumed.clone_from(&incident.assumed);
    }
    Read { record, after, event: Some(event), incident }
}

/// Routes an event. What no rule takes is unmatched, however odd its detail.
fn routed(
    deployment: &Deployment,
    record: &mut Record,
    event: Value,
    incident: Result<Incident, String>,
    after: Duration,
) -> Option<Start> {
    let routing = routing::route(&deployment.template, &event);
    let started = routing.starts().find_map(|(rule, started)| {
        let id = &started.machine.logical_id;
        Some((rule, started.target, id.clone(), deployment.machines.get(id)?))
    });
    let Some((rule, target, machine_id, machine)) = started else {
        record.reason = text::line(&routing.why_not(), MAX_REASON);
        return None;
    };
    let delivery = Delivery { rule: rule.logical_id.clone(), target: target.arn.clone(), role: target.role.clone() };
    record.rule = Some(rule.logical_id.clone());
    record.playbook = Some(machine.playbook.clone());
    record.version = Some(machine.version.clone());
    record.mode = deployment.template.parameters.get(ingest::MODE).cloned();
    match incident {
        Ok(incident) => Some(Start { event, incident, machine: machine_id, delivery, after }),
        Err(reason) => {
            record.outcome = Outcome::Invalid;
            record.reason = reason;
            None
        }
    }
}

fn finding_record(incident: &Incident) -> FindingRecord {
    FindingRecord {
        id: Some(incident.finding.id.clone()),
        finding_type: Some(incident.finding.finding_type.clone()),
        severity: incident.finding.severity,
        account: Some(incident.account.clone()),
        region: Some(incident.region.clone()),
    }
}
