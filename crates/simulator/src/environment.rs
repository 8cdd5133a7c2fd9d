//! The stages of a replay after an event was ingested: set up → run → verify and report.
//!
//! To replay one event many times over, as the exploration of faults does:
//!
//! 1. `replay.ingest(event)` gives a [`Case`]: the event, routed, with its scenario and account. Once for each event.
//! 2. `replay.environment(&case)` gives an [`Environment`]: a fresh world with the account as it is when the event arrives.
//!    Once for each run, or a [`fork`](Environment::fork) of one that has not run yet. It holds the faults of the scenario;
//!    `environment.world.set_faults(…)` and `environment.set_function_faults(…)` replace them.
//! 3. `environment.run(0)` runs it and gives a [`RunResult`]; `environment.world` is the account afterwards.
//!    `environment.run(1)` delivers the event once more, to the same account.
//! 4. `environment.report(&result)` reads the account back: one [`ReplayReport`] for each event.
//!
//! A case has one event, or the several of its scenario, or those of [`Replay::together`]; all are on one account. A case
//! that starts nothing (no rule matches, the event is invalid) has no environment: its reports come in the error.
//! Everything is deterministic: the same case, seed and faults give the same report.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use account::{Timestamp, World};
use serde_json::Value;
use template::project::ProjectError;

use crate::InternalError;
use crate::case::{Case, Disposition, RoutedEvent, Start};
use crate::deployment::Deployment;
use crate::driver::{
    self, DriverError, FinishedExecution, FunctionFault, FunctionFaults, InvocationResult, InvocationSnapshot, Starting,
};
use crate::expect::{self, AccountAfter};
use crate::replay::Replay;
use crate::report::{ReplayReport, SourceReport};
use crate::report_builder::{self, Evidence};
use crate::scenario;
use crate::setup::{self, InitialAccount, InitialState};
use crate::synthesize;
use crate::verified::{EventResult, VerifiedEvent};

/// A world of its own for a case, at the moment when the first event arrives.
pub struct Environment<'a> {
    /// The case.
    pub case: &'a Case,
    /// The world; a handle, whose clones share the state.
    pub world: World,
    /// The stack.
    pub deployment: Arc<Deployment>,
    /// What was made up for the account, for each event that starts something.
    assumed: Vec<Vec<String>>,
    function_faults: FunctionFaults,
    seed: u64,
}

/// A run that has ended.
pub struct RunResult {
    /// The execution of each event that starts one, in the order of the case, then those that they started in the order
    /// of their start; or why they could not be driven to their ends.
    pub executions: Result<Vec<FinishedExecution>, DriverError>,
}

impl Replay {
    /// Sets up the environment of a case.
    ///
    /// # Errors
    /// The reports of a case that starts nothing, or whose account cannot be set up.
    pub fn environment<'a>(&self, case: &'a Case) -> Result<Environment<'a>, Vec<ReplayReport>> {
        let (Some(deployment), Some(first)) = (&case.deployment, case.starts().next()) else {
            return Err(case.reports_without_run(|_| {
                let error = InternalError::new("start-without-deployment", "an event starts a machine of no stack");
                EventResult::NotDriven { assumed: Vec::new(), error: error.into() }
            }));
        };
        let seed = self.seed_of_identifiers();
        // Everything random below draws from this thread's generator: the SDK's backoff and its invocation ids too.
        fastrand::seed(seed);
        let mut assumed: Vec<Vec<String>> = Vec::new();
        let mut accounts: Vec<InitialAccount> = Vec::new();
        let mut seen = BTreeSet::new();
        for start in case.starts() {
            let incident = &start.incident;
            let mut notes = Vec::new();
            match &case.account {
                // One document: the account of the first event.
                Some(_) if !accounts.is_empty() => {}
                Some(document) => {
                    notes = synthesize::assumed_roles(document);
                    accounts.push(InitialAccount::of(incident, document.clone()));
                }
                None if !seen.insert(incident.id.clone()) => {}
                None => {
                    let synthesized = synthesize::synthesize_account(incident, &start.event);
                    notes = synthesized.notes;
                    accounts.push(InitialAccount::of(incident, synthesized.account));
                }
            }
            assumed.push(notes);
        }
        let initial =
            InitialState { project: self.project(), deployment, accounts: &accounts, scenario: case.scenario.as_ref() };
        let world = setup::world(&initial, started_at(&first.event), seed).map_err(|error| {
            case.reports_without_run(|event| EventResult::NotSetUp(beside_the_event(&event.source, &error)))
        })?;
        let planned = case.scenario.iter().flat_map(|scenario| &scenario.faults);
        world.set_faults(planned.filter_map(scenario::PlannedFault::to_fault).collect());
        let deployment = Arc::clone(deployment);
        let function_faults = FunctionFaults::default();
        let mut environment = Environment { case, world, deployment, assumed, function_faults, seed };
        environment.set_function_faults(case.scenario.iter().flat_map(|scenario| scenario.function_faults.clone()));
        Ok(environment)
    }
}

impl<'a> Environment<'a> {
    /// A copy of the environment as it is now, without planned faults. Before anything ran this is the cheapest way to a
    /// fresh environment.
    pub fn fork(&self) -> Environment<'a> {
        fastrand::seed(self.seed);
        Environment {
            case: self.case,
            world: self.world.fork(),
            deployment: Arc::clone(&self.deployment),
            assumed: self.assumed.clone(),
            function_faults: FunctionFaults::default(),
            seed: self.seed,
        }
    }
}

