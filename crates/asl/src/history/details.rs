use std::sync::Arc;

use crate::payload::Payload;

/// The type of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateType {
    /// `Pass`
    Pass,
    /// `Task`
    Task,
    /// `Choice`
    Choice,
    /// `Wait`
    Wait,
    /// `Succeed`
    Succeed,
    /// `Fail`
    Fail,
    /// `Parallel`
    Parallel,
    /// `Map`
    Map,
}

impl StateType {
    /// The name in the States Language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            StateType::Pass => "Pass",
            StateType::Task => "Task",
            StateType::Choice => "Choice",
            StateType::Wait => "Wait",
            StateType::Succeed => "Succeed",
            StateType::Fail => "Fail",
            StateType::Parallel => "Parallel",
            StateType::Map => "Map",
        }
    }
}

/// An error name and a cause, either of which may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failure {
    /// The error name.
    pub error: Option<Arc<str>>,
    /// The cause, often a JSON text.
    pub cause: Option<Arc<str>>,
}

/// The service integration a task event belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The service, as `lambda` or `aws-sdk:s3`.
    pub resource_type: Arc<str>,
    /// The action with its pattern, as `invoke.waitForTaskToken`.
    pub resource: Arc<str>,
}

/// How a task was scheduled.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledTask {
    /// The Region of the call, for service integrations.
    pub region: Arc<str>,
    /// The input of the task.
    pub parameters: Payload,
    /// Seconds the task may run.
    pub timeout_seconds: Option<u64>,
    /// Seconds between heartbeats.
    pub heartbeat_seconds: Option<u64>,
    /// The role of the task's `Credentials`, in place of that of the state machine.
    pub credentials_role_arn: Option<Arc<str>>,
}

/// One iteration of a Map state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapIteration {
    /// The name of the Map state.
    pub name: Arc<str>,
    /// The index of the item, from 0.
    pub index: u64,
}

/// The variables that a state assigned, by name, in the order of their names.
pub type Assigned = Vec<(Arc<str>, Payload)>;

/// What happened: a variant for each event type; events of states have one variant for all state types.
#[derive(Debug, Clone, PartialEq)]
pub enum EventDetails {
    /// `ExecutionStarted`
    ExecutionStarted {
        /// The input of the execution.
        input: Payload,
        /// The role of the machine.
        role_arn: Arc<str>,
    },
    /// `ExecutionSucceeded`
    ExecutionSucceeded {
        /// The output of the execution.
        output: Payload,
    },
    /// `ExecutionFailed`
    ExecutionFailed(Failure),
    /// `ExecutionAborted`
    ExecutionAborted(Failure),
    /// `ExecutionTimedOut`
    ExecutionTimedOut(Failure),
    /// `PassStateEntered` and the same of other types
    StateEntered {
        /// The type of the state.
        state_type: StateType,
        /// Its name.
        name: Arc<str>,
        /// Its raw input.
        input: Payload,
    },
    /// `PassStateExited` and the same of other types
    StateExited {
        /// The type of the state.
        state_type: StateType,
        /// Its name.
        name: Arc<str>,
        /// Its output.
        output: Payload,
        /// The variables that it assigned; nothing for a state without `Assign`.
        assigned: Option<Arc<Assigned>>,
    },
    /// `TaskStateAborted`, `WaitStateAborted`, `ParallelStateAborted`, `MapStateAborted`
    StateAborted(StateType),
    /// `EvaluationFailed`
    EvaluationFailed {
        /// `States.QueryEvaluationError` and the cause.
        failure: Failure,
        /// The field that was evaluated, as `Output/result`.
        location: Option<Arc<str>>,
        /// The state it belongs to.
        state: Arc<str>,
    },
    /// `LambdaFunctionScheduled`
    LambdaFunctionScheduled {
        /// The function's ARN.
        resource: Arc<str>,
        /// Input, timeout and credentials.
        task: Box<ScheduledTask>,
    },
    /// `LambdaFunctionScheduleFailed`
    LambdaFunctionScheduleFailed(Failure),
    /// `LambdaFunctionStarted`
    LambdaFunctionStarted,
    /// `LambdaFunctionStartFailed`
    LambdaFunctionStartFailed(Failure),
    /// `LambdaFunctionSucceeded`
    LambdaFunctionSucceeded {
        /// What the function returned.
        output: Payload,
    },
    /// `LambdaFunctionFailed`
    LambdaFunctionFailed(Failure),
    /// `LambdaFunctionTimedOut`
    LambdaFunctionTimedOut(Failure),
    /// `ActivityScheduled`
    ActivityScheduled {
        /// The activity's ARN.
        resource: Arc<str>,
        /// Input, timeout and heartbeat.
        task: Box<ScheduledTask>,
    },
    /// `ActivityScheduleFailed`
    ActivityScheduleFailed(Failure),
    /// `ActivityStarted`
    ActivityStarted {
        /// The name the worker gave.
        worker_name: Option<Arc<str>>,
    },
    /// `ActivitySucceeded`
    ActivitySucceeded {
        /// What the worker sent.
        output: Payload,
    },
    /// `ActivityFailed`
    ActivityFailed(Failure),
    /// `ActivityTimedOut`
    ActivityTimedOut(Failure),
    /// `TaskScheduled`
    TaskScheduled {
        /// The integration.
        call: ServiceCall,
        /// Parameters, timeouts and credentials.
        task: Box<ScheduledTask>,
    },
    /// `TaskStarted`
    TaskStarted(ServiceCall),
    /// `TaskStartFailed`
    TaskStartFailed(ServiceCall, Failure),
    /// `TaskSubmitted`
    TaskSubmitted {
        /// The integration.
        call: ServiceCall,
        /// What the service answered.
        output: Payload,
    },
    /// `TaskSubmitFailed`
    TaskSubmitFailed(ServiceCall, Failure),
    /// `TaskSucceeded`
    TaskSucceeded {
        /// The integration.
        call: ServiceCall,
        /// The result.
        output: Payload,
    },
    /// `TaskFailed`
    TaskFailed(ServiceCall, Failure),
    /// `TaskTimedOut`
    TaskTimedOut(ServiceCall, Failure),
    /// `ParallelStateStarted`
    ParallelStateStarted,
    /// `ParallelStateSucceeded`
    ParallelStateSucceeded,
    /// `ParallelStateFailed`
    ParallelStateFailed,
    /// `MapStateStarted`
    MapStateStarted {
        /// The number of items.
        length: u64,
    },
    /// `MapStateSucceeded`
    MapStateSucceeded,
    /// `MapStateFailed`
    MapStateFailed,
    /// `MapIterationStarted`
    MapIterationStarted(MapIteration),
    /// `MapIterationSucceeded`
    MapIterationSucceeded(MapIteration),
    /// `MapIterationFailed`
    MapIterationFailed(MapIteration),
    /// `MapIterationAborted`
    MapIterationAborted(MapIteration),
    /// `MapRunStarted`
    MapRunStarted {
        /// The Map Run's ARN.
        map_run_arn: Arc<str>,
    },
    /// `MapRunSucceeded`
    MapRunSucceeded,
    /// `MapRunFailed`
    MapRunFailed(Failure),
}
