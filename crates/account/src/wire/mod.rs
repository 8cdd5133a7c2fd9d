//! The protocols of AWS: request bytes to operation and parameters, results to response bytes.

mod json;
mod query;
mod rest;
mod signature;
mod xml;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::model::{Misfit, Model, Protocol};
use crate::operation::ServiceError;
use crate::perform::{self, Form, Incoming, Outcome};
use crate::record::Fate;
use crate::region::{AnyService, service_signed_for};
use crate::time::Timestamp;
use crate::world::{Answer, State};

/// A decoded request.
#[derive(Debug, PartialEq)]
struct Decoded {
    operation: String,
    parameters: Value,
}

/// Answers signed bytes with bytes.
pub(crate) fn answer(state: &mut State, now: Timestamp, request: &Request<Vec<u8>>) -> Answer {
    let scope = match signature::scope(request) {
        Ok(scope) => scope,
        // Nobody knows yet which service and protocol this is meant for; XML is what AWS answers then.
        Err(error) => return refuse(state, None, error),
    };
    let Some(service) = service_signed_for(scope.service) else {
        let error = perform::unknown_operation(state, scope.service, request.uri().path());
        return refuse(state, None, error);
    };
    let model = service.model();
    let Decoded { operation, parameters } = match decode(service, request) {
        Ok(decoded) => decoded,
        Err(error) => {
            let error = perform::noted(state, service, "", error);
            return refuse(state, Some(model), error);
        }
    };
    let incoming = Incoming {
        access_key_id: scope.access_key_id,
        session_token: scope.session_token,
        region: scope.region,
        service: service.name(),
        operation: &operation,
        parameters,
        form: Form::Wire,
    };
    let Outcome { result, fate, latency, request_id } = perform::perform(state, now, service, incoming);
    let body = result.and_then(|response| {
        let body = response_body(model, &operation, &request_id, &response);
        body.map_err(|misfit| perform::noted(state, service, &operation, misfit.of_response()))
    });
    Answer { response: encode(Some(model), &request_id, body), latency, fate }
}

/// The answer to a request that reached no operation; without a model if not even the service is known.
fn refuse(state: &mut State, model: Option<&Model>, error: ServiceError) -> Answer {
    let request_id = state.request_ids.uuid();
    let response = encode(model, &request_id, Err(error));
    Answer { response, latency: crate::operation::READ_LATENCY, fate: Fate::Deliver }
}

fn decode(service: &dyn AnyService, request: &Request<Vec<u8>>) -> Result<Decoded, ServiceError> {
    let model = service.model();
    match model.protocol {
        Protocol::Ec2Query | Protocol::Query => query::decode(request, model.api_version),
        Protocol::Json10 | Protocol::Json11 => json::decode(request, model.namespace),
        Protocol::RestJson => rest::decode(request, model),
    }
}

fn response_body(model: &Model, operation: &str, request_id: &str, response: &Value) -> Result<Vec<u8>, Misfit> {
    match model.protocol {
        Protocol::Ec2Query => Ok(xml::ec2(model.namespace, operation, request_id, response)),
        Protocol::Query => xml::query(model, operation, request_id, response),
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => Ok(json::body(response)),
    }
}

fn error_body(model: Option<&Model>, request_id: &str, error: ServiceError) -> Vec<u8> {
    let Some(model) = model else { return xml::query_error("", request_id, &error) };
    match model.protocol {
        Protocol::Ec2Query => xml::ec2_error(request_id, &error),
        Protocol::Query => xml::query_error(model.namespace, request_id, &error),
        Protocol::Json10 => json::error(model.namespace, error),
        Protocol::Json11 | Protocol::RestJson => json::error("", error),
    }
}

fn encode(model: Option<&Model>, request_id: &str, body: Result<Vec<u8>, ServiceError>) -> Response<Vec<u8>> {
    let protocol = model.map_or(Protocol::Query, |model| model.protocol);
    let content_type = match protocol {
        Protocol::Ec2Query => "text/xml;charset=UTF-8",
        Protocol::Query => "text/xml",
        Protocol::Json10 => "application/x-amz-json-1.0",
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::RestJson => "application/json",
    };
    let status = body.as_ref().map_or_else(|error| error.status, |_| 200);
    let error_code = body.as_ref().err().map(|error| error.code.clone());
    let mut response = Response::new(body.unwrap_or_else(|error| error_body(model, request_id, error)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    if let (Protocol::RestJson, Some(Ok(code))) = (protocol, error_code.map(|code| HeaderValue::from_str(&code))) {
        headers.insert("x-amzn-errortype", code);
    }
    response
}
