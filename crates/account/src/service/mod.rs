//! The interface between a service and the rest: its row in the registry, its operations, and what these see.
//!
//! Architecture invariant: nothing here names a service, so that services depend on the interface and never on each
//! other through it.

mod any;
mod context;
mod operation;
mod permission;
mod refusals;
mod seeding;
mod support;

use std::sync::LazyLock;
use std::time::Duration;

use crate::base::{Ids, Timestamp};
use crate::model::Model;
use crate::state::Region;

pub(crate) use any::{AnyService, Row};
pub(crate) use context::Context;
pub(crate) use operation::{Operation, Requires, Run};
pub(crate) use permission::RequiredPermission;
pub(crate) use refusals::Refusals;
pub use seeding::SeedError;
pub(crate) use seeding::{Described, Seeding};
pub(crate) use support::{Deviation, Support};

/// Virtual latency of a call that only reads, unless its row says otherwise.
pub(crate) const READ_LATENCY: Duration = Duration::from_millis(40);
/// Virtual latency of a call that changes something, unless its row says otherwise.
pub(crate) const WRITE_LATENCY: Duration = Duration::from_millis(120);

/// A service: its names, its protocol, its operations, and where its state is.
pub(crate) struct Service<S: 'static> {
    /// The name in policies, faults and the call log: `ec2`.
    pub(crate) name: &'static str,
    /// The name in the AWS CLI and in `account.json`.
    pub(crate) cli_name: &'static str,
    /// Whether each Region has a state of its own.
    pub(crate) scope: Scope,
    /// What the service answers where the answer is not an operation's: unknown key, denied, throttled.
    pub(crate) refusals: Refusals,
    /// What AWS publishes about its API: protocol, names, types.
    pub(crate) model: &'static LazyLock<Model>,
    /// The condition keys that only calls of this service carry, in lower case; a `/` at the end takes a tag key.
    pub(crate) condition_keys: &'static [&'static str],
    /// The operations that are simulated; any other is refused loudly.
    pub(crate) operations: &'static [Operation<S>],
    /// How much of each operation is simulated.
    pub(crate) support: &'static [Support],
    /// What AWS does otherwise, whatever the operation.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the page of the simulated account, which a test writes"))]
    pub(crate) deviations: &'static [Deviation],
    /// Adds the empty state of this service to a Region: `Region::with::<State>`.
    pub(crate) install: fn(Region) -> Region,
    /// Makes happen what happens by itself as time passes, up to the moment. Returns whether another service may have
    /// to react. Runs before and after each call, often with nothing to do.
    pub(crate) advance: Option<fn(&mut Region, &mut Ids, Timestamp) -> bool>,
    /// How `account.json` fills the state.
    pub(crate) seeding: Seeding<S>,
}

/// Where a service keeps its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In each Region of an account.
    Regional,
    /// Once for an account: calls from and for any Region go to [`aws_text::partition::home_region`].
    Global,
}
