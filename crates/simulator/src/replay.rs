//! Replays recorded events through rule, definition, handlers and account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::case::Case;
use crate::deployment::Deployment;
use crate::handlers::Handlers;
use crate::report::ReplayReport;
use crate::scenario::Scenario;
use ingest::InputEvent;
use template::Surroundings;
use template::project::{Project, ProjectError};

/// How events are replayed.
pub struct Replay {
    project: Project,
    handlers: Handlers,
    parameters: BTreeMap<String, String>,
    version: Option<String>,
    seed: u64,
    /// The template is read once for each account, Region and set of parameters.
    deployments: Mutex<BTreeMap<Key, Cached>>,
}

type Key = (String, String, String, BTreeMap<String, String>);

/// A deployment, or why there is none.
type Cached = Result<Arc<Deployment>, Arc<ProjectError>>;

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
    pub fn seed_of_identifiers(&self) -> u64 {
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

    /// Checks that the project can be deployed, before any event is replayed, and returns warnings about its definitions.
    ///
    /// # Errors
    /// What is wrong with the template or a definition.
    pub fn check(&self) -> Result<Vec<String>, Arc<ProjectError>> {
        let surroundings = ingest::stack_of(&Value::Null, None);
        let deployment = self.deployment(&surroundings, &self.effective_parameters(None))?;
        Ok(deployment.warnings.clone())
    }

    /// The parameters that a scenario is replayed with: the replay's defaults, its own, those of the command line.
    pub(crate) fn effective_parameters(&self, scenario: Option<&Scenario>) -> BTreeMap<String, String> {
        let mut parameters = ingest::default_parameters();
        parameters.extend(scenario.into_iter().flat_map(|scenario| scenario.parameters.clone()));
        parameters.extend(self.parameters.clone());
        parameters
    }

    /// Replays one recorded event. Never fails: what goes wrong is in the report. Where its scenario has several events
    /// this is the report of the first; [`Replay::events`] gives all.
    pub fn event(&self, input: InputEvent) -> ReplayReport {
        let mut reports = self.events(input);
        reports.swap_remove(0)
    }

    /// Replays one recorded event, and the other events of its scenario, on one account: a report for each, in order; at
    /// least one.
    pub fn events(&self, input: InputEvent) -> Vec<ReplayReport> {
        self.repeated(input, 1)
    }

    /// Replays one recorded event several times on the same account, as EventBridge may deliver it several times: a
    /// report for each; at least one.
    pub fn repeated(&self, input: InputEvent, times: usize) -> Vec<ReplayReport> {
        self.delivered(&self.ingest(input), times)
    }

    /// Replays events that arrive at the same moment on one account, which is synthesized from all of them; a report for
    /// each, in order. A scenario beside an event is ignored.
    pub fn together(&self, inputs: Vec<InputEvent>) -> Vec<ReplayReport> {
        self.delivered(&self.ingest_together(inputs), 1)
    }

    fn delivered(&self, case: &Case, times: usize) -> Vec<ReplayReport> {
        match self.environment(case) {
            Ok(environment) => {
                let deliveries = 0..times.max(1) as u64;
                deliveries.flat_map(|delivery| environment.report(&environment.run(delivery))).collect()
            }
            Err(reports) => reports,
        }
    }
}
