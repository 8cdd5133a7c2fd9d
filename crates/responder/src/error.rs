//! Errors as definitions see them: a stable name to match on and a message for a person.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambda_runtime::Diagnostic;

/// The names that functions report to Step Functions. Definitions match on them, so they never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorName {
    /// The service asked to slow down, after the SDK's own retries.
    AwsThrottled,
    /// The service failed, could not be reached, or did not answer in time, after the SDK's own retries.
    AwsUnavailable,
    /// The role may not do this.
    AwsAccessDenied,
    /// The service refused the request for any other reason.
    AwsRefused,
    /// The service answered with something that its documentation rules out, or without a field that it always has.
    AwsUnexpected,
    /// The event cannot be read.
    EventInvalid,
    /// The input of the function cannot be read.
    InputInvalid,
    /// The function's configuration is missing or wrong.
    SettingsInvalid,
    /// A transient failure interrupted a control; running the function again is safe.
    ContainmentInterrupted,
    /// It is not known whether a snapshot set was started, and none was found yet; running the function again is safe.
    SnapshotUnconfirmed,
    /// It is not known whether a snapshot copy was started, and none was found yet; running the function again is safe.
    CopyUnconfirmed,
    /// Too many snapshots of the volume in a short time: wait at least 15 seconds.
    SnapshotRateExceeded,
    /// Security Hub does not have the finding yet, or was changing it; running the function again is safe.
    SecurityHubNotReady,
    /// Security Hub did not process the finding.
    SecurityHubUnprocessed,
    /// The kill switch is engaged, or its state is unknown: nothing may be changed.
    ResponseStopped,
    /// Another execution holds the claim for a weaker action; it settles the claim or its lease expires.
    ClaimBusy,
}

impl ErrorName {
    /// Every name.
    pub const ALL: [ErrorName; 16] = [
        ErrorName::AwsThrottled,
        ErrorName::AwsUnavailable,
        ErrorName::AwsAccessDenied,
        ErrorName::AwsRefused,
        ErrorName::AwsUnexpected,
        ErrorName::EventInvalid,
        ErrorName::InputInvalid,
        ErrorName::SettingsInvalid,
        ErrorName::ContainmentInterrupted,
        ErrorName::SnapshotUnconfirmed,
        ErrorName::CopyUnconfirmed,
        ErrorName::SnapshotRateExceeded,
        ErrorName::SecurityHubNotReady,
        ErrorName::SecurityHubUnprocessed,
        ErrorName::ResponseStopped,
        ErrorName::ClaimBusy,
    ];

    /// The name as Step Functions sees it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorName::AwsThrottled => "Aws.Throttled",
            ErrorName::AwsUnavailable => "Aws.Unavailable",
            ErrorName::AwsAccessDenied => "Aws.AccessDenied",
            ErrorName::AwsRefused => "Aws.Refused",
            ErrorName::AwsUnexpected => "Aws.Unexpected",
            ErrorName::EventInvalid => "Event.Invalid",
            ErrorName::InputInvalid => "Input.Invalid",
            ErrorName::SettingsInvalid => "Settings.Invalid",
            ErrorName::ContainmentInterrupted => "Containment.Interrupted",
            ErrorName::SnapshotUnconfirmed => "Evidence.SnapshotUnconfirmed",
            ErrorName::CopyUnconfirmed => "Evidence.CopyUnconfirmed",
            ErrorName::SnapshotRateExceeded => "Evidence.SnapshotRateExceeded",
            ErrorName::SecurityHubNotReady => "SecurityHub.NotReady",
            ErrorName::SecurityHubUnprocessed => "SecurityHub.Unprocessed",
            ErrorName::ResponseStopped => "Response.Stopped",
            ErrorName::ClaimBusy => "Claim.Busy",
        }
    }

    /// Whether trying again later can succeed with the same input.
    pub fn is_transient(self) -> bool {
        matches!(
            self,
            ErrorName::AwsThrottled
                | ErrorName::AwsUnavailable
                | ErrorName::ContainmentInterrupted
                | ErrorName::SnapshotUnconfirmed
                | ErrorName::CopyUnconfirmed
                | ErrorName::SnapshotRateExceeded
                | ErrorName::SecurityHubNotReady
                | ErrorName::ClaimBusy
        )
    }
}

