//! The protocols of AWS: request bytes to operation and parameters, results to response bytes.

mod json;
mod query;
mod rest;
mod signature;
mod xml;

use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::operation::ServiceError;
use crate::perform::{self, Form, Incoming, Outcome};
use crate::record::Fate;
use crate::region::{AnyService, service_signed_for};
use crate::time::Timestamp;
use crate::world::{Answer, State};

/// How a service writes requests and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form parameters in, XML out, lists as `item`: EC2. The API version is part of the XML namespace.
    Ec2Query,
    /// Form parameters in, XML out, lists as `member`: SNS, STS, IAM.
    Query,
    /// JSON with the operation in `X-Amz-Target`, version 1.0: DynamoDB, Step Functions.
    Json10,
    /// JSON with the operation in `X-Amz-Target`, version 1.1: SSM, Config.
    Json11,
    /// JSON with the operation in method and path: Security Hub.
    RestJson,
}

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
        Err(error) => return refuse(state, Protocol::Query, "", error),
    };
    let Some(service) = service_signed_for(scope.service) else {
        let error = perform::unknown_operation(state, scope.service, request.uri().path());
        return refuse(state, Protocol::Query, "", error);
    };
    let (protocol, namespace) = (service.protocol(), service.namespace());
    let Decoded { operation, parameters } = match decode(service, request) {
        Ok(decoded) => decoded,
        Err(error) => {
            let error = perform::noted(state, service, "", error);
            return refuse(state, protocol, namespace, error);
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
    let response = encode(protocol, namespace, &operation, &request_id, result);
    Answer { response, latency, fate }
}

fn refuse(state: &mut State, protocol: Protocol, namespace: &str, error: ServiceError) -> Answer {
    let request_id = state.request_ids.uuid();
    let response = encode(protocol, namespace, "", &request_id, Err(error));
    Answer { response, latency: crate::operation::READ_LATENCY, fate: Fate::Deliver }
}

fn decode(service: &dyn AnyService, request: &Request<Vec<u8>>) -> Result<Decoded, ServiceError> {
    match service.protocol() {
        Protocol::Ec2Query | Protocol::Query => query::decode(request, service.namespace()),
        Protocol::Json10 | Protocol::Json11 => json::decode(request, service.namespace()),
        Protocol::RestJson => rest::decode(request, service),
    }
}

fn encode(
    protocol: Protocol,
    namespace: &str,
    operation: &str,
    request_id: &str,
    result: Result<Value, ServiceError>,
) -> Response<Vec<u8>> {
    let status = result.as_ref().map_or_else(|error| error.status, |_| 200);
    let error_code = result.as_ref().err().map(|error| error.code.clone());
    let (body, content_type) = match protocol {
        Protocol::Ec2Query => (xml::ec2(namespace, operation, request_id, &result), "text/xml;charset=UTF-8"),
        Protocol::Query => (xml::query(namespace, operation, request_id, &result), "text/xml"),
        Protocol::Json10 => (json::body(namespace, result), "application/x-amz-json-1.0"),
        Protocol::Json11 => (json::body("", result), "application/x-amz-json-1.1"),
        Protocol::RestJson => (json::body("", result), "application/json"),
    };
    let mut response = Response::new(body);
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
