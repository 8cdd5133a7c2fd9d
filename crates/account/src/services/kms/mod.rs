//! AWS KMS: keys, as far as it matters whose they are and whether they can be used. Key policies and grants are not
//! simulated.

mod key;

use crate::base::Refusal;
use crate::protocol::Protocol;
use crate::service::{Operation, Refusals, Requires, Scope, Seeding, Service};
use crate::state::Region;

pub use key::State;

/// AWS KMS: names, protocol and operations.
pub(crate) static SERVICE: Service<State> = Service {
    name: "kms",
    cli_name: "kms",
    signing_names: &["kms"],
    scope: Scope::Regional,
    protocol: Protocol::Json11,
    namespace: "TrentService",
    refusals: Refusals {
        server_error: Refusal {
            code: "KMSInternalException",
            message: "The request was rejected because an internal exception occurred. The request can be retried.",
            status: 500,
        },
        ..Refusals::JSON
    },
    model: None,
    condition_keys: &["kms:calleraccount", "kms:grantisforawsresource", "kms:viaservice"],
    operations: &[Operation::read("DescribeKey", Requires::Permissions(key::permissions), key::describe)],
    install: Region::with::<State>,
    advance: None,
    seeding: Seeding { load: key::seed, described: &[], complete: None },
};

#[cfg(test)]
mod tests;
