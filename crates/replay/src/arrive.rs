//! The first stage of a replay: an event is read, with what lies beside it, and routed.

use std::path::Path;
use std::sync::Arc;

use incident::finding::{self, Event};
use incident::{Incident, Outcome, text};
use serde_json::Value;

use crate::deployment::Deployment;
use crate::events::Recorded;
use crate::expect;
use crate::record::{FindingRecord, Record, SourceRecord};
use crate::replay::{MODE, Replay, surroundings};
use crate::routing;
use crate::scenario::{self, Scenario, Surrounding};

/// What is replayed on one account: the events, each routed, and what lies beside them.
pub(crate) struct Case {
    /// What is set up and expected, where there is a `scenario.json`.
    pub(crate) scenario: Option<Scenario>,
    /// The account, where there is an `account.json`.
    pub(crate) account: Option<Value>,
    /// The stack that the events reach; absent when no event could be routed.
    pub(crate) deployment: Option<Arc<Deployment>>,
    /// The events.
    pub(crate) arrivals: Vec<Arrival>,
}

/// An event as far as it came.
pub(crate) struct Arrival {
    /// What is known of it before anything runs: all there is to say where nothing does.
    pub(crate) record: Record,
    /// What it starts; `None` for an event that is invalid or that no rule takes.
    pub(crate) starts: Option<Start>,
}

/// An event that a rule takes.
pub(crate) struct Start {
    /// The event, in the form of EventBridge.
    pub(crate) event: Value,
    /// What it is about.
    pub(crate) incident: Incident,
    /// Logical id of the machine that its rule starts.
    pub(crate) machine: String,
}

impl Case {
    /// An event that came no further than this record.
    fn ended(scenario: Option<Scenario>, record: Record) -> Case {
        Case { scenario, account: None, deployment: None, arrivals: vec![Arrival { record, starts: None }] }
    }

    /// What there is to say where nothing ran.
    pub(crate) fn unstarted(&self) -> Vec<Record> {
        self.arrivals.iter().map(|arrival| self.unjudged(arrival.record.clone())).collect()
    }

    /// A record of an event that started nothing, held against the scenario.
    pub(crate) fn unjudged(&self, mut record: Record) -> Record {
        if let Some(scenario) = &self.scenario {
            record.expectations = Some(expect::compare(&scenario.expect, &record, None));
        }
        record
    }
}

impl Replay {
    /// Reads what lies beside an event and routes it. Never fails: what goes wrong is in the record of the arrival.
    pub(crate) fn arrive(&self, recorded: Recorded) -> Case {
        let source = SourceRecord { path: recorded.source.path.clone(), line: recorded.source.line };
        let beside = if recorded.source.line.is_none() {
            scenario::beside(Path::new(&recorded.source.path))
        } else {
            Ok(Surrounding::default())
        };
        let Surrounding { scenario, account } = match beside {
            Ok(beside) => beside,
            Err(problem) => return Case::ended(None, Record::ended(source, Outcome::Invalid, problem)),
        };
        let event = match recorded.event {
            Ok(event) => event,
            Err(error) => {
                return Case::ended(scenario, Record::ended(source, Outcome::Invalid, error.to_string()));
            }
        };
        if let Err(error) = finding::envelope(&event) {
            return Case::ended(scenario, Record::ended(source, Outcome::Invalid, error.to_string()));
        }
        // Read as it arrived, so that a conversion is in the record; replayed in the form of events.
        let read = finding::parse(&event);
        let event = finding::in_event_form(&event).unwrap_or(event);
        let incident = match &read {
            Ok(Event::GuardDuty(finding)) => Ok(Incident::of_finding(finding)),
            Ok(Event::ComplianceChange(change)) => Ok(Incident::of_compliance_change(change)),
            Ok(Event::Other { detail_type, .. }) => Err(format!("no playbook reads `{}`", text::line(detail_type, 64))),
            Err(error) => Err(error.to_string()),
        };
        let mut record = Record::ended(source, Outcome::Unmatched, "");
        if let Ok(incident) = &incident {
            record.finding = finding_record(incident);
            record.assumed.clone_from(&incident.assumed);
        }
        let parameters = self.effective_parameters(scenario.as_ref());
        let surroundings = surroundings(&event, incident.as_ref().ok());
        match self.deployment(&surroundings, &parameters) {
            Ok(deployment) => {
                let arrival = routed(&deployment, record, event, incident);
                Case { scenario, account, deployment: Some(deployment), arrivals: vec![arrival] }
            }
            Err(error) => {
                record.reason = error.to_string();
                record.outcome = Outcome::Invalid;
                Case::ended(scenario, record)
            }
        }
    }
}

/// Routes an event. What no rule takes is unmatched, however odd its detail.
fn routed(deployment: &Deployment, mut record: Record, event: Value, incident: Result<Incident, String>) -> Arrival {
    let routed = routing::route(deployment, &event);
    let Some((started, machine)) =
        routed.started.as_ref().and_then(|started| Some((started, deployment.machines.get(&started.machine)?)))
    else {
        record.reason = routed.why_not();
        return Arrival { record, starts: None };
    };
    record.rule = Some(started.rule.clone());
    record.playbook = Some(machine.playbook.clone());
    record.version = Some(machine.version.clone());
    record.mode = deployment.template.parameters.get(MODE).cloned();
    let starts = match incident {
        Ok(incident) => Some(Start { event, incident, machine: started.machine.clone() }),
        Err(reason) => {
            record.outcome = Outcome::Invalid;
            record.reason = reason;
            None
        }
    };
    Arrival { record, starts }
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
