use std::collections::BTreeSet;

use super::path::{Path, Step};
use super::update::{Assigned, Source, Update};
use crate::services::dynamodb::attribute::{Attribute, Item};
use crate::services::dynamodb::err::UpdateError;
use crate::services::dynamodb::number::Number;

/// Applies `update` to `item`. Every value is taken from the item as it was before.
pub(in crate::services::dynamodb) fn apply(update: &Update, item: &Item) -> Result<Item, UpdateError> {
    let values = update
        .set
        .iter()
        .map(|(path, assigned)| Ok((path, evaluate(assigned, item)?)))
        .collect::<Result<Vec<_>, UpdateError>>()?;
    let mut changed = item.clone();
    // Elements behind the end of a list are appended in the order of their indexes.
    let mut values = values;
    values.sort_by_key(|(path, _)| *path);
    for (path, value) in values {
        put(&mut changed, path, value)?;
    }
    for (path, value) in &update.add {
        let sum = match path.find(&changed) {
            None => value.clone(),
            Some(current) => added(current, value)?,
        };
        put(&mut changed, path, sum)?;
    }
    for (path, value) in &update.delete {
        let Some(current) = path.find(&changed) else { continue };
        match without(current, value)? {
            Some(rest) => put(&mut changed, path, rest)?,
            // A set that becomes empty goes away with its attribute.
            None => remove(&mut changed, path),
        }
    }
    // From the end, so that an index still means what it meant before.
    let removed: BTreeSet<&Path> = update.remove.iter().collect();
    for path in removed.into_iter().rev() {
        if container_exists(item, path) {
            remove(&mut changed, path);
        } else {
            return Err(UpdateError::InvalidPath);
        }
    }
    Ok(changed)
}

fn evaluate(assigned: &Assigned, item: &Item) -> Result<Attribute, UpdateError> {
    let number = |source: &Source| match value_of(source, item)? {
        Attribute::N(number) => Ok(number),
        _ => Err(UpdateError::OperandType),
    };
    match assigned {
        Assigned::Value(source) => value_of(source, item),
        Assigned::Sum(a, b) => Ok(Attribute::N(number(a)?.plus(number(b)?)?)),
        Assigned::Difference(a, b) => Ok(Attribute::N(number(a)?.minus(number(b)?)?)),
    }
}

fn value_of(source: &Source, item: &Item) -> Result<Attribute, UpdateError> {
    match source {
        Source::Value(value) => Ok(value.clone()),
        Source::Path(path) => path.find(item).cloned().ok_or(UpdateError::NoSuchAttribute),
        Source::IfNotExists(path, other) => path.find(item).cloned().map_or_else(|| value_of(other, item), Ok),
        Source::ListAppend(first, second) => match (value_of(first, item)?, value_of(second, item)?) {
            (Attribute::L(mut list), Attribute::L(more)) => {
                list.extend(more);
                Ok(Attribute::L(list))
            }
            _ => Err(UpdateError::OperandType),
        },
    }
}

fn added(current: &Attribute, value: &Attribute) -> Result<Attribute, UpdateError> {
    match (current, value) {
        (Attribute::N(current), Attribute::N(value)) => {
            Number::plus(*current, *value).map(Attribute::N).map_err(UpdateError::from)
        }
        (Attribute::Ss(a), Attribute::Ss(b)) => Ok(Attribute::Ss(a | b)),
        (Attribute::Ns(a), Attribute::Ns(b)) => Ok(Attribute::Ns(a | b)),
        (Attribute::Bs(a), Attribute::Bs(b)) => Ok(Attribute::Bs(a | b)),
        _ => Err(UpdateError::OperandType),
    }
}

fn without(current: &Attribute, value: &Attribute) -> Result<Option<Attribute>, UpdateError> {
    fn rest<T: Ord + Clone>(a: &BTreeSet<T>, b: &BTreeSet<T>, set: fn(BTreeSet<T>) -> Attribute) -> Option<Attribute> {
        let left = a - b;
        if left.is_empty() { None } else { Some(set(left)) }
    }
    match (current, value) {
        (Attribute::Ss(a), Attribute::Ss(b)) => Ok(rest(a, b, Attribute::Ss)),
        (Attribute::Ns(a), Attribute::Ns(b)) => Ok(rest(a, b, Attribute::Ns)),
        (Attribute::Bs(a), Attribute::Bs(b)) => Ok(rest(a, b, Attribute::Bs)),
        _ => Err(UpdateError::OperandType),
    }
}

fn put(item: &mut Item, path: &Path, value: Attribute) -> Result<(), UpdateError> {
    let Some((last, leading)) = path.0.split_last() else { return Err(UpdateError::InvalidPath) };
    let Some((first, between)) = leading.split_first() else {
        item.insert(path.attribute().to_owned(), value);
        return Ok(());
    };
    match (container(item, first, between), last) {
        (Some(Attribute::M(map)), Step::Name(name)) => {
            map.insert(name.clone(), value);
            Ok(())
        }
        (Some(Attribute::L(list)), Step::Index(index)) => {
            match list.get_mut(*index) {
                Some(slot) => *slot = value,
                None => list.push(value),
            }
            Ok(())
        }
        _ => Err(UpdateError::InvalidPath),
    }
}

fn remove(item: &mut Item, path: &Path) {
    let Some((last, leading)) = path.0.split_last() else { return };
    let Some((first, between)) = leading.split_first() else {
        item.remove(path.attribute());
        return;
    };
    match (container(item, first, between), last) {
        (Some(Attribute::M(map)), Step::Name(name)) => {
            map.remove(name);
        }
        (Some(Attribute::L(list)), Step::Index(index)) if *index < list.len() => {
            list.remove(*index);
        }
        _ => (),
    }
}

fn container<'a>(item: &'a mut Item, first: &Step, between: &[Step]) -> Option<&'a mut Attribute> {
    let Step::Name(name) = first else { return None };
    between.iter().try_fold(item.get_mut(name)?, |value, step| match (value, step) {
        (Attribute::M(map), Step::Name(name)) => map.get_mut(name),
        (Attribute::L(list), Step::Index(index)) => list.get_mut(*index),
        _ => None,
    })
}

/// Whether what the last step of `path` is taken from is there and can have such a step.
fn container_exists(item: &Item, path: &Path) -> bool {
    let Some((last, leading)) = path.0.split_last() else { return false };
    if leading.is_empty() {
        return true;
    }
    matches!(
        (Path(leading.to_vec()).find(item), last),
        (Some(Attribute::M(_)), Step::Name(_)) | (Some(Attribute::L(_)), Step::Index(_))
    )
}
