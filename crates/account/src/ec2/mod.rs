//! Amazon EC2.

mod model;
mod view;

use crate::operation::{Context, Refusal, Refusals, Service};
use crate::params::Params;
use crate::seed::SeedError;
use crate::wire::Protocol;

pub use view::{GroupView, InstanceView, InterfaceView, RuleView, SnapshotView};

impl State {
    /// An instance as it is at `now`.
    pub(crate) fn instance_view(&self, _id: &str, _now: crate::Timestamp) -> Option<InstanceView> {
        None
    }

    /// A group as it is.
    pub(crate) fn group_view(&self, _id: &str) -> Option<GroupView> {
        None
    }

    /// All snapshots as they are at `now`.
    pub(crate) fn snapshot_views(&self, _now: crate::Timestamp) -> Vec<SnapshotView> {
        Vec::new()
    }
}

/// What Amazon EC2 holds in one Region of one account.
#[derive(Debug, Default)]
pub struct State {}

/// Amazon EC2: names, protocol and operations.
pub static SERVICE: Service<State> = Service {
    name: "ec2",
    signing_names: &["ec2"],
    protocol: Protocol::Ec2Query,
    namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
    refusals: Refusals {
        unknown_key: Refusal {
            code: "AuthFailure",
            message: "The security token included in the request is invalid.",
            status: 401,
        },
        expired_token: Refusal {
            code: "RequestExpired",
            message: "The security token included in the request is expired",
            status: 400,
        },
        access_denied: Refusal { code: "UnauthorizedOperation", message: "", status: 403 },
        throttled: Refusal { code: "RequestLimitExceeded", message: "Rate exceeded", status: 503 },
        server_error: Refusal {
            code: "InternalError",
            message: "We encountered an internal error. Please try again.",
            status: 500,
        },
    },
    model: None,
    operations: &[],
    state: |region| &mut region.ec2,
    seed,
};

fn seed(_state: &mut State, _context: &mut Context<'_>, command: &str, _document: Params) -> Result<(), SeedError> {
    Err(SeedError::unknown_command("ec2", command))
}
