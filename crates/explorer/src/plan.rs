//! The faults that are explored: every single one, and combinations drawn from a seed.

use std::collections::BTreeMap;

use super::fault::{Fault, Kind, Occurrence, Target};
use super::trial::{TargetUse, TargetUses};

/// The kinds that make a difference. A read whose answer is lost is the same run as a read that never came; a function
/// that dies after a read is the same as one that dies after its last change; only a function can die.
fn kinds(target: &Target, target_use: TargetUse) -> Vec<Kind> {
    let differs = |kind: &Kind| match (target, kind) {
        (Target::Call { .. }, Kind::TimeoutAfter | Kind::ConnectionResetAfter) => !target_use.read_only,
        (Target::Call { .. }, Kind::CrashAfter) => target_use.by_function && !target_use.read_only,
        _ => target.takes(*kind),
    };
    Kind::ALL.into_iter().filter(differs).collect()
}

/// The kinds that are drawn as permanent: a missing permission, an outage, answers that never come, a function that always
/// dies.
fn lasting(target: &Target, target_use: TargetUse) -> Vec<Kind> {
    let lasts = |kind: &Kind| match target {
        Target::Call { .. } => matches!(kind, Kind::AccessDenied | Kind::ServerError | Kind::TimeoutAfter),
        Target::Function { .. } => matches!(kind, Kind::CrashBefore | Kind::CrashAfter),
    };
    kinds(target, target_use).into_iter().filter(lasts).collect()
}

/// The permanent kinds that are explored one by one: the missing permission of a call and, where the call changes
/// something, the outage; a function that always dies at once.
fn permanent(target: &Target, target_use: TargetUse) -> Vec<Kind> {
    let lasts = |kind: &Kind| match target {
        Target::Call { .. } => *kind == Kind::AccessDenied || (*kind == Kind::ServerError && !target_use.read_only),
        Target::Function { .. } => *kind == Kind::CrashBefore,
    };
    lasting(target, target_use).into_iter().filter(lasts).collect()
}

/// Every single fault at every call and invocation of the run without faults.
pub(super) fn singles(uses: &TargetUses) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (target, target_use) in uses {
        let fault = |occurrence, kind| Fault { target: target.clone(), occurrence, kind };
        for nth in 1..=target_use.times {
            faults.extend(kinds(target, *target_use).into_iter().map(|kind| fault(Occurrence::Nth(nth), kind)));
        }
        faults.extend(permanent(target, *target_use).into_iter().map(|kind| fault(Occurrence::Every, kind)));
    }
    faults
}

/// The targets of combinations: the calls of the run without faults, and those that are made only after a single fault.
pub(super) struct Targets<'a> {
    pub(super) uses: &'a TargetUses,
    /// The targets in the run with a single fault, by the fault.
    pub(super) after_fault: &'a BTreeMap<Fault, TargetUses>,
}

/// Combinations of faults at different calls: two and three of them, or one and two beside the faults of the scenario
/// itself. The first is at a call of the run without faults, the others also at calls that are made only after the first.
/// The same seed and scenario draw the same ones.
pub(super) fn combinations(
    targets: &Targets<'_>,
    scenario: &str,
    has_faults: bool,
    seed: u64,
    count: usize,
) -> Vec<Vec<Fault>> {
    let fewest = if has_faults { 1 } else { 2 };
    let calls = calls(targets.uses);
    let mut random = fastrand::Rng::with_seed(seed ^ hash(scenario));
    let mut combinations: Vec<Vec<Fault>> = Vec::new();
    // Few calls make few combinations: a draw that was drawn before counts, so that this ends.
    for number in 0..count {
        let size = fewest + number % 2;
        let Some(at) = random.choice(&calls).copied() else { break };
        let Some(first) = draw(&mut random, at) else { continue };
        // A first fault that was not completed by itself adds no calls.
        let after_fault = targets.after_fault.get(&first).map_or_else(Vec::new, self::calls);
        let others: Vec<Place<'_>> = calls
            .iter()
            .copied()
            .chain(after_fault.into_iter().filter(|place| !calls.contains(place)))
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
type Place<'a> = (&'a Target, TargetUse, u32);

fn calls(uses: &TargetUses) -> Vec<Place<'_>> {
    let nth = |(target, target_use): (_, &TargetUse)| {
        (1..=target_use.times).map(move |nth| (target, *target_use, nth)).collect::<Vec<_>>()
    };
    uses.iter().flat_map(|(target, target_use)| nth((target, target_use))).collect()
}

fn draw(random: &mut fastrand::Rng, (target, target_use, nth): Place<'_>) -> Option<Fault> {
    let every = random.u8(..) < EVERY_IN_256;
    let choices = if every { lasting(target, target_use) } else { kinds(target, target_use) };
    let occurrence = if every { Occurrence::Every } else { Occurrence::Nth(nth) };
    random.choice(choices).map(|kind| Fault { target: target.clone(), occurrence, kind })
}

/// How often a fault of a combination lasts, of 256 times.
const EVERY_IN_256: u8 = 64;

/// FNV-1a: small, and the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
