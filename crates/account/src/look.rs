//! Looking at an account through its own operations: what a person would read there, without being part of what happens.

use std::sync::Arc;

use serde_json::Value;

use crate::authorize::Policy;
use crate::identity::Principal;
use crate::operation::{Context, ServiceError, partition_of};
use crate::params::Params;
use crate::perform::{Form, translated};
use crate::region::service_named;
use crate::world::{State, World};

impl World {
    /// What an operation that changes nothing would answer, in SDK names. Nobody calls it: it needs no permission, no
    /// fault hits it, and it is not in the record.
    ///
    /// # Errors
    /// What the operation refuses; also an operation that is not simulated or that changes something.
    pub fn look(
        &self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, ServiceError> {
        let not_known = || ServiceError::unsupported(format!("{service}:{operation} is no read that is simulated"));
        let known = service_named(service).ok_or_else(not_known)?;
        let row = known.find(operation).filter(|row| row.read_only).ok_or_else(not_known)?;
        let parameters = translated(known, operation, Form::Sdk, parameters)?;
        let now = self.clock().now();
        let mut state = self.lock();
        let state = &mut *state;
        let found = State::region_mut(&mut state.regions, account, region);
        found.settle(&mut state.ids, now);
        let context = &mut Context {
            account,
            region,
            partition: partition_of(region),
            now,
            sequence: state.sequence,
            principal: Arc::new(onlooker(account)),
            ids: &mut state.ids,
            identities: &mut state.identities,
            refused: Vec::new(),
        };
        let (params, ledger) = Params::new(parameters, known.model().protocol, "");
        let answer = known.run(&row, found, context, params)?;
        if let Some(name) = ledger.left().first() {
            return Err(ServiceError::unsupported(format!("{service}:{operation} parameter {name}")));
        }
        known.model().sdk_response(operation, answer)
    }
}

fn onlooker(account: &str) -> Principal {
    Principal {
        access_key_id: String::new(),
        secret_access_key: String::new(),
        session_token: None,
        arn: format!("arn:aws:sts::{account}:assumed-role/onlooker/onlooker"),
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
    use crate::{Setup, Timestamp};

    #[test]
    fn it_reads_and_leaves_no_trace() {
        let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
        let look = |service: &str, operation: &str, parameters: Value| {
            world.look("111122223333", "eu-central-1", service, operation, parameters).map_err(|error| error.code)
        };
        let answer = look("ec2", "DescribeVpcs", json!({}));
        assert_eq!(answer.map(|answer| answer.get("Vpcs").cloned()), Ok(Some(json!([]))));
        assert_eq!(look("ec2", "CreateSecurityGroup", json!({})), Err("NotSimulated".to_owned()));
        assert_eq!(look("ec2", "DescribeVpcs", json!({"Nonsense": 1})), Err("NotSimulated".to_owned()));
        assert!(look("ec2", "DescribeInstances", json!({"InstanceIds": ["i-1"]})).is_err());
        assert_eq!((world.call_count(), world.unsupported()), (0, Vec::new()));
    }
}
