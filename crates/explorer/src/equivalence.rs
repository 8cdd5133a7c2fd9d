//! Equivalence of runs: which runs need not be completed because another one has the same result.
//!
//! Most single faults have no effect beyond the invocation that they hit: the SDK or the definition retries, and the
//! function answers and leaves the account as it does without the fault. To see that, the invocation is run
//! [in isolation](simulator::driver::InvocationSnapshot), from the account as it was when it began. Where its answer or the
//! account differ, the run is completed; of those that differ in the same way, one is. The time that a fault takes is no
//! difference.
//!
//! Most scenarios share most of their behavior. A fault is injected once for all invocations that make the same calls, with
//! parameters and an answer of the same form. A fault with an effect is not completed again where it had such an effect in
//! an earlier scenario, in a function with the same behavior, in a run of the same shape.
//!
//! With `--exhaustive` every fault is injected in every scenario, and every run is completed.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use asl::Answer;
use serde_json::Value;

use simulator::driver::{InvocationResult, InvocationSnapshot};
use simulator::environment::Environment;

use super::check::{self, Baseline};
use super::fault::{Fault, Occurrence, Target};
use super::trial::{TargetUses, Trial};

/// A hash of the answer of an invocation and of the account after it, without times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    fn of(result: &InvocationResult) -> Fingerprint {
        let mut hasher = DefaultHasher::new();
        hash_timeless(&format!("{:?}", result.answer), &mut hasher);
        result.world.hash_state(&mut Timeless(&mut hasher));
        Fingerprint(hasher.finish())
    }
}

/// The shape of a run without faults, independent of names: which functions and playbooks run in the first delivery and
/// in the second, and how these end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RunShape(u64);

impl RunShape {
    pub(super) fn of(trial: &Trial) -> RunShape {
        let mut hasher = DefaultHasher::new();
        for delivery in [&trial.first, &trial.again] {
            delivery.invoked.iter().collect::<BTreeSet<_>>().hash(&mut hasher);
            let ends = delivery.executions.iter().map(|execution| (&execution.playbook, execution.status));
            ends.collect::<BTreeSet<_>>().hash(&mut hasher);
            let outcomes = check::outcomes(delivery);
            outcomes.iter().map(|outcome| outcome.name()).collect::<BTreeSet<_>>().hash(&mut hasher);
        }
        RunShape(hasher.finish())
    }
}

/// The behavior of a function or an invocation in a run without faults, independent of names: the calls with the shapes of
/// their parameters, and the shapes of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Behavior(u64);

fn hash_behavior(result: &InvocationResult, hasher: &mut impl Hasher) {
    for call in result.world.calls() {
        (&call.service, &call.operation, &call.error).hash(hasher);
        hash_shape(&call.parameters, hasher);
    }
    match &result.answer {
        Answer::Succeeded(output) => hash_shape(output, hasher),
        Answer::Failed { error, .. } => error.hash(hasher),
        other => format!("{other:?}").hash(hasher),
    }
}

/// Hashes the names and kinds of the values, not the values.
fn hash_shape(value: &Value, hasher: &mut impl Hasher) {
    match value {
        Value::Null => 0.hash(hasher),
        Value::Bool(value) => (1, value).hash(hasher),
        Value::Number(_) => 2.hash(hasher),
        Value::String(_) => 3.hash(hasher),
        Value::Array(values) => {
            (4, values.len()).hash(hasher);
            values.iter().for_each(|value| hash_shape(value, hasher));
        }
        Value::Object(fields) => {
            (5, fields.len()).hash(hasher);
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            for name in names {
                name.hash(hasher);
                if let Some(value) = fields.get(name) {
                    hash_shape(value, hasher);
                }
            }
        }
    }
}

/// The invocations of the run without faults.
pub(super) struct Invocations {
    invocations: Vec<Invocation>,
    /// The functions that make the same calls in isolation as in the run, with their behavior.
    independent: BTreeMap<String, Behavior>,
}

struct Invocation {
    snapshot: InvocationSnapshot,
    fingerprint: Fingerprint,
    behavior: Behavior,
    /// Its calls.
    calls: BTreeMap<Target, u32>,
}

/// The effect of a single fault on the invocation that it hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LocalEffect {
    /// None: answer and account are the same as without the fault.
    Unchanged,
    /// Another answer or account: the invocation, its fingerprint, and whether the fault counts as lasting.
    Differs(usize, Fingerprint, bool),
    /// Only the whole run shows it: an invariant broke during the invocation, or the fault was not hit.
    Unknown,
    /// The fault hits no invocation that can be run in isolation.
    NotIsolated,
}

