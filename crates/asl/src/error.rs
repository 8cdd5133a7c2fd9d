//! The error names that the States Language reserves. The engine refers to them by these constants.
//!
//! Source: States Language specification, appendix A, and the Step Functions developer guide, "Handling errors".

/// Matches every error that can be handled.
pub const ALL: &str = "States.ALL";
/// A task ran longer than its timeout, or sent no heartbeat for longer than its heartbeat interval.
pub const TIMEOUT: &str = "States.Timeout";
/// An activity or callback sent no heartbeat in time. Retriers and catchers can match this name; Step Functions reports the
/// error as `States.Timeout`.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// A task failed; in `Retry` and `Catch` it matches every error but a timeout.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A state ran with insufficient privileges.
pub const PERMISSIONS: &str = "States.Permissions";
/// A `ResultPath` could not be applied to the input.
pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// A path in a payload template could not be resolved.
pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A branch of a Parallel state failed.
pub const BRANCH_FAILED: &str = "States.BranchFailed";
/// No rule of a Choice state matched, and it has no `Default`.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// An intrinsic function failed.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
/// More items of a Map state failed than its tolerance allows.
pub const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str = "States.ExceedToleratedFailureThreshold";
/// The items of a distributed Map could not be read.
pub const ITEM_READER_FAILED: &str = "States.ItemReaderFailed";
/// The results of a distributed Map could not be written.
pub const RESULT_WRITER_FAILED: &str = "States.ResultWriterFailed";
/// A payload is larger than the limit.
pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// The execution met a condition that it cannot handle; never caught or retried.
pub const RUNTIME: &str = "States.Runtime";
/// A JSONata expression failed, or its result has the wrong type.
pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
/// The engine itself is at fault: not an error of the States Language, and none that a definition can handle.
pub const INTERNAL: &str = "Engine.InternalError";
