//! The first stage of a replay: events are ingested, with the files beside them, and routed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use incident::finding::{self, Event};
use incident::{Incident, text};
use ingest::{self, Input, InputError, InputEvent, Source};
use serde_json::Value;
use template::routing;

use crate::InternalError;
use crate::deployment::{Deployment, Machine};
use crate::driver::Delivery;
use crate::replay::Replay;
use crate::report::{FindingReport, SourceReport};
use crate::scenario::{self, Scenario, Surrounding};

/// Longest reason why no rule matches, in characters.
const MAX_REASON: usize = 2000;

/// The events that are replayed on one account, each routed, and the files beside them.
pub struct Case {
    /// What is set up and expected, where there is a `scenario.json`.
    pub scenario: Option<Scenario>,
    /// The account, where there is an `account.json`.
    pub account: Option<Value>,
    /// The stack that the events reach; absent when no event could be routed.
    pub deployment: Option<Arc<Deployment>>,
    /// The events; at least one.
    pub events: Vec<RoutedEvent>,
}

/// An event that was ingested and routed.
pub struct RoutedEvent {
    /// Where it comes from.
    pub source: SourceReport,
    /// The finding in it.
    pub finding: FindingReport,
    /// What the event does not say and reading it assumed.
    pub assumed: Vec<String>,
    /// Where it leads.
    pub disposition: Disposition,
}

/// Where an event leads.
pub enum Disposition {
    /// A rule matches and starts a playbook.
    Starts {
        /// The rule and the playbook.
        route: Route,
        /// What is started.
        start: Box<Start>,
    },
    /// It starts nothing.
    StartsNothing(Unstarted),
}

/// Why an event starts nothing.
pub enum Unstarted {
    /// A rule matches, but the event cannot be read as what the playbook expects.
    Unreadable {
        /// The rule and the playbook.
        route: Route,
        /// Why.
        reason: String,
    },
    /// No rule matches.
    Unmatched {
        /// Why, rule by rule.
        reason: String,
    },
    /// The input is no event, or a file beside it cannot be read.
    Invalid {
        /// Why.
        reason: String,
    },
    /// The tool failed.
    Failed(InternalError),
}

/// The rule that matched and what it starts.
#[derive(Debug, Clone)]
pub struct Route {
    /// Logical name of the rule.
    pub rule: String,
    /// Playbook.
    pub playbook: String,
    /// Version of its definition.
    pub version: String,
    /// Mode of the template's parameters; absent where the template has no such parameter.
    pub mode: Option<String>,
}

/// An execution that an event starts.
pub struct Start {
    /// The event, in the form of EventBridge.
    pub event: Value,
    /// What it is about.
    pub incident: Incident,
    /// The machine that its rule starts.
    pub machine: Arc<Machine>,
    /// The target of the rule, by which EventBridge starts it.
    pub delivery: Delivery,
    /// When the event arrives, after the first event.
    pub after: Duration,
}

impl Case {
    /// What the events start, in their order.
    pub fn starts(&self) -> impl Iterator<Item = &Start> {
        self.events.iter().filter_map(RoutedEvent::start)
    }
}

impl RoutedEvent {
    /// What it starts; `None` for an event that starts nothing.
    pub fn start(&self) -> Option<&Start> {
        match &self.disposition {
            Disposition::Starts { start, .. } => Some(start),
            Disposition::StartsNothing(_) => None,
        }
    }

    /// The rule that matches it and the playbook of that rule.
    pub fn route(&self) -> Option<&Route> {
        match &self.disposition {
            Disposition::Starts { route, .. } | Disposition::StartsNothing(Unstarted::Unreadable { route, .. }) => {
                Some(route)
            }
            Disposition::StartsNothing(_) => None,
        }
    }
}

/// An event that was read.
struct IngestedEvent {
    source: SourceReport,
    after: Duration,
    /// In the form of EventBridge, or why it is no event.
    event: Result<Value, String>,
    /// What it is about, or why no playbook can read it.
    incident: Result<Incident, String>,
}

impl IngestedEvent {
    fn new(input: InputEvent, after: Duration) -> IngestedEvent {
        let source = source(&input);
        let checked = input.event.map_err(|error| error.to_string()).and_then(|event| {
            finding::envelope(&event).map_err(|error| error.to_string())?;
            Ok(event)
        });
        let event = match checked {
            Ok(event) => event,
            Err(reason) => return IngestedEvent { source, after, event: Err(reason.clone()), incident: Err(reason) },
        };
        let incident = match finding::parse(&event) {
            // Parsed before the conversion below, so that the conversion is among what is assumed.
            Ok(Event::GuardDuty(finding)) => Ok(Incident::from_finding(&finding)),
            Ok(Event::ComplianceChange(change)) => Ok(Incident::from_compliance_change(&change)),
            Ok(Event::Other { detail_type, .. }) => {
                Err(format!("no playbook reads `{}`", text::line(&detail_type, 64)))
            }
            Err(error) => Err(error.to_string()),
        };
        let event = finding::in_event_form(&event).unwrap_or(event);
        IngestedEvent { source, after, event: Ok(event), incident }
    }

