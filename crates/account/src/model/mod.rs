//! What AWS publishes about an API: its protocol, and the names, types and routes of its operations.
//!
//! Each service has a table, `model.tsv` in its folder, that `cargo xtask models` writes from botocore. With it a request
//! is read with the names of the SDKs and checked, a document with the names of the CLI becomes what responses are made
//! of, and an unknown name is found wherever it is nested.

mod check;
mod convert;
mod misfit;
#[cfg(test)]
mod parameters;
mod read;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::check::Part;
use self::convert::Direction;
pub(crate) use self::misfit::{Misfit, Why};
use crate::base::ServiceError;

/// How a service writes requests and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Form parameters in, XML out, lists as `item`: EC2. The API version is part of the XML namespace.
    Ec2Query,
    /// Form parameters in, XML out, lists as `member`: SNS, STS, IAM.
    Query,
    /// JSON with the operation in `X-Amz-Target`, version 1.0: DynamoDB, Step Functions.
    Json10,
    /// JSON with the operation in `X-Amz-Target`, version 1.1: SSM, KMS.
    Json11,
    /// JSON with the operation in method and path: Security Hub.
    RestJson,
}

/// The model of one service, for the operations that are simulated.
#[derive(Debug)]
pub(crate) struct Model {
    /// How requests and responses are written.
    pub(crate) protocol: Protocol,
    /// The name that requests are signed for.
    pub(crate) signing_name: &'static str,
    /// The version of the API, which the Query protocols send.
    pub(crate) api_version: &'static str,
    /// The XML namespace, or what precedes the operation in `X-Amz-Target`; empty in REST.
    pub(crate) namespace: &'static str,
    operations: BTreeMap<&'static str, Operation>,
    errors: BTreeMap<&'static str, u16>,
    /// The values of each text that has a list of them.
    values: Vec<Vec<&'static str>>,
    structures: Vec<Structure>,
}

/// One operation.
#[derive(Debug)]
struct Operation {
    name: &'static str,
    input: Option<usize>,
    output: Option<usize>,
    route: Option<Route>,
    /// The member of the response that says where the next page begins.
    next_page: Option<&'static str>,
}

/// The HTTP method and the path template (`/findings/{Name}`) of an operation in REST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
}

#[derive(Debug)]
struct Structure {
    members: Vec<Member>,
    by_sdk: BTreeMap<&'static str, usize>,
    by_request: BTreeMap<&'static str, usize>,
    by_response: BTreeMap<&'static str, usize>,
}

#[derive(Debug)]
struct Member {
    sdk: &'static str,
    response: &'static str,
    kind: Kind,
    required: bool,
}

/// What a value is.
#[derive(Debug)]
pub(crate) enum Kind {
    Text,
    /// A text that is one of the values at an index.
    OneOf(usize),
    Boolean,
    Integer,
    Number,
    Moment,
    Bytes,
    /// Anything: a JSON document, or a structure that the simulation does not look into.
    Any,
    /// The structure at an index.
    Structure(usize),
    /// A list, and the name of an element in XML if it is not `member` or, in EC2, `item`.
    List(Box<Kind>, Option<&'static str>),
    /// A map from texts, and the names of key and value in XML.
    Map(Box<Kind>, &'static str, &'static str),
}

impl Model {
    /// The parameters of a request from the wire, in the names and types of the SDKs.
    pub(crate) fn request(&self, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
        let Some(input) = self.operation(operation)?.input else { return Ok(Value::Object(Map::new())) };
        match self.protocol {
            Protocol::Ec2Query | Protocol::Query => {
                self.structure(input, parameters, Direction::RequestToSdk).map_err(|misfit| self.refusal(misfit))
            }
            // What is JSON has these names and types already.
            Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => self.sdk_request(operation, parameters),
        }
    }

    /// The parameters of a request that has the names of the SDKs, as a definition makes it: checked.
    pub(crate) fn sdk_request(&self, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
        let Some(input) = self.operation(operation)?.input else { return Ok(Value::Object(Map::new())) };
        self.check(input, &parameters, Part::Request).map_err(|misfit| self.refusal(misfit))?;
        Ok(parameters)
    }

    /// Checks what an operation returned: the names of its response, from anywhere inside it.
    pub(crate) fn check_response(&self, operation: &str, response: &Value) -> Result<(), Misfit> {
        match self.output(operation) {
            Some(output) => self.check(output, response, Part::Response),
            None => Ok(()),
        }
    }

    /// The response of an operation, in the names of the SDKs.
    pub(crate) fn sdk_response(&self, operation: &str, response: Value) -> Result<Value, ServiceError> {
        match (self.protocol, self.operation(operation)?.output) {
            (Protocol::Ec2Query, Some(output)) => {
                self.structure(output, response, Direction::ResponseToSdk).map_err(|misfit| misfit.of_response())
            }
            // On the wire such an operation of EC2 says `return`, which the SDKs drop.
            (Protocol::Ec2Query, None) => Ok(Value::Object(Map::new())),
            _ => Ok(response),
        }
    }

    /// A structure with SDK names, as the CLI prints it, in the names of responses.
    pub(crate) fn response_form(&self, operation: &str, value: Value) -> Result<Value, Misfit> {
        match self.output(operation) {
            Some(output) => self.structure(output, value, Direction::SdkToResponse),
            None => Err(Misfit::unknown(operation)),
        }
    }

    /// The operation with this method and path, and the parameters in the path that `read` finds with its template.
    pub(crate) fn routed<T>(
        &self,
        method: &str,
        read: impl Fn(&'static str) -> Option<T>,
    ) -> Option<(&'static str, T)> {
        self.operations.values().find_map(|operation| {
            let route = operation.route.filter(|route| route.method == method)?;
            Some((operation.name, read(route.path)?))
        })
    }

    /// The HTTP status of an error, if the simulated operations have one with this code.
    pub(crate) fn status_of(&self, code: &str) -> Option<u16> {
        self.errors.get(code).copied()
    }

    /// The members with which responses say where the next page begins.
    pub(crate) fn page_tokens(&self) -> impl Iterator<Item = &'static str> {
        self.operations.values().filter_map(|operation| operation.next_page)
    }

    /// The output structure of an operation, if it has one.
    pub(crate) fn output(&self, operation: &str) -> Option<usize> {
        self.operations.get(operation).and_then(|operation| operation.output)
    }

    /// The name in a response and the kind of a member, by its name in the SDKs.
    pub(crate) fn member(&self, structure: usize, name: &str) -> Option<(&'static str, &Kind)> {
        let structure = self.structure_at(structure);
        let member = structure.members.get(*structure.by_sdk.get(name)?)?;
        Some((member.response, &member.kind))
    }

    fn operation(&self, name: &str) -> Result<&Operation, ServiceError> {
        self.operations.get(name).ok_or_else(|| ServiceError::unsupported(format!("{name} is not in the model")))
    }

    #[expect(clippy::indexing_slicing, reason = "an index comes from reading the table, which has this structure")]
    fn structure_at(&self, index: usize) -> &Structure {
        &self.structures[index]
    }

    fn refusal(&self, misfit: Misfit) -> ServiceError {
        misfit.of_request(self.protocol)
    }
}

#[cfg(test)]
pub(crate) mod tests;
