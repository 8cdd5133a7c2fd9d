//! Amazon DynamoDB.

use crate::operation::{Context, Refusal, Refusals, Service};
use crate::params::Params;
use crate::seed::SeedError;
use crate::wire::Protocol;

/// What Amazon DynamoDB holds in one Region of one account.
#[derive(Debug, Default)]
pub struct State {}

/// Amazon DynamoDB: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "dynamodb",
    signing_names: &["dynamodb"],
    protocol: Protocol::Json10,
    namespace: "DynamoDB_20120810",
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
    state: |region| &mut region.dynamodb,
    seed,
};

fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("dynamodb", command))
}
