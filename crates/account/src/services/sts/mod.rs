//! AWS STS: who one is, and the sessions of roles.

mod assume;
mod caller;
mod support;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::protocol::Params;
use crate::service::{Context, Operation, Refusals, Requires, Scope, SeedError, Seeding, Service};
use crate::state::Region;

/// What AWS STS holds in one Region of one account: nothing, for principals and roles belong to the whole world.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {}

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS STS: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "sts",
    cli_name: "sts",
    scope: Scope::Regional,
    refusals: Refusals {
        server_error: Refusal {
            code: "InternalFailure",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
        ..Refusals::QUERY
    },
    model: &MODEL,
    condition_keys: &["sts:externalid", "sts:rolesessionname"],
    operations: &[
        // It changes nothing: CloudTrail marks it read-only.
        Operation::read("AssumeRole", Requires::Permissions(assume::permissions), assume::assume_role).taking(60),
        Operation::read("GetCallerIdentity", Requires::Nothing, caller::get_caller_identity),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding { load: seed, described: &[], complete: None },
};

/// Nothing of STS is read from `account.json`: roles come from the wiring of the pipeline.
fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("sts", command))
}

#[cfg(test)]
mod tests;
