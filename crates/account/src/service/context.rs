use std::sync::Arc;

use crate::authorize::{Identities, Principal};
use crate::base::{Ids, Timestamp};

/// What an operation sees beside its service's state.
pub(crate) struct Context<'a> {
    /// The account of the call: twelve digits.
    pub(crate) account: &'a str,
    /// The Region of the call.
    pub(crate) region: &'a str,
    /// The partition of that Region: `aws`, `aws-us-gov`, `aws-cn`.
    pub(crate) partition: &'static str,
    /// The moment of the call.
    pub(crate) now: Timestamp,
    /// The number of the call in the call log: counts up over all accounts and Regions.
    pub(crate) sequence: u64,
    /// Who calls.
    pub(crate) principal: Arc<Principal>,
    /// Identifiers for what the call creates.
    pub(crate) ids: &'a mut Ids,
    /// Principals and roles: for `sts:AssumeRole`.
    pub(crate) identities: &'a mut Identities,
    /// The actions that the caller is not allowed and whose refusal shows later: [`super::RequiredPermission::deferred`].
    pub(crate) deferred_refusals: Vec<String>,
}

impl Context<'_> {
    /// The ARN of a resource of this account in this Region: `arn:aws:ec2:eu-central-1:111122223333:instance/i-…`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}
