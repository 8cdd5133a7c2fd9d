//! Every single fault of every scenario. A fault is injected where it is new; a run with a fault is completed where the
//! fault has a new effect.

use std::collections::{BTreeMap, BTreeSet};

use super::equivalence::{Behavior, LocalEffect, RunShape};
use super::fault::{Fault, Occurrence};
use super::trial::ScenarioFaults;
use super::{ExploredRun, ExploredScenario, Options, Progress, Violation, check, parallel, plan, violations};

/// The result of all single faults.
#[derive(Default)]
pub(super) struct Singles<'a> {
    /// How many there are.
    pub(super) all: usize,
    /// Those that were injected; the others are equivalent to one of them.
    pub(super) injected: usize,
    /// The runs that were completed.
    pub(super) completed: Vec<CompletedRun<'a>>,
    /// Violations of faults that make the same calls as one of these runs.
    pub(super) more: Vec<Violation>,
}

/// A run with a single fault that was completed.
pub(super) struct CompletedRun<'a> {
    pub(super) scenario: &'a ExploredScenario<'a>,
    pub(super) fault: Fault,
    pub(super) run: ExploredRun,
    /// The transient fault that makes the same run, where there is one.
    transient: Option<TransientTwin>,
}

struct TransientTwin {
    fault: Fault,
    violations: Vec<Violation>,
}

/// A single fault in a scenario.
#[derive(Clone)]
struct Single<'a> {
    scenario: &'a ExploredScenario<'a>,
    fault: Fault,
}

impl<'a> Single<'a> {
    /// What distinguishes it from other single faults of an exploration.
    fn key(&self) -> (usize, Fault) {
        (self.scenario.index, self.fault.clone())
    }

    /// What the invocation does that the fault hits; `None` where it hits none that can be run in isolation.
    fn invocation(&self) -> Option<(Behavior, Fault)> {
        self.scenario.invocations.hit_by(&self.fault)
    }

    /// What the function does that the fault hits, in a run of which shape; `None` where that is not known.
    fn behavior(&self) -> Option<(RunShape, Behavior)> {
        let scenario = self.scenario;
        let behavior = scenario.invocations.behavior(&scenario.environment, &self.fault.target)?;
        Some((scenario.shape, behavior))
    }

    /// The effect of the fault on the invocation that it hits.
    fn local_effect(&self) -> LocalEffect {
        let scenario = self.scenario;
        scenario.invocations.local_effect(&scenario.environment, &self.fault, &scenario.reference.baseline)
    }

    fn complete(&self, seed: u64) -> CompletedRun<'a> {
        let Single { scenario, fault } = self;
        let excluded = ScenarioFaults::Excluded;
        let (run, trial) = scenario.run(std::slice::from_ref(fault), excluded, seed);
        let transient = (fault.occurrence == Occurrence::Every && trial.count(&fault.target) == 1).then(|| {
            let fault = Fault { occurrence: Occurrence::Nth(1), ..fault.clone() };
            let faults = std::slice::from_ref(&fault);
            let broken = check::check(&trial, faults, &scenario.reference.baseline);
            let violations = violations(scenario, seed, faults, excluded, broken).collect();
            TransientTwin { violations, fault }
        });
        CompletedRun { scenario, fault: fault.clone(), run, transient }
    }
}

/// How runs are made.
#[derive(Clone, Copy)]
struct Runner<'p> {
    seed: u64,
    jobs: usize,
    progress: &'p (dyn Fn(Progress) + Sync),
}

