//! Fault exploration: every single fault at every call of a scenario, and combinations of faults. After each run the
//! event is delivered once more, and the [`Invariant`]s are checked against the account and the calls.
//!
//! A scenario runs without faults first ([`trial`]); its calls are the targets of faults ([`fault`], [`plan`]). A run is
//! watched while it goes on ([`watch`]) and checked against the invariants afterwards ([`check`]).

mod check;
mod equivalence;
mod fault;
mod invariant;
mod parallel;
mod plan;
mod singles;
mod trial;
mod watch;

use std::collections::BTreeMap;

use incident::Outcome;
use ingest::{InputEvent, Source};
use simulator::Replay;
use simulator::ReplayReport;
use simulator::case::Case;
use simulator::environment::Environment;

use check::{Baseline, Broken};
use equivalence::{Invocations, RunShape};
pub use fault::{Fault, FaultError, Kind, Occurrence, Target};
pub use invariant::Invariant;
pub use trial::ScenarioFaults;
use trial::{TargetUses, Trial};

/// How much is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Combinations of faults for each scenario.
    pub combinations: usize,
    /// Runs at the same time.
    pub jobs: usize,
    /// Whether every fault is injected and every run completed, also where another one is equivalent.
    pub exhaustive: bool,
}

/// The result of an exploration.
#[derive(Debug, Default)]
pub struct Exploration {
    /// Scenarios that were explored.
    pub scenarios: usize,
    /// All runs, those without faults included.
    pub runs: usize,
    /// Single faults: one of each kind at each call and each invocation of each scenario.
    pub singles: usize,
    /// Single faults that were injected. The others are the same fault in an invocation with the same behavior.
    pub injected: usize,
    /// Injected faults whose runs were completed. The others have the same effect as one of these, or none.
    pub completed: usize,
    /// Runs with several faults: two or three, or one or two beside those that a scenario has itself.
    pub combinations: usize,
    /// Faults of combinations that hit no call, because the other faults kept the call from being made.
    pub unmet: usize,
    /// Events that start no execution, and why.
    pub unexplored: Vec<(String, String)>,
    /// Events that cannot be read, and why.
    pub bad: Vec<(String, String)>,
    /// Broken invariants, by scenario and faults.
    pub violations: Vec<Violation>,
}

/// An invariant that a run broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The folder of the scenario, or the file with the line of the event.
    pub scenario: String,
    /// The event.
    pub source: Source,
    /// The seed of the run.
    pub seed: u64,
    /// The faults; none where the scenario itself breaks the invariant.
    pub faults: Vec<Fault>,
    /// Whether the faults of the scenario itself were injected too, where it has some.
    pub scenario_faults: ScenarioFaults,
    /// The invariant.
    pub invariant: Invariant,
    /// The first instance, in a sentence.
    pub detail: String,
}

/// The progress of an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// This many runs were added.
    Planned(u64),
    /// A run has ended.
    Ran,
}

/// One run, repeated.
#[derive(Debug)]
pub struct Repeated {
    /// The reports of the event; several when the scenario has several events.
    pub first: Vec<ReplayReport>,
    /// The reports of the second delivery, without faults.
    pub again: Vec<ReplayReport>,
    /// Faults that hit no call.
    pub unmet: Vec<Fault>,
    /// Broken invariants.
    pub violations: Vec<Violation>,
}

/// A scenario that is explored.
struct ExploredScenario<'a> {
    /// Its position among the scenarios of the exploration.
    index: usize,
    name: &'a str,
    source: &'a Source,
    environment: Environment<'a>,
    /// The run without faults of any kind: single faults are injected here.
    reference: Reference,
    /// The run with the scenario's own faults, where it has some: with one more they are a combination.
    own_reference: Option<Reference>,
    shape: RunShape,
    invocations: Invocations,
}

/// A run without explored faults: the targets of faults, and what runs with faults are compared with.
struct Reference {
    baseline: Baseline,
    uses: TargetUses,
    broken: Vec<Broken>,
}

impl Reference {
    /// From a run, compared with itself and with those runs whose faults an explored one may replace.
    fn of(trial: &Trial, others: &[&Trial]) -> Reference {
        let trials: Vec<&Trial> = std::iter::once(trial).chain(others.iter().copied()).collect();
        let baseline = Baseline::of(&trials);
        let broken = check::check(trial, &[], &baseline);
        Reference { baseline, uses: trial.uses(), broken }
    }
}