    fn routed(self, deployment: Option<&Deployment>, failure: Option<&str>) -> RoutedEvent {
        let IngestedEvent { source, after, event, incident } = self;
        let (finding, assumed) = match &incident {
            Ok(incident) => (finding_report(incident), incident.assumed.clone()),
            Err(_) => (FindingReport::default(), Vec::new()),
        };
        let disposition = match (event, deployment) {
            (Err(reason), _) => Disposition::StartsNothing(Unstarted::Invalid { reason }),
            (Ok(event), Some(deployment)) => route(deployment, event, incident, after),
            (Ok(_), None) => {
                let reason = failure.unwrap_or("the stack that the event reaches could not be read").to_owned();
                Disposition::StartsNothing(Unstarted::Invalid { reason })
            }
        };
        RoutedEvent { source, finding, assumed, disposition }
    }
}

impl Replay {
    /// Ingests an event with the files beside it, and routes it and the other events of its scenario. Never fails: errors
    /// are in the [`Disposition`].
    pub fn ingest(&self, input: InputEvent) -> Case {
        let beside = if input.source.line.is_none() {
            scenario::beside(Path::new(&input.source.path))
        } else {
            Ok(Surrounding::default())
        };
        let Surrounding { events, scenario, account } = match beside {
            Ok(beside) => beside,
            Err(reason) => {
                let event = RoutedEvent {
                    source: source(&input),
                    finding: FindingReport::default(),
                    assumed: Vec::new(),
                    disposition: Disposition::StartsNothing(Unstarted::Invalid { reason }),
                };
                return Case { scenario: None, account: None, deployment: None, events: vec![event] };
            }
        };
        let mut given = Some(input);
        let ingested = if events.is_empty() {
            given.into_iter().map(|input| IngestedEvent::new(input, Duration::ZERO)).collect()
        } else {
            let of_file = |(path, after): (PathBuf, Duration)| {
                let itself = path.file_name().is_some_and(|name| name == "event.json");
                let input = given.take_if(|_| itself).unwrap_or_else(|| from_file(path));
                IngestedEvent::new(input, after)
            };
            events.into_iter().map(of_file).collect()
        };
        self.route(scenario, account, ingested)
    }

    /// Routes events of no scenario that arrive at the same moment on one account.
    pub fn ingest_together(&self, inputs: Vec<InputEvent>) -> Case {
        let ingested = inputs.into_iter().map(|input| IngestedEvent::new(input, Duration::ZERO)).collect();
        self.route(None, None, ingested)
    }

    /// All events reach the stack where the first one arrives.
    fn route(&self, scenario: Option<Scenario>, account: Option<Value>, events: Vec<IngestedEvent>) -> Case {
        let parameters = self.effective_parameters(scenario.as_ref());
        let mut readable = events.iter().filter_map(|ingested| {
            let event = ingested.event.as_ref().ok()?;
            Some(ingest::stack_of(event, ingested.incident.as_ref().ok()))
        });
        let (deployment, failure) = match readable.next().map(|place| self.deployment(&place, &parameters)) {
            Some(Ok(deployment)) => (Some(deployment), None),
            Some(Err(error)) => (None, Some(error.to_string())),
            None => (None, None),
        };
        let events = events.into_iter().map(|event| event.routed(deployment.as_deref(), failure.as_deref())).collect();
        Case { scenario, account, deployment, events }
    }
}

/// Routes an event. An event that no rule matches is unmatched, even where its detail cannot be read.
fn route(deployment: &Deployment, event: Value, incident: Result<Incident, String>, after: Duration) -> Disposition {
    let routing = routing::route(&deployment.template, &event);
    let Some((rule, started)) = routing.starts().next() else {
        let reason = text::line(&routing.why_not(), MAX_REASON);
        return Disposition::StartsNothing(Unstarted::Unmatched { reason });
    };
    let Some(machine) = deployment.machines.get(&started.machine.logical_id).map(Arc::clone) else {
        let detail = format!("{} starts {}", rule.logical_id, started.machine.logical_id);
        let error = InternalError::new("machine-not-deployed", detail);
        return Disposition::StartsNothing(Unstarted::Failed(error));
    };
    let route = Route {
        rule: rule.logical_id.clone(),
        playbook: machine.playbook.clone(),
        version: machine.version.clone(),
        mode: deployment.template.parameters.get(ingest::MODE).cloned(),
    };
    let target = started.target;
    let delivery = Delivery { rule: rule.logical_id.clone(), target: target.arn.clone(), role: target.role.clone() };
    match incident {
        Ok(incident) => {
            Disposition::Starts { route, start: Box::new(Start { event, incident, machine, delivery, after }) }
        }
        Err(reason) => Disposition::StartsNothing(Unstarted::Unreadable { route, reason }),
    }
}

fn source(input: &InputEvent) -> SourceReport {
    SourceReport { path: input.source.path.clone(), line: input.source.line }
}

/// The first event of a file.
fn from_file(path: PathBuf) -> InputEvent {
    let source = Source { path: path.to_string_lossy().into_owned(), line: None };
    let mut found = None;
    ingest::read(Input::File(path), &mut |input| {
        found = Some(input);
        false
    });
    found.unwrap_or(InputEvent { source, event: Err(InputError::Empty) })
}

fn finding_report(incident: &Incident) -> FindingReport {
    FindingReport {
        id: Some(incident.finding.id.clone()),
        finding_type: Some(incident.finding.finding_type.clone()),
        severity: incident.finding.severity,
        account: Some(incident.account.clone()),
        region: Some(incident.region.clone()),
    }
}
