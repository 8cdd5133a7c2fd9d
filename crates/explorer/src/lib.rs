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
pub use trial::Own;
use trial::{Reached, Trial};

use ingest::{Recorded, Source};
use simulator::arrive::Case;
use simulator::record::Record;
use simulator::replay::Replay;
use simulator::run::Staged;

/// How much is explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Combinations of faults for each scenario.
    pub combinations: usize,
    /// Runs at the same time.
    pub jobs: usize,
    /// Whether faults strike, and are followed to the end, that come to the same as another one.
    pub exhaustive: bool,
}

/// What was explored, and what broke.
#[derive(Debug, Default)]
pub struct Exploration {
    /// Scenarios that were explored.
    pub scenarios: usize,
    /// All runs, those without faults included.
    pub runs: usize,
    /// Single faults: one of each kind at each call and each invocation of each scenario.
    pub singles: usize,
    /// Those of the singles that struck. The others are the same fault in an invocation that does the same.
    pub struck: usize,
    /// Those of the struck that were followed to the end. The others come to the same as one of these, or as the run
    /// without a fault.
    pub followed: usize,
    /// Runs with several faults: two or three, or one or two beside those that a scenario has itself.
    pub combinations: usize,
    /// Faults that no call met: of combinations, where what would have been called was not because of the others.
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
    /// Whether those of the scenario struck too, where it has some.
    pub own: Own,
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
    /// Without faults of any kind: single faults strike here.
    bare: Ground,
    /// With the faults that it has itself, where it has some: with one more they are a combination.
    own: Option<Ground>,
    /// What it comes to without faults.
    course: Course,
    invocations: Invocations,
}

/// What runs without explored faults are: where faults strike, and what they are held against.
struct Ground {
    baseline: Baseline,
    reached: Reached,
    broken: Vec<Broken>,
}

impl Ground {
    /// Of a run, held against itself and those whose faults an explored one may replace.
    fn of(trial: &Trial, others: &[&Trial]) -> Ground {
        let trials: Vec<&Trial> = std::iter::once(trial).chain(others.iter().copied()).collect();
        let baseline = Baseline::of(&trials);
        let broken = check::check(trial, &[], &baseline);
        Ground { baseline, reached: trial.reached(), broken }
    }
}

