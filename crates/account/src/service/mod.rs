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

use std::time::Duration;

use serde_json::Value;

use crate::base::{Ids, ServiceError, Timestamp};
use crate::protocol::Protocol;
use crate::state::Region;

pub(crate) use any::{AnyService, Row};
pub(crate) use context::Context;
pub(crate) use operation::{Operation, Requires, Run};
pub(crate) use permission::RequiredPermission;
pub(crate) use refusals::Refusals;
pub use seeding::SeedError;
pub(crate) use seeding::{Described, Seeding};

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
    /// The names that requests are signed for; the first is the usual one.
    pub(crate) signing_names: &'static [&'static str],
    /// Whether each Region has a state of its own.
    pub(crate) scope: Scope,
    /// How requests and responses are written.
    pub(crate) protocol: Protocol,
    /// The XML namespace (its last part is the API version), or before the operation in `X-Amz-Target`; empty for REST.
    pub(crate) namespace: &'static str,
    /// What the service answers where the answer is not an operation's: unknown key, denied, throttled.
    pub(crate) refusals: Refusals,
    /// Translates the names and types of requests and responses, where a protocol's differ from those of the SDKs.
    pub(crate) model: Option<Translation>,
    /// The condition keys that only calls of this service carry, in lower case; a `/` at the end takes a tag key.
    pub(crate) condition_keys: &'static [&'static str],
    /// The operations that are simulated; any other is refused loudly.
    pub(crate) operations: &'static [Operation<S>],
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

/// How a service's wire names become SDK names. Operations see parameters in SDK names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Translation {
    /// Parameters of an operation from the wire, to SDK names and types.
    pub(crate) request: fn(&str, Value) -> Result<Value, ServiceError>,
    /// Parameters that have SDK names already: checked.
    pub(crate) sdk_request: fn(&str, Value) -> Result<Value, ServiceError>,
    /// The value that an operation returned, to SDK names.
    pub(crate) sdk_response: fn(&str, Value) -> Result<Value, ServiceError>,
}
