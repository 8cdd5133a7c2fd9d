//! Every single fault of every scenario that has none of its own: those are followed to the end that come to something
//! new.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::First;
use super::fault::{Fault, Which};
use super::trial::Trial;
use super::{Explored, Options, Progress, Ran, Violation, check, crew, plan, violations};

/// What came of all single faults.
pub(super) struct Singles {
    /// How many were struck.
    pub(super) struck: usize,
    /// How many more were not, for they are the same as one in a scenario before.
    pub(super) elsewhere: usize,
    /// The runs that were followed to the end, each with the index of its scenario.
    pub(super) followed: Vec<(usize, Ran)>,
    /// Violations of faults that make the same calls as one of these runs.
    pub(super) more: Vec<Violation>,
}

/// A fault, with the index of its scenario.
type Single = (usize, Fault);

/// What the runs are made with.
#[derive(Clone, Copy)]
struct Crew<'a> {
    explored: &'a [Explored<'a>],
    seed: u64,
    jobs: usize,
    progress: &'a (dyn Fn(Progress) + Sync),
}

pub(super) fn explore(
    explored: &[Explored<'_>],
    seed: u64,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Singles {
    let crew = Crew { explored, seed, jobs: options.jobs, progress };
    let mut all: Vec<Single> = explored
        .iter()
        .enumerate()
        .filter(|(_, scenario)| options.exhaustive || scenario.invocations.is_some())
        .flat_map(|(index, scenario)| plan::singles(&scenario.reached).into_iter().map(move |fault| (index, fault)))
        .collect();
    let planned = all.len();
    if !options.exhaustive {
        let mut known = BTreeSet::new();
        all.retain(|(index, fault)| {
            let here = explored.get(*index).and_then(|scenario| {
                let behaviour = scenario.invocations.as_ref()?.behaviour(&scenario.stage, &fault.target)?;
                Some((scenario.course, behaviour, fault.clone()))
            });
            here.is_none_or(|here| known.insert(here))
        });
    }
    progress(Progress::Planned(all.len() as u64));
    let elsewhere = planned - all.len();
    let mut singles = Singles { struck: all.len(), elsewhere, followed: Vec::new(), more: Vec::new() };
    if options.exhaustive {
        singles.followed = crew.follow(&all).into_iter().map(|followed| (followed.index, followed.ran)).collect();
        return singles;
    }
    let (lasting, mut passing): (Vec<Single>, Vec<Single>) =
        all.into_iter().partition(|(_, fault)| fault.which == Which::Every);

    // A lasting fault that is met once is the same as one that passes: the one run is held against both.
    let mut covered: BTreeSet<Single> = BTreeSet::new();
    for Followed { index, ran, once } in crew.follow(&lasting) {
        if let Some(Once { fault, violations }) = once {
            covered.insert((index, fault));
            singles.more.extend(violations);
        }
        singles.followed.push((index, ran));
    }
    passing.retain(|single| !covered.contains(single));
    for _ in &covered {
        progress(Progress::Ran);
    }

    // Of those that differ in the same way the first is followed, and the others where it breaks something.
    let firsts = crew.firsts(&passing);
    let mut alike: BTreeMap<(usize, First), Vec<Single>> = BTreeMap::new();
    let mut to_follow: Vec<Single> = Vec::new();
    for (single, first) in passing.into_iter().zip(firsts) {
        match first {
            First::AsWithout => progress(Progress::Ran),
            First::Unknown => to_follow.push(single),
            First::Differs(..) => match alike.entry((single.0, first)).or_default() {
                others if others.is_empty() => {
                    to_follow.push(single.clone());
                    others.push(single);
                }
                others => others.push(single),
            },
        }
    }
    let followed = crew.follow(&to_follow);
    let breaks = |single: &Single| {
        let of = to_follow.iter().zip(&followed).find(|(other, _)| *other == single);
        of.is_some_and(|(_, followed)| !followed.ran.violations.is_empty())
    };
    let mut others: Vec<Single> = Vec::new();
    for mut class in alike.into_values() {
        let rest = class.split_off(1);
        if class.iter().any(breaks) {
            others.extend(rest);
        } else {
            rest.iter().for_each(|_| progress(Progress::Ran));
        }
    }
    let others = crew.follow(&others);
    singles.followed.extend(followed.into_iter().chain(others).map(|followed| (followed.index, followed.ran)));
    singles
}

/// A run that was followed to the end.
struct Followed {
    index: usize,
    ran: Ran,
    /// The fault that passes and makes the same run, where there is one.
    once: Option<Once>,
}

struct Once {
    fault: Fault,
    violations: Vec<Violation>,
}

impl Crew<'_> {
    /// Follows faults to the end.
    fn follow(&self, singles: &[Single]) -> Vec<Followed> {
        let followed = crew::each(self.jobs, singles, |(index, fault)| {
            let scenario = self.explored.get(*index)?;
            let trial = Trial::run(&scenario.stage, std::slice::from_ref(fault), true);
            let held = |faults: &[Fault]| {
                let broken = check::check(&trial, faults, &scenario.baseline);
                violations(scenario, self.seed, faults, broken).collect()
            };
            let once = (fault.which == Which::Every && trial.met(&fault.target) == 1).then(|| {
                let fault = Fault { which: Which::Nth(1), ..fault.clone() };
                Once { violations: held(std::slice::from_ref(&fault)), fault }
            });
            let violations = held(std::slice::from_ref(fault));
            (self.progress)(Progress::Ran);
            let ran = Ran { violations, reached: trial.reached(), unmet: trial.unmet.len() };
            Some(Followed { index: *index, ran, once })
        });
        followed.into_iter().flatten().collect()
    }

    /// What faults come to at first.
    fn firsts(&self, singles: &[Single]) -> Vec<First> {
        crew::each(self.jobs, singles, |(index, fault)| {
            let known = self.explored.get(*index).and_then(|scenario| Some((scenario, scenario.invocations.as_ref()?)));
            known.map_or(First::Unknown, |(scenario, invocations)| {
                invocations.first(&scenario.stage, fault, &scenario.baseline)
            })
        })
    }
}
