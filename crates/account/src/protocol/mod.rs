//! The protocols of AWS: request bytes to operation and parameters, results to response bytes.
//!
//! Architecture invariant: a codec knows no service and no state, so that a service only names its protocol.

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

pub(crate) use params::Params;
pub(crate) use signature::credential_scope;
pub(crate) use unread::Unread;

/// How a service writes requests and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
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
pub(crate) struct Decoded {
    pub(crate) operation: String,
    pub(crate) parameters: Value,
}

/// The HTTP method and path template of an operation of a REST protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route {
    pub(crate) operation: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
}

/// Reads a request in a protocol. `routes` gives the operations of the service, for the REST protocols.
pub(crate) fn decode(
    protocol: Protocol,
    namespace: &str,
    routes: impl FnOnce() -> Vec<Route>,
    request: &Request<Vec<u8>>,
) -> Result<Decoded, ServiceError> {
    match protocol {
        Protocol::Ec2Query | Protocol::Query => query::decode(request, namespace),
        Protocol::Json10 | Protocol::Json11 => json::decode(request, namespace),
        Protocol::RestJson => rest::decode(request, &routes()),
    }
}

/// Writes a result in a protocol.
pub(crate) fn encode(
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
