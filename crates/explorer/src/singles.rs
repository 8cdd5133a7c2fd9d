//! Every single fault of every scenario: those strike that are new, and those are followed to the end that come to
//! something new.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{Behavior, Course, First};
use super::fault::{Fault, Which};
use super::trial::Own;
use super::{Explored, Options, Progress, Ran, Violation, check, crew, plan, violations};

/// What came of all single faults.
#[derive(Default)]
pub(super) struct Singles {
    /// How many there are.
    pub(super) all: usize,
    /// Those that struck; the others are the same as one of them.
    pub(super) struck: usize,
    /// The runs that were followed to the end, each with the index of its scenario and its fault.
    pub(super) followed: Vec<(usize, Fault, Ran)>,
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
    let of_scenario = |(index, scenario): (usize, &Explored<'_>)| {
        plan::singles(&scenario.bare.reached).into_iter().map(move |fault| (index, fault)).collect::<Vec<_>>()
    };
    let all: Vec<Single> = explored.iter().enumerate().flat_map(of_scenario).collect();
    progress(Progress::Planned(all.len() as u64));
    if options.exhaustive {
        let followed = crew.follow(&all).into_iter().map(Followed::kept).collect();
        return Singles { all: all.len(), struck: all.len(), followed, more: Vec::new() };
    }

    let (struck, new) = crew.strike(&all);
    let mut singles = Singles { all: all.len(), struck, ..Singles::default() };
    let (lasting, passing): (Vec<_>, Vec<_>) = new.into_iter().partition(|((_, fault), _)| fault.which == Which::Every);

    // A lasting fault that is met once is the same as one that passes: the one run is held against both.
    let lasting: Vec<Single> = lasting.into_iter().map(|(single, _)| single).collect();
    let mut covered: BTreeSet<Single> = BTreeSet::new();
    for mut followed in crew.follow(&lasting) {
        if let Some(Once { fault, violations }) = followed.once.take() {
            covered.insert((followed.index, fault));
            singles.more.extend(violations);
        }
        singles.followed.push(followed.kept());
    }
    let (known, passing): (Vec<_>, Vec<_>) = passing.into_iter().partition(|(single, _)| covered.contains(single));
    known.iter().for_each(|_| progress(Progress::Ran));
    singles.followed.extend(crew.follow_unlike(passing).into_iter().map(Followed::kept));
    singles
}

/// A run that was followed to the end.
struct Followed {
    index: usize,
    fault: Fault,
    ran: Ran,
    /// The fault that passes and makes the same run, where there is one.
    once: Option<Once>,
}

impl Followed {
    fn kept(self) -> (usize, Fault, Ran) {
        (self.index, self.fault, self.ran)
    }
}

struct Once {
    fault: Fault,
    violations: Vec<Violation>,
}

impl Crew<'_> {
    /// Strikes with each fault, once for all invocations that do the same: how many struck, and those that come to
    /// something that is not known of a scenario before, each with what it comes to.
    fn strike(&self, all: &[Single]) -> (usize, Vec<(Single, First)>) {
        let mut explored_before = BTreeSet::new();
        let mut struck_before = BTreeSet::new();
        let (strike, same): (Vec<&Single>, Vec<&Single>) = all.iter().partition(|single| {
            let new = self.behavior(single).is_none_or(|behavior| explored_before.insert((behavior, &single.1)));
            let unstruck = self.struck(single).map(|struck| struck_before.insert(struck));
            unstruck.unwrap_or(new) || new
        });
        same.iter().for_each(|_| (self.progress)(Progress::Ran));
        let mut known = BTreeSet::new();
        let mut unknown = Vec::new();
        for (single, first) in strike.iter().zip(self.firsts(&strike)) {
            let new = self.behavior(single).is_none_or(|behavior| known.insert((behavior, &single.1, first.kind())));
            if new || first == First::Unknown {
                unknown.push(((*single).clone(), first));
            } else {
                (self.progress)(Progress::Ran);
            }
        }
        (strike.len(), unknown)
    }

    /// Follows faults that come to something else than the run without: of those that differ in the same way the first,
    /// and the others where it breaks something.
    fn follow_unlike(&self, singles: Vec<(Single, First)>) -> Vec<Followed> {
        let mut alike: BTreeMap<(usize, First), Vec<Single>> = BTreeMap::new();
        let mut to_follow: Vec<Single> = Vec::new();
        for (single, first) in singles {
            match first {
                First::AsWithout => (self.progress)(Progress::Ran),
                First::Unknown | First::Apart => to_follow.push(single),
                First::Differs(..) => match alike.entry((single.0, first)).or_default() {
                    others if others.is_empty() => {
                        to_follow.push(single.clone());
                        others.push(single);
                    }
                    others => others.push(single),
                },
            }
        }
        let mut followed = self.follow(&to_follow);
        let breaks = |single: &Single| {
            let of = followed.iter().find(|followed| (followed.index, &followed.fault) == (single.0, &single.1));
            of.is_some_and(|followed| !followed.ran.violations.is_empty())
        };
        let (mut others, mut done): (Vec<Single>, Vec<Single>) = Default::default();
        for mut class in alike.into_values() {
            let rest = class.split_off(1);
            if class.iter().any(breaks) { others.extend(rest) } else { done.extend(rest) }
        }
        done.iter().for_each(|_| (self.progress)(Progress::Ran));
        followed.extend(self.follow(&others));
        followed
    }

    /// Follows faults to the end.
    fn follow(&self, singles: &[Single]) -> Vec<Followed> {
        let followed = crew::each(self.jobs, singles, |(index, fault)| {
            let scenario = self.explored.get(*index)?;
            let (ran, trial) = scenario.run(std::slice::from_ref(fault), Own::LeftOut, self.seed);
            let once = (fault.which == Which::Every && trial.met(&fault.target) == 1).then(|| {
                let fault = Fault { which: Which::Nth(1), ..fault.clone() };
                let broken = check::check(&trial, std::slice::from_ref(&fault), &scenario.bare.baseline);
                let faults = std::slice::from_ref(&fault);
                Once { violations: violations(scenario, self.seed, faults, Own::LeftOut, broken).collect(), fault }
            });
            (self.progress)(Progress::Ran);
            Some(Followed { index: *index, fault: fault.clone(), ran, once })
        });
        followed.into_iter().flatten().collect()
    }

    /// What faults come to at first.
    fn firsts(&self, singles: &[&Single]) -> Vec<First> {
        crew::each(self.jobs, singles, |(index, fault)| {
            self.explored.get(*index).map_or(First::Unknown, |scenario| {
                scenario.invocations.first(&scenario.stage, fault, &scenario.bare.baseline)
            })
        })
    }

    /// What the invocation does that a fault strikes; `None` where it strikes none that can be run by itself.
    fn struck(&self, (index, fault): &Single) -> Option<(Behavior, Fault)> {
        self.explored.get(*index)?.invocations.struck(fault)
    }

    /// What the function does that a fault strikes, in a run of which course; `None` where that is not known.
    fn behavior(&self, (index, fault): &Single) -> Option<(Course, Behavior)> {
        let scenario = self.explored.get(*index)?;
        Some((scenario.course, scenario.invocations.behavior(&scenario.stage, &fault.target)?))
    }
}
