//! Runs handlers on a scene and records every exchange with AWS, byte for byte, between the SDK and the simulated account.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use account::{VirtualClock, World};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_types::SdkConfig;
use aws_types::region::Region;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use responder::{Clients, Home};
use serde::Serialize;
use serde_json::Value;

use super::scene::Scene;
use crate::support::{Checked, failed};

/// A request and what came back.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Exchange {
    /// The first label of the host: `ec2`.
    pub(super) service: String,
    pub(super) request: Request,
    /// Absent when the answer was lost.
    pub(super) response: Option<Response>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Request {
    method: String,
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    #[serde(serialize_with = "as_base64")]
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Response {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    #[serde(serialize_with = "as_base64")]
    pub(super) body: Vec<u8>,
}

fn as_base64<S: serde::Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64_STANDARD.encode(bytes))
}

/// Exchanges in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorder {
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    /// Runs the handler of a step, with the environment, credentials and time limits it has in a replay; the error's name
    /// when it fails.
    pub(super) fn run(&self, scene: &Scene, step: &str, payload: Value) -> Checked<Result<Value, &'static str>> {
        let function = scene.function(step)?;
        let region = &scene.deployment.surroundings.region;
        let config = self.config(&scene.world, region, &function.caller.access_key_id);
        let clients = Clients::new(config, Home::read(&function.environment)?);
        let payload = scene.with_settings(step, payload)?;
        let reply = function.handler.invoke(clients, function.environment.clone(), payload);
        Ok(drive(&scene.world.clock(), reply)?.map_err(|error| error.name.as_str()))
    }

    /// What clients of a world need to call it as this caller in this Region, and to be recorded.
    pub(super) fn config(&self, world: &World, region: &str, access_key_id: &str) -> SdkConfig {
        let clock = world.clock();
        let credentials = Credentials::new(access_key_id, "simulated", None, None, "test");
        SdkConfig::builder()
            .behavior_version(responder::behavior())
            .region(Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.between(world.http_client()))
            .time_source(clock.clone())
            .sleep_impl(clock)
            .timeout_config(responder::time_limits())
            .retry_config(responder::retries())
            .build()
    }

    /// What was recorded.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A client that records and passes on to another one.
    fn between(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let recorder = self.clone();
        http_client_fn(move |settings, components| {
            let inner = inner.http_connector(settings, components);
            SharedHttpConnector::new(Connector { recorder: recorder.clone(), inner })
        })
    }
}

#[derive(Debug)]
struct Connector {
    recorder: Recorder,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let url = request.uri().to_owned();
        let host = url.split("://").nth(1).unwrap_or_default();
        let sent = Request {
            method: request.method().to_owned(),
            headers: owned(request.headers().iter()),
            body: request.body().bytes().unwrap_or_default().to_vec(),
            url: url.clone(),
        };
        let service = host.split('.').next().unwrap_or_default().to_owned();
        let exchanges = Arc::clone(&self.recorder.exchanges);
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            let response = answer.as_ref().ok().map(received);
            exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(Exchange {
                service,
                request: sent,
                response,
            });
            answer
        })
    }
}

fn received(response: &HttpResponse) -> Response {
    Response {
        status: response.status().as_u16(),
        headers: owned(response.headers().iter()),
        body: response.body().bytes().unwrap_or_default().to_vec(),
    }
}

fn owned<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Runs a future on the virtual clock, which moves when the future cannot go on.
pub(super) fn drive<T>(clock: &VirtualClock, future: impl Future<Output = T>) -> Checked<T> {
    let mut future = pin!(future);
    let woken = Arc::new(Woken(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return Ok(value);
        }
        if !woken.0.swap(false, Ordering::Relaxed) && clock.advance().is_none() {
            return failed("the handler waits for something that never comes");
        }
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
