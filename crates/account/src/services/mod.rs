//! The registry: one row for each simulated service.
//!
//! Architecture invariant: only this file lists the services. A new service is its folder here and its row, so that
//! there is no other place to search for.

pub mod autoscaling;
pub mod dynamodb;
pub mod ec2;
pub mod elbv2;
pub mod iam;
pub mod kms;
pub mod securityhub;
pub mod sns;
pub mod ssm;
pub mod sts;

use crate::authorize::{GLOBAL_KEYS, HOSTED_KEYS, is_listed};
use crate::base::{Ids, Timestamp};
use crate::service::AnyService;
use crate::state::Region;

/// The rows, in the order in which services react as time passes: a service that changes another's resources comes after it.
static SERVICES: &[&dyn AnyService] = &[
    &ec2::SERVICE,
    &sns::SERVICE,
    &ssm::SERVICE,
    &securityhub::SERVICE,
    &dynamodb::SERVICE,
    &sts::SERVICE,
    &iam::SERVICE,
    &elbv2::SERVICE,
    &autoscaling::SERVICE,
    &kms::SERVICE,
];

/// All services.
pub(crate) fn all() -> impl Iterator<Item = &'static dyn AnyService> {
    SERVICES.iter().copied()
}

/// The service that requests with this name in their credential scope go to.
pub(crate) fn signed_for(signing_name: &str) -> Option<&'static dyn AnyService> {
    all().find(|service| service.model().signing_name == signing_name)
}

/// The service of a name, either the one in policies or the one in the AWS CLI.
pub(crate) fn named(name: &str) -> Option<&'static dyn AnyService> {
    all().find(|service| service.name() == name || service.cli_name() == name)
}

/// A Region in which no service has anything.
pub(crate) fn empty_region() -> Region {
    all().fold(Region::without_services(), |region, service| service.install(region))
}

/// Makes happen what happens by itself in a Region up to a moment.
pub(crate) fn advance(region: &mut Region, ids: &mut Ids, now: Timestamp) {
    // What one service changes can let another one change more. Each change moves a resource forward in its life, so
    // that this ends.
    loop {
        let mut changed = false;
        for service in all() {
            changed |= service.advance(region, ids, now);
        }
        if !changed {
            return;
        }
    }
}

/// Whether a simulated call can carry a condition key (compared without regard to case).
///
/// A policy with any other key is refused when it is loaded: with a key that no call carries a statement would silently
/// never, or always, match.
pub(crate) fn supplies_condition_key(key: &str) -> bool {
    is_listed(GLOBAL_KEYS, key)
        || is_listed(HOSTED_KEYS, key)
        || all().any(|service| is_listed(service.condition_keys(), key))
}

#[cfg(test)]
mod compatibility;
#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        for names in [
            all().map(AnyService::name).collect::<Vec<_>>(),
            all().map(AnyService::cli_name).collect(),
            all().map(|service| service.model().signing_name).collect(),
        ] {
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
        }
    }

    #[test]
    fn condition_keys_are_known_in_any_case() {
        assert!(supplies_condition_key("aws:PrincipalArn") && supplies_condition_key("EC2:ResourceTag/Name"));
        assert!(!supplies_condition_key("ec2:ResourceTag/") && !supplies_condition_key("aws:SourceIp"));
    }
}