impl LocalEffect {
    /// The kind of effect, comparable between scenarios: fingerprints contain names and are not.
    pub(super) fn kind(self) -> u8 {
        match self {
            LocalEffect::Unchanged => 0,
            LocalEffect::Differs(_, _, false) => 1,
            LocalEffect::Differs(_, _, true) => 2,
            LocalEffect::Unknown => 3,
            LocalEffect::NotIsolated => 4,
        }
    }
}

impl Invocations {
    /// The invocations in an environment without planned faults.
    pub(super) fn of(environment: &Environment<'_>, uses: &TargetUses) -> Invocations {
        // A run that cannot be driven breaks an invariant of its own, and nothing of it is run in isolation.
        let snapshots = environment.fork().invocations().unwrap_or_else(|_| Vec::new());
        let isolated = |snapshot: InvocationSnapshot| {
            let (result, ()) = environment.invoke_isolated(&snapshot, [], |_| ())?;
            let mut calls = BTreeMap::new();
            for call in result.world.calls() {
                *calls.entry(Target::of(&call)).or_default() += 1;
            }
            let mut hasher = DefaultHasher::new();
            hash_behavior(&result, &mut hasher);
            let (fingerprint, behavior) = (Fingerprint::of(&result), Behavior(hasher.finish()));
            Some(Invocation { snapshot, fingerprint, behavior, calls })
        };
        // An invocation that never ends in isolation would shift the numbers of all later ones: then none is used.
        let invocations: Vec<Invocation> =
            snapshots.into_iter().map(isolated).collect::<Option<_>>().unwrap_or_else(Vec::new);
        let count =
            |target: &Target| invocations.iter().filter_map(|invocation| invocation.calls.get(target)).sum::<u32>();
        let mut hashers: BTreeMap<String, DefaultHasher> = BTreeMap::new();
        for invocation in &invocations {
            invocation.behavior.0.hash(hashers.entry(invocation.snapshot.function.clone()).or_default());
        }
        let mut independent: BTreeMap<String, Behavior> =
            hashers.into_iter().map(|(function, hasher)| (function, Behavior(hasher.finish()))).collect();
        for (target, times) in uses.iter().map(|(target, target_use)| (target, target_use.times)) {
            if let Target::Call { by, .. } = target
                && count(target) != times
            {
                independent.remove(by);
            }
        }
        Invocations { invocations, independent }
    }

    /// The behavior of the function that a fault hits; `None` where isolation does not show it. The calls that a definition
    /// makes itself are the same in all runs of the same shape.
    pub(super) fn behavior(&self, environment: &Environment<'_>, target: &Target) -> Option<Behavior> {
        let caller = target.caller();
        let is_function = environment.deployment.functions.values().any(|function| function.package == caller);
        if is_function { self.independent.get(caller).copied() } else { Some(Behavior(0)) }
    }

    /// The behavior of the invocation that a single fault hits, and the fault as it is counted there; `None` where it hits
    /// none that can be run in isolation.
    pub(super) fn hit_by(&self, fault: &Fault) -> Option<(Behavior, Fault)> {
        self.place(fault).map(|(_, invocation, fault)| (invocation.behavior, fault))
    }

    /// The effect of a single fault on the invocation that it hits.
    pub(super) fn local_effect(
        &self,
        environment: &Environment<'_>,
        fault: &Fault,
        baseline: &Baseline,
    ) -> LocalEffect {
        let Some((at, invocation, fault)) = self.place(fault) else { return LocalEffect::NotIsolated };
        let faults = [fault];
        let Some((result, trial)) = Trial::isolated(environment, &invocation.snapshot, &faults) else {
            return LocalEffect::Unknown;
        };
        if !trial.unmet.is_empty() || !check::during_run(&trial, &faults, baseline).is_empty() {
            return LocalEffect::Unknown;
        }
        let fingerprint = Fingerprint::of(&result);
        let lasts = faults.iter().any(Fault::lasts);
        if fingerprint == invocation.fingerprint {
            LocalEffect::Unchanged
        } else {
            LocalEffect::Differs(at, fingerprint, lasts)
        }
    }

    /// The first invocation that a fault hits, and the fault as it is counted there.
    fn place(&self, fault: &Fault) -> Option<(usize, &Invocation, Fault)> {
        let caller = fault.target.caller();
        let counted = matches!(fault.target, Target::Call { .. });
        if !self.independent.contains_key(caller) {
            return None;
        }
        let mut before = 0;
        for (at, invocation) in self.invocations.iter().enumerate() {
            if invocation.snapshot.function != caller {
                continue;
            }
            let times = if counted { invocation.calls.get(&fault.target).copied().unwrap_or(0) } else { 1 };
            match fault.occurrence {
                Occurrence::Nth(nth) if nth <= before + times => {
                    return Some((
                        at,
                        invocation,
                        Fault { occurrence: Occurrence::Nth(nth - before), ..fault.clone() },
                    ));
                }
                Occurrence::Every if times > 0 => return Some((at, invocation, fault.clone())),
                _ => before += times,
            }
        }
        None
    }
}

