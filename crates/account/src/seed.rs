//! Reading `account.json`: the outputs of AWS CLI commands, by service and command.

mod page;
mod twice;

use std::sync::Arc;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::authorize::Policy;
use crate::identity::{Identities, Principal};
use crate::ids::Ids;
use crate::model::Model;
use crate::operation::{Context, ServiceError, home_region, partition_of};
use crate::params::Params;
use crate::region::{AnyService, SERVICES, service_named};
use crate::time::Timestamp;
use crate::world::State;

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
    pub fn unknown_command(service: &str, command: &str) -> Self {
        Self::UnknownCommand { service: service.to_owned(), command: command.to_owned() }
    }

    /// Something malformed at a place.
    pub fn malformed(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Malformed { path: path.into(), reason: reason.into() }
    }

    /// The same error with a place before its own.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
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

/// Reads a whole document into one Region of an account.
pub(crate) fn load(
    state: &mut State,
    now: Timestamp,
    account: &str,
    region: &str,
    document: &Value,
) -> Result<(), SeedError> {
    let Value::Object(services) = document else {
        return Err(SeedError::malformed("account.json", "expected an object of services"));
    };
    for (name, commands) in services {
        let service = service_named(name).ok_or_else(|| SeedError::UnknownService {
            service: name.clone(),
            known: SERVICES.iter().map(|service| service.name()).collect::<Vec<_>>().join(", "),
        })?;
        let Value::Object(commands) = commands else {
            return Err(SeedError::malformed(name, "expected an object of commands, such as `describe-instances`"));
        };
        for (command, output) in commands {
            let path = format!("{name}.{command}");
            let load = |output| load_command(state, now, account, region, service, command, output);
            pages(service.model(), name, command, output)
                .and_then(|outputs| outputs.into_iter().try_for_each(load))
                .map_err(|error| error.within(&path))?;
        }
    }
    State::region_mut(&mut state.regions, account, region).ec2.check_attachments()?;
    complete_profiles(state, now, account, region);
    Ok(())
}

/// The outputs of a command: one, or several in a list.
fn pages(model: &Model, service: &str, command: &str, output: &Value) -> Result<Vec<Value>, SeedError> {
    let outputs = match output {
        Value::Array(outputs) => outputs.as_slice(),
        output => std::slice::from_ref(output),
    };
    twice::refuse(service, command, outputs)?;
    let objects = outputs.iter().map(|output| output.as_object().cloned());
    let objects: Option<Vec<Map<String, Value>>> = objects.collect();
    let mut objects = objects.ok_or_else(|| SeedError::malformed("", "expected the command's output, an object"))?;
    page::join(&mut objects, model)?;
    Ok(objects.into_iter().map(Value::Object).collect())
}

/// Makes up in IAM what the instances of a Region refer to there; see `iam::seed`.
fn complete_profiles(state: &mut State, now: Timestamp, account: &str, region: &str) {
    let profiles = State::region_mut(&mut state.regions, account, region).ec2.profiles_in_force();
    let home = home_region(region);
    let State { regions, ids, identities, .. } = state;
    let context = context(ids, identities, now, account, home);
    for (arn, id) in profiles {
        State::region_mut(regions, account, home).iam.ensure_profile(&context, &arn, id.as_deref());
    }
}

fn load_command(
    state: &mut State,
    now: Timestamp,
    account: &str,
    region_name: &str,
    service: &dyn AnyService,
    command: &str,
    output: Value,
) -> Result<(), SeedError> {
    let region_name = service.region(region_name);
    let region = State::region_mut(&mut state.regions, account, region_name);
    let mut context = context(&mut state.ids, &mut state.identities, now, account, region_name);
    let (params, ledger) = Params::new(output, service.model().protocol, "");
    service.seed(region, &mut context, command, params)?;
    let left = ledger.left();
    if left.is_empty() {
        return Ok(());
    }
    Err(SeedError::UnknownFields { path: String::new(), fields: left.join(", ") })
}

fn context<'a>(
    ids: &'a mut Ids,
    identities: &'a mut Identities,
    now: Timestamp,
    account: &'a str,
    region: &'a str,
) -> Context<'a> {
    Context {
        account,
        region,
        partition: partition_of(region),
        now,
        sequence: 0,
        principal: Arc::new(nobody(account)),
        ids,
        identities,
        refused: Vec::new(),
    }
}

/// Seeding is nobody's call.
fn nobody(account: &str) -> Principal {
    Principal {
        access_key_id: String::new(),
        secret_access_key: String::new(),
        session_token: None,
        arn: String::new(),
        account: account.to_owned(),
        function: String::new(),
        policy: Policy::default(),
        expires: None,
    }
}

#[cfg(test)]
mod tests;
