//! One recorded event through rule, definition, handlers and account.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use account::{Timestamp, World};
use incident::finding::{self, Event, EventError};
use incident::{Incident, Outcome, text};
use serde_json::Value;

use crate::assume;
use crate::deployment::{Deployment, Machine};
use crate::driver;
use crate::events::Recorded;
use crate::expect::{self, Looked};
use crate::handlers::Handlers;
use crate::project::{Project, ProjectError};
use crate::record::{FindingRecord, Record, SourceRecord};
use crate::routing::{self, Routed};
use crate::scenario::{self, Scenario, Surrounding};
use crate::tell;
use crate::template::Surroundings;

/// Mode of a replay where neither the scenario nor the command line says otherwise; the deployed default is `observe`.
const DEFAULT_MODE: (&str, &str) = ("Mode", "contain-suspected");

/// Name of the stack in replays.
const STACK: &str = "cordon";

/// Account and Region of the stack where an event names none.
const PLACE: (&str, &str) = ("111122223333", "us-east-1");

/// How events are replayed.
pub struct Replay {
    project: Project,
    handlers: Handlers,
    parameters: BTreeMap<String, String>,
    version: Option<String>,
    seed: u64,
    /// The template is read once per place and parameters.
    deployments: Mutex<BTreeMap<Key, Made>>,
}

type Key = (String, String, String, BTreeMap<String, String>);

/// A deployment, or why there is none.
type Made = Result<Arc<Deployment>, Arc<ProjectError>>;

/// An event that a rule took: what it is about, and what lies beside it.
struct Arrived {
    event: Value,
    incident: Incident,
    scenario: Option<Scenario>,
    account: Option<Value>,
}

impl Replay {
    /// A replay of a project with its deployed handlers.
    pub fn new(project: Project, handlers: Handlers) -> Replay {
        Replay { project, handlers, parameters: BTreeMap::new(), version: None, seed: 1, deployments: Mutex::default() }
    }

    /// Sets template parameters; those of a scenario come after them.
    #[must_use]
    pub fn parameters(mut self, parameters: BTreeMap<String, String>) -> Replay {
        self.parameters = parameters;
        self
    }

    /// Replays an older definition against today's handlers.
    #[must_use]
    pub fn version(mut self, version: Option<String>) -> Replay {
        self.version = version;
        self
    }

