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
//! A case of which nothing starts (no rule takes it, it is invalid) cannot be staged: its records come in the error.
//! Everything is deterministic: the same case, seed and faults give the same record.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use account::{Timestamp, World};
use incident::Outcome;
use serde_json::Value;

use crate::arrive::{Arrival, Case, Start};
use crate::assume;
use crate::deployment::Deployment;
use crate::driver::{self, DriverError, Ended, FunctionFault, FunctionFaults, Starting};
use crate::expect::{self, Looked};
use crate::project::ProjectError;
use crate::record::{Record, SourceRecord};
use crate::replay::Replay;
use crate::scenario;
use crate::{stage, tell};

/// A case on its stage: a world of its own, at the moment when the event arrives.
pub(crate) struct Staged<'a> {
    /// The case.
    pub(crate) case: &'a Case,
    /// The world; a handle, of which clones share the state.
    pub(crate) world: World,
    /// The stack.
    pub(crate) deployment: Arc<Deployment>,
    /// What replay made up for the account.
    assumed: Vec<String>,
    functions: FunctionFaults,
    seed: u64,
}

/// A run that has ended.
pub(crate) struct Ran {
    /// The execution of each event that starts one, in the order of the case, then those that they started in the order
    /// of their start; or why they could not be driven.
    pub(crate) executions: Result<Vec<Ended>, DriverError>,
}

impl Replay {
    /// Sets the stage for a case.
    ///
    /// # Errors
    /// The records of a case of which nothing starts, or whose account cannot be set up.
    pub(crate) fn stage<'a>(&self, case: &'a Case) -> Result<Staged<'a>, Vec<Record>> {
        let (Some(deployment), Some(first)) = (&case.deployment, case.starts().next()) else {
            return Err(case.unstarted());
        };
        let seed = self.seed_of_identifiers();
        // Everything random below draws from this thread's generator: the SDK's backoff and its invocation ids too.
        fastrand::seed(seed);
        let mut assumed = Vec::new();
        let account = match &case.account {
            Some(account) => account.clone(),
            None => {
                let made = assume::account(&first.incident, &first.event);
                assumed = made.notes;
                made.account
            }
        };
        let at = started_at(&first.event);
        let world = match stage::set(self.project(), deployment, &first.incident, &account, at, seed) {
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

impl Staged<'_> {
    /// Replaces the planned faults of functions and starts to count anew.
    pub(crate) fn set_function_faults(&mut self, faults: impl IntoIterator<Item = FunctionFault>) {
        self.functions = FunctionFaults::new(faults);
    }

    /// Delivers the events of the case and runs what they start, and what that starts, to the end; `time` is 0 for the
    /// first delivery.
    pub(crate) fn run(&self, time: u64) -> Ran {
        let starting: Vec<Starting> = self
            .case
            .starts()
            .map(|start| Starting { after: Duration::ZERO, machine: start.machine.clone(), input: start.event.clone() })
            .collect();
        let seed = self.seed.wrapping_add(time);
        Ran { executions: driver::run(&self.world, &self.deployment, &starting, &self.functions, seed) }
    }

    /// What came of a run: a record for each event of the case, in order.
    pub(crate) fn judge(&self, ran: Ran) -> Vec<Record> {
        let mut roots = 0..;
        let of_arrival = |arrival: &Arrival| {
            let mut record = arrival.record.clone();
            let Some((start, root)) = arrival.starts.as_ref().zip(roots.next()) else {
                return self.case.unjudged(record);
            };
            record.assumed.extend(self.assumed.iter().cloned());
            match &ran.executions {
                Ok(executions) => {
                    let told = tell::Told {
                        world: &self.world,
                        deployment: &self.deployment,
                        executions,
                        root,
                        faults_left: self.functions.left(),
                    };
                    self.against_account(start, tell::tell(&start.incident, record, &told))
                }
                Err(error) => {
                    record.outcome = Outcome::Failed;
                    record.reason = error.to_string();
                    record.tool_errors.push(error.to_string());
                    self.case.unjudged(record)
                }
            }
        };
        self.case.arrivals.iter().map(of_arrival).collect()
    }

    fn against_account(&self, start: &Start, mut record: Record) -> Record {
        if let Some(scenario) = &self.case.scenario {
            let looked = Looked {
                world: &self.world,
                deployment: &self.deployment,
                incident: &start.incident,
                before_images: record.before_images.len(),
            };
            record.expectations = Some(expect::compare(&scenario.expect, &record, Some(&looked)));
        }
        record
    }
}

impl Case {
    /// What the events start, in their order.
    pub(crate) fn starts(&self) -> impl Iterator<Item = &Start> {
        self.arrivals.iter().filter_map(|arrival| arrival.starts.as_ref())
    }

    /// The records of a case whose account cannot be set up.
    fn refused(&self, error: &ProjectError) -> Vec<Record> {
        let of_arrival = |arrival: &Arrival| {
            let mut record = arrival.record.clone();
            record.outcome = Outcome::Invalid;
            record.reason = beside_the_event(&record.source, error);
            self.unjudged(record)
        };
        self.arrivals.iter().map(of_arrival).collect()
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
