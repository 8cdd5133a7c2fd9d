//! The stages of a replay after an event has arrived: stage → run → judge.
//!
//! For whoever replays an event many times over (the exploration of faults):
//!
//! 1. `replay.arrive(recorded)` gives a [`Case`]: the event, routed, with its scenario and account. Once per event.
//! 2. `replay.stage(&case)` gives a [`Staged`]: a fresh world with the account as it is when the event arrives. Once per
//!    run. It holds the faults of the scenario; `staged.world.set_faults(…)` and `staged.set_function_faults(…)` replace
//!    them.
//! 3. `staged.run(0)` runs it and gives a [`Ran`]: the account afterwards is `staged.world`, before is the same handle
//!    before the run. `staged.run(1)` delivers the event once more, to the same account.
//! 4. `staged.judge(ran)` says what came of it, one [`Record`] per event, read back from the account.
//!
//! A case has one event, or the several of its scenario, or those of [`Replay::together`]; all are on one account.
//!
//! A case of which nothing starts (no rule takes it, it is invalid) cannot be staged: its records come in the error.
//! Everything is deterministic: the same case, seed and faults give the same record.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use account::{Timestamp, World};
use incident::Outcome;
use serde_json::Value;

use crate::arrive::{Arrival, Case, Start};
use crate::assume;
use crate::deployment::Deployment;
use crate::driver::{self, Begun, DriverError, Ended, Ending, FunctionFault, FunctionFaults, Starting};
use crate::expect::{self, Looked};
use crate::record::{ExpectationsRecord, Record, SourceRecord};
use crate::replay::Replay;
use crate::scenario;
use crate::stage::{self, Seed, Set};
use crate::tell;
use template::project::ProjectError;

/// A case on its stage: a world of its own, at the moment when the event arrives.
pub struct Staged<'a> {
    /// The case.
    pub case: &'a Case,
    /// The world; a handle, of which clones share the state.
    pub world: World,
    /// The stack.
    pub deployment: Arc<Deployment>,
    /// What replay made up for the account, for each event that starts something.
    assumed: Vec<Vec<String>>,
    functions: FunctionFaults,
    seed: u64,
}

/// A run that has ended.
pub struct Ran {
    /// The execution of each event that starts one, in the order of the case, then those that they started in the order
    /// of their start; or why they could not be driven.
    pub executions: Result<Vec<Ended>, DriverError>,
}

impl Replay {
    /// Sets the stage for a case.
    ///
    /// # Errors
    /// The records of a case of which nothing starts, or whose account cannot be set up.
    pub fn stage<'a>(&self, case: &'a Case) -> Result<Staged<'a>, Vec<Record>> {
        let (Some(deployment), Some(first)) = (&case.deployment, case.starts().next()) else {
            return Err(case.unstarted());
        };
        let seed = self.seed_of_identifiers();
        // Everything random below draws from this thread's generator: the SDK's backoff and its invocation ids too.
        fastrand::seed(seed);
        let mut assumed: Vec<Vec<String>> = Vec::new();
        let mut accounts: Vec<Seed> = Vec::new();
        let mut seen = BTreeSet::new();
        for start in case.starts() {
            let incident = &start.incident;
            let mut notes = Vec::new();
            match &case.account {
                // One document: the account of the first event.
                Some(_) if !accounts.is_empty() => {}
                Some(document) => {
                    notes = assume::made_up_roles(document);
                    accounts.push(Seed::of(incident, document.clone()));
                }
                None if !seen.insert(incident.id.clone()) => {}
                None => {
                    let made = assume::account(incident, &start.event);
                    notes = made.notes;
                    accounts.push(Seed::of(incident, made.account));
                }
            }
            assumed.push(notes);
        }
        let at = started_at(&first.event);
        let set = Set { project: self.project(), deployment, seeds: &accounts, scenario: case.scenario.as_ref() };
        let world = match stage::set(&set, at, seed) {
            Ok(world) => world,
            Err(error) => return Err(case.refused(&error)),
        };
        let planned = case.scenario.iter().flat_map(|scenario| &scenario.faults);
        world.set_faults(planned.filter_map(scenario::PlannedFault::to_fault).collect());
        let deployment = Arc::clone(deployment);
        let mut staged = Staged { case, world, deployment, assumed, functions: FunctionFaults::default(), seed };
        staged.set_function_faults(case.scenario.iter().flat_map(|scenario| scenario.function_faults.clone()));
        Ok(staged)
    }
}

impl<'a> Staged<'a> {
    /// The same stage once more, as it is now: before anything ran, that is as cheap as a stage can be had. Nothing is
    /// planned to go wrong on it.
    pub fn fork(&self) -> Staged<'a> {
        fastrand::seed(self.seed);
        Staged {
            case: self.case,
            world: self.world.fork(),
            deployment: Arc::clone(&self.deployment),
            assumed: self.assumed.clone(),
            functions: FunctionFaults::default(),
            seed: self.seed,
        }
    }
}