    /// The seed of identifiers and jitter.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Replay {
        self.seed = seed;
        self
    }

    /// The deployment for a place and parameters.
    ///
    /// # Errors
    /// What is wrong with the template or a definition.
    pub fn deployment(
        &self,
        surroundings: &Surroundings,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Arc<Deployment>, Arc<ProjectError>> {
        let key = (
            surroundings.account.clone(),
            surroundings.region.clone(),
            surroundings.partition.clone(),
            parameters.clone(),
        );
        let mut known = self.deployments.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&key) {
            return found.clone();
        }
        let version = self.version.as_deref();
        let made = Deployment::new(&self.project, &self.handlers, surroundings, parameters, version)
            .map(Arc::new)
            .map_err(Arc::new);
        known.insert(key, made.clone());
        made
    }

    /// Checks that the project can be read at all, before any event is.
    ///
    /// # Errors
    /// What is wrong with the template or a definition.
    pub fn check(&self) -> Result<(), Arc<ProjectError>> {
        let surroundings = surroundings(&Value::Null, None);
        self.deployment(&surroundings, &self.effective_parameters(None)).map(drop)
    }

    /// Which rule takes an event, and why the others do not.
    ///
    /// # Errors
    /// Why the input is not an event, or what is wrong with the template, in one sentence.
    pub fn route(&self, event: &Value) -> Result<Routed, String> {
        let converted = finding::in_event_form(event);
        let event = converted.as_ref().unwrap_or(event);
        finding::envelope(event).map_err(|error| error.to_string())?;
        let incident = match finding::parse(event) {
            Ok(Event::GuardDuty(finding)) => Some(Incident::of_finding(&finding)),
            Ok(Event::ComplianceChange(change)) => Some(Incident::of_compliance_change(&change)),
            _ => None,
        };
        let surroundings = surroundings(event, incident.as_ref());
        let deployment =
            self.deployment(&surroundings, &self.effective_parameters(None)).map_err(|error| error.to_string())?;
        Ok(routing::route(&deployment, event))
    }

    fn effective_parameters(&self, scenario: Option<&Scenario>) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::from([(DEFAULT_MODE.0.to_owned(), DEFAULT_MODE.1.to_owned())]);
        parameters.extend(scenario.into_iter().flat_map(|scenario| scenario.parameters.clone()));
        parameters.extend(self.parameters.clone());
        parameters
    }

    /// Replays one recorded event. Never fails: what goes wrong is in the record.
    pub fn event(&self, recorded: Recorded) -> Record {
        let mut records = self.repeated(recorded, 1);
        records.swap_remove(0)
    }

    /// Replays one recorded event several times on the same account, as EventBridge may deliver it several times; at
    /// least one record.
    pub fn repeated(&self, recorded: Recorded, times: usize) -> Vec<Record> {
        let source = SourceRecord { path: recorded.source.path.clone(), line: recorded.source.line };
        let beside = if recorded.source.line.is_none() {
            scenario::beside(Path::new(&recorded.source.path))
        } else {
            Ok(Surrounding::default())
        };
        let Surrounding { scenario, account } = match beside {
            Ok(beside) => beside,
            Err(problem) => return vec![Record::ended(source, Outcome::Invalid, problem)],
        };
        let event = match recorded.event {
            Ok(event) => event,
            Err(error) => {
                return vec![against(scenario.as_ref(), Record::ended(source, Outcome::Invalid, error.to_string()))];
            }
        };
        if let Err(error) = finding::envelope(&event) {
            return vec![against(scenario.as_ref(), Record::ended(source, Outcome::Invalid, error.to_string()))];
        }
        // Read as it arrived, so that a conversion is in the record; replayed in the form of events.
        let read = finding::parse(&event);
        let event = finding::in_event_form(&event).unwrap_or(event);
        self.arrived(source, event, read, Surrounding { scenario, account }, times)
    }

    /// Routes an event and replays it when a rule takes it. What no rule takes is unmatched, however odd its detail.
    fn arrived(
        &self,
        source: SourceRecord,
        event: Value,
        read: Result<Event, EventError>,
        beside: Surrounding,
        times: usize,
    ) -> Vec<Record> {
        let Surrounding { scenario, account } = beside;
        let mut record = Record::ended(source, Outcome::Unmatched, "");
        let incident = match &read {
            Ok(Event::GuardDuty(finding)) => Ok(Incident::of_finding(finding)),
            Ok(Event::ComplianceChange(change)) => Ok(Incident::of_compliance_change(change)),
            Ok(Event::Other { detail_type, .. }) => Err(format!("no playbook reads `{}`", text::line(detail_type, 64))),
            Err(error) => Err(error.to_string()),
        };
        if let Ok(incident) = &incident {
            record.finding = finding_record(incident);
            record.assumed.clone_from(&incident.assumed);
        }
        let parameters = self.effective_parameters(scenario.as_ref());
        let surroundings = surroundings(&event, incident.as_ref().ok());
        let deployment = match self.deployment(&surroundings, &parameters) {
            Ok(deployment) => deployment,
            Err(error) => {
                record.reason = error.to_string();
                record.outcome = Outcome::Invalid;
                return vec![against(scenario.as_ref(), record)];
            }
        };
        let routed = routing::route(&deployment, &event);
        let Some((rule, machine)) = routed
            .started
            .as_ref()
            .and_then(|started| Some((started.rule.clone(), deployment.machines.get(&started.machine)?)))
        else {
            record.reason = routed.why_not();
            return vec![against(scenario.as_ref(), record)];
        };
        record.rule = Some(rule);
        record.playbook = Some(machine.playbook.clone());
        record.version = Some(machine.version.clone());
        record.mode = deployment.template.parameters.get(DEFAULT_MODE.0).cloned();
        match incident {
            Ok(incident) => {
                let arrived = Arrived { event, incident, scenario, account };
                self.execute(&arrived, record, &deployment, machine, times)
            }
            Err(reason) => {
                record.outcome = Outcome::Invalid;
                record.reason = reason;
                vec![against(scenario.as_ref(), record)]
            }
        }
    }

    fn execute(
        &self,
        arrived: &Arrived,
        mut record: Record,
        deployment: &Deployment,
        machine: &Machine,
        times: usize,
    ) -> Vec<Record> {
        // Everything random below draws from this thread's generator: the SDK's backoff and its invocation ids too.
        fastrand::seed(self.seed);
        let started_at = started_at(&arrived.event);
        let account = match &arrived.account {
            Some(account) => account.clone(),
            None => {
                let assumed = assume::account(&arrived.incident, &arrived.event);
                record.assumed.extend(assumed.notes);
                assumed.account
            }
        };
        let world =
            match crate::stage::set(&self.project, deployment, &arrived.incident, &account, started_at, self.seed) {
                Ok(world) => world,
                Err(error) => {
                    record.outcome = Outcome::Invalid;
                    record.reason = beside_the_event(&record.source, &error);
                    return vec![against(arrived.scenario.as_ref(), record)];
                }
            };
        let planned = arrived.scenario.iter().flat_map(|scenario| &scenario.faults);
        world.set_faults(planned.filter_map(scenario::PlannedFault::to_fault).collect());
        let mut records = Vec::new();
        for time in 0..times.max(1) {
            let calls_before = world.calls().len();
            let told_before = world.published().len();
            let seed = self.seed.wrapping_add(time as u64);
            records.push(match driver::run(&world, deployment, machine, arrived.event.clone(), seed) {
                Ok(ended) => {
                    let mut told = tell::tell(&arrived.incident, record.clone(), deployment, &world, ended);
                    told.calls.drain(..calls_before);
                    told.notifications.drain(..told_before);
                    against_account(arrived, told, deployment, &world)
                }
                Err(error) => {
                    let mut record = record.clone();
                    record.outcome = Outcome::Failed;
                    record.reason = error.to_string();
                    record.tool_errors.push(error.to_string());
                    against(arrived.scenario.as_ref(), record)
                }
            });
        }
        records
    }
}

