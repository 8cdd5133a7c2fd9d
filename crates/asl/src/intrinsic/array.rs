//! Functions over arrays.

use std::collections::HashSet;

use serde_json::Value;

/// Splits an array into arrays of `size` items.
pub(super) fn partition(items: &[Value], size: usize) -> Value {
    items.chunks(size).map(|chunk| Value::Array(chunk.to_vec())).collect()
}

/// The items without repetitions, in the order of their first occurrence.
pub(super) fn unique(items: Vec<Value>) -> Value {
    let mut seen = HashSet::new();
    items.into_iter().filter(|item| seen.insert(item.to_string())).collect()
}

/// The integers from `first` to `last` in steps; `None` when the step is zero or there are more than `most` of them.
pub(super) fn range(first: i64, last: i64, step: i64, most: usize) -> Option<Vec<i64>> {
    if step == 0 {
        return None;
    }
    let mut out = Vec::new();
    let mut current = first;
    while if step > 0 { current <= last } else { current >= last } {
        if out.len() == most {
            return None;
        }
        out.push(current);
        match current.checked_add(step) {
            Some(next) => current = next,
            None => break,
        }
    }
    Some(out)
}
