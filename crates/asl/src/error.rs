//! The names of errors that the States Language reserves: the only place where they are spelled.
//!
//! Source: States Language specification, appendix A, and the Step Functions developer guide, "Handling errors".

/// Matches any error a Retrier or Catcher may match.
pub const ALL: &str = "States.ALL";
/// A task ran longer than its timeout, or sent no heartbeat for longer than its heartbeat interval.
pub const TIMEOUT: &str = "States.Timeout";
/// An activity or callback sent no heartbeat in time (the name a definition may match; Step Functions reports it as a timeout).
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// A task failed; as a matcher it stands for every error of a task but a timeout.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A state ran with insufficient privileges.
pub const PERMISSIONS: &str = "States.Permissions";
/// A `ResultPath` could not be applied to the input.
pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// A path in a payload template could not be resolved.
pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A branch of a Parallel state failed.
pub const BRANCH_FAILED: &str = "States.BranchFailed";
/// A Choice state found no rule and has no default.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// An intrinsic function was called with arguments it does not take.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
/// More items of a Map failed than it tolerates.
pub const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str = "States.ExceedToleratedFailureThreshold";
/// The items of a distributed Map could not be read.
pub const ITEM_READER_FAILED: &str = "States.ItemReaderFailed";
/// The results of a distributed Map could not be written.
pub const RESULT_WRITER_FAILED: &str = "States.ResultWriterFailed";
/// A payload is larger than the limit.
pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// The execution met a condition that it cannot handle; never caught or retried.
pub const RUNTIME: &str = "States.Runtime";
/// A JSONata expression failed, or its result does not fit.
pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
/// The engine itself is at fault: not an error of the States Language, and none that a definition can handle.
pub const INTERNAL: &str = "Engine.InternalError";