fn against_account(arrived: &Arrived, mut record: Record, deployment: &Deployment, world: &World) -> Record {
    if let Some(scenario) = &arrived.scenario {
        let looked =
            Looked { world, deployment, incident: &arrived.incident, before_images: record.before_images.len() };
        record.expectations = Some(expect::compare(&scenario.expect, &record, Some(&looked)));
    }
    record
}

/// Where the stack is when an event arrives: the account and Region of the envelope, which receives it. Where the
/// envelope does not tell, those of the resource, or a place of its own.
fn surroundings(event: &Value, incident: Option<&Incident>) -> Surroundings {
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let account = text("account")
        .filter(|account| incident::partition::is_account(account))
        .or(incident.map(|incident| incident.account.as_str()))
        .unwrap_or(PLACE.0);
    let region = text("region")
        .filter(|region| incident::partition::is_region(region))
        .or(incident.map(|incident| incident.region.as_str()))
        .unwrap_or(PLACE.1);
    let partition = incident.map_or_else(|| incident::partition::of_region(region), |incident| &incident.partition);
    Surroundings {
        account: account.to_owned(),
        region: region.to_owned(),
        partition: partition.to_owned(),
        stack_name: STACK.to_owned(),
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

/// The moment of the event, or a fixed one when it does not tell.
fn started_at(event: &Value) -> Timestamp {
    const FALLBACK: i64 = 1_767_225_600_000;
    event
        .get("time")
        .and_then(Value::as_str)
        .and_then(|time| Timestamp::parse(time).ok())
        .filter(|time| time.as_millis() > 0)
        .unwrap_or(Timestamp::from_millis(FALLBACK))
}

fn against(scenario: Option<&Scenario>, mut record: Record) -> Record {
    if let Some(scenario) = scenario {
        record.expectations = Some(expect::compare(&scenario.expect, &record, None));
    }
    record
}

fn beside_the_event(source: &SourceRecord, error: &ProjectError) -> String {
    let folder = Path::new(&source.path).parent().map(|folder| folder.join("account.json"));
    match (error, folder) {
        (ProjectError::InFile { path, problem }, Some(account)) if path == "account.json" => {
            format!("{}: {problem}", account.display())
        }
        _ => error.to_string(),
    }
}
