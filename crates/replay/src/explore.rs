//! Fault exploration: every single fault at every call of a scenario, and combinations of them; after each run the
//! event is delivered once more, and the [`Invariant`]s are held against the account and the calls.
//!
//! A scenario runs without faults first ([`trial`]); its calls are where faults strike ([`fault`], [`plan`]). A run is
//! looked on while it goes ([`watch`]) and held against the invariants afterwards ([`check`]).

mod alike;
mod check;
mod crew;
mod fault;
mod invariant;
mod plan;
mod singles;
mod trial;
mod watch;

use std::collections::BTreeMap;

use incident::Outcome;

use alike::{Course, Invocations};
use check::{Baseline, Broken};
pub use fault::{Fault, FaultError, Kind, Target, Which};
pub use invariant::Invariant;
use trial::{Reached, Trial};

use crate::arrive::Case;
use crate::events::{Recorded, Source};
use crate::record::Record;
use crate::replay::Replay;
use crate::run::Staged;

/// How much is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Combinations of faults for each scenario.
    pub combinations: usize,
    /// Runs at the same time.
    pub jobs: usize,
    /// Whether runs are followed to the end that come to the same as another one.
    pub exhaustive: bool,
}

/// What was explored, and what broke.
#[derive(Debug, Default)]
pub struct Exploration {
    /// Scenarios that were explored.
    pub scenarios: usize,
    /// All runs, those without faults included.
    pub runs: usize,
    /// Runs with one fault.
    pub singles: usize,
    /// Single faults that were not run: one in a function that does the same was, in a scenario before.
    pub elsewhere: usize,
    /// Those of the singles that were followed to the end. The others come to the same as one of these, or as the run without
    /// a fault.
    pub followed: usize,
    /// Runs with several faults: two or three, or one or two beside those that a scenario has itself.
    pub combinations: usize,
    /// Faults of combinations that no call met: what would have been called was not, because of the others.
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
    /// Which.
    pub invariant: Invariant,
    /// How.
    pub detail: String,
}

/// How far an exploration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many more runs are to come.
    Planned(u64),
    /// A run has ended.
    Ran,
}

/// One run, repeated.
#[derive(Debug)]
pub struct Repeated {
    /// What came of the event; one record, or several when the scenario has several events.
    pub first: Vec<Record>,
    /// What came of it once more, without faults.
    pub again: Vec<Record>,
    /// Faults that no call met.
    pub unmet: Vec<Fault>,
    /// Broken invariants.
    pub violations: Vec<Violation>,
}

/// A scenario that is explored.
struct Explored<'a> {
    name: &'a str,
    source: &'a Source,
    stage: Staged<'a>,
    baseline: Baseline,
    reached: Reached,
    broken: Vec<Broken>,
    /// What it comes to without faults.
    course: Course,
    /// Absent where it has faults of its own: with one more it is a combination already.
    invocations: Option<Invocations>,
    /// Runs that the baseline took.
    runs: usize,
}

/// An event: explored, or the reason why not.
enum Prepared<'a> {
    Explored(Box<Explored<'a>>),
    Unexplored(String),
    Bad(String),
}

