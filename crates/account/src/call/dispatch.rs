//! The one function that every call passes.

use std::sync::Arc;
use std::time::Duration;

use aws_text::partition;
use serde_json::Value;

use super::authorization::Authorization;
use super::fault::FaultKind;
use super::log::{Call, Delivery};
use super::state::WorldState;
use crate::authorize::{Principal, Verdict};
use crate::base::{ServiceError, Timestamp};
use crate::protocol::{Params, Unread};
use crate::service::{AnyService, Context, Refusals, RequiredPermission, Row, WRITE_LATENCY};
use crate::services;
use crate::state::Region;

/// A call before anything is decided about it.
#[derive(Debug)]
pub(super) struct Incoming<'a> {
    pub(super) access_key_id: &'a str,
    /// The session token that came with the request.
    pub(super) session_token: SessionToken<'a>,
    pub(super) region: &'a str,
    pub(super) operation: &'a str,
    pub(super) parameters: Value,
    pub(super) origin: Origin,
}

/// The session token of a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum SessionToken<'a> {
    /// What the request carries; it must be the one of the credentials.
    Given(Option<&'a str>),
    /// The call carries no credentials: Step Functions makes it with the role of the machine.
    NotSent,
}

/// Where a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A process, over HTTP: parameters have their wire names, and a crash ends the process.
    Process,
    /// A definition: parameters have their SDK names, and there is no process that could crash.
    Definition,
}

/// Where a call goes.
pub(super) enum Target<'a> {
    /// To a service of this simulation.
    Service(&'static dyn AnyService),
    /// To a service that is simulated elsewhere.
    Hosted(HostedOperation<'a>),
}

/// An operation of a service that is simulated elsewhere.
pub(super) struct HostedOperation<'a> {
    pub(super) service: &'a str,
    /// The ARN that the caller must be allowed to call the operation on.
    pub(super) resource: &'a str,
    /// The condition keys that the call supplies for the resource.
    pub(super) keys: &'a [(&'a str, &'a str)],
    pub(super) refusals: &'static Refusals,
    pub(super) effect: Effect<'a>,
}

/// What a hosted operation does.
pub(super) type Effect<'a> = Box<dyn FnOnce(&Value) -> Result<Value, ServiceError> + 'a>;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Outcome {
    /// What the service answers, also when the caller does not get it.
    pub(super) result: Result<Value, ServiceError>,
    pub(super) delivery: Delivery,
    pub(super) latency: Duration,
    pub(super) request_id: String,
}

impl Target<'_> {
    fn service(&self) -> &str {
        match self {
            Self::Service(service) => service.name(),
            Self::Hosted(operation) => operation.service,
        }
    }

    fn refusals(&self) -> &Refusals {
        match self {
            Self::Service(service) => service.refusals(),
            Self::Hosted(operation) => operation.refusals,
        }
    }

    fn region<'r>(&self, region: &'r str) -> &'r str {
        match self {
            Self::Service(service) => service.region(region),
            Self::Hosted(_) => region,
        }
    }
}

/// Takes a call its whole way, and logs it.
pub(super) fn dispatch(state: &mut WorldState, now: Timestamp, target: Target<'_>, incoming: Incoming<'_>) -> Outcome {
    state.sequence += 1;
    let request_id = state.request_ids.uuid();
    let row = match &target {
        Target::Service(service) => service.find(incoming.operation),
        Target::Hosted(_) => None,
    };
    let mut call = Call {
        seq: state.sequence,
        at: now,
        account: String::new(),
        region: target.region(incoming.region).to_owned(),
        service: target.service().to_owned(),
        operation: incoming.operation.to_owned(),
        principal: incoming.access_key_id.to_owned(),
        function: String::new(),
        request_id: request_id.clone(),
        parameters: Value::Null,
        read_only: row.as_ref().is_some_and(|row| row.read_only),
        error: None,
        delivery: Delivery::Delivered,
    };
    let latency = row.as_ref().map_or(WRITE_LATENCY, |row| row.latency);
    let result = match identify(state, target.refusals(), now, &incoming) {
        Err(error) => {
            call.parameters = incoming.parameters;
            Err(error)
        }
        Ok(caller) => {
            call.account.clone_from(&caller.account);
            call.principal.clone_from(&caller.arn);
            call.function.clone_from(&caller.function);
            proceed(state, now, &caller, target, row, incoming, &mut call)
        }
    };
    if let Err(error) = &result {
        state.note_problem(&call.service, &call.operation, error);
    }
    call.error = result.as_ref().err().map(|error| error.code.clone());
    state.crashed |= call.delivery == Delivery::CallerCrashed;
    let delivery = call.delivery;
    state.log(call, now);
    Outcome { result, delivery, latency, request_id }
}

