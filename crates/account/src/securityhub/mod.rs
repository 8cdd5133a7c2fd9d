//! AWS Security Hub.

use crate::operation::{Context, Refusal, Refusals, Service};
use crate::params::Params;
use crate::seed::SeedError;
use crate::wire::Protocol;

/// What AWS Security Hub holds in one Region of one account.
#[derive(Debug, Default)]
pub struct State {}

/// AWS Security Hub: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "securityhub",
    signing_names: &["securityhub"],
    protocol: Protocol::RestJson,
    namespace: "",
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
    model: None,
    operations: &[],
    state: |region| &mut region.securityhub,
    seed,
};

fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("securityhub", command))
}
