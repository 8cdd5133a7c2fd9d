//! The one way that every call takes: caller, fault, authorization, operation, record.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::authorize::{self, Decision, Request};
use crate::fault::FaultKind;
use crate::identity::{Principal, unique_id};
use crate::operation::{Context, Need, Refusal, Refusals, ServiceError, WRITE_LATENCY, partition_of};
use crate::params::{Ledger, Params};
use crate::record::{Call, Fate};
use crate::region::{AnyService, Row, service_named};
use crate::time::Timestamp;
use crate::world::State;

/// How long a caller without timeouts of its own waits for an answer that never comes.
pub(crate) const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(60);

/// A call before anything is decided about it.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) access_key_id: &'a str,
    /// The token that came with the request; `None` where the caller's credentials are not at issue.
    pub(crate) session_token: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) parameters: Value,
    pub(crate) form: Form,
}

/// Whose names the parameters of a call have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Wire,
    Sdk,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) result: Result<Value, ServiceError>,
    pub(crate) fate: Fate,
    pub(crate) latency: Duration,
    pub(crate) request_id: String,
}

/// A call without bytes, as a definition's service integration makes it.
pub(crate) fn integrate(
    state: &mut State,
    now: Timestamp,
    incoming: Incoming<'_>,
) -> (Result<Value, ServiceError>, Duration) {
    let Some(service) = service_named(incoming.service) else {
        return (Err(unknown_operation(state, incoming.service, incoming.operation)), Duration::ZERO);
    };
    let operation = incoming.operation;
    let token = state.identities.principal(incoming.access_key_id).and_then(|caller| caller.session_token.clone());
    let incoming = Incoming { session_token: token.as_deref(), ..incoming };
    let outcome = perform(state, now, service, incoming);
    match outcome.fate {
        Fate::Deliver => {
            let model = service.model();
            (outcome.result.and_then(|response| model.sdk_response(operation, response)), outcome.latency)
        }
        Fate::NeverAnswer => (Err(lost("Read timed out")), INTEGRATION_TIMEOUT),
        Fate::Reset | Fate::Crash => (Err(lost("Connection reset")), outcome.latency),
    }
}

/// The error that Step Functions reports, behind the service's name, when its own client got no answer.
pub(crate) fn lost(why: &str) -> ServiceError {
    ServiceError::new("SdkClientException", format!("Unable to execute HTTP request: {why}")).status(500)
}

/// Takes a call its whole way.
pub(crate) fn perform(state: &mut State, now: Timestamp, service: &dyn AnyService, incoming: Incoming<'_>) -> Outcome {
    state.sequence += 1;
    let request_id = state.request_ids.uuid();
    let row = service.find(incoming.operation);
    let mut incoming = Incoming { region: service.region(incoming.region), ..incoming };
    let caller = caller(state, service.refusals(), now, &incoming);
    let mut call = Call {
        seq: state.sequence,
        at: now,
        account: String::new(),
        region: incoming.region.to_owned(),
        service: service.name().to_owned(),
        operation: incoming.operation.to_owned(),
        principal: incoming.access_key_id.to_owned(),
        function: String::new(),
        request_id: request_id.clone(),
        parameters: incoming.parameters.clone(),
        read_only: row.is_some_and(|row| row.read_only),
        error: None,
        fate: Fate::Deliver,
    };
    let latency = row.map_or(WRITE_LATENCY, |row| row.latency);
    let (result, fate) = match (caller, row) {
        (Err(error), _) => (Err(error), Fate::Deliver),
        (Ok(_), None) => (Err(unknown_operation(state, service.name(), incoming.operation)), Fate::Deliver),
        (Ok(caller), Some(row)) => {
            call.account.clone_from(&caller.account);
            call.principal.clone_from(&caller.arn);
            call.function.clone_from(&caller.function);
            match translated(service, incoming.operation, incoming.form, incoming.parameters.take()) {
                Err(error) => (Err(noted(state, service, row.name, error)), Fate::Deliver),
                Ok(parameters) => {
                    call.parameters = parameters.clone();
                    incoming.parameters = parameters;
                    let fault = state.faults.meet(service.name(), row.name, &caller.function);
                    faulted(state, now, service, &row, caller, incoming, fault)
                }
            }
        }
    };
    call.error = result.as_ref().err().map(|error| error.code.clone());
    call.fate = fate;
    if fate == Fate::Crash {
        state.crashed = true;
    }
    state.seen(&call, now);
    state.calls.push(call);
    Outcome { result, fate, latency, request_id }
}

