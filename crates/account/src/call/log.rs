//! The call log.

use serde_json::Value;

use crate::base::Timestamp;

/// One call, as it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Counts up from 1 over the whole world.
    pub seq: u64,
    /// When the request arrived.
    pub at: Timestamp,
    /// The account it went to.
    pub account: String,
    /// The Region it went to.
    pub region: String,
    /// The service's name: `ec2`.
    pub service: String,
    /// The operation's name: `DescribeInstances`.
    pub operation: String,
    /// The caller's ARN.
    pub principal: String,
    /// The function that called.
    pub function: String,
    /// The request id that the response carries.
    pub request_id: String,
    /// The decoded parameters; lists of the Query protocols are arrays.
    pub parameters: Value,
    /// Whether the operation changes nothing.
    pub read_only: bool,
    /// The error code of the answer, or `None`. A call whose answer was lost has the error that it would have carried.
    pub error: Option<String>,
    /// Whether the caller got the answer.
    pub delivery: Delivery,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The caller gets it.
    Delivered,
    /// The caller gets nothing and waits.
    Unanswered,
    /// The connection is reset.
    ConnectionReset,
    /// The process of the caller ends first.
    CallerCrashed,
}
