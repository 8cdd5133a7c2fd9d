use std::cmp::Ordering;

use super::condition::{Comparator, Condition, Operand};
use crate::services::dynamodb::attribute::{Attribute, Item};
use crate::services::dynamodb::number::Number;

/// Whether `condition` holds for `item`; an item that does not exist is one without attributes.
///
/// A comparison with an attribute that is not there is false, except `<>`, which is true of whatever is not equal.
pub(in crate::services::dynamodb) fn holds(condition: &Condition, item: &Item) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| holds(part, item)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, item)),
        Condition::Not(inner) => !holds(inner, item),
        Condition::Compare(comparator, a, b) => compare(*comparator, resolve(a, item), resolve(b, item)),
        Condition::Between { value, low, high } => {
            let value = resolve(value, item);
            compare(Comparator::GreaterOrEqual, value.clone(), resolve(low, item))
                && compare(Comparator::LessOrEqual, value, resolve(high, item))
        }
        Condition::In { value, list } => resolve(value, item)
            .is_some_and(|value| list.iter().any(|element| resolve(element, item).as_ref() == Some(&value))),
        Condition::Exists(path) => path.find(item).is_some(),
        Condition::NotExists(path) => path.find(item).is_none(),
        Condition::HasType(path, kind) => path.find(item).is_some_and(|value| value.tag() == kind),
        Condition::BeginsWith(value, prefix) => match (resolve(value, item), resolve(prefix, item)) {
            (Some(Attribute::S(text)), Some(Attribute::S(prefix))) => text.starts_with(&prefix),
            (Some(Attribute::B(bytes)), Some(Attribute::B(prefix))) => bytes.starts_with(&prefix),
            _ => false,
        },
        Condition::Contains(value, part) => match (resolve(value, item), resolve(part, item)) {
            (Some(value), Some(part)) => contains(&value, &part),
            _ => false,
        },
    }
}

fn resolve(operand: &Operand, item: &Item) -> Option<Attribute> {
    match operand {
        Operand::Value(value) => Some(value.clone()),
        Operand::Path(path) => path.find(item).cloned(),
        Operand::Size(path) => path.find(item).and_then(size).map(|size| Attribute::N(Number::whole(size))),
    }
}

/// What the function `size` says; numbers, booleans and null have none.
fn size(value: &Attribute) -> Option<usize> {
    match value {
        Attribute::S(text) => Some(text.chars().count()),
        Attribute::B(bytes) => Some(bytes.len()),
        Attribute::L(list) => Some(list.len()),
        Attribute::M(map) => Some(map.len()),
        Attribute::Ss(set) => Some(set.len()),
        Attribute::Ns(set) => Some(set.len()),
        Attribute::Bs(set) => Some(set.len()),
        Attribute::N(_) | Attribute::Bool(_) | Attribute::Null => None,
    }
}

fn compare(comparator: Comparator, a: Option<Attribute>, b: Option<Attribute>) -> bool {
    let (a, b) = match (comparator, a, b) {
        (_, Some(a), Some(b)) => (a, b),
        (Comparator::NotEqual, a, b) => return a.is_some() || b.is_some(),
        _ => return false,
    };
    match comparator {
        Comparator::Equal => a == b,
        Comparator::NotEqual => a != b,
        Comparator::Less => order(&a, &b).is_some_and(Ordering::is_lt),
        Comparator::LessOrEqual => order(&a, &b).is_some_and(Ordering::is_le),
        Comparator::Greater => order(&a, &b).is_some_and(Ordering::is_gt),
        Comparator::GreaterOrEqual => order(&a, &b).is_some_and(Ordering::is_ge),
    }
}

/// The order of two values of one type that has an order. Texts compare by their UTF-8 bytes.
pub(super) fn order(a: &Attribute, b: &Attribute) -> Option<Ordering> {
    match (a, b) {
        (Attribute::S(a), Attribute::S(b)) => Some(a.cmp(b)),
        (Attribute::N(a), Attribute::N(b)) => Some(a.cmp(b)),
        (Attribute::B(a), Attribute::B(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn contains(value: &Attribute, part: &Attribute) -> bool {
    match (value, part) {
        (Attribute::S(text), Attribute::S(part)) => text.contains(part.as_str()),
        (Attribute::B(bytes), Attribute::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part.as_slice())
        }
        (Attribute::Ss(set), Attribute::S(part)) => set.contains(part),
        (Attribute::Ns(set), Attribute::N(part)) => set.contains(part),
        (Attribute::Bs(set), Attribute::B(part)) => set.contains(part),
        (Attribute::L(list), part) => list.contains(part),
        _ => false,
    }
}