/// The caller of a call.
fn identify(
    state: &WorldState,
    refusals: &Refusals,
    now: Timestamp,
    incoming: &Incoming<'_>,
) -> Result<Arc<Principal>, ServiceError> {
    let caller = state.identities.principal(incoming.access_key_id).ok_or(refusals.unknown_key)?;
    if let SessionToken::Given(token) = incoming.session_token
        && caller.session_token.as_deref() != token
    {
        return Err(refusals.unknown_key.into());
    }
    if caller.expires.is_some_and(|end| end <= now) {
        return Err(refusals.expired_token.into());
    }
    Ok(caller)
}

/// Translates the parameters, meets the planned fault, and lets the call have its effect where the fault allows it.
fn proceed(
    state: &mut WorldState,
    now: Timestamp,
    caller: &Arc<Principal>,
    target: Target<'_>,
    row: Option<Row<'static>>,
    incoming: Incoming<'_>,
    call: &mut Call,
) -> Result<Value, ServiceError> {
    call.parameters = incoming.parameters;
    // An operation that is not simulated has no model.
    if let (Target::Service(service), true) = (&target, row.is_some()) {
        call.parameters = translated(*service, incoming.operation, incoming.origin, &call.parameters)?;
    }
    let fault = state.faults.meet(&call.service, &call.operation, &caller.function);
    call.delivery = match fault {
        Some(FaultKind::TimeoutBefore | FaultKind::TimeoutAfter) => Delivery::Unanswered,
        Some(FaultKind::CrashAfter) if incoming.origin == Origin::Process => Delivery::CallerCrashed,
        Some(FaultKind::CrashAfter | FaultKind::ConnectionResetAfter) => Delivery::ConnectionReset,
        Some(FaultKind::Throttled | FaultKind::ServerError | FaultKind::AccessDenied) | None => Delivery::Delivered,
    };
    match fault {
        Some(FaultKind::Throttled) => return Err(target.refusals().throttled.into()),
        Some(FaultKind::ServerError | FaultKind::TimeoutBefore) => return Err(target.refusals().server_error.into()),
        _ => {}
    }
    let denied = fault == Some(FaultKind::AccessDenied);
    match (target, row) {
        (Target::Service(service), Some(row)) => run(state, now, caller, service, &row, call, denied),
        (Target::Service(_), None) => Err(ServiceError::unknown_operation(&call.service, &call.operation)),
        (Target::Hosted(operation), _) => run_hosted(state, now, caller, operation, call, denied),
    }
}

/// The parameters in the names of the SDKs, checked.
pub(super) fn translated(
    service: &dyn AnyService,
    operation: &str,
    origin: Origin,
    parameters: &Value,
) -> Result<Value, ServiceError> {
    match origin {
        Origin::Process => service.model().request(operation, parameters.clone()),
        Origin::Definition => service.model().sdk_request(operation, parameters.clone()),
    }
}