/// Explores events.
pub fn explore(
    replay: &Replay,
    events: Vec<Recorded>,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Exploration {
    let mut exploration = Exploration::default();
    let events: Vec<(String, Source, Case)> =
        events.into_iter().map(|event| (name(&event), event.source.clone(), replay.arrive(event))).collect();
    let prepared = crew::each(options.jobs, &events, |(name, source, case)| prepare(replay, name, source, case));
    let mut explored = Vec::new();
    for ((name, ..), prepared) in events.iter().zip(prepared) {
        match prepared {
            Prepared::Explored(scenario) => explored.push(*scenario),
            Prepared::Unexplored(why) => exploration.unexplored.push((name.clone(), why)),
            Prepared::Bad(why) => exploration.bad.push((name.clone(), why)),
        }
    }
    let seed = replay.seed_of_identifiers();
    exploration.scenarios = explored.len();
    exploration.runs = explored.iter().map(|scenario| scenario.runs).sum();
    for scenario in &explored {
        exploration.violations.extend(violations(scenario, seed, &[], scenario.broken.clone()));
    }

    let mut reached: Vec<Reached> = explored.iter().map(|scenario| scenario.reached.clone()).collect();
    let mut singles = singles::explore(&explored, seed, options, progress);
    exploration.singles = singles.struck;
    exploration.elsewhere = singles.elsewhere;
    exploration.followed = singles.followed.len();
    exploration.violations.append(&mut singles.more);
    for (index, ran) in singles.followed {
        exploration.violations.extend(ran.violations);
        if let Some(known) = reached.get_mut(index) {
            join(known, ran.reached);
        }
    }

    let combinations: Vec<(usize, Vec<Fault>)> = explored
        .iter()
        .zip(&reached)
        .enumerate()
        .flat_map(|(index, (scenario, reached))| {
            let has_faults = scenario.invocations.is_none();
            let drawn = plan::combinations(reached, scenario.name, has_faults, seed, options.combinations);
            drawn.into_iter().map(move |faults| (index, faults))
        })
        .collect();
    progress(Progress::Planned(combinations.len() as u64));
    for (_, ran) in run_all(&explored, &combinations, seed, options.jobs, progress) {
        exploration.combinations += 1;
        exploration.unmet += ran.unmet;
        exploration.violations.extend(ran.violations);
    }
    exploration.runs += exploration.singles + exploration.combinations;
    exploration
}

/// Runs one event with exactly these faults.
///
/// # Errors
/// The records of an event that starts no execution.
pub fn repeat(replay: &Replay, event: Recorded, faults: &[Fault]) -> Result<Repeated, Vec<Record>> {
    let source = event.source.clone();
    let name = name(&event);
    let case = replay.arrive(event);
    let stage = replay.stage(&case)?;
    let (plain, bare) = without_faults(&stage);
    let baseline = baseline(&plain, bare.as_ref());
    let trial = Trial::run(&stage, faults, true);
    let seed = replay.seed_of_identifiers();
    let broken = check::check(&trial, faults, &baseline);
    let of = |Broken { invariant, detail }| Violation {
        scenario: name.clone(),
        source: source.clone(),
        seed,
        faults: faults.to_vec(),
        invariant,
        detail,
    };
    Ok(Repeated {
        violations: broken.into_iter().map(of).collect(),
        unmet: trial.unmet,
        first: trial.first.records,
        again: trial.again.records,
    })
}

/// What is kept of a run.
struct Ran {
    violations: Vec<Violation>,
    reached: Reached,
    unmet: usize,
}

fn run_all(
    explored: &[Explored<'_>],
    runs: &[(usize, Vec<Fault>)],
    seed: u64,
    jobs: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<(usize, Ran)> {
    let ran = crew::each(jobs, runs, |(index, faults)| {
        let scenario = explored.get(*index)?;
        let trial = Trial::run(&scenario.stage, faults, true);
        let broken = check::check(&trial, faults, &scenario.baseline);
        progress(Progress::Ran);
        let violations = violations(scenario, seed, faults, broken).collect();
        Some((*index, Ran { violations, reached: trial.reached(), unmet: trial.unmet.len() }))
    });
    ran.into_iter().flatten().collect()
}

fn violations(
    scenario: &Explored<'_>,
    seed: u64,
    faults: &[Fault],
    broken: Vec<Broken>,
) -> impl Iterator<Item = Violation> {
    let (name, source, faults) = (scenario.name.to_owned(), scenario.source.clone(), faults.to_vec());
    broken.into_iter().map(move |Broken { invariant, detail }| Violation {
        scenario: name.clone(),
        source: source.clone(),
        seed,
        faults: faults.clone(),
        invariant,
        detail,
    })
}

/// Stages an event and runs it without explored faults.
fn prepare<'a>(replay: &Replay, name: &'a str, source: &'a Source, case: &'a Case) -> Prepared<'a> {
    match replay.stage(case) {
        Ok(stage) => {
            let (plain, bare) = without_faults(&stage);
            let baseline = baseline(&plain, bare.as_ref());
            let broken = check::check(&plain, &[], &baseline);
            let runs = if bare.is_some() { 2 } else { 1 };
            let reached = plain.reached();
            let invocations = bare.is_none().then(|| Invocations::of(&stage, &reached));
            Prepared::Explored(Box::new(Explored {
                name,
                source,
                stage,
                baseline,
                reached,
                broken,
                course: Course::of(&plain),
                invocations,
                runs,
            }))
        }
        Err(records) => {
            let why = records.first().map(|record| record.reason.clone()).unwrap_or_default();
            let bad = records.iter().any(|record| record.outcome == Outcome::Invalid && record.exit_code() != 0);
            if bad { Prepared::Bad(why) } else { Prepared::Unexplored(why) }
        }
    }
}

/// The scenario as it is and, when it has faults of its own, without them.
fn without_faults(stage: &Staged<'_>) -> (Trial, Option<Trial>) {
    let scenario = stage.case.scenario.as_ref();
    let has_faults = scenario.is_some_and(|own| !own.faults.is_empty() || !own.function_faults.is_empty());
    (Trial::run(stage, &[], true), has_faults.then(|| Trial::run(stage, &[], false)))
}

fn baseline(plain: &Trial, bare: Option<&Trial>) -> Baseline {
    let trials: Vec<&Trial> = std::iter::once(plain).chain(bare).collect();
    Baseline::of(&trials)
}

/// The name of a scenario is its folder.
fn name(event: &Recorded) -> String {
    let path = event.source.path.strip_suffix("/event.json").unwrap_or(&event.source.path);
    match event.source.line {
        Some(line) => format!("{path}:{line}"),
        None => path.to_owned(),
    }
}

/// The targets of both, each as often as the run that met it most.
fn join(known: &mut Reached, more: Reached) {
    for (target, met) in more {
        let entry = known.entry(target).or_insert(met);
        entry.times = entry.times.max(met.times);
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
