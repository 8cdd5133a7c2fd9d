//! One recorded event through rule, definition, handlers and account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use incident::Incident;
use incident::finding::{self, Event};
use serde_json::Value;

use crate::arrive::Case;
use crate::deployment::Deployment;
use crate::events::Recorded;
use crate::handlers::Handlers;
use crate::project::{Project, ProjectError};
use crate::record::Record;
use crate::routing::{self, Routed};
use crate::scenario::Scenario;
use crate::template::Surroundings;

/// Mode of a replay where neither the scenario nor the command line says otherwise; the deployed default is `observe`.
const DEFAULT_MODE: &str = "contain-suspected";

/// The template parameter with the mode.
pub(crate) const MODE: &str = "Mode";

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

    /// The project.
    pub(crate) fn project(&self) -> &Project {
        &self.project
    }

    /// The seed of identifiers and jitter.
    pub(crate) fn seed_of_identifiers(&self) -> u64 {
        self.seed
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

    /// The parameters that a scenario is replayed with: the replay's defaults, its own, those of the command line.
    pub(crate) fn effective_parameters(&self, scenario: Option<&Scenario>) -> BTreeMap<String, String> {
        let mut parameters = BTreeMap::from([(MODE.to_owned(), DEFAULT_MODE.to_owned())]);
        parameters.extend(scenario.into_iter().flat_map(|scenario| scenario.parameters.clone()));
        parameters.extend(self.parameters.clone());
        parameters
    }

    /// Replays one recorded event. Never fails: what goes wrong is in the record. Where its scenario has several events
    /// this is the record of the first; [`Replay::events`] gives all.
    pub fn event(&self, recorded: Recorded) -> Record {
        let mut records = self.events(recorded);
        records.swap_remove(0)
    }

    /// Replays one recorded event, and the other events of its scenario, on one account: a record for each, in order; at
    /// least one.
    pub fn events(&self, recorded: Recorded) -> Vec<Record> {
        self.repeated(recorded, 1)
    }

    /// Replays one recorded event several times on the same account, as EventBridge may deliver it several times: a
    /// record for each; at least one.
    pub fn repeated(&self, recorded: Recorded, times: usize) -> Vec<Record> {
        self.delivered(&self.arrive(recorded), times)
    }

    /// Replays events that arrive at the same moment on one account, which is what the findings tell of; a record for
    /// each, in order. A scenario beside an event counts for nothing here.
    pub fn together(&self, recorded: Vec<Recorded>) -> Vec<Record> {
        self.delivered(&self.arrive_together(recorded), 1)
    }

    fn delivered(&self, case: &Case, times: usize) -> Vec<Record> {
        match self.stage(case) {
            Ok(staged) => (0..times.max(1) as u64).flat_map(|time| staged.judge(staged.run(time))).collect(),
            Err(records) => records,
        }
    }
}

/// Where the stack is when an event arrives: the account and Region of the envelope, which receives it. Where the
/// envelope does not tell, those of the resource, or a place of its own.
pub(crate) fn surroundings(event: &Value, incident: Option<&Incident>) -> Surroundings {
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
