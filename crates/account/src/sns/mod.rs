//! Amazon SNS.

use crate::operation::{Context, Refusal, Refusals, Service};
use crate::params::Params;
use crate::seed::SeedError;
use crate::wire::Protocol;

/// What Amazon SNS holds in one Region of one account.
#[derive(Debug, Default)]
pub struct State {}

/// Amazon SNS: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "sns",
    signing_names: &["sns"],
    protocol: Protocol::Query,
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
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
        access_denied: Refusal { code: "AuthorizationError", message: "", status: 403 },
        throttled: Refusal { code: "Throttled", message: "Rate exceeded", status: 429 },
        server_error: Refusal {
            code: "InternalError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: None,
    operations: &[],
    state: |region| &mut region.sns,
    seed,
};

fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("sns", command))
}
