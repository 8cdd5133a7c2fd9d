//! The services that the simulated account has, and the operations of each, from the rows of its registry.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::error::TaskError;
use crate::project;

/// Where the simulated account is.
const FOLDER: &str = "crates/account/src";

/// What the file with the rows of a service has.
const SERVICE: &str = "static SERVICE: Service<";

/// What begins a row.
const ROWS: [&str; 2] = ["Operation::read(", "Operation::write("];

/// A service as its registry row has it.
#[derive(Debug)]
pub(crate) struct Simulated {
    /// Its name in policies.
    pub(crate) policy_name: String,
    pub(crate) operations: BTreeSet<String>,
}

/// The services by their folders. Paths are from the root of the workspace.
pub(crate) fn simulated() -> Result<BTreeMap<PathBuf, Simulated>, TaskError> {
    let mut services = BTreeMap::new();
    let mut folders = vec![PathBuf::from(FOLDER)];
    while let Some(folder) = folders.pop() {
        for path in project::entries(&folder)? {
            if project::root().join(&path).is_dir() {
                folders.push(path);
            } else if path.ends_with("mod.rs") {
                let text = project::read(&path)?;
                if let Some((_, row)) = text.split_once(SERVICE) {
                    let name = row.split_once("name: \"").and_then(|(_, rest)| rest.split_once('"'));
                    let policy_name = name.map_or_else(String::new, |(name, _)| name.to_owned());
                    services.insert(folder.clone(), Simulated { policy_name, operations: rows(&text).collect() });
                }
            }
        }
    }
    Ok(services)
}

/// The first argument of each row.
fn rows(text: &str) -> impl Iterator<Item = String> {
    ROWS.iter().flat_map(move |row| {
        text.split(row).skip(1).filter_map(|rest| {
            let (name, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
            Some(name.to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_row_may_be_on_one_line_or_on_several() {
        let text = "Operation::read(\"A\", x), Operation::write(\n    \"B\",\n y), Operation::read(name, z)";
        assert_eq!(rows(text).collect::<Vec<_>>(), ["A", "B"]);
    }
}
