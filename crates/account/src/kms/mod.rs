//! AWS KMS: keys, as far as it matters whose they are and whether they can be used. Key policies and grants are not
//! simulated.

mod key;
mod support;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use key::State;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS KMS: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "kms",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "UnrecognizedClientException",
            message: "The security token included in the request is invalid.",
            status: 400,
        },
        expired_token: Refusal {
            code: "ExpiredTokenException",
            message: "The security token included in the request is expired",
            status: 400,
        },
        access_denied: Refusal { code: "AccessDeniedException", message: "", status: 400 },
        throttled: Refusal { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
        server_error: Refusal {
            code: "KMSInternalException",
            message: "The request was rejected because an internal exception occurred. The request can be retried.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[Operation::read("DescribeKey", Needs::Of(key::needs), key::describe)],
    support: support::SUPPORT,
    state: |region| &mut region.kms,
    seed: key::seed,
};

#[cfg(test)]
mod tests;