impl Staged<'_> {
    /// Replaces the planned faults of functions and starts to count anew.
    pub fn set_function_faults(&mut self, faults: impl IntoIterator<Item = FunctionFault>) {
        self.functions = FunctionFaults::new(faults);
    }

    /// Delivers the events of the case and runs what they start, and what that starts, to the end; `time` is 0 for the
    /// first delivery.
    pub fn run(&self, time: u64) -> Ran {
        let seed = self.seed.wrapping_add(time);
        Ran { executions: driver::run(&self.world, &self.deployment, &self.starting(), &self.functions, seed) }
    }

    /// The invocations of functions of the first delivery, as they begin; none where it cannot be driven.
    pub fn invocations(&self) -> Vec<Begun> {
        let ran = driver::run_keeping(&self.world, &self.deployment, &self.starting(), &self.functions, self.seed);
        ran.map(|(_, begun)| begun).unwrap_or_default()
    }

    /// One of them by itself, with these faults of functions; see [`Begun::run`].
    pub fn alone<T>(
        &self,
        begun: &Begun,
        functions: impl IntoIterator<Item = FunctionFault>,
        prepare: impl FnOnce(&World) -> T,
    ) -> Option<(Ending, T)> {
        begun.run(&self.deployment, &FunctionFaults::new(functions), self.seed, prepare)
    }

    fn starting(&self) -> Vec<Starting> {
        let of_start = |start: &Start| Starting {
            after: start.after,
            machine: start.machine.clone(),
            delivery: start.delivery.clone(),
            input: start.event.clone(),
        };
        self.case.starts().map(of_start).collect()
    }

    /// What came of a run: a record for each event of the case, in order. The first is held against what the scenario
    /// expects of all of it, the others against their own outcomes.
    pub fn judge(&self, ran: Ran) -> Vec<Record> {
        let mut roots = 0..;
        let of_arrival = |arrival: &Arrival| {
            let record = arrival.record.clone();
            match arrival.starts.as_ref().zip(roots.next()) {
                Some((start, root)) => self.tell(start, root, record, &ran),
                None => record,
            }
        };
        let mut records: Vec<Record> = self.case.arrivals.iter().map(of_arrival).collect();
        let looked = self.case.starts().next().filter(|_| ran.executions.is_ok()).map(|start| Looked {
            world: &self.world,
            deployment: &self.deployment,
            incident: &start.incident,
        });
        self.case.compare(&mut records, looked.as_ref());
        records
    }

    fn tell(&self, start: &Start, root: usize, mut record: Record, ran: &Ran) -> Record {
        record.assumed.extend(self.assumed.get(root).into_iter().flatten().cloned());
        match &ran.executions {
            Ok(executions) => {
                let told = tell::Told {
                    world: &self.world,
                    deployment: &self.deployment,
                    executions,
                    root,
                    faults_left: self.functions.left(),
                };
                tell::tell(&start.incident, record, &told)
            }
            Err(error) => {
                record.outcome = Outcome::Failed;
                record.reason = error.to_string();
                // An event that is not delivered is a fault of the stack; every other error is one of the tool.
                if !matches!(error, DriverError::Undelivered { .. }) {
                    record.tool_errors.push(error.to_string());
                }
                record
            }
        }
    }
}

impl Case {
    /// What there is to say where nothing ran.
    fn unstarted(&self) -> Vec<Record> {
        let mut records: Vec<Record> = self.arrivals.iter().map(|arrival| arrival.record.clone()).collect();
        self.compare(&mut records, None);
        records
    }

    /// The records of a case whose account cannot be set up.
    fn refused(&self, error: &ProjectError) -> Vec<Record> {
        let of_arrival = |arrival: &Arrival| {
            let mut record = arrival.record.clone();
            record.outcome = Outcome::Invalid;
            record.reason = beside_the_event(&record.source, error);
            record
        };
        let mut records: Vec<Record> = self.arrivals.iter().map(of_arrival).collect();
        self.compare(&mut records, None);
        records
    }

    fn compare(&self, records: &mut [Record], looked: Option<&Looked<'_>>) {
        let Some(scenario) = &self.scenario else { return };
        let whole = expect::compare(&scenario.expect, records, looked);
        let of_each: Vec<ExpectationsRecord> = records
            .iter()
            .zip(&scenario.expect.outcomes)
            .map(|(record, outcome)| expect::compare_outcome(*outcome, record))
            .collect();
        for (record, expectations) in records.iter_mut().zip(of_each).skip(1) {
            record.expectations = Some(expectations);
        }
        if let Some(first) = records.first_mut() {
            first.expectations = Some(whole);
        }
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

fn beside_the_event(source: &SourceRecord, error: &ProjectError) -> String {
    let folder = Path::new(&source.path).parent().map(|folder| folder.join("account.json"));
    match (error, folder) {
        (ProjectError::InFile { path, problem }, Some(account)) if path == "account.json" => {
            format!("{}: {problem}", account.display())
        }
        _ => error.to_string(),
    }
}
