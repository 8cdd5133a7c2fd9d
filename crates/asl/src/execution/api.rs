//! What goes into an execution and comes out of it.

use crate::definition::Resource;
use crate::time::Timestamp;

/// What an execution starts with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The ARN of the execution.
    pub execution_arn: String,
    /// Its name.
    pub execution_name: String,
    /// The ARN of the machine.
    pub state_machine_arn: String,
    /// Its name.
    pub state_machine_name: String,
    /// The role it runs with.
    pub role_arn: String,
    /// The input.
    pub input: serde_json::Value,
    /// When it starts.
    pub started_at: Timestamp,
    /// Standard or Express.
    pub kind: Kind,
    /// Where jitter, random numbers, UUIDs and task tokens come from.
    pub seed: u64,
    /// How large payloads and history may become.
    pub limits: Limits,
}

/// The workflow type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Runs for up to a year, with a history.
    #[default]
    Standard,
    /// Runs for up to five minutes; callbacks and `.sync` are not available.
    Express,
}

/// Quotas of an execution; the default is that of Step Functions for Standard workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a payload, as JSON text in UTF-8.
    pub payload_bytes: usize,
    /// Events of the history.
    pub history_events: usize,
}

impl Limits {
    /// The quotas of Step Functions: the histories of Express workflows, which go to a log, have no limit (Step Functions
    /// developer guide, "Service quotas").
    #[must_use]
    pub fn of(kind: Kind) -> Limits {
        match kind {
            Kind::Standard => Limits::default(),
            Kind::Express => Limits { history_events: usize::MAX, ..Limits::default() },
        }
    }
}

impl Kind {
    /// Seconds after which Step Functions ends an execution with `States.Timeout`, whatever the machine's `TimeoutSeconds`
    /// is: a year, or five minutes (Step Functions developer guide, "Service quotas").
    #[must_use]
    pub fn longest_seconds(self) -> u64 {
        match self {
            Kind::Standard => 365 * 86_400,
            Kind::Express => 300,
        }
    }
}

impl Default for Limits {
    /// 262,144 bytes and 25,000 events (Step Functions developer guide, "Service quotas").
    fn default() -> Limits {
        Limits { payload_bytes: 262_144, history_events: 25_000 }
    }
}

/// The status of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has not ended.
    Running,
    /// It reached an end.
    Succeeded,
    /// An error was not caught.
    Failed,
    /// The machine's `TimeoutSeconds` ran out.
    TimedOut,
    /// It was stopped.
    Aborted,
}

impl Status {
    /// The word of the API, as `TIMED_OUT`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Succeeded => "SUCCEEDED",
            Status::Failed => "FAILED",
            Status::TimedOut => "TIMED_OUT",
            Status::Aborted => "ABORTED",
        }
    }
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Never `Running`.
    pub status: Status,
    /// The output of a success.
    pub output: Option<serde_json::Value>,
    /// The error name of a failure.
    pub error: Option<String>,
    /// The cause of a failure.
    pub cause: Option<String>,
}

/// The number of a task within its execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// What the driver of an execution must do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Call a service; deliver what happens with the id.
    Schedule(Box<TaskRequest>),
    /// The result of this task is no longer needed: it timed out, a sibling failed, or the execution ended.
    Cancel(TaskId),
    /// Call `step` at that time or later, even if no answer comes. It replaces every earlier wake-up.
    WakeAt(Timestamp),
}

/// A call to make.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRequest {
    /// What answers refer to.
    pub id: TaskId,
    /// The name of the state.
    pub state: String,
    /// 0 for the first attempt, then counting the retries.
    pub attempt: u32,
    /// What to call.
    pub resource: Resource,
    /// What to call it with.
    pub parameters: serde_json::Value,
    /// The `Credentials` of the state, evaluated.
    pub credentials: Option<serde_json::Value>,
    /// Seconds after which the engine gives the task up by itself.
    pub timeout_seconds: Option<u64>,
    /// Seconds without a heartbeat after which the engine gives the task up by itself.
    pub heartbeat_seconds: Option<u64>,
    /// The task token, for callbacks and activities, and wherever the parameters used it.
    pub task_token: Option<String>,
    /// When the call is made.
    pub scheduled_at: Timestamp,
}

/// What happened to a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The call was made, or a worker took the activity. Other answers imply it.
    Started,
    /// A worker with this name took the activity.
    StartedBy(String),
    /// The service accepted a job (`.sync`) or a request with a task token; this is its answer.
    Submitted(serde_json::Value),
    /// A sign of life.
    Heartbeat,
    /// The result: of `lambda:invoke` the service's whole response, of a bare function its payload.
    Succeeded(serde_json::Value),
    /// The task failed.
    Failed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
    /// The task failed without saying how: the error name is left out.
    FailedUnnamed {
        /// The cause.
        cause: Option<String>,
    },
    /// The activity does not exist: the execution fails with that text, as if the activity had not been scheduled.
    DoesNotExist(String),
    /// The service or the driver gave up waiting: `States.Timeout`.
    TimedOut,
    /// The call could not be made.
    StartFailed {
        /// The error name.
        error: String,
        /// The cause.
        cause: Option<String>,
    },
}
