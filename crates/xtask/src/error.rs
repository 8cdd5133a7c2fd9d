//! Why a task did not succeed.

use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

/// Why a task did not succeed.
#[derive(Debug, Error)]
pub(crate) enum TaskError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What the task checks does not hold.
    #[error("{0}")]
    Check(String),
    /// Another program failed, or the task cannot be done.
    #[error("{0}")]
    Failed(String),
}

impl TaskError {
    /// 2 for a check that failed, 1 for a task that could not be done.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Check(_) => 2.into(),
            Self::File { .. } | Self::Failed(_) => 1.into(),
        }
    }
}
