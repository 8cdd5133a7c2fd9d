//! Resources that a document describes twice in the same place.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::service::{AnyService, Described, SeedError};

/// Refuses outputs of one command that describe a resource twice: one of the two would be passed over.
pub(super) fn refuse(service: &dyn AnyService, command: &str, outputs: &[Value]) -> Result<(), SeedError> {
    for Described { path, id, .. } in service.described().iter().filter(|it| it.command == command) {
        let mut seen = BTreeSet::new();
        for output in outputs {
            visit(output, path, &mut |described| {
                let Some(id) = described.get(*id).and_then(Value::as_str) else { return Ok(()) };
                if seen.insert(id.to_owned()) {
                    return Ok(());
                }
                Err(SeedError::malformed(path.join("."), format!("`{id}` is described twice")))
            })?;
        }
    }
    Ok(())
}

/// Shows `found` everything at a path; lists are looked through.
fn visit(
    value: &Value,
    path: &[&str],
    found: &mut dyn FnMut(&Value) -> Result<(), SeedError>,
) -> Result<(), SeedError> {
    match (value, path.split_first()) {
        (Value::Array(elements), _) => elements.iter().try_for_each(|element| visit(element, path, found)),
        (_, None) => found(value),
        (_, Some((first, rest))) => value.get(*first).map_or(Ok(()), |inner| visit(inner, rest, found)),
    }
}
