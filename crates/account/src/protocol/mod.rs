//! The protocols of AWS: request bytes to operation and parameters, results to response bytes.
//!
//! Architecture invariant: a codec knows no service and no state, so that a service only has a model.

mod json;
mod params;
mod query;
mod rest;
mod signature;
mod unread;
mod xml;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::base::ServiceError;
use crate::model::{Model, Protocol};

pub(crate) use params::Params;
pub(crate) use signature::credential_scope;
pub(crate) use unread::Unread;

/// A decoded request.
#[derive(Debug, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) operation: String,
    pub(crate) parameters: Value,
}

/// Reads a request to a service.
pub(crate) fn decode(model: &Model, request: &Request<Vec<u8>>) -> Result<Decoded, ServiceError> {
    match model.protocol {
        Protocol::Ec2Query | Protocol::Query => query::decode(request, model.api_version),
        Protocol::Json10 | Protocol::Json11 => json::decode(request, model.namespace),
        Protocol::RestJson => rest::decode(request, model),
    }
}

/// The body of a response.
///
/// # Errors
/// A response that does not fit the model: a defect of the simulation.
pub(crate) fn response_body(
    model: &Model,
    operation: &str,
    request_id: &str,
    response: &Value,
) -> Result<Vec<u8>, ServiceError> {
    match model.protocol {
        Protocol::Ec2Query => Ok(xml::ec2(model.namespace, operation, request_id, response)),
        Protocol::Query => xml::query(model, operation, request_id, response).map_err(|misfit| misfit.of_response()),
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

/// Writes a response: its body, or an error. Without a model not even the service is known; AWS answers with XML then.
pub(crate) fn encode(
    model: Option<&Model>,
    request_id: &str,
    body: Result<Vec<u8>, ServiceError>,
) -> Response<Vec<u8>> {
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
