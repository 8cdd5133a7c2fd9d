//! AWS KMS: keys, as far as it matters whose they are and whether they can be used. Key policies and grants are not
//! simulated.

mod key;
mod support;

use std::sync::LazyLock;

use crate::base::Refusal;
use crate::model::Model;
use crate::service::{Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use key::State;

/// What AWS publishes about its API.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_str!("model.tsv")));

/// AWS KMS: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "kms",
    cli_name: "kms",
    scope: Scope::Regional,
    refusals: Refusals {
        server_error: Refusal {
            code: "KMSInternalException",
            message: "The request was rejected because an internal exception occurred. The request can be retried.",
            status: 500,
        },
        ..Refusals::JSON
    },
    model: &MODEL,
    condition_keys: &["kms:calleraccount", "kms:grantisforawsresource", "kms:viaservice"],
    operations: &[Operation::read("DescribeKey", Requires::Permissions(key::permissions), key::describe)],
    support: support::SUPPORT,
    deviations: support::DEVIATIONS,
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding { load: key::seed, described: &[], complete: None },
};

#[cfg(test)]
mod tests;
