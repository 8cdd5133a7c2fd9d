//! AWS STS: who one is, and the sessions of roles.

mod assume;
mod caller;
mod support;

use std::sync::LazyLock;

use crate::model::Model;
use crate::operation::{Context, Needs, Operation, Refusal, Refusals, Scope, Service};
use crate::params::Params;
use crate::seed::SeedError;

/// What AWS STS holds in one Region of one account: nothing, for principals and roles belong to the whole world.
#[derive(Debug, Clone, Default)]
pub struct State {}

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS STS: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "sts",
    scope: Scope::Regional,
    refusals: Refusals {
        unknown_key: Refusal {
            code: "InvalidClientTokenId",
            message: "The security token included in the request is invalid.",
            status: 403,
        },
        expired_token: Refusal {
            code: "ExpiredToken",
            message: "The security token included in the request is expired",
            status: 403,
        },
        access_denied: Refusal { code: "AccessDenied", message: "", status: 403 },
        throttled: Refusal { code: "Throttling", message: "Rate exceeded", status: 400 },
        server_error: Refusal {
            code: "InternalFailure",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: &MODEL,
    operations: &[
        // It changes nothing: CloudTrail marks it read-only.
        Operation::read("AssumeRole", Needs::Of(assume::needs), assume::assume_role).taking(60),
        Operation::read("GetCallerIdentity", Needs::Nothing, caller::get_caller_identity),
    ],
    support: support::SUPPORT,
    state: |region| &mut region.sts,
    seed,
};

/// Nothing of STS is read from `account.json`: roles come from the wiring of the pipeline.
fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("sts", command))
}

#[cfg(test)]
mod tests;
