//! The files of the repository.

use std::path::{Path, PathBuf};

use crate::error::TaskError;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).components().rev().skip(2).collect::<Vec<_>>().into_iter().rev().collect()
}

/// The text of a file, by its path from the root.
pub(crate) fn read(path: impl AsRef<Path>) -> Result<String, TaskError> {
    let path = root().join(path);
    std::fs::read_to_string(&path).map_err(|source| TaskError::File { path, source })
}

/// The files and folders in a folder, sorted, all by their paths from the root.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, TaskError> {
    let full = root().join(folder);
    let failed = |source| TaskError::File { path: full.clone(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&full).map_err(failed)? {
        found.push(folder.join(entry.map_err(failed)?.file_name()));
    }
    found.sort();
    Ok(found)
}

/// Writes a generated file, by its path from the root; with `check`, fails unless the file has this text already.
pub(crate) fn generated(path: impl AsRef<Path>, text: &str, check: bool) -> Result<(), TaskError> {
    let full = root().join(&path);
    match std::fs::read_to_string(&full) {
        Ok(found) if found == text => return Ok(()),
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(TaskError::File { path: full, source });
        }
        Ok(_) | Err(_) => {}
    }
    if check {
        return Err(TaskError::Check(format!(
            "{} is not what its generator writes: run the task without --check and read the difference",
            path.as_ref().display()
        )));
    }
    std::fs::write(&full, text).map_err(|source| TaskError::File { path: full, source })
}

/// Writes a new file and the folders above it, by its path from the root.
pub(crate) fn create(path: impl AsRef<Path>, text: &str) -> Result<(), TaskError> {
    let path = root().join(path);
    let written = match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)),
        None => std::fs::write(&path, text),
    };
    written.map_err(|source| TaskError::File { path, source })
}
