//! The Lambda runtime loop, and the SDK configuration that functions and command share.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_types::SdkConfig;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tracing::Instrument;
use tracing_subscriber::filter::LevelFilter;

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
    Ok((Clients::new(config, Home { account: String::new() }), region))
}

/// The SDK configuration of a function. Lambda sets credentials and Region in the environment (Lambda developer guide,
/// "Defined runtime environment variables"), so the providers for profile files, container and instance metadata, web
/// identity and SSO are left out: they would never be used and make each function larger.
async fn lambda_config(environment: &Environment) -> Result<SdkConfig> {
    let region = EnvironmentVariableRegionProvider::new().region().await;
    let region =
        region.ok_or_else(|| Error::new(ErrorName::SettingsInvalid, "environment variable AWS_REGION is not set"))?;
    let mut config = SdkConfig::builder()
        .behavior_version(behavior())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .time_source(SharedTimeSource::default())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .timeout_config(time_limits())
        .retry_config(retries());
    config.set_endpoint_url(environment.get("AWS_ENDPOINT_URL").map(str::to_owned));
    Ok(config.build())
}

/// The level of the log, from `RUST_LOG`: `error`, `warn`, `info` (the default), `debug` or `trace`.
fn log_level(environment: &Environment) -> Result<LevelFilter> {
    let Some(level) = environment.get("RUST_LOG") else { return Ok(LevelFilter::INFO) };
    level.parse().map_err(|_| {
        Error::new(
            ErrorName::SettingsInvalid,
            format!("environment variable RUST_LOG is `{level}`, which is not a level"),
        )
    })
}

/// Serves invocations with a handler until Lambda ends the instance. Clients are made once. Each log line is JSON and
/// carries the request id, the execution and the incident.
///
/// # Errors
/// When `RESPONSE_ACCOUNT` is not set or the Runtime API cannot be reached.
pub async fn serve<S, I, O, H>(handler: H) -> Result<(), lambda_runtime::Error>
where
    S: Settings,
    I: DeserializeOwned,
    O: Serialize,
    H: AsyncFn(&Clients, &S, I) -> Result<O>,
{
    let environment = Environment::of_process();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(log_level(&environment)?)
        .with_current_span(true)
        .with_span_list(false)
        .flatten_event(true)
        .init();
    let config = lambda_config(&environment).await?;
    let clients = Clients::new(config, Home::read(&environment)?);
    let (handler, clients, environment) = (&handler, &clients, &environment);
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
            let result = Box::pin(answer(handler, clients, environment, event.payload)).await;
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
