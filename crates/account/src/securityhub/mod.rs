//! AWS Security Hub: stored findings, read by filters and updated by identifier.

mod filter;
mod finding;
mod get;
mod seed;
mod support;
mod update;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Needs, Operation, Refusal, Refusals, Scope, Service};

pub use finding::{Finding, State};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS Security Hub: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "securityhub",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "UnrecognizedClientException",
            message: "The security token included in the request is invalid.",
            status: 403,
        },
        expired_token: Refusal {
            code: "ExpiredTokenException",
            message: "The security token included in the request is expired",
            status: 403,
        },
        access_denied: Refusal { code: "AccessDeniedException", message: "", status: 403 },
        throttled: Refusal { code: "TooManyRequestsException", message: "Rate exceeded", status: 429 },
        server_error: Refusal {
            code: "InternalException",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[
        Operation::read("GetFindings", Needs::Of(get::needs), get::get_findings),
        Operation::write("BatchUpdateFindings", Needs::Of(update::needs), update::batch_update_findings),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.securityhub,
    seed: seed::seed,
};

#[cfg(test)]
mod tests;
