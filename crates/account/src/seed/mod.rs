//! Reading `account.json`: the outputs of AWS CLI commands, by service and command.
//!
//! Architecture invariant: services know the form of their own commands; this folder only knows what all have in common
//! (pages, lists of outputs, resources that are described twice, fields that are not read).

mod duplicates;
mod pages;

use std::sync::Arc;

use aws_text::partition;
use serde_json::{Map, Value};

use crate::authorize::{Identities, Policy, Principal};
use crate::base::{Ids, Timestamp};
use crate::call::WorldState;
use crate::protocol::Params;
use crate::service::{AnyService, Context, SeedError};
use crate::services;

/// Reads a whole document into one Region of an account.
pub(crate) fn load(
    state: &mut WorldState,
    now: Timestamp,
    account: &str,
    region: &str,
    document: &Value,
) -> Result<(), SeedError> {
    let Value::Object(documents) = document else {
        return Err(SeedError::malformed("account.json", "expected an object of services"));
    };
    for (name, commands) in documents {
        let service = services::named(name).ok_or_else(|| SeedError::UnknownService {
            service: name.clone(),
            known: services::all().map(AnyService::cli_name).collect::<Vec<_>>().join(", "),
        })?;
        let Value::Object(commands) = commands else {
            return Err(SeedError::malformed(name, "expected an object of commands, such as `describe-instances`"));
        };
        for (command, output) in commands {
            let path = format!("{name}.{command}");
            let load = |output| load_output(state, now, account, region, service, command, output);
            outputs(service, command, output)
                .and_then(|outputs| outputs.into_iter().try_for_each(load))
                .map_err(|error| error.within(&path))?;
        }
    }
    for complete in services::all().filter_map(AnyService::complete_seed) {
        let WorldState { accounts, ids, identities, .. } = &mut *state;
        complete(accounts, &mut context(ids, identities, now, account, region))?;
    }
    Ok(())
}

/// The outputs of a command: one, or several in a list.
fn outputs(service: &dyn AnyService, command: &str, output: &Value) -> Result<Vec<Value>, SeedError> {
    let outputs = match output {
        Value::Array(outputs) => outputs.as_slice(),
        output => std::slice::from_ref(output),
    };
    duplicates::refuse(service, command, outputs)?;
    let objects = outputs.iter().map(|output| output.as_object().cloned());
    let objects: Option<Vec<Map<String, Value>>> = objects.collect();
    let mut objects = objects.ok_or_else(|| SeedError::malformed("", "expected the command's output, an object"))?;
    pages::join(&mut objects, service.model())?;
    Ok(objects.into_iter().map(Value::Object).collect())
}

fn load_output(
    state: &mut WorldState,
    now: Timestamp,
    account: &str,
    region: &str,
    service: &dyn AnyService,
    command: &str,
    output: Value,
) -> Result<(), SeedError> {
    let region = service.region(region);
    let WorldState { accounts, ids, identities, .. } = state;
    let mut context = context(ids, identities, now, account, region);
    let (params, unread) = Params::new(output, service.model().protocol, "");
    service.seed(accounts.entry(account, region), &mut context, command, params)?;
    let unread = unread.names();
    if unread.is_empty() {
        return Ok(());
    }
    Err(SeedError::UnknownFields { path: String::new(), fields: unread.join(", ") })
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
        partition: partition::of_region(region),
        now,
        sequence: 0,
        principal: Arc::new(no_caller(account)),
        ids,
        identities,
        deferred_refusals: Vec::new(),
    }
}

/// Seeding is not a call.
fn no_caller(account: &str) -> Principal {
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