/// Authorizes and runs an operation of this simulation.
fn run(
    state: &mut WorldState,
    now: Timestamp,
    caller: &Arc<Principal>,
    service: &dyn AnyService,
    row: &Row<'_>,
    call: &Call,
    denied: bool,
) -> Result<Value, ServiceError> {
    let WorldState { accounts, ids, identities, usage, sequence, .. } = state;
    let region = accounts.entry(&caller.account, &call.region);
    services::advance(region, ids, now);
    let mut context = Context {
        account: &caller.account,
        region: &call.region,
        partition: partition::of_region(&call.region),
        now,
        sequence: *sequence,
        principal: Arc::clone(caller),
        ids,
        identities,
        deferred_refusals: Vec::new(),
    };
    execute(service, row, region, &mut context, call.parameters.clone(), |context, permissions| {
        let authorization =
            Authorization { caller, account: &caller.account, region: &call.region, now, refusals: service.refusals() };
        if denied {
            let permission = permissions.into_iter().next();
            let permission =
                permission.unwrap_or_else(|| RequiredPermission::new(format!("{}:{}", service.name(), row.name), "*"));
            return Err(authorization.denied(&permission, Verdict::ImplicitlyDenied));
        }
        context.deferred_refusals = authorization.check(usage, &permissions)?;
        Ok(())
    })
}

/// Runs an operation if `authorize` lets it, given the permissions that it requires.
pub(super) fn execute(
    service: &dyn AnyService,
    row: &Row<'_>,
    region: &mut Region,
    context: &mut Context<'_>,
    parameters: Value,
    authorize: impl FnOnce(&mut Context<'_>, Vec<RequiredPermission>) -> Result<(), ServiceError>,
) -> Result<Value, ServiceError> {
    let (params, unread) = Params::new(parameters, service.model().protocol, "");
    authorize(context, row.permissions(region, context, &params))?;
    let result = row.run(region, context, params);
    services::advance(region, context.ids, context.now);
    let names = unread.names();
    if result.is_ok() && !names.is_empty() {
        return Err(ServiceError::unsupported(format!("parameter {}", names.join(", "))));
    }
    if cfg!(debug_assertions) {
        examine(service, row, &result, &unread)?;
    }
    result
}

/// Refuses a result that AWS could not give or that the service does not declare: a response as in the model, an error
/// with the status that the model has for its code, parameters as in its [`crate::service::Support`]. Development builds
/// do so, and with them every test.
fn examine(
    service: &dyn AnyService,
    row: &Row<'_>,
    result: &Result<Value, ServiceError>,
    unread: &Unread,
) -> Result<(), ServiceError> {
    let broken = |what: String| Err(ServiceError::broken_invariant(format!("{}:{} {what}", service.name(), row.name)));
    let model = service.model();
    match result {
        Ok(response) => {
            model.check_response(row.name, response).map_err(|misfit| misfit.of_response())?;
            let Some(support) = service.support().iter().find(|support| support.operation == row.name) else {
                return broken("declares nothing".to_owned());
            };
            match support.undeclared(&unread.known()) {
                Some(name) => broken(format!("does not declare its parameter {name}")),
                None => Ok(()),
            }
        }
        Err(error) => match model.status_of(&error.code) {
            Some(status) if status != error.status && error.problem.is_none() => {
                broken(format!("fails with {} and the status {} instead of {status}", error.code, error.status))
            }
            _ => Ok(()),
        },
    }
}

/// Authorizes an operation that is simulated elsewhere, and lets it have its effect.
fn run_hosted(
    state: &mut WorldState,
    now: Timestamp,
    caller: &Principal,
    operation: HostedOperation<'_>,
    call: &Call,
    denied: bool,
) -> Result<Value, ServiceError> {
    let permission = RequiredPermission::new(format!("{}:{}", call.service, call.operation), operation.resource)
        .keys(operation.keys);
    let authorization =
        Authorization { caller, account: &caller.account, region: &call.region, now, refusals: operation.refusals };
    if denied {
        return Err(authorization.denied(&permission, Verdict::ImplicitlyDenied));
    }
    authorization.check(&mut state.usage, &[permission])?;
    (operation.effect)(&call.parameters)
}
