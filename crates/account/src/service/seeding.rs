use thiserror::Error;

use super::Context;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::state::Accounts;

/// How `account.json` fills the state of a service.
pub(crate) struct Seeding<S: 'static> {
    /// Reads one output of a command into the state: the command's name without the service (`describe-instances`), and
    /// its document.
    pub(crate) load: fn(&mut S, &mut Context<'_>, &str, Params) -> Result<(), SeedError>,
    /// The resources that a command may describe only once.
    pub(crate) described: &'static [Described],
    /// Checks and completes the state of an account and Region after all commands of all services were read.
    pub(crate) complete: Option<Complete>,
}

/// Completes the state of the account and Region of the context.
pub(crate) type Complete = fn(&mut Accounts, &mut Context<'_>) -> Result<(), SeedError>;

/// Where a command's output describes resources, and the member that identifies each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Described {
    /// The command: `describe-instances`.
    pub(crate) command: &'static str,
    /// The lists down to the descriptions.
    pub(crate) path: &'static [&'static str],
    /// The member with the id.
    pub(crate) id: &'static str,
}

impl Described {
    /// Descriptions of a command at a path.
    pub(crate) const fn new(command: &'static str, path: &'static [&'static str], id: &'static str) -> Self {
        Self { command, path, id }
    }
}

/// What is wrong with an `account.json`, and where.
#[derive(Debug, Error)]
pub enum SeedError {
    /// The document, a service or a command's output has the wrong form.
    #[error("`{path}`: {reason}")]
    Malformed {
        /// Where: service, command, then names and indexes.
        path: String,
        /// What is wrong there.
        reason: String,
    },
    /// No such service in the simulation.
    #[error("`{service}` is not a service of the simulated account: expected one of {known}")]
    UnknownService {
        /// The name as given.
        service: String,
        /// The names that would do.
        known: String,
    },
    /// No such command for a service.
    #[error("`{service}.{command}` is not a command that the simulated account is seeded from")]
    UnknownCommand {
        /// The service.
        service: String,
        /// The command as given.
        command: String,
    },
    /// Fields that nothing reads.
    #[error("unknown field in {path}: {fields}")]
    UnknownFields {
        /// The command: `ec2.describe-instances`.
        path: String,
        /// The fields with their full names.
        fields: String,
    },
}

impl SeedError {
    /// A command that a service is not seeded from.
    pub(crate) fn unknown_command(service: &str, command: &str) -> Self {
        Self::UnknownCommand { service: service.to_owned(), command: command.to_owned() }
    }

    /// Something malformed at a place.
    pub(crate) fn malformed(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Malformed { path: path.into(), reason: reason.into() }
    }

    /// The same error with a place before its own.
    #[must_use]
    pub(crate) fn within(self, place: &str) -> Self {
        let join = |path: String| if path.is_empty() { place.to_owned() } else { format!("{place}.{path}") };
        match self {
            Self::Malformed { path, reason } => Self::Malformed { path: join(path), reason },
            Self::UnknownFields { path, fields } => Self::UnknownFields { path: join(path), fields },
            other => other,
        }
    }
}

impl From<ServiceError> for SeedError {
    fn from(error: ServiceError) -> Self {
        // The message of a parameter's error names it in full.
        Self::Malformed { path: String::new(), reason: error.message }
    }
}
