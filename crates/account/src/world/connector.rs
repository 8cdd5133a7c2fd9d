//! The HTTP client below the SDK: hands each request to the world and waits its virtual latency.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::World;
use crate::call::{Delivery, WireResponse};

/// A client of the given world for any SDK configuration.
pub(crate) fn http_client(world: World) -> SharedHttpClient {
    http_client_fn(move |settings, _components| {
        SharedHttpConnector::new(Connector { world: world.clone(), read_timeout: settings.read_timeout() })
    })
}

#[derive(Debug)]
struct Connector {
    world: World,
    /// A connector implements the read timeout itself (see `HttpConnectorSettings`); the connection is always there.
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // The effect takes place when the request arrives; only the answer takes time.
        let answer = plain(request).map(|request| self.world.respond(&request));
        let clock = self.world.clock();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            let WireResponse { response, latency, delivery } = answer?;
            let timed_out = async |limit| {
                clock.sleep_for(limit).await;
                Err(ConnectorError::timeout("read timeout".into()))
            };
            match (delivery, read_timeout) {
                // Whoever runs the caller ends it.
                (Delivery::CallerCrashed, _) => std::future::pending().await,
                // Without a read timeout only another timeout of the caller ends this.
                (Delivery::Unanswered, None) => std::future::pending().await,
                (Delivery::Unanswered, Some(limit)) => timed_out(limit).await,
                (_, Some(limit)) if latency > limit => timed_out(limit).await,
                (Delivery::ConnectionReset, _) => {
                    clock.sleep_for(latency).await;
                    Err(ConnectorError::io("connection reset by peer".into()))
                }
                (Delivery::Delivered, _) => {
                    clock.sleep_for(latency).await;
                    HttpResponse::try_from(response.map(SdkBody::from))
                        .map_err(|error| ConnectorError::other(error.into(), None))
                }
            }
        })
    }
}

