use crate::base::Refusal;

/// The codes with which a service refuses what never reaches an operation. Texts and status codes are those that AWS
/// sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusals {
    /// The access key id is unknown.
    pub(crate) unknown_key: Refusal,
    /// The credentials have expired.
    pub(crate) expired_token: Refusal,
    /// No policy allows the call; the text is made from principal, action and resource, after `message`.
    pub(crate) access_denied: Refusal,
    /// Too many requests.
    pub(crate) throttled: Refusal,
    /// The service failed.
    pub(crate) server_error: Refusal,
}

impl Refusals {
    /// Those of most services with the Query protocol.
    pub(crate) const QUERY: Self = Self {
        unknown_key: Refusal {
            code: "InvalidClientTokenId",
            message: "The security token included in the request is invalid.",
            status: 403,
        },
        expired_token: Refusal {
            code: "ExpiredToken",
            message: "The security token included in the request is expired",
            status: 403,
        },
        access_denied: Refusal { code: "AccessDenied", message: "", status: 403 },
        throttled: Refusal { code: "Throttling", message: "Rate exceeded", status: 400 },
        server_error: Refusal {
            code: "InternalFailure",
            message: "The request processing has failed because of an unknown error, exception or failure.",
            status: 500,
        },
    };

    /// Those of most services with a JSON protocol ("Common errors" of the Step Functions API reference).
    pub(crate) const JSON: Self = Self {
        unknown_key: Refusal {
            code: "UnrecognizedClientException",
            message: "The security token included in the request is invalid.",
            status: 400,
        },
        expired_token: Refusal {
            code: "ExpiredTokenException",
            message: "The security token included in the request is expired",
            status: 400,
        },
        access_denied: Refusal { code: "AccessDeniedException", message: "", status: 400 },
        throttled: Refusal { code: "ThrottlingException", message: "Rate exceeded", status: 400 },
        server_error: Refusal { code: "InternalFailure", message: "The request processing has failed.", status: 500 },
    };
}
