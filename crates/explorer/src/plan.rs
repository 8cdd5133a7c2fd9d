//! Which faults are explored: every single one, and combinations drawn from a seed.

use std::collections::BTreeMap;

use super::fault::{Fault, Kind, Target, Which};
use super::trial::{Met, Reached};

/// The kinds that make a difference: a read whose answer is lost is the same run as a read that never came, a function
/// that dies after a read is one that dies after its last change, and only a function can die.
fn kinds(target: &Target, met: Met) -> Vec<Kind> {
    let differs = |kind: &Kind| match (target, kind) {
        (Target::Call { .. }, Kind::TimeoutAfter | Kind::ConnectionResetAfter) => !met.read_only,
        (Target::Call { .. }, Kind::CrashAfter) => met.by_function && !met.read_only,
        _ => target.takes(*kind),
    };
    Kind::ALL.into_iter().filter(differs).collect()
}

/// The kinds that are drawn as lasting: a permission that is missing, an outage, answers that never come, a function
/// that always dies.
fn lasting(target: &Target, met: Met) -> Vec<Kind> {
    let lasts = |kind: &Kind| match target {
        Target::Call { .. } => matches!(kind, Kind::AccessDenied | Kind::ServerError | Kind::TimeoutAfter),
        Target::Function { .. } => matches!(kind, Kind::CrashBefore | Kind::CrashAfter),
    };
    kinds(target, met).into_iter().filter(lasts).collect()
}

/// Those that are explored one by one: of a call the missing permission and, where it changes something, the outage; of
/// a function that it always dies at once.
fn permanent(target: &Target, met: Met) -> Vec<Kind> {
    let lasts = |kind: &Kind| match target {
        Target::Call { .. } => *kind == Kind::AccessDenied || (*kind == Kind::ServerError && !met.read_only),
        Target::Function { .. } => *kind == Kind::CrashBefore,
    };
    lasting(target, met).into_iter().filter(lasts).collect()
}

/// Every single fault at every call and invocation of the run without faults.
pub(super) fn singles(reached: &Reached) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (target, met) in reached {
        let fault = |which, kind| Fault { target: target.clone(), which, kind };
        for nth in 1..=met.times {
            faults.extend(kinds(target, *met).into_iter().map(|kind| fault(Which::Nth(nth), kind)));
        }
        faults.extend(permanent(target, *met).into_iter().map(|kind| fault(Which::Every, kind)));
    }
    faults
}

/// Where combinations strike: the calls of the run without faults, and those that a single fault brings about.
pub(super) struct Ground<'a> {
    pub(super) reached: &'a Reached,
    /// What the run with a single fault met, by the fault.
    pub(super) opened: &'a BTreeMap<Fault, Reached>,
}

/// Combinations of faults at different calls: two and three of them, or one and two beside the faults that the scenario
/// has itself. The first is at a call of the run without faults, the others also at what is only called after that one.
/// The same seed and scenario draw the same ones.
pub(super) fn combinations(
    ground: &Ground<'_>,
    scenario: &str,
    has_faults: bool,
    seed: u64,
    count: usize,
) -> Vec<Vec<Fault>> {
    let fewest = if has_faults { 1 } else { 2 };
    let calls = calls(ground.reached);
    let mut random = fastrand::Rng::with_seed(seed ^ hash(scenario));
    let mut combinations: Vec<Vec<Fault>> = Vec::new();
    // Few calls make few combinations: a draw that was drawn before counts, so that this ends.
    for number in 0..count {
        let size = fewest + number % 2;
        let Some(at) = random.choice(&calls).copied() else { break };
        let Some(first) = draw(&mut random, at) else { continue };
        let opened = ground.opened.get(&first).map(self::calls).unwrap_or_default();
        let others: Vec<Place<'_>> = calls
            .iter()
            .copied()
            .chain(opened.into_iter().filter(|place| !calls.contains(place)))
            .filter(|place| *place != at)
            .collect();
        let mut faults = vec![first];
        for place in random.choose_multiple(others, size - 1) {
            faults.extend(draw(&mut random, place));
        }
        faults.sort();
        faults.dedup();
        if faults.len() >= fewest && !combinations.contains(&faults) {
            combinations.push(faults);
        }
    }
    combinations
}

/// The n-th call at a target.
type Place<'a> = (&'a Target, Met, u32);

fn calls(reached: &Reached) -> Vec<Place<'_>> {
    let nth = |(target, met): (_, &Met)| (1..=met.times).map(move |nth| (target, *met, nth)).collect::<Vec<_>>();
    reached.iter().flat_map(|(target, met)| nth((target, met))).collect()
}

fn draw(random: &mut fastrand::Rng, (target, met, nth): Place<'_>) -> Option<Fault> {
    let every = random.u8(..) < EVERY_IN_256;
    let choices = if every { lasting(target, met) } else { kinds(target, met) };
    let which = if every { Which::Every } else { Which::Nth(nth) };
    random.choice(choices).map(|kind| Fault { target: target.clone(), which, kind })
}

/// How often a fault of a combination lasts, of 256 times.
const EVERY_IN_256: u8 = 64;

/// FNV-1a: small, and the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
