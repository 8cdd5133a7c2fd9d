//! What a service plugs into the world: a table of operations, and what each of them sees.
//!
//! Adding an operation is one function and one row of its service's table.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::{Map, Value};
use thiserror::Error;

use crate::identity::{Identities, Principal};
use crate::ids::Ids;
use crate::model::Model;
use crate::params::Params;
use crate::region::Region;
use crate::seed::SeedError;
use crate::support::Support;
use crate::time::Timestamp;

/// Virtual latency of a call that only reads, unless its row says otherwise.
pub const READ_LATENCY: Duration = Duration::from_millis(40);
/// Virtual latency of a call that changes something, unless its row says otherwise.
pub const WRITE_LATENCY: Duration = Duration::from_millis(120);

/// A service: its names, its protocol, its operations, and where its state is.
pub struct Service<S: 'static> {
    /// The name in policies and in the record of calls: `ec2`.
    pub name: &'static str,
    /// Whether each Region has a state of its own.
    pub scope: Scope,
    /// What AWS publishes about its API: protocol, names, types.
    pub model: &'static LazyLock<Model>,
    /// What the service answers where the answer is not an operation's: unknown key, denied, throttled.
    pub refusals: Refusals,
    /// The operations that are simulated; any other is refused loudly.
    pub operations: &'static [Operation<S>],
    /// How much of each operation is simulated.
    pub support: &'static [Support],
    /// The state of this service in a Region of an account.
    pub state: fn(&mut Region) -> &mut S,
    /// Reads one command's output from `account.json` into the state: the command's name without the service
    /// (`describe-instances`), and its document. See [`crate::seed`].
    pub seed: fn(&mut S, &mut Context<'_>, &str, Params) -> Result<(), SeedError>,
}

/// Where a service keeps its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In each Region of an account.
    Regional,
    /// Once for an account: calls from and for any Region go to [`home_region`].
    Global,
}

/// The codes with which a service refuses what never reaches an operation. Texts and status codes are those that AWS
/// sends.
#[derive(Debug, Clone, Copy)]
pub struct Refusals {
    /// The access key id is unknown.
    pub unknown_key: Refusal,
    /// The credentials have expired.
    pub expired_token: Refusal,
    /// No policy allows the call; the text is made from principal, action and resource, after `message`.
    pub access_denied: Refusal,
    /// Too many requests.
    pub throttled: Refusal,
    /// The service failed.
    pub server_error: Refusal,
}

/// One refusal: code, message and HTTP status.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The error code.
    pub code: &'static str,
    /// The message; for `access_denied` what stands before the sentence that names principal, action and resource.
    pub message: &'static str,
    /// The HTTP status.
    pub status: u16,
}

/// One operation of a service: a row of its table.
pub struct Operation<S: 'static> {
    /// The name on the wire: `DescribeInstances`.
    pub name: &'static str,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Virtual time from request to response.
    pub latency: Duration,
    /// What the caller must be allowed to do.
    pub needs: Needs<S>,
    /// The operation itself.
    pub run: Run<S>,
}

/// The function behind an operation. Parameters have the names of the SDKs, and so has the
/// returned value; that of EC2 has the names of responses.
/// It takes every parameter it knows before it has any effect; one that is not taken fails the call loudly.
pub type Run<S> = fn(&mut S, &mut Context<'_>, Params) -> Result<Value, ServiceError>;

/// What the caller of an operation must be allowed to do.
pub enum Needs<S: 'static> {
    /// The action named like the operation, on `*`: for actions without resource-level permissions.
    AnyResource,
    /// Computed from state and parameters (through the `peek` accessors), as the Service Authorization Reference lists
    /// action, resource types and condition keys.
    Of(fn(&S, &Context<'_>, &Params) -> Vec<Need>),
    /// Nothing: `sts:GetCallerIdentity`.
    Nothing,
}

/// One action on one resource that must be allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The action with its service prefix: `ec2:CreateTags`.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// The condition keys that this call supplies for this resource, beside the global ones that the world adds
    /// (`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:RequestedRegion`, `aws:CurrentTime`).
    pub keys: BTreeMap<String, Vec<String>>,
    /// Whether a refusal shows only after the answer, in what the call made: [`Context::refused`].
    pub late: bool,
}

/// What an operation sees of the world beside its service's state.
pub struct Context<'a> {
    /// The account of the call: twelve digits.
    pub account: &'a str,
    /// The Region of the call.
    pub region: &'a str,
    /// The partition of that Region: `aws`, `aws-us-gov`, `aws-cn`.
    pub partition: &'static str,
    /// The moment of the call.
    pub now: Timestamp,
    /// The number of the call in the record: counts up over all accounts and Regions.
    pub sequence: u64,
    /// Who calls.
    pub principal: Arc<Principal>,
    /// Identifiers for what the call creates.
    pub ids: &'a mut Ids,
    /// Principals and roles: for `sts:AssumeRole`.
    pub identities: &'a mut Identities,
    /// The actions that the caller is not allowed and that count late: [`Need::late`].
    pub refused: Vec<String>,
}

/// A refusal or failure as the service reports it.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{code}: {message}")]
pub struct ServiceError {
    /// The error code on the wire: `InvalidGroup.NotFound`.
    pub code: String,
    /// The message for a person.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Further members of the error, by their wire names, such as the old `Item` of a failed condition.
    pub fields: Box<Map<String, Value>>,
    /// Set when AWS would not have failed here: the simulation does not know the operation or parameter.
    pub unsupported: bool,
}

impl<S> Operation<S> {
    /// An operation that changes nothing.
    pub const fn read(name: &'static str, needs: Needs<S>, run: Run<S>) -> Self {
        Self { name, read_only: true, latency: READ_LATENCY, needs, run }
    }

    /// An operation that changes something.
    pub const fn write(name: &'static str, needs: Needs<S>, run: Run<S>) -> Self {
        Self { name, read_only: false, latency: WRITE_LATENCY, needs, run }
    }

    /// The same operation with another virtual latency, in milliseconds.
    #[must_use]
    pub const fn taking(mut self, millis: u64) -> Self {
        self.latency = Duration::from_millis(millis);
        self
    }
}

impl Need {
    /// An action on a resource, without condition keys.
    pub fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), keys: BTreeMap::new(), late: false }
    }

    /// The same need, of a service behind the called one that is asked only when the call has been answered.
    #[must_use]
    pub fn late(mut self) -> Self {
        self.late = true;
        self
    }

    /// The same need with a condition key of one value.
    #[must_use]
    pub fn key(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.keys.entry(name.into()).or_default().push(value.into());
        self
    }
}

impl Context<'_> {
    /// The ARN of a resource of this account in this Region: `arn:aws:ec2:eu-central-1:111122223333:instance/i-…`.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}

impl ServiceError {
    /// An error of the caller, status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), status: 400, fields: Box::default(), unsupported: false }
    }

    /// The same error with another HTTP status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same error with a further member.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// The simulation does not know this; the replay that meets it has failed. `what` names it in full. The status is
    /// one that no SDK retries.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self { status: 501, unsupported: true, ..Self::new("NotSimulated", what) }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message).status(refusal.status)
    }
}

/// The partition of a Region, from the Region's name.
pub fn partition_of(region: &str) -> &'static str {
    match region {
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// The Region that the global services of a Region's partition live in: requests to them are signed for it, and it is
/// their `aws:RequestedRegion`.
///
/// Source: the endpoint rules of IAM in the service models.
pub fn home_region(region: &str) -> &'static str {
    match partition_of(region) {
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}
