//! Whether all fields of a pattern match without contradicting each other about the elements of an array.
//!
//! The fields are taken in the order of their names, as Event Ruler does, which matters for `exists: false` alone: a
//! field is absent where no value of it agrees with the elements chosen so far. What failed is remembered by the choices
//! that later fields can still see, so the work stays near the number of values, whatever the event looks like.

use std::collections::{BTreeSet, HashSet};

use super::event::{Fields, Membership, Occurrence};
use super::matcher::Matcher;
use super::{Alternative, Field};

/// Whether the alternative holds for the event.
pub(super) fn holds(alternative: &Alternative, fields: &Fields) -> bool {
    let mut ordered: Vec<&Field> = alternative.fields.iter().collect();
    ordered.sort_by(|a, b| a.name.cmp(&b.name));
    let mut steps: Vec<Step<'_>> = Vec::with_capacity(ordered.len());
    for field in ordered {
        let step = Step::of(field, fields);
        if step.matching.is_empty() && !step.may_be_absent {
            return false;
        }
        steps.push(step);
    }
    // The arrays that each step or a later one can still ask about.
    let mut seen = BTreeSet::new();
    for step in steps.iter_mut().rev() {
        let matching = step.matching.iter().flat_map(|occurrence| &occurrence.membership);
        let absent = step.occurrences.iter().filter(|_| step.may_be_absent).flat_map(|one| &one.membership);
        seen.extend(matching.chain(absent).map(|(array, _)| *array));
        step.arrays_ahead.clone_from(&seen);
    }
    Search { steps: &steps, failed: HashSet::new() }.from(0, &Membership::new())
}

struct Step<'a> {
    occurrences: &'a [Occurrence],
    matching: Vec<&'a Occurrence>,
    may_be_absent: bool,
    arrays_ahead: BTreeSet<usize>,
}

impl<'a> Step<'a> {
    fn of(field: &Field, fields: &'a Fields) -> Self {
        let occurrences = fields.values(&field.name);
        let matching = occurrences.iter().filter(|one| field.wanted.iter().any(|wanted| wanted.takes(&one.value)));
        Self {
            occurrences,
            matching: matching.collect(),
            may_be_absent: field.wanted.contains(&Matcher::Absent),
            arrays_ahead: BTreeSet::new(),
        }
    }
}

struct Search<'a> {
    steps: &'a [Step<'a>],
    failed: HashSet<(usize, Membership)>,
}

impl Search<'_> {
    /// Recurses once for each field of the pattern, of which there are as many as fit into its length.
    fn from(&mut self, index: usize, chosen: &Membership) -> bool {
        let steps = self.steps;
        let Some(step) = steps.get(index) else { return true };
        let chosen: Membership =
            chosen.iter().filter(|(array, _)| step.arrays_ahead.contains(array)).copied().collect();
        let key = (index, chosen);
        if self.failed.contains(&key) {
            return false;
        }
        let chosen = &key.1;
        if step.may_be_absent
            && !step.occurrences.iter().any(|one| together(chosen, &one.membership).is_some())
            && self.from(index + 1, chosen)
        {
            return true;
        }
        for occurrence in &step.matching {
            if let Some(chosen) = together(chosen, &occurrence.membership)
                && self.from(index + 1, &chosen)
            {
                return true;
            }
        }
        self.failed.insert(key);
        false
    }
}

/// Both choices in one, unless they name different elements of one array. Both are ordered by array.
fn together(chosen: &Membership, other: &Membership) -> Option<Membership> {
    let mut merged = Membership::with_capacity(chosen.len() + other.len());
    let (mut left, mut right) = (chosen.iter().peekable(), other.iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a.0 == b.0 => {
                if a.1 != b.1 {
                    return None;
                }
                right.next();
                left.next()
            }
            (Some(a), Some(b)) if a.0 < b.0 => left.next(),
            (_, Some(_)) => right.next(),
            (_, None) => left.next(),
        };
        match next {
            Some(entry) => merged.push(*entry),
            None => return Some(merged),
        }
    }
}
