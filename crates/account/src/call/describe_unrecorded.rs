//! Reading an account through its own operations, as a person would see it, without being part of what happens.

use std::sync::Arc;

use aws_text::partition;
use serde_json::Value;

use super::dispatch::{Origin, execute, translated};
use super::state::WorldState;
use crate::authorize::{Policy, Principal};
use crate::base::{ServiceError, Timestamp};
use crate::service::Context;
use crate::services;

/// What an operation that changes nothing would answer, in SDK names. It is not a call: it needs no permission, meets no
/// fault, and is not in the call log.
pub(crate) fn describe_unrecorded(
    state: &mut WorldState,
    now: Timestamp,
    (account, region): (&str, &str),
    (service, operation): (&str, &str),
    parameters: Value,
) -> Result<Value, ServiceError> {
    let not_known = || ServiceError::unsupported(format!("{service}:{operation} is not a simulated read operation"));
    let known = services::named(service).ok_or_else(not_known)?;
    let row = known.find(operation).filter(|row| row.read_only).ok_or_else(not_known)?;
    let parameters = translated(known, operation, Origin::Definition, &parameters)?;
    let region = known.region(region);
    let WorldState { accounts, ids, identities, sequence, .. } = state;
    let found = accounts.entry(account, region);
    services::advance(found, ids, now);
    let context = &mut Context {
        account,
        region,
        partition: partition::of_region(region),
        now,
        sequence: *sequence,
        principal: Arc::new(reader(account, partition::of_region(region))),
        ids,
        identities,
        deferred_refusals: Vec::new(),
    };
    let answer = execute(known, &row, found, context, parameters, |_, _| Ok(()))?;
    known.model().sdk_response(operation, answer)
}

/// A principal for operations that show who calls.
fn reader(account: &str, partition: &str) -> Principal {
    Principal {
        access_key_id: String::new(),
        secret_access_key: String::new(),
        session_token: None,
        arn: format!("arn:{partition}:sts::{account}:assumed-role/reader/reader"),
        account: account.to_owned(),
        function: String::new(),
        policy: Policy::default(),
        expires: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Setup, World};

    #[test]
    fn it_reads_and_leaves_no_trace() {
        let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
        let describe = |service: &str, operation: &str, parameters: Value| {
            world
                .describe_unrecorded("111122223333", "eu-central-1", service, operation, parameters)
                .map_err(|error| error.code)
        };
        let answer = describe("ec2", "DescribeVpcs", json!({}));
        assert_eq!(answer.map(|answer| answer.get("Vpcs").cloned()), Ok(Some(json!([]))));
        assert_eq!(describe("ec2", "CreateSecurityGroup", json!({})), Err("NotSimulated".to_owned()));
        assert_eq!(describe("ec2", "DescribeVpcs", json!({"Nonsense": 1})), Err("NotSimulated".to_owned()));
        assert!(describe("ec2", "DescribeInstances", json!({"InstanceIds": ["i-1"]})).is_err());
        assert_eq!((world.call_count(), world.unsupported()), (0, Vec::new()));
    }
}
