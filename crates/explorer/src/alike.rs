//! Runs that come to the same.
//!
//! Most single faults end where they strike: the SDK or the definition tries again, and the function answers and leaves
//! the account as it does without the fault. To see that, the invocation is run [by itself](simulator::driver::Begun), from
//! the account as it was when it began. Where its answer or the account differ, the run is followed to the end; of those
//! that differ in the same way, one is. The time that a fault takes is no difference.
//!
//! And most scenarios share most of what they do. A fault strikes once in all invocations that do the same: make the same
//! calls, with parameters and an answer of the same form. One that comes to something else is not followed again where
//! it did so in a scenario before, in a function that does the same, in a run of the same course.
//!
//! `--exhaustive` has every fault strike in every scenario, and follows it to the end.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use asl::Answer;
use serde_json::Value;

use simulator::driver::{Begun, Ending};
use simulator::run::Staged;

use super::check::{self, Baseline};
use super::fault::{Fault, Target, Which};
use super::trial::{Reached, Trial};

/// What an invocation answered and how it left the account, without the times in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Print(u64);

impl Print {
    fn of(ending: &Ending) -> Print {
        let mut hasher = DefaultHasher::new();
        hash_timeless(&format!("{:?}", ending.answer), &mut hasher);
        ending.world.hash_state(&mut Timeless(&mut hasher));
        Print(hasher.finish())
    }
}

/// The course of a run without faults, whatever the names are: which functions and playbooks run in the first delivery
/// and in the second, and how these end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Course(u64);

impl Course {
    pub(super) fn of(trial: &Trial) -> Course {
        let mut hasher = DefaultHasher::new();
        for delivery in [&trial.first, &trial.again] {
            delivery.invoked.iter().collect::<BTreeSet<_>>().hash(&mut hasher);
            let ends = delivery.executions.iter().map(|execution| (&execution.playbook, execution.status));
            ends.collect::<BTreeSet<_>>().hash(&mut hasher);
            let outcomes = check::outcomes(delivery);
            outcomes.iter().map(|outcome| outcome.name()).collect::<BTreeSet<_>>().hash(&mut hasher);
        }
        Course(hasher.finish())
    }
}

/// What a function or an invocation does in a run without faults, whatever the names are: the calls with the shapes of
/// their parameters, and the shapes of the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Behavior(u64);

fn hash_behavior(ending: &Ending, hasher: &mut impl Hasher) {
    for call in ending.world.calls() {
        (&call.service, &call.operation, &call.error).hash(hasher);
        hash_shape(&call.parameters, hasher);
    }
    match &ending.answer {
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
    /// The functions that make the same calls by themselves as they do in the run, and what they do.
    independent: BTreeMap<String, Behavior>,
}

struct Invocation {
    begun: Begun,
    print: Print,
    behavior: Behavior,
    /// Its calls.
    calls: BTreeMap<Target, u32>,
}

/// What a single fault comes to at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum First {
    /// The same as without it.
    AsWithout,
    /// Something else: the invocation, how it ended, and whether the fault counts as one that lasts.
    Differs(usize, Print, bool),
    /// Only the whole run tells: something happened on the way that must not, or the invocation is another one.
    Unknown,
    /// It strikes no invocation that can be run by itself.
    Apart,
}

impl First {
    /// What tells it from others in other scenarios: not how it differs, for that has their names in it.
    pub(super) fn kind(self) -> u8 {
        match self {
            First::AsWithout => 0,
            First::Differs(_, _, false) => 1,
            First::Differs(_, _, true) => 2,
            First::Unknown => 3,
            First::Apart => 4,
        }
    }
}

