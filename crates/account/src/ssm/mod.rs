//! AWS Systems Manager.

use crate::operation::{Context, Refusal, Refusals, Service};
use crate::params::Params;
use crate::seed::SeedError;
use crate::wire::Protocol;

/// What AWS Systems Manager holds in one Region of one account.
#[derive(Debug, Default)]
pub struct State {}

/// AWS Systems Manager: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "ssm",
    signing_names: &["ssm"],
    protocol: Protocol::Json11,
    namespace: "AmazonSSM",
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
            code: "InternalServerError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: None,
    operations: &[],
    state: |region| &mut region.ssm,
    seed,
};

fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("ssm", command))
}