fn plain(request: HttpRequest) -> Result<http::Request<Vec<u8>>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("the simulated account takes no streaming bodies".into()))?
        .to_vec();
    Ok(http::Request::from_parts(parts, bytes))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use serde_json::json;

    use super::*;
    use crate::{Fault, FaultKind, Policy, Principal, Setup, Timestamp};

    fn world(kind: Option<FaultKind>) -> World {
        let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
        let policy = json!({"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}});
        world.add_principal(Principal {
            access_key_id: "AKIATEST".to_owned(),
            secret_access_key: String::new(),
            session_token: Some("token".to_owned()),
            arn: "arn:aws:iam::111122223333:user/test".to_owned(),
            account: "111122223333".to_owned(),
            function: "test".to_owned(),
            policy: Policy::parse(&policy).unwrap(),
            expires: None,
        });
        world
            .load(
                "111122223333",
                "eu-central-1",
                &json!({"ec2": {"describe-vpcs": {"Vpcs": [{"VpcId": "vpc-0aaaaaaaaaaaaaaa1"}]}}}),
            )
            .unwrap();
        let fault = kind.map(|kind| Fault {
            service: "ec2".to_owned(),
            operation: "CreateSecurityGroup".to_owned(),
            function: None,
            occurrence: 1,
            times: 1,
            kind,
        });
        world.set_faults(fault.into_iter().collect());
        world
    }

    fn request() -> HttpRequest {
        let body =
            "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=g&GroupDescription=d&VpcId=vpc-0aaaaaaaaaaaaaaa1";
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").unwrap();
        request.set_uri("https://ec2.eu-central-1.amazonaws.com/").unwrap();
        let scope = "AKIATEST/20260301/eu-central-1/ec2/aws4_request";
        request
            .headers_mut()
            .insert("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"));
        request.headers_mut().insert("x-amz-security-token", "token");
        request
    }

    /// Drives one call as a replay does, and returns its end and the time that it took; `None` if it never ends.
    fn drive(world: &World, read_timeout: Option<Duration>) -> Option<(Result<HttpResponse, ConnectorError>, i64)> {
        let connector = Connector { world: world.clone(), read_timeout };
        let mut call = pin!(connector.call(request()));
        loop {
            if let Poll::Ready(end) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return Some((end, world.clock().now().as_millis()));
            }
            world.clock().advance()?;
        }
    }

    fn groups(world: &World) -> usize {
        let found = world.integrate("AKIATEST", "eu-central-1", "ec2", "DescribeSecurityGroups", json!({})).0;
        found.unwrap()["SecurityGroups"].as_array().unwrap().len()
    }

    #[test]
    fn an_answer_takes_its_virtual_latency() {
        let world = world(None);
        let (end, took) = drive(&world, None).unwrap();
        assert_eq!((end.unwrap().status().as_u16(), took, groups(&world)), (200, 250, 1));
        assert_eq!(world.calls().first().map(|call| call.parameters["GroupName"].clone()), Some(json!("g")));
    }

    #[test]
    fn a_lost_answer_is_a_timeout_with_its_effect() {
        let world = world(Some(FaultKind::TimeoutAfter));
        assert!(drive(&world, None).is_none());
        assert_eq!(groups(&world), 1);
        let world = self::world(Some(FaultKind::TimeoutAfter));
        let (end, took) = drive(&world, Some(Duration::from_secs(5))).unwrap();
        assert!(end.unwrap_err().is_timeout() && took == 5000 && groups(&world) == 1);
        let call = world.calls().into_iter().next().unwrap();
        assert_eq!((call.delivery, &call.error), (Delivery::Unanswered, &None));
    }

    #[test]
    fn a_crash_has_its_effect_is_never_answered_and_is_said_once() {
        let world = world(Some(FaultKind::CrashAfter));
        assert!(drive(&world, Some(Duration::from_secs(5))).is_none());
        assert!(world.take_crash() && !world.take_crash());
        assert_eq!(world.calls().first().map(|call| call.delivery), Some(Delivery::CallerCrashed));
        assert_eq!(groups(&world), 1);
    }

    #[test]
    fn a_fork_goes_its_own_way() {
        let world = world(Some(FaultKind::Throttled));
        world.clock().advance_to(Timestamp::from_millis(7));
        let fork = world.fork();
        assert!(
            drive(&fork, None).is_some_and(|(end, at)| at == 257 && end.is_ok_and(|end| end.status().as_u16() == 200))
        );
        assert_eq!((groups(&fork), groups(&world)), (1, 0));
        assert_eq!((fork.calls().len(), world.calls().len(), world.faults_left().len()), (2, 1, 1));
        assert_eq!(world.clock().now(), Timestamp::from_millis(7));
    }

    #[test]
    fn an_observer_sees_each_call_with_what_it_left() {
        let world = world(None);
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let notes = std::sync::Arc::clone(&seen);
        world.observe(move |call, region, _| {
            notes
                .lock()
                .unwrap()
                .push((call.operation.clone(), region.state::<crate::ec2::State>().security_groups().count()));
        });
        assert!(drive(&world, None).is_some());
        assert_eq!(groups(&world), 1);
        let expected = [("CreateSecurityGroup".to_owned(), 1), ("DescribeSecurityGroups".to_owned(), 1)];
        assert_eq!(*seen.lock().unwrap(), expected);
    }

    #[test]
    fn faults_before_have_no_effect_and_a_reset_has_one() {
        for (kind, status, effect) in [
            (FaultKind::Throttled, Some(503), 0),
            (FaultKind::ServerError, Some(500), 0),
            (FaultKind::AccessDenied, Some(403), 0),
            (FaultKind::TimeoutBefore, None, 0),
            (FaultKind::ConnectionResetAfter, None, 1),
        ] {
            let world = world(Some(kind));
            let (end, _) = drive(&world, Some(Duration::from_secs(5))).unwrap();
            assert_eq!(
                (end.ok().map(|response| response.status().as_u16()), groups(&world)),
                (status, effect),
                "{kind:?}"
            );
            assert!(world.faults_left().is_empty());
            // Only the first call is hit.
            let (end, _) = drive(&world, None).unwrap();
            assert_eq!(end.unwrap().status().as_u16(), if effect == 0 { 200 } else { 400 });
        }
    }
}
