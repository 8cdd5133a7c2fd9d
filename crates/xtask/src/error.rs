//! Why a task did not succeed.

use std::path::PathBuf;
use std::process::ExitCode;

use thiserror::Error;

/// Why a task did not succeed.
#[derive(Debug, Error)]
pub enum TaskError {
    /// The arguments name no task, or ask for help.
    #[error("{0}")]
    Usage(#[from] clap::Error),
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
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Check(_) => 2.into(),
            Self::Usage(_) | Self::File { .. } | Self::Failed(_) => 1.into(),
        }
    }
}
