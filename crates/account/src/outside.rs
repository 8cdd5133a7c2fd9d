//! Calls of services that the driver of a replay simulates itself, such as Step Functions: what the simulated account
//! does for every call (authorize, meet the planned faults, record) around an effect that is the driver's.

use std::ops::Range;
use std::time::Duration;

use serde_json::Value;

use crate::fault::FaultKind;
use crate::operation::{ServiceError, WRITE_LATENCY};
use crate::perform::{INTEGRATION_TIMEOUT, lost};
use crate::record::{Call, Fate};
use crate::world::World;

/// A call of a service that is simulated elsewhere.
#[derive(Debug, Clone)]
pub struct Outside<'a> {
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
    /// The parameters.
    pub parameters: Value,
}

impl World {
    /// Takes a call its whole way. `effect` is what the service does; it is not run when the call is refused, and must
    /// not use this world. Returns what the caller gets, and the virtual time until then.
    ///
    /// The error codes are those that services with a JSON protocol share ("Common errors" of the Step Functions API
    /// reference).
    pub fn outside(
        &self,
        call: Outside<'_>,
        effect: impl FnOnce() -> Result<Value, ServiceError>,
    ) -> (Result<Value, ServiceError>, Duration) {
        let Outside { access_key_id, region, service, operation, resource, parameters } = call;
        let caller = self.lock().identities.principal(access_key_id);
        let function = caller.as_ref().map_or_else(String::new, |caller| caller.function.clone());
        let fault = self.lock().faults.meet(service, operation, &function);
        let refused = match fault {
            Some(FaultKind::Throttled) => Some(ServiceError::new("ThrottlingException", "Rate exceeded")),
            Some(FaultKind::ServerError | FaultKind::TimeoutBefore) => {
                Some(ServiceError::new("InternalFailure", "The request processing has failed.").status(500))
            }
            Some(FaultKind::AccessDenied) => Some(self.denied_outside(access_key_id, service, operation, resource)),
            Some(FaultKind::TimeoutAfter | FaultKind::ConnectionResetAfter | FaultKind::CrashAfter) | None => {
                let action = format!("{service}:{operation}");
                let allowed = self.permits(access_key_id, &action, resource);
                (!allowed).then(|| self.denied_outside(access_key_id, service, operation, resource))
            }
        };
        let fate = match fault {
            Some(FaultKind::TimeoutBefore | FaultKind::TimeoutAfter) => Fate::NeverAnswer,
            // The caller is no process that could die.
            Some(FaultKind::ConnectionResetAfter | FaultKind::CrashAfter) => Fate::Reset,
            _ => Fate::Deliver,
        };
        let result = match refused {
            Some(error) => Err(error),
            None => effect(),
        };
        let now = self.clock().now();
        let mut state = self.lock();
        if let Some(error) = result.as_ref().err().filter(|error| error.unsupported) {
            let what = format!("{service}:{operation} {}", error.message);
            state.unsupported.push(what);
        }
        state.sequence += 1;
        let request_id = state.request_ids.uuid();
        let seq = state.sequence;
        let call = Call {
            seq,
            at: now,
            account: caller.as_ref().map_or_else(String::new, |caller| caller.account.clone()),
            region: region.to_owned(),
            service: service.to_owned(),
            operation: operation.to_owned(),
            principal: caller.map_or_else(|| access_key_id.to_owned(), |caller| caller.arn.clone()),
            function,
            request_id,
            parameters,
            read_only: false,
            error: result.as_ref().err().map(|error| error.code.clone()),
            fate,
        };
        state.seen(&call, now);
        state.calls.push(call);
        drop(state);
        match fate {
            Fate::Deliver => (result, WRITE_LATENCY),
            Fate::NeverAnswer => (Err(lost("Read timed out")), INTEGRATION_TIMEOUT),
            Fate::Reset | Fate::Crash => (Err(lost("Connection reset")), WRITE_LATENCY),
        }
    }

    fn denied_outside(&self, access_key_id: &str, service: &str, operation: &str, resource: &str) -> ServiceError {
        let caller = self.lock().identities.principal(access_key_id);
        let who = caller.map_or_else(|| access_key_id.to_owned(), |caller| caller.arn.clone());
        ServiceError::new(
            "AccessDeniedException",
            format!(
                "User: {who} is not authorized to perform: {service}:{operation} on resource: {resource} because no \
                 identity-based policy allows the {service}:{operation} action"
            ),
        )
    }

    /// How many calls there were so far.
    pub fn call_count(&self) -> usize {
        self.lock().calls.len()
    }

    /// The calls at these positions of the record, counted from 0.
    pub fn calls_between(&self, positions: Range<usize>) -> Vec<Call> {
        self.lock().calls.get(positions).map(<[Call]>::to_vec).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Fault, Policy, Principal, Setup, Timestamp};

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
        let outside = Outside {
            access_key_id: key,
            region: "eu-central-1",
            service: "states",
            operation: "StartExecution",
            resource,
            parameters: json!({}),
        };
        let (result, _) = world.outside(outside, || {
            effects += 1;
            Ok(json!({"ExecutionArn": "e"}))
        });
        (result.map_err(|error| error.code), effects)
    }

    #[test]
    fn a_call_is_authorized_recorded_and_hit_by_faults() {
        let world = world();
        assert_eq!(call(&world, "key", MACHINE), (Ok(json!({"ExecutionArn": "e"})), 1));
        let denied = (Err("AccessDeniedException".to_owned()), 0);
        assert_eq!(call(&world, "key", "arn:aws:states:eu-central-1:111122223333:stateMachine:m"), denied);
        assert_eq!(call(&world, "nobody", MACHINE), denied);
        for (kind, code, effects) in [
            (FaultKind::Throttled, "ThrottlingException", 0),
            (FaultKind::AccessDenied, "AccessDeniedException", 0),
            (FaultKind::TimeoutBefore, "SdkClientException", 0),
            (FaultKind::TimeoutAfter, "SdkClientException", 1),
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
        assert_eq!(world.call_count(), 7);
        let functions: Vec<String> = world.calls_between(0..3).into_iter().map(|call| call.function).collect();
        assert_eq!(functions, ["playbook", "playbook", ""]);
    }
}
