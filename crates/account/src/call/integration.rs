//! Service integrations of definitions: calls without bytes.

use std::time::Duration;

use serde_json::Value;

use super::dispatch::{Incoming, Origin, Outcome, SessionToken, Target, dispatch};
use super::log::Delivery;
use super::state::WorldState;
use crate::base::{ServiceError, Timestamp};
use crate::services;

/// How long a definition waits for an answer that never comes.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(60);

/// Makes a call for a definition. Returns what the definition gets, and the virtual time until then.
pub(crate) fn integrate(
    state: &mut WorldState,
    now: Timestamp,
    access_key_id: &str,
    region: &str,
    (service, operation): (&str, &str),
    parameters: Value,
) -> (Result<Value, ServiceError>, Duration) {
    let Some(known) = services::named(service) else {
        let error = ServiceError::unknown_operation(service, operation);
        state.note_problem(service, operation, &error);
        return (Err(error), Duration::ZERO);
    };
    let incoming = Incoming {
        access_key_id,
        session_token: SessionToken::NotSent,
        region,
        operation,
        parameters,
        origin: Origin::Definition,
    };
    let mut outcome = dispatch(state, now, Target::Service(known), incoming);
    outcome.result = outcome.result.and_then(|response| known.model().sdk_response(operation, response));
    delivered(outcome)
}

/// What a definition gets of an outcome, and when. An answer that is lost is an error that Step Functions reports, behind
/// the service's name, for its own client.
pub(super) fn delivered(outcome: Outcome) -> (Result<Value, ServiceError>, Duration) {
    let lost = |why: &str| {
        Err(ServiceError::new("SdkClientException", format!("Unable to execute HTTP request: {why}")).status(500))
    };
    match outcome.delivery {
        Delivery::Delivered => (outcome.result, outcome.latency),
        Delivery::Unanswered => (lost("Read timed out"), INTEGRATION_TIMEOUT),
        Delivery::ConnectionReset | Delivery::CallerCrashed => (lost("Connection reset"), outcome.latency),
    }
}