pub(super) fn explore<'a>(
    explored: &'a [ExploredScenario<'a>],
    seed: u64,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Singles<'a> {
    let runner = Runner { seed, jobs: options.jobs, progress };
    let of_scenario = |scenario: &'a ExploredScenario<'a>| {
        plan::singles(&scenario.reference.uses).into_iter().map(move |fault| Single { scenario, fault })
    };
    let all: Vec<Single<'a>> = explored.iter().flat_map(of_scenario).collect();
    progress(Progress::Planned(all.len() as u64));
    if options.exhaustive {
        let completed = runner.complete(&all);
        return Singles { all: all.len(), injected: all.len(), completed, more: Vec::new() };
    }

    let (injected, new) = runner.inject(&all);
    let mut singles = Singles { all: all.len(), injected, ..Singles::default() };
    let (lasting, transient): (Vec<_>, Vec<_>) =
        new.into_iter().partition(|(single, _)| single.fault.occurrence == Occurrence::Every);

    // A lasting fault that hits one call is the same run as a transient one: the one run is checked as both.
    let lasting: Vec<Single<'a>> = lasting.into_iter().map(|(single, _)| single).collect();
    let mut covered = BTreeSet::new();
    for mut completed in runner.complete(&lasting) {
        if let Some(TransientTwin { fault, violations }) = completed.transient.take() {
            covered.insert((completed.scenario.index, fault));
            singles.more.extend(violations);
        }
        singles.completed.push(completed);
    }
    let (known, transient): (Vec<_>, Vec<_>) =
        transient.into_iter().partition(|(single, _)| covered.contains(&single.key()));
    known.iter().for_each(|_| progress(Progress::Ran));
    singles.completed.extend(runner.complete_distinct(transient));
    singles
}

impl Runner<'_> {
    /// Injects each fault once for all invocations with the same behavior: how many were injected, and the faults whose
    /// effect is not known from an earlier scenario, each with its effect.
    fn inject<'a>(&self, all: &[Single<'a>]) -> (usize, Vec<(Single<'a>, LocalEffect)>) {
        let mut known_behaviors = BTreeSet::new();
        let mut known_invocations = BTreeSet::new();
        let (inject, same): (Vec<&Single<'a>>, Vec<&Single<'a>>) = all.iter().partition(|single| {
            let new = single.behavior().is_none_or(|behavior| known_behaviors.insert((behavior, &single.fault)));
            let new_invocation = single.invocation().map(|invocation| known_invocations.insert(invocation));
            new_invocation.unwrap_or(new) || new
        });
        same.iter().for_each(|_| (self.progress)(Progress::Ran));
        let mut known_effects = BTreeSet::new();
        let mut unknown = Vec::new();
        let effects = parallel::map(self.jobs, &inject, |single| single.local_effect());
        for (single, effect) in inject.iter().zip(effects) {
            let new =
                single.behavior().is_none_or(|behavior| known_effects.insert((behavior, &single.fault, effect.kind())));
            if new || effect == LocalEffect::Unknown {
                unknown.push(((*single).clone(), effect));
            } else {
                (self.progress)(Progress::Ran);
            }
        }
        (inject.len(), unknown)
    }

    /// Completes the runs of faults that have an effect: of those with the same effect one, and the others where that one
    /// breaks an invariant.
    fn complete_distinct<'a>(&self, singles: Vec<(Single<'a>, LocalEffect)>) -> Vec<CompletedRun<'a>> {
        let mut classes: BTreeMap<(usize, LocalEffect), Vec<Single<'a>>> = BTreeMap::new();
        let mut to_complete: Vec<Single<'a>> = Vec::new();
        for (single, effect) in singles {
            match effect {
                LocalEffect::Unchanged => (self.progress)(Progress::Ran),
                LocalEffect::Unknown | LocalEffect::NotIsolated => to_complete.push(single),
                LocalEffect::Differs(..) => match classes.entry((single.scenario.index, effect)).or_default() {
                    others if others.is_empty() => {
                        to_complete.push(single.clone());
                        others.push(single);
                    }
                    others => others.push(single),
                },
            }
        }
        let mut completed = self.complete(&to_complete);
        let broken: BTreeSet<(usize, Fault)> = completed
            .iter()
            .filter(|completed| !completed.run.violations.is_empty())
            .map(|completed| (completed.scenario.index, completed.fault.clone()))
            .collect();
        let (mut others, mut done): (Vec<Single<'a>>, Vec<Single<'a>>) = Default::default();
        for mut class in classes.into_values() {
            let rest = class.split_off(1);
            let breaks = class.iter().any(|single| broken.contains(&single.key()));
            if breaks { others.extend(rest) } else { done.extend(rest) }
        }
        done.iter().for_each(|_| (self.progress)(Progress::Ran));
        completed.extend(self.complete(&others));
        completed
    }

    /// Completes the runs of faults.
    fn complete<'a>(&self, singles: &[Single<'a>]) -> Vec<CompletedRun<'a>> {
        parallel::map(self.jobs, singles, |single| {
            let completed = single.complete(self.seed);
            (self.progress)(Progress::Ran);
            completed
        })
    }
}
