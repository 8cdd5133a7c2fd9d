//! The operations that the simulated account has, from the rows of its services.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::TaskError;
use crate::project;

/// What begins a row of a service's table of operations.
const ROWS: [&str; 2] = ["Operation::read(", "Operation::write("];

/// The Rust files of the simulated account.
#[derive(Debug)]
pub(super) struct Sources(Vec<(PathBuf, String)>);

impl Sources {
    /// Reads all files below a folder, which is named from the root of the workspace.
    pub(super) fn read(folder: &str) -> Result<Self, TaskError> {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::from(folder)];
        while let Some(folder) = folders.pop() {
            for path in project::entries(&folder)? {
                if project::root().join(&path).is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = project::read(&path)?;
                    files.push((path, text));
                }
            }
        }
        Ok(Self(files))
    }

    /// The operations in the rows below the folder of this name.
    pub(super) fn operations_of(&self, service: &str) -> BTreeSet<String> {
        let below = |path: &Path| path.components().any(|part| part.as_os_str() == service);
        self.0.iter().filter(|(path, _)| below(path)).flat_map(|(_, text)| rows(text)).collect()
    }
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
