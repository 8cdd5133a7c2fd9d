//! The Lambda runtime loop, and the SDK configuration that functions and command share.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::Instrument;

use crate::function::answer;
use crate::{Clients, Environment, Error, ErrorName, Home, Result, Settings};

/// Time limits of SDK calls, on Lambda and in a replay alike. Every limit is set, because a call that hangs would use up
/// the function's time.
pub fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(8))
        .operation_attempt_timeout(Duration::from_secs(8))
        .operation_timeout(Duration::from_secs(20))
        .build()
}

/// Up to three attempts with exponential backoff and jitter: the state machine retries the function as well.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// The SDK behavior version that the functions are tested with.
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Clients for a person at a terminal, and the Region they call. Credentials come from the person's environment and
/// profile, and so do Region and endpoint unless they are passed.
///
/// # Errors
/// `Settings.Invalid` when no Region is configured.
pub async fn connect(region: Option<String>, endpoint_url: Option<String>) -> Result<(Clients, String)> {
    let mut loader = aws_config::defaults(behavior()).timeout_config(time_limits()).retry_config(retries());
    if let Some(region) = region {
        loader = loader.region(aws_types::region::Region::new(region));
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    let Some(region) = config.region().map(ToString::to_string) else {
        return Err(Error::new(ErrorName::SettingsInvalid, "no Region is configured: pass --region or set AWS_REGION"));
    };
    // A person acts in the account of their credentials only: no account is the response account.
    Ok((Clients::new(config, Home { account: String::new(), target_role: None }), region))
}

/// Serves invocations with a handler until Lambda ends the instance. Clients are made once. Each log line is JSON and
/// carries the request id, the execution and the incident.
///
/// # Errors
/// When the settings are wrong or the Runtime API cannot be reached.
pub async fn serve<S, I, O, H>(handler: H) -> Result<(), lambda_runtime::Error>
where
    S: Settings,
    I: DeserializeOwned,
    O: Serialize,
    H: AsyncFn(&Clients, &S, I) -> Result<O>,
{
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_current_span(true)
        .with_span_list(false)
        .flatten_event(true)
        .init();
    let environment = Environment::of_process();
    let settings = S::read(&environment)?;
    let config = aws_config::defaults(behavior()).timeout_config(time_limits()).retry_config(retries()).load().await;
    let clients = Clients::new(config, Home::read(&environment)?);
    let (handler, clients, settings) = (&handler, &clients, &settings);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
        let text = |path: &str| event.payload.pointer(path).and_then(Value::as_str).unwrap_or("-").to_owned();
        let span = tracing::info_span!(
            "invocation",
            request = %event.context.request_id,
            execution = %text("/execution"),
            incident = %text("/incident/id"),
        );
        async move {
            // Boxed because the compiler's recursion limit rejects the nested futures of SDK calls otherwise.
            let result = Box::pin(answer(handler, clients, settings, event.payload)).await;
            match &result {
                Ok(_) => tracing::info!("done"),
                Err(error) => tracing::error!(name = error.name.as_str(), message = %error, "failed"),
            }
            result
        }
        .instrument(span)
    }))
    .await
}