impl<'a> Explored<'a> {
    /// Runs it without explored faults.
    fn of(name: &'a str, source: &'a Source, stage: Staged<'a>) -> Explored<'a> {
        let scenario = stage.case.scenario.as_ref();
        let has_faults = scenario.is_some_and(|own| !own.faults.is_empty() || !own.function_faults.is_empty());
        let bare = Trial::run(&stage, &[], Own::LeftOut);
        let own = has_faults.then(|| Ground::of(&Trial::run(&stage, &[], Own::Kept), &[&bare]));
        let course = Course::of(&bare);
        let bare = Ground::of(&bare, &[]);
        let invocations = Invocations::of(&stage, &bare.reached);
        Explored { name, source, stage, bare, own, course, invocations }
    }

    fn ground(&self, own: Own) -> &Ground {
        match (own, &self.own) {
            (Own::Kept, Some(ground)) => ground,
            _ => &self.bare,
        }
    }

    /// The runs without explored faults.
    fn grounds(&self) -> impl Iterator<Item = (Own, &Ground)> {
        std::iter::once((Own::LeftOut, &self.bare)).chain(self.own.iter().map(|ground| (Own::Kept, ground)))
    }

    /// One run with faults.
    fn run(&self, faults: &[Fault], own: Own, seed: u64) -> (Ran, Trial) {
        let trial = Trial::run(&self.stage, faults, own);
        let broken = check::check(&trial, faults, &self.ground(own).baseline);
        let violations = violations(self, seed, faults, own, broken).collect();
        (Ran { violations, reached: trial.reached(), unmet: trial.unmet.len() }, trial)
    }
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
    for scenario in &explored {
        for (own, ground) in scenario.grounds() {
            exploration.runs += 1;
            exploration.violations.extend(violations(scenario, seed, &[], own, ground.broken.clone()));
        }
    }

    let mut singles = singles::explore(&explored, seed, options, progress);
    exploration.singles = singles.all;
    exploration.struck = singles.struck;
    exploration.followed = singles.followed.len();
    exploration.violations.append(&mut singles.more);
    // What is called only when something has failed.
    let mut opened: Vec<BTreeMap<Fault, Reached>> = explored.iter().map(|_| BTreeMap::new()).collect();
    for (index, fault, ran) in singles.followed {
        exploration.violations.extend(ran.violations);
        if let Some(opened) = opened.get_mut(index) {
            opened.insert(fault, ran.reached);
        }
    }

    let combinations: Vec<(usize, Vec<Fault>)> = explored
        .iter()
        .zip(&opened)
        .enumerate()
        .flat_map(|(index, (scenario, opened))| {
            let ground = plan::Ground { reached: &scenario.ground(Own::Kept).reached, opened };
            let drawn = plan::combinations(&ground, scenario.name, scenario.own.is_some(), seed, options.combinations);
            drawn.into_iter().map(move |faults| (index, faults))
        })
        .collect();
    progress(Progress::Planned(combinations.len() as u64));
    let ran = crew::each(options.jobs, &combinations, |(index, faults)| {
        let ran = explored.get(*index)?.run(faults, Own::Kept, seed).0;
        progress(Progress::Ran);
        Some(ran)
    });
    for ran in ran.into_iter().flatten() {
        exploration.combinations += 1;
        exploration.unmet += ran.unmet;
        exploration.violations.extend(ran.violations);
    }
    exploration.runs += exploration.struck + exploration.combinations;
    exploration
}

/// Runs one event with exactly these faults and, as `own` says, those of its scenario.
///
/// # Errors
/// The records of an event that starts no execution.
pub fn repeat(replay: &Replay, event: Recorded, faults: &[Fault], own: Own) -> Result<Repeated, Vec<Record>> {
    let source = event.source.clone();
    let name = name(&event);
    let case = replay.arrive(event);
    let stage = replay.stage(&case)?;
    let scenario = Explored::of(&name, &source, stage);
    let (ran, trial) = scenario.run(faults, own, replay.seed_of_identifiers());
    Ok(Repeated {
        violations: ran.violations,
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

fn violations(
    scenario: &Explored<'_>,
    seed: u64,
    faults: &[Fault],
    own: Own,
    broken: Vec<Broken>,
) -> impl Iterator<Item = Violation> {
    let (name, source, faults) = (scenario.name.to_owned(), scenario.source.clone(), faults.to_vec());
    let own = if scenario.own.is_some() { own } else { Own::Kept };
    broken.into_iter().map(move |Broken { invariant, detail }| Violation {
        scenario: name.clone(),
        source: source.clone(),
        seed,
        faults: faults.clone(),
        own,
        invariant,
        detail,
    })
}

/// Stages an event and runs it without explored faults.
fn prepare<'a>(replay: &Replay, name: &'a str, source: &'a Source, case: &'a Case) -> Prepared<'a> {
    match replay.stage(case) {
        Ok(stage) => Prepared::Explored(Box::new(Explored::of(name, source, stage))),
        Err(records) => {
            let why = records.first().map(|record| record.reason.clone()).unwrap_or_default();
            if is_bad(&records) { Prepared::Bad(why) } else { Prepared::Unexplored(why) }
        }
    }
}

/// Whether an event that starts no execution cannot be read, where that is not what its scenario expects.
pub fn is_bad(records: &[Record]) -> bool {
    records.iter().any(|record| record.outcome == Outcome::Invalid && record.exit_code() != 0)
}

/// The name of a scenario: its folder, or the file with the line of the event.
pub fn name(event: &Recorded) -> String {
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