impl<'a> ExploredScenario<'a> {
    /// Runs it without explored faults.
    fn of(index: usize, name: &'a str, source: &'a Source, environment: Environment<'a>) -> ExploredScenario<'a> {
        let scenario = environment.case.scenario.as_ref();
        let has_faults =
            scenario.is_some_and(|scenario| !scenario.faults.is_empty() || !scenario.function_faults.is_empty());
        let trial = Trial::run(&environment, &[], ScenarioFaults::Excluded);
        let own_reference =
            has_faults.then(|| Reference::of(&Trial::run(&environment, &[], ScenarioFaults::Included), &[&trial]));
        let shape = RunShape::of(&trial);
        let reference = Reference::of(&trial, &[]);
        let invocations = Invocations::of(&environment, &reference.uses);
        ExploredScenario { index, name, source, environment, reference, own_reference, shape, invocations }
    }

    fn reference(&self, scenario_faults: ScenarioFaults) -> &Reference {
        match (scenario_faults, &self.own_reference) {
            (ScenarioFaults::Included, Some(reference)) => reference,
            _ => &self.reference,
        }
    }

    /// The runs without explored faults.
    fn references(&self) -> impl Iterator<Item = (ScenarioFaults, &Reference)> {
        let own = self.own_reference.iter().map(|reference| (ScenarioFaults::Included, reference));
        std::iter::once((ScenarioFaults::Excluded, &self.reference)).chain(own)
    }

    /// One run with faults.
    fn run(&self, faults: &[Fault], scenario_faults: ScenarioFaults, seed: u64) -> (ExploredRun, Trial) {
        let trial = Trial::run(&self.environment, faults, scenario_faults);
        let broken = check::check(&trial, faults, &self.reference(scenario_faults).baseline);
        let violations = violations(self, seed, faults, scenario_faults, broken).collect();
        (ExploredRun { violations, uses: trial.uses(), unmet: trial.unmet.len() }, trial)
    }
}

/// The result of a run.
struct ExploredRun {
    violations: Vec<Violation>,
    uses: TargetUses,
    unmet: usize,
}

/// An event: with the environment that it is explored in, or the reason why it is not.
enum Prepared<'a> {
    Ready(Box<Environment<'a>>),
    Unexplored(String),
    Bad(String),
}

/// Explores events.
pub fn explore(
    replay: &Replay,
    events: Vec<InputEvent>,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Exploration {
    let mut exploration = Exploration::default();
    let cases: Vec<(String, Source, Case)> =
        events.into_iter().map(|event| (name(&event), event.source.clone(), replay.ingest(event))).collect();
    let mut ready = Vec::new();
    for ((name, source, _), prepared) in
        cases.iter().zip(parallel::map(options.jobs, &cases, |(.., case)| prepare(replay, case)))
    {
        match prepared {
            Prepared::Ready(environment) => ready.push((ready.len(), name, source, environment)),
            Prepared::Unexplored(why) => exploration.unexplored.push((name.clone(), why)),
            Prepared::Bad(why) => exploration.bad.push((name.clone(), why)),
        }
    }
    let explored = parallel::map(options.jobs, &ready, |(index, name, source, environment)| {
        ExploredScenario::of(*index, name, source, environment.fork())
    });
    let seed = replay.seed_of_identifiers();
    exploration.scenarios = explored.len();
    for scenario in &explored {
        for (scenario_faults, reference) in scenario.references() {
            exploration.runs += 1;
            let broken = reference.broken.clone();
            exploration.violations.extend(violations(scenario, seed, &[], scenario_faults, broken));
        }
    }

    let mut singles = singles::explore(&explored, seed, options, progress);
    exploration.singles = singles.all;
    exploration.injected = singles.injected;
    exploration.completed = singles.completed.len();
    exploration.violations.append(&mut singles.more);
    // The calls that are made only after a single fault, by scenario.
    let mut after_fault: BTreeMap<usize, BTreeMap<Fault, TargetUses>> = BTreeMap::new();
    for singles::CompletedRun { scenario, fault, run, .. } in singles.completed {
        exploration.violations.extend(run.violations);
        after_fault.entry(scenario.index).or_default().insert(fault, run.uses);
    }

    let mut combinations: Vec<(&ExploredScenario<'_>, Vec<Fault>)> = Vec::new();
    for scenario in &explored {
        let targets = plan::Targets {
            uses: &scenario.reference(ScenarioFaults::Included).uses,
            after_fault: after_fault.entry(scenario.index).or_default(),
        };
        let has_faults = scenario.own_reference.is_some();
        let drawn = plan::combinations(&targets, scenario.name, has_faults, seed, options.combinations);
        combinations.extend(drawn.into_iter().map(|faults| (scenario, faults)));
    }
    progress(Progress::Planned(combinations.len() as u64));
    let runs = parallel::map(options.jobs, &combinations, |(scenario, faults)| {
        let (run, _) = scenario.run(faults, ScenarioFaults::Included, seed);
        progress(Progress::Ran);
        run
    });
    for run in runs {
        exploration.combinations += 1;
        exploration.unmet += run.unmet;
        exploration.violations.extend(run.violations);
    }
    exploration.runs += exploration.injected + exploration.combinations;
    exploration
}

/// Runs one event with exactly these faults and, where they are included, those of its scenario.
///
/// # Errors
/// The reports of an event that starts no execution.
pub fn repeat(
    replay: &Replay,
    event: InputEvent,
    faults: &[Fault],
    scenario_faults: ScenarioFaults,
) -> Result<Repeated, Vec<ReplayReport>> {
    let source = event.source.clone();
    let name = name(&event);
    let case = replay.ingest(event);
    let environment = replay.environment(&case)?;
    let scenario = ExploredScenario::of(0, &name, &source, environment);
    let (run, trial) = scenario.run(faults, scenario_faults, replay.seed_of_identifiers());
    Ok(Repeated {
        violations: run.violations,
        unmet: trial.unmet,
        first: trial.first.reports,
        again: trial.again.reports,
    })
}

fn violations(
    scenario: &ExploredScenario<'_>,
    seed: u64,
    faults: &[Fault],
    scenario_faults: ScenarioFaults,
    broken: Vec<Broken>,
) -> impl Iterator<Item = Violation> {
    let (name, source, faults) = (scenario.name.to_owned(), scenario.source.clone(), faults.to_vec());
    // Without faults of its own there is nothing to exclude when the run is repeated.
    let scenario_faults = if scenario.own_reference.is_some() { scenario_faults } else { ScenarioFaults::Included };
    broken.into_iter().map(move |Broken { invariant, detail }| Violation {
        scenario: name.clone(),
        source: source.clone(),
        seed,
        faults: faults.clone(),
        scenario_faults,
        invariant,
        detail,
    })
}

fn prepare<'a>(replay: &Replay, case: &'a Case) -> Prepared<'a> {
    match replay.environment(case) {
        Ok(environment) => Prepared::Ready(Box::new(environment)),
        Err(reports) => {
            let reasons: Vec<&str> = reports.iter().take(1).map(|report| report.reason.as_str()).collect();
            let why = reasons.concat();
            if is_bad(&reports) { Prepared::Bad(why) } else { Prepared::Unexplored(why) }
        }
    }
}

/// Whether an event that starts no execution is invalid, and its scenario does not expect that.
pub fn is_bad(reports: &[ReplayReport]) -> bool {
    reports.iter().any(|report| report.outcome == Outcome::Invalid && report.exit_code() != 0)
}

/// The name of a scenario: its folder, or the file with the line of the event.
pub fn name(event: &InputEvent) -> String {
    let path = event.source.path.strip_suffix("/event.json").unwrap_or(&event.source.path);
    match event.source.line {
        Some(line) => format!("{path}:{line}"),
        None => path.to_owned(),
    }
}

/// How many violations each invariant has.
pub fn by_invariant(exploration: &Exploration) -> BTreeMap<Invariant, usize> {
    let mut counts: BTreeMap<Invariant, usize> = Invariant::ALL.into_iter().map(|invariant| (invariant, 0)).collect();
    for violation in &exploration.violations {
        *counts.entry(violation.invariant).or_default() += 1;
    }
    counts
}
