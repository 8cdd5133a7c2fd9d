//! AWS Security Hub: stored findings, read by filters and updated by identifier.

mod filter;
mod finding;
mod get;
mod seed;
mod support;
mod update;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use finding::{Finding, State};

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS Security Hub: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "securityhub",
    cli_name: "securityhub",
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
    condition_keys: &["securityhub:asffsyntaxpath/"],
    operations: &[
        Operation::read("GetFindings", Requires::Permissions(get::permissions), get::get_findings),
        Operation::write(
            "BatchUpdateFindings",
            Requires::Permissions(update::permissions),
            update::batch_update_findings,
        ),
    ],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding { load: seed::seed, described: &[], complete: None },
};

#[cfg(test)]
mod tests;