impl Environment<'_> {
    /// Replaces the planned faults of functions and starts to count anew.
    pub fn set_function_faults(&mut self, faults: impl IntoIterator<Item = FunctionFault>) {
        self.function_faults = FunctionFaults::new(faults);
    }

    /// Delivers the events of the case and runs what they start, and what that starts, to the end; `delivery` is 0 for the
    /// first delivery of the events.
    pub fn run(&self, delivery: u64) -> RunResult {
        let seed = self.seed.wrapping_add(delivery);
        let starting = self.starting();
        RunResult { executions: driver::run(&self.world, &self.deployment, &starting, &self.function_faults, seed) }
    }

    /// The invocations of functions of the first delivery, as they begin.
    ///
    /// # Errors
    /// When the executions cannot be driven to their ends.
    pub fn invocations(&self) -> Result<Vec<InvocationSnapshot>, DriverError> {
        let starting = self.starting();
        let function_faults = &self.function_faults;
        driver::run_with_snapshots(&self.world, &self.deployment, &starting, function_faults, self.seed)
            .map(|(_, snapshots)| snapshots)
    }

    /// Runs one of them in isolation, with these faults of functions; with its retries; `prepare` gets the copy of the account before
    /// the run. `None` when it never ends.
    pub fn invoke_isolated<T>(
        &self,
        snapshot: &InvocationSnapshot,
        faults: impl IntoIterator<Item = FunctionFault>,
        prepare: impl FnOnce(&World) -> T,
    ) -> Option<(InvocationResult, T)> {
        snapshot.run(&self.deployment, &FunctionFaults::new(faults), self.seed, prepare)
    }

    fn starting(&self) -> Vec<Starting> {
        let of_start = |start: &Start| Starting {
            after: start.after,
            machine: Arc::clone(&start.machine),
            delivery: start.delivery.clone(),
            input: start.event.clone(),
        };
        self.case.starts().map(of_start).collect()
    }

    /// Reads the account back after a run: a report for each event of the case, in order. The first is compared with what
    /// the scenario expects of the whole case, the others with the outcomes that it expects of them.
    pub fn report(&self, result: &RunResult) -> Vec<ReplayReport> {
        let mut roots = self.assumed.iter().enumerate();
        let verified: Vec<VerifiedEvent<'_>> = self
            .case
            .events
            .iter()
            .map(|event| {
                let result = match &event.disposition {
                    Disposition::StartsNothing(why) => EventResult::Unstarted(why),
                    Disposition::Starts { start, .. } => match roots.next() {
                        Some((root, assumed)) => self.verify(start, root, assumed.clone(), result),
                        None => {
                            let error = InternalError::new("start-without-setup", start.incident.id.clone());
                            EventResult::NotDriven { assumed: Vec::new(), error: error.into() }
                        }
                    },
                };
                VerifiedEvent { event, result }
            })
            .collect();
        let first = self.case.starts().next().filter(|_| result.executions.is_ok());
        let account = first.map(|start| AccountAfter {
            world: &self.world,
            deployment: &self.deployment,
            incident: &start.incident,
        });
        self.case.report(verified, account.as_ref())
    }

    fn verify<'r>(&self, start: &Start, root: usize, assumed: Vec<String>, result: &RunResult) -> EventResult<'r> {
        let verified = result.executions.as_deref().map_err(Clone::clone).and_then(|executions| {
            let evidence = Evidence {
                world: &self.world,
                deployment: &self.deployment,
                executions,
                root,
                function_faults_left: self.function_faults.left(),
            };
            report_builder::verify(&start.incident, &evidence).map_err(DriverError::from)
        });
        match verified {
            Ok(run) => EventResult::Ran { assumed, run: Box::new(run) },
            Err(error) => EventResult::NotDriven { assumed, error },
        }
    }
}

impl Case {
    /// The reports of a case that was not run; `of_start` is the result of an event that starts something.
    fn reports_without_run<'a>(&'a self, of_start: impl Fn(&'a RoutedEvent) -> EventResult<'a>) -> Vec<ReplayReport> {
        let verified = self.events.iter().map(|event| {
            let result = match &event.disposition {
                Disposition::StartsNothing(why) => EventResult::Unstarted(why),
                Disposition::Starts { .. } => of_start(event),
            };
            VerifiedEvent { event, result }
        });
        self.report(verified.collect(), None)
    }

    /// Compares with the scenario, where there is one, and builds the reports.
    fn report(&self, verified: Vec<VerifiedEvent<'_>>, account: Option<&AccountAfter<'_>>) -> Vec<ReplayReport> {
        let expectations: Vec<_> = match &self.scenario {
            None => verified.iter().map(|_| None).collect(),
            Some(scenario) => expect::compare(&scenario.expect, &verified, account),
        };
        let pairs = verified.into_iter().zip(expectations);
        pairs.map(|(event, expectations)| report_builder::build(event, expectations)).collect()
    }
}

/// The time of the event, or a fixed one where it has none that can be read.
fn started_at(event: &Value) -> Timestamp {
    /// 2026-01-01T00:00:00Z.
    const FALLBACK: i64 = 1_767_225_600_000;
    event
        .get("time")
        .and_then(Value::as_str)
        .and_then(|time| Timestamp::parse(time).ok())
        .filter(|time| time.as_millis() > 0)
        .unwrap_or(Timestamp::from_millis(FALLBACK))
}

/// The error with the path of the account document as the user knows it.
fn beside_the_event(source: &SourceReport, error: &ProjectError) -> String {
    let folder = Path::new(&source.path).parent().map(|folder| folder.join("account.json"));
    match (error, folder) {
        (ProjectError::InFile { path, problem }, Some(account)) if path == "account.json" => {
            format!("{}: {problem}", account.display())
        }
        _ => error.to_string(),
    }
}