/// Passes on the hashed values, without those that differ from one moment to another: see [`hash_timeless`].
struct Timeless<'a, H>(&'a mut H);

impl<H: Hasher> Hasher for Timeless<'_, H> {
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    /// Texts arrive here, each by itself.
    fn write(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => hash_timeless(text, self.0),
            Err(_) => self.0.write(bytes),
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.0.write_u8(value);
    }

    fn write_u32(&mut self, value: u32) {
        self.0.write_u32(value);
    }

    /// Numbers of JSON documents arrive here.
    fn write_u64(&mut self, value: u64) {
        if !is_count_since_epoch(value) {
            self.0.write_u64(value);
        }
    }

    /// Moments arrive here.
    fn write_i64(&mut self, value: i64) {
        if !u64::try_from(value).is_ok_and(is_count_since_epoch) {
            self.0.write_i64(value);
        }
    }

    fn write_usize(&mut self, value: usize) {
        self.0.write_usize(value);
    }

    fn write_isize(&mut self, value: isize) {
        self.0.write_isize(value);
    }
}

/// Whether a number has as many digits as the seconds or milliseconds since 1970 have in our time.
fn is_count_since_epoch(value: u64) -> bool {
    matches!(value.checked_ilog10(), Some(9 | 12))
}

/// Hashes a text without what differs from one moment to another: points in time (RFC 3339, also an hour of it, and
/// seconds or milliseconds since 1970) and the UUIDs of requests.
fn hash_timeless(text: &str, hasher: &mut impl Hasher) {
    let bytes = text.as_bytes();
    let mut hashed = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if !byte.is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':' | b'.' | b'+');
        let end = at + bytes.iter().skip(at).take_while(|byte| of_word(byte)).count();
        if byte.is_ascii_hexdigit()
            && text.get(at..end).is_some_and(|word| is_moment(word) || is_uuid(word))
            && let Some(before) = bytes.get(hashed..at)
        {
            hasher.write(before);
            hashed = end;
        }
        at = end;
    }
    hasher.write(bytes.get(hashed..).unwrap_or_default());
}

fn is_moment(word: &str) -> bool {
    let digits =
        |from: usize, to: usize| word.get(from..to).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let dated =
        digits(0, 4) && word.get(4..5) == Some("-") && digits(5, 7) && word.get(7..8) == Some("-") && digits(8, 10);
    let whole = word.split('.').next().unwrap_or(word);
    let since = matches!(whole.len(), 10 | 13) && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    dated && word.get(10..11).is_none_or(|mark| mark == "T") || since
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed_value(value: impl Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut Timeless(&mut hasher));
        hasher.finish()
    }

    #[test]
    fn a_hashed_value_leaves_out_the_same_as_a_text() {
        let values = |at: i64, text: &str, port: i64| hashed_value((at, text.to_owned(), port, Some("x")));
        let first = values(1_767_225_600_000, "2026-01-10T07:06:46.412Z", 22);
        assert_eq!(first, values(1_767_225_630_001, "2026-01-10T07:07:00Z", 22));
        assert_ne!(first, values(1_767_225_600_000, "2026-01-10T07:06:46.412Z", 23));
        assert_ne!(first, values(1_767_225_600_000, "yesterday", 22));
    }

    fn hashed(text: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash_timeless(text, &mut hasher);
        hasher.finish()
    }

    #[test]
    fn times_are_no_difference() {
        for (one, other) in [
            ("at 2026-01-10T07:06:46.412Z.", "at 2026-01-10T07:07:00Z."),
            ("Timestamp(1767225600000)", "Timestamp(1767225630001)"),
            ("\"N\": \"1767225600\"", "\"N\": \"1767225601\""),
            ("budget#vpc-1#2026-01-10T07", "budget#vpc-1#2026-01-10T08"),
            ("id 0b7bc8b5-e82c-4b1e-8a6b-0123456789ab", "id 1b7bc8b5-e82c-4b1e-8a6b-0123456789ab"),
        ] {
            assert_eq!(hashed(one), hashed(other), "{one}");
        }
    }

    #[test]
    fn everything_else_is() {
        for (one, other) in [
            ("sg-0ab27a171be5b133c", "sg-0ab27a171be5b133d"),
            ("port 22", "port 23"),
            ("account 111122223333", "account 111122223334"),
            ("state pending", "state completed"),
            ("snap-1767225600000", "snap-1767225600001"),
        ] {
            assert_ne!(hashed(one), hashed(other), "{one}");
        }
    }
}
