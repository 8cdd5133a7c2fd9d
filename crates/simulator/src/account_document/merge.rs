//! JSON merge patches (RFC 7396), strictly: every member of a patch has to change something.

use serde_json::{Map, Value};

use super::Problem;

/// Applies a patch: a member with null is removed, objects are merged, everything else is replaced or added at the end.
/// `place` is where the patch is.
pub(super) fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>, place: &str) -> Result<(), Problem> {
    for (name, change) in patch {
        let place = format!("{place}.{name}");
        match (target.get_mut(&name), change) {
            // The order of members is the order of lists, so that the others keep their places.
            (Some(_), Value::Null) => drop(target.shift_remove(&name)),
            (None, Value::Null) => return Err(Problem::NothingToRemove { place }),
            (Some(Value::Object(_)), Value::Object(change)) if change.is_empty() => {
                return Err(Problem::Unchanged { place });
            }
            (Some(Value::Object(inner)), Value::Object(change)) => merge(inner, change, &place)?,
            (Some(present), change) if *present == change => return Err(Problem::Unchanged { place }),
            (Some(present), change) => {
                refuse_nulls(&change, &place)?;
                *present = change;
            }
            (None, change) => {
                refuse_nulls(&change, &place)?;
                target.insert(name, change);
            }
        }
    }
    Ok(())
}

/// Refuses nulls in an object that is new as a whole.
fn refuse_nulls(value: &Value, place: &str) -> Result<(), Problem> {
    let Value::Object(members) = value else { return Ok(()) };
    members.iter().try_for_each(|(name, member)| {
        let place = format!("{place}.{name}");
        if member.is_null() { Err(Problem::NothingToRemove { place }) } else { refuse_nulls(member, &place) }
    })
}
