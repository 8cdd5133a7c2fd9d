//! The loop that answers Lambda.

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

/// How the SDK behaves, on Lambda and in a replay alike: every time limit is set, for a call that never ends would take
/// the function's whole time, and retries are few, for the state machine retries the function.
pub fn time_limits() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .read_timeout(Duration::from_secs(8))
        .operation_attempt_timeout(Duration::from_secs(8))
        .operation_timeout(Duration::from_secs(20))
        .build()
}

/// Up to three attempts with exponential backoff and jitter.
pub fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

/// The behavior of the SDK that the functions are tested with.
pub fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Clients for a person at a terminal, with the credentials, Region and endpoint that their environment and profile give;
/// both of the latter can be given here instead.
///
/// # Errors
/// `Settings.Invalid` when nothing says which Region.
pub async fn connect(region: Option<String>, endpoint_url: Option<String>) -> Result<Clients> {
    let mut loader = aws_config::defaults(behavior()).timeout_config(time_limits()).retry_config(retries());
    if let Some(region) = region {
        loader = loader.region(aws_types::region::Region::new(region));
    }
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let config = loader.load().await;
    if config.region().is_none() {
        return Err(Error::new(ErrorName::SettingsInvalid, "no Region is configured: pass --region or set AWS_REGION"));
    }
    // A person acts in the account of their credentials, in whatever account that is.
    Ok(Clients::new(config, Home { account: String::new(), target_role: None }))
}

/// Answers invocations with a handler until the instance ends. Clients are made once. Each line of the log is JSON and
/// carries the execution and the incident.
///
/// # Errors
/// When the settings are wrong or the runtime cannot be reached.
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
            // Boxed: the nested futures of SDK calls are too deep for the compiler otherwise.
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