impl Invocations {
    /// Of a stage on which nothing is planned to go wrong.
    pub(super) fn of(stage: &Staged<'_>, reached: &Reached) -> Invocations {
        let begun = stage.fork().invocations();
        let of_begun = |begun: Begun| {
            let (ending, ()) = stage.alone(&begun, [], |_| ())?;
            let mut calls = BTreeMap::new();
            for call in ending.world.calls() {
                *calls.entry(Target::of(&call)).or_default() += 1;
            }
            let mut hasher = DefaultHasher::new();
            hash_behavior(&ending, &mut hasher);
            let (print, behavior) = (Print::of(&ending), Behavior(hasher.finish()));
            Some(Invocation { begun, print, behavior, calls })
        };
        // One that cannot be run by itself would shift the numbers of all that follow.
        let invocations: Vec<Invocation> = begun.into_iter().map(of_begun).collect::<Option<_>>().unwrap_or_default();
        let met =
            |target: &Target| invocations.iter().filter_map(|invocation| invocation.calls.get(target)).sum::<u32>();
        let mut hashers: BTreeMap<String, DefaultHasher> = BTreeMap::new();
        for invocation in &invocations {
            invocation.behavior.0.hash(hashers.entry(invocation.begun.step.clone()).or_default());
        }
        let mut independent: BTreeMap<String, Behavior> =
            hashers.into_iter().map(|(step, hasher)| (step, Behavior(hasher.finish()))).collect();
        for (target, times) in reached.iter().map(|(target, met)| (target, met.times)) {
            if let Target::Call { by, .. } = target
                && met(target) != times
            {
                independent.remove(by);
            }
        }
        Invocations { invocations, independent }
    }

    /// What the function does that a fault strikes; `None` where that is not known by itself. What a definition calls
    /// itself is the same in all runs of the same course.
    pub(super) fn behavior(&self, stage: &Staged<'_>, target: &Target) -> Option<Behavior> {
        let step = target.step();
        let is_function = stage.deployment.functions.values().any(|function| function.step == step);
        if is_function { self.independent.get(step).copied() } else { Some(Behavior(0)) }
    }

    /// What the invocation does that a single fault strikes, and the fault as it is there; `None` where it strikes none
    /// that can be run by itself.
    pub(super) fn struck(&self, fault: &Fault) -> Option<(Behavior, Fault)> {
        self.place(fault).map(|(_, invocation, fault)| (invocation.behavior, fault))
    }

    /// What a single fault comes to at first.
    pub(super) fn first(&self, stage: &Staged<'_>, fault: &Fault, baseline: &Baseline) -> First {
        let Some((at, invocation, fault)) = self.place(fault) else { return First::Apart };
        let faults = [fault];
        let Some((ending, trial)) = Trial::alone(stage, &invocation.begun, &faults) else { return First::Unknown };
        if !trial.unmet.is_empty() || !check::on_the_way(&trial, &faults, baseline).is_empty() {
            return First::Unknown;
        }
        let print = Print::of(&ending);
        let lasts = faults.iter().any(Fault::lasts);
        if print == invocation.print { First::AsWithout } else { First::Differs(at, print, lasts) }
    }

    /// The first invocation that a fault strikes, and the fault as it is there.
    fn place(&self, fault: &Fault) -> Option<(usize, &Invocation, Fault)> {
        let step = fault.target.step();
        let counted = matches!(fault.target, Target::Call { .. });
        if !self.independent.contains_key(step) {
            return None;
        }
        let mut before = 0;
        for (at, invocation) in self.invocations.iter().enumerate() {
            if invocation.begun.step != step {
                continue;
            }
            let times = if counted { invocation.calls.get(&fault.target).copied().unwrap_or_default() } else { 1 };
            match fault.which {
                Which::Nth(nth) if nth <= before + times => {
                    return Some((at, invocation, Fault { which: Which::Nth(nth - before), ..fault.clone() }));
                }
                Which::Every if times > 0 => return Some((at, invocation, fault.clone())),
                _ => before += times,
            }
        }
        None
    }
}

/// Passes on what is hashed, without what differs from one moment to another: see [`hash_timeless`].
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
