//! Signed bytes to a call, and its result to bytes.

use std::time::Duration;

use http::{Request, Response};

use super::dispatch::{Incoming, Origin, Outcome, SessionToken, Target, dispatch};
use super::log::Delivery;
use super::state::WorldState;
use crate::base::{ServiceError, Timestamp};
use crate::model::Model;
use crate::protocol::{Decoded, credential_scope, decode, encode, response_body};
use crate::service::READ_LATENCY;
use crate::services;

/// The response to an HTTP request.
#[derive(Debug)]
pub struct WireResponse {
    /// The response, also when the caller does not get it.
    pub response: Response<Vec<u8>>,
    /// Virtual time from request to response.
    pub latency: Duration,
    /// Whether the caller gets it.
    pub delivery: Delivery,
}

/// Responds to a signed request.
pub(crate) fn respond(state: &mut WorldState, now: Timestamp, request: &Request<Vec<u8>>) -> WireResponse {
    let scope = match credential_scope(request) {
        Ok(scope) => scope,
        // Service and protocol are not known yet; AWS answers with XML then.
        Err(error) => return refuse(state, None, error),
    };
    let Some(service) = services::signed_for(scope.service) else {
        let error = ServiceError::unknown_operation(scope.service, request.uri().path());
        state.note_problem(scope.service, request.uri().path(), &error);
        return refuse(state, None, error);
    };
    let model = service.model();
    let Decoded { operation, parameters } = match decode(model, request) {
        Ok(decoded) => decoded,
        Err(error) => {
            state.note_problem(service.name(), "", &error);
            return refuse(state, Some(model), error);
        }
    };
    let incoming = Incoming {
        access_key_id: scope.access_key_id,
        session_token: SessionToken::Given(scope.session_token),
        region: scope.region,
        operation: &operation,
        parameters,
        origin: Origin::Process,
    };
    let Outcome { result, delivery, latency, request_id } = dispatch(state, now, Target::Service(service), incoming);
    let body = result.and_then(|response| {
        let body = response_body(model, &operation, &request_id, &response);
        body.inspect_err(|error| state.note_problem(service.name(), &operation, error))
    });
    let response = encode(Some(model), &request_id, body);
    WireResponse { response, latency, delivery }
}

/// Responds to a request that reaches no operation.
fn refuse(state: &mut WorldState, model: Option<&Model>, error: ServiceError) -> WireResponse {
    let request_id = state.request_ids.uuid();
    let response = encode(model, &request_id, Err(error));
    WireResponse { response, latency: READ_LATENCY, delivery: Delivery::Delivered }
}