/// The parameters in the names of the SDKs, checked.
pub(crate) fn translated(
    service: &dyn AnyService,
    operation: &str,
    form: Form,
    parameters: Value,
) -> Result<Value, ServiceError> {
    match form {
        Form::Wire => service.model().request(operation, parameters),
        Form::Sdk => service.model().sdk_request(operation, parameters),
    }
}

fn caller(
    state: &State,
    refusals: &Refusals,
    now: Timestamp,
    incoming: &Incoming<'_>,
) -> Result<Arc<Principal>, ServiceError> {
    let caller = state.identities.principal(incoming.access_key_id).ok_or(refusals.unknown_key)?;
    if caller.session_token.as_deref() != incoming.session_token {
        return Err(refusals.unknown_key.into());
    }
    if caller.expires.is_some_and(|end| end <= now) {
        return Err(refusals.expired_token.into());
    }
    Ok(caller)
}

fn faulted(
    state: &mut State,
    now: Timestamp,
    service: &dyn AnyService,
    row: &Row,
    caller: Arc<Principal>,
    incoming: Incoming<'_>,
    fault: Option<FaultKind>,
) -> (Result<Value, ServiceError>, Fate) {
    let refusals = service.refusals();
    match fault {
        Some(FaultKind::Throttled) => (Err(refusals.throttled.into()), Fate::Deliver),
        Some(FaultKind::ServerError) => (Err(refusals.server_error.into()), Fate::Deliver),
        Some(FaultKind::TimeoutBefore) => (Err(refusals.server_error.into()), Fate::NeverAnswer),
        Some(FaultKind::AccessDenied) => (run(state, now, service, row, caller, incoming, true), Fate::Deliver),
        None => (run(state, now, service, row, caller, incoming, false), Fate::Deliver),
        Some(FaultKind::TimeoutAfter) => (run(state, now, service, row, caller, incoming, false), Fate::NeverAnswer),
        Some(FaultKind::ConnectionResetAfter) => (run(state, now, service, row, caller, incoming, false), Fate::Reset),
        Some(FaultKind::CrashAfter) => (run(state, now, service, row, caller, incoming, false), Fate::Crash),
    }
}

fn run(
    state: &mut State,
    now: Timestamp,
    service: &dyn AnyService,
    row: &Row,
    caller: Arc<Principal>,
    incoming: Incoming<'_>,
    deny: bool,
) -> Result<Value, ServiceError> {
    let region = State::region_mut(&mut state.regions, &caller.account, incoming.region);
    region.settle(&mut state.ids, now);
    let mut context = Context {
        account: &caller.account,
        region: incoming.region,
        partition: partition_of(incoming.region),
        now,
        sequence: state.sequence,
        principal: Arc::clone(&caller),
        ids: &mut state.ids,
        identities: &mut state.identities,
        refused: Vec::new(),
    };
    let (params, ledger) = Params::new(incoming.parameters, service.model().protocol, "");
    let mut needs = service.needs(row, region, &context, &params);
    if deny {
        let need =
            needs.into_iter().next().unwrap_or_else(|| Need::new(format!("{}:{}", service.name(), row.name), "*"));
        return Err(denied(service.refusals(), &caller, &need, &Decision::ImplicitlyDenied));
    }
    let global = global_keys(&context);
    for need in &mut needs {
        need.keys.extend(global.iter().map(|(name, value)| ((*name).to_owned(), vec![value.clone()])));
        let request = Request { action: &need.action, resource: &need.resource, context: &need.keys };
        let decision = authorize::evaluate(&caller.policy, &request);
        if !decision.is_allowed() && need.late {
            context.refused.push(need.action.clone());
        } else if !decision.is_allowed() {
            return Err(denied(service.refusals(), &caller, need, &decision));
        }
    }
    for need in &needs {
        let request = Request { action: &need.action, resource: &need.resource, context: &need.keys };
        state.usage.note(&caller.arn, &caller.policy, &request);
    }
    let result = service.run(row, region, &mut context, params);
    region.settle(&mut state.ids, now);
    let left = ledger.left();
    match result {
        Ok(_) if !left.is_empty() => {
            let what: Vec<String> =
                left.iter().map(|name| format!("{}:{} parameter {name}", service.name(), row.name)).collect();
            let error = ServiceError::unsupported(format!("not simulated: {}", what.join(", ")));
            state.unsupported.extend(what);
            Err(error)
        }
        result => {
            let result = if cfg!(debug_assertions) { examined(service, row, result, &ledger) } else { result };
            result.map_err(|error| noted(state, service, row.name, error))
        }
    }
}

