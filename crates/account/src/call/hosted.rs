//! Calls of services that the simulator hosts itself, such as Step Functions: they take the road of every call, but the
//! effect is the simulator's.

use std::time::Duration;

use serde_json::Value;

use super::authorization::Authorization;
use super::dispatch::{HostedOperation, Incoming, Origin, SessionToken, Target, dispatch};
use super::integration::delivered;
use super::state::WorldState;
use crate::base::{ServiceError, Timestamp};
use crate::service::{Refusals, RequiredPermission};

/// A call of a service that the simulator hosts.
#[derive(Debug, Clone)]
pub struct HostedCall<'a> {
    /// Who calls.
    pub access_key_id: &'a str,
    /// The Region that the call goes to.
    pub region: &'a str,
    /// The service's name, which is also the prefix of its actions: `states`.
    pub service: &'a str,
    /// The operation's name: `StartExecution`.
    pub operation: &'a str,
    /// The ARN that the caller must be allowed to call it on.
    pub resource: &'a str,
    /// The condition keys that the call supplies for the resource, each with its value.
    pub keys: &'a [(&'a str, &'a str)],
    /// The parameters.
    pub parameters: Value,
}

/// Hosted services have a JSON protocol.
static REFUSALS: Refusals = Refusals::JSON;

/// Takes a hosted call its whole way. Returns what the caller gets, and the virtual time until then.
pub(crate) fn hosted_call(
    state: &mut WorldState,
    now: Timestamp,
    call: HostedCall<'_>,
    effect: impl FnOnce(&Value) -> Result<Value, ServiceError>,
) -> (Result<Value, ServiceError>, Duration) {
    let HostedCall { access_key_id, region, service, operation, resource, keys, parameters } = call;
    let incoming = Incoming {
        access_key_id,
        session_token: SessionToken::NotSent,
        region,
        operation,
        parameters,
        origin: Origin::Definition,
    };
    let hosted = HostedOperation { service, resource, keys, refusals: &REFUSALS, effect: Box::new(effect) };
    delivered(dispatch(state, now, Target::Hosted(hosted), incoming))
}

/// Whether a caller may do something, noted among the permissions that were needed. An unknown caller may do nothing.
pub(crate) fn authorize(
    state: &mut WorldState,
    now: Timestamp,
    access_key_id: &str,
    region: &str,
    permission: RequiredPermission,
) -> bool {
    let Some(caller) = state.identities.principal(access_key_id) else { return false };
    let authorization = Authorization { caller: &caller, account: &caller.account, region, now, refusals: &REFUSALS };
    authorization.check(&mut state.usage, &[permission]).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Fault, FaultKind, Policy, Principal, Setup, World};

    const MACHINE: &str = "arn:aws:states:eu-central-1:111122223333:stateMachine:m:live";

    fn world() -> World {
        let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
        let policy = Policy::parse(&json!({
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "states:StartExecution", "Resource": MACHINE},
        }));
        world.add_principal(Principal {
            access_key_id: "key".into(),
            secret_access_key: "secret".into(),
            session_token: None,
            arn: "arn:aws:sts::111122223333:assumed-role/r/s".into(),
            account: "111122223333".into(),
            function: "playbook".into(),
            policy: policy.unwrap_or_default(),
            expires: None,
        });
        world
    }

    fn call(world: &World, key: &str, resource: &str) -> (Result<Value, String>, u32) {
        let mut effects = 0;
        let hosted = HostedCall {
            access_key_id: key,
            region: "eu-central-1",
            service: "states",
            operation: "StartExecution",
            resource,
            keys: &[],
            parameters: json!({}),
        };
        let (result, _) = world.hosted_call(hosted, |_| {
            effects += 1;
            Ok(json!({"ExecutionArn": "e"}))
        });
        (result.map_err(|error| error.code), effects)
    }

    #[test]
    fn a_call_is_authorized_logged_and_hit_by_faults() {
        let world = world();
        assert_eq!(call(&world, "key", MACHINE), (Ok(json!({"ExecutionArn": "e"})), 1));
        let denied = (Err("AccessDeniedException".to_owned()), 0);
        assert_eq!(call(&world, "key", "arn:aws:states:eu-central-1:111122223333:stateMachine:m"), denied);
        assert_eq!(call(&world, "nobody", MACHINE), (Err("UnrecognizedClientException".to_owned()), 0));
        for (kind, code, effects) in [
            (FaultKind::Throttled, "ThrottlingException", 0),
            (FaultKind::AccessDenied, "AccessDeniedException", 0),
            (FaultKind::TimeoutBefore, "SdkClientException", 0),
            (FaultKind::TimeoutAfter, "SdkClientException", 1),
            (FaultKind::ConnectionResetAfter, "SdkClientException", 1),
            (FaultKind::CrashAfter, "SdkClientException", 1),
        ] {
            world.set_faults(vec![Fault {
                service: "states".into(),
                operation: "StartExecution".into(),
                function: Some("playbook".into()),
                occurrence: 1,
                times: 1,
                kind,
            }]);
            assert_eq!(call(&world, "key", MACHINE), (Err(code.to_owned()), effects), "{kind:?}");
            assert_eq!(world.faults_left(), []);
        }
        assert_eq!(world.call_count(), 9);
        // A definition is no process that a fault could end.
        assert!(!world.take_crash());
        let functions: Vec<String> = world.calls_between(0..3).iter().map(|call| call.function.clone()).collect();
        assert_eq!(functions, ["playbook", "playbook", ""]);
    }
}