/// A failure of a function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The stable name that a definition matches on.
    pub name: ErrorName,
    /// The service's error code, when a service refused: `InvalidInstanceID.NotFound`.
    pub code: Option<String>,
    /// What happened, where, and what to do next.
    pub message: String,
}

/// The result of a function, and of what it calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a name.
    pub fn new(name: ErrorName, message: impl Into<String>) -> Error {
        Error { name, code: None, message: message.into() }
    }

    /// Converts the error of an SDK call, for use in `map_err`. `call` is the service and operation, for example
    /// `ec2:DescribeInstances`.
    ///
    /// The stable name comes from the error code (throttling, access denied) or, without a known code, from the HTTP
    /// status (429, 5xx); time-outs and connection failures are `Aws.Unavailable`.
    pub fn from_sdk<E>(call: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        move |error| classify(call, &error)
    }

    /// Whether a service refused with this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether trying again later can succeed with the same input.
    pub fn is_transient(&self) -> bool {
        self.name.is_transient()
    }
}

/// A field of an answer that AWS always returns.
///
/// ```
/// let answered = responder::required("ec2:CreateSecurityGroup", "GroupId", Some("sg-1"));
/// assert_eq!(answered, Ok("sg-1"));
/// let error = responder::required::<&str>("ec2:CreateSecurityGroup", "GroupId", None).unwrap_err();
/// assert_eq!(error.to_string(), "ec2:CreateSecurityGroup: the answer has no `GroupId`");
/// ```
///
/// # Errors
/// `Aws.Unexpected` with the call and the field when it is missing.
pub fn required<T>(call: &str, field: &str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::new(ErrorName::AwsUnexpected, format!("{call}: the answer has no `{field}`")))
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Diagnostic {
        Diagnostic { error_type: error.name.as_str().to_owned(), error_message: error.message }
    }
}

/// Throttling codes of the services that are called (botocore `_retry.json` and each service's API reference under
/// "Common errors").
const THROTTLING: [&str; 11] = [
    "LimitExceededException",
    "Throttled",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "SnapshotCreationPerVolumeRateExceeded",
];

/// Codes that mean that the role lacks a permission or its credentials are not valid.
const DENIED: [&str; 7] = [
    "UnauthorizedOperation",
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
];

fn classify<E>(call: &'static str, error: &SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    // If the credentials could not be obtained, report the failure of the call that should have returned them.
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref::<Error>() {
            return found.clone();
        }
        source = cause.source();
    }
    let code = error.code();
    let message = error.message().unwrap_or("no message");
    let name = match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => ErrorName::AwsUnavailable,
        SdkError::ServiceError(_) => match code {
            Some(code) if THROTTLING.contains(&code) => ErrorName::AwsThrottled,
            Some(code) if DENIED.contains(&code) => ErrorName::AwsAccessDenied,
            _ if is_too_many(error) => ErrorName::AwsThrottled,
            _ if is_server_side(error) => ErrorName::AwsUnavailable,
            _ => ErrorName::AwsRefused,
        },
        SdkError::ResponseError(_) if is_server_side(error) => ErrorName::AwsUnavailable,
        _ => ErrorName::AwsUnexpected,
    };
    let detail = match (error, code) {
        (SdkError::TimeoutError(_), _) => "no answer in time".to_owned(),
        (SdkError::DispatchFailure(_), _) => "the service could not be reached".to_owned(),
        (_, Some(code)) => format!("{code}: {message}"),
        _ => aws_smithy_types::error::display::DisplayErrorContext(error).to_string(),
    };
    Error { name, code: code.map(str::to_owned), message: incident::text::line(&format!("{call}: {detail}"), 1_000) }
}

fn is_too_many<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|response| response.status().as_u16() == 429)
}

fn is_server_side<E>(error: &SdkError<E, HttpResponse>) -> bool {
    error.raw_response().is_some_and(|response| response.status().is_server_error())
}