/// The same result, if it is one that AWS could give and that the service declares: a response as in the model, an error
/// with the status that the model has for its code, parameters as in [`Support`](crate::Support). Only development builds,
/// and so all tests, look.
fn examined(
    service: &dyn AnyService,
    row: &Row,
    result: Result<Value, ServiceError>,
    ledger: &Ledger,
) -> Result<Value, ServiceError> {
    let model = service.model();
    match &result {
        Ok(response) => {
            model.check_response(row.name, response).map_err(|misfit| misfit.of_response())?;
            let support = service.support().iter().find(|support| support.operation == row.name);
            let support = support.ok_or_else(|| ServiceError::unsupported("nothing is declared"))?;
            match support.undeclared(&ledger.taken()) {
                None => result,
                Some(name) => Err(ServiceError::unsupported(format!("parameter {name}, which is not declared"))),
            }
        }
        Err(error) => match model.status_of(&error.code) {
            Some(status) if status != error.status && !error.unsupported => Err(ServiceError::unsupported(format!(
                "the status {} of {}, which is {status} in AWS",
                error.status, error.code
            ))),
            _ => result,
        },
    }
}

/// The same error; listed if the simulation is what failed.
pub(crate) fn noted(state: &mut State, service: &dyn AnyService, operation: &str, error: ServiceError) -> ServiceError {
    if error.unsupported {
        state.unsupported.push(format!("{}:{operation} {}", service.name(), error.message));
    }
    error
}

pub(crate) fn unknown_operation(state: &mut State, service: &str, operation: &str) -> ServiceError {
    let what = format!("{service}:{operation}");
    let error = ServiceError::unsupported(format!("not simulated: {what}"));
    state.unsupported.push(what);
    error
}

/// The condition keys that every call carries (IAM User Guide, "AWS global condition context keys").
fn global_keys(context: &Context<'_>) -> BTreeMap<&'static str, String> {
    let caller = &context.principal;
    let session = caller.arn.split_once(":assumed-role/").and_then(|(head, tail)| {
        let (role, session) = tail.split_once('/')?;
        let role = format!("{}:role/{role}", head.replacen(":sts:", ":iam:", 1));
        let user_id = format!("{}:{session}", unique_id("AROA", &role));
        Some((role, "AssumedRole", user_id))
    });
    let (arn, kind, user_id) = session.unwrap_or_else(|| (caller.arn.clone(), "User", unique_id("AIDA", &caller.arn)));
    BTreeMap::from([
        ("aws:CurrentTime", context.now.iso_seconds()),
        ("aws:EpochTime", (context.now.as_millis().div_euclid(1000)).to_string()),
        ("aws:PrincipalAccount", caller.account.clone()),
        ("aws:PrincipalArn", arn),
        ("aws:PrincipalType", kind.to_owned()),
        ("aws:RequestedRegion", context.region.to_owned()),
        ("aws:ResourceAccount", context.account.to_owned()),
        ("aws:SecureTransport", "true".to_owned()),
        ("aws:userid", user_id),
    ])
}

fn denied(refusals: &Refusals, caller: &Principal, need: &Need, decision: &Decision) -> ServiceError {
    let why = match decision {
        Decision::ExplicitlyDenied { .. } => "with an explicit deny in an identity-based policy".to_owned(),
        Decision::Allowed { .. } | Decision::ImplicitlyDenied => {
            format!("because no identity-based policy allows the {} action", need.action)
        }
    };
    let Refusal { code, message, status } = refusals.access_denied;
    let text = format!(
        "{message}User: {} is not authorized to perform: {} on resource: {} {why}",
        caller.arn, need.action, need.resource
    );
    ServiceError::new(code, text).status(status)
}
