//! The last stage before the report: the result of each event, read back from the account.

use incident::Outcome;

use crate::case::{RoutedEvent, Unstarted};
use crate::driver::DriverError;
use crate::report::{
    BeforeImageReport, CallReport, EdgeReport, ExecutionReport, IncidentReport, NotificationReport, PermissionReport,
    ReadBackReport, RunReport, StateReport,
};

/// An event with its result.
pub(crate) struct VerifiedEvent<'a> {
    /// The event.
    pub(crate) event: &'a RoutedEvent,
    /// The result.
    pub(crate) result: EventResult<'a>,
}

/// The result of an event.
pub(crate) enum EventResult<'a> {
    /// It starts nothing.
    Unstarted(&'a Unstarted),
    /// The account that it is about could not be set up.
    NotSetUp(String),
    /// Its executions could not be driven to their ends.
    NotDriven {
        /// What was made up for the account.
        assumed: Vec<String>,
        /// Why.
        error: DriverError,
    },
    /// Its executions have ended.
    Ran {
        /// What was made up for the account.
        assumed: Vec<String>,
        /// What they did.
        run: Box<VerifiedRun>,
    },
}

/// A run with what was read back from the account after it.
pub(crate) struct VerifiedRun {
    /// The modes that its incidents were decided under; absent where nothing was decided.
    pub(crate) mode: Option<String>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: String,
    pub(crate) incidents: Vec<IncidentReport>,
    pub(crate) calls: Vec<CallReport>,
    pub(crate) states: Vec<StateReport>,
    pub(crate) read_back: Vec<ReadBackReport>,
    pub(crate) before_images: Vec<BeforeImageReport>,
    pub(crate) transitions: u64,
    pub(crate) invocations: usize,
    pub(crate) virtual_seconds_to_containment: Option<f64>,
    pub(crate) virtual_seconds: f64,
    pub(crate) notifications: Vec<NotificationReport>,
    pub(crate) execution: ExecutionReport,
    pub(crate) executions: Vec<RunReport>,
    pub(crate) permissions: Vec<PermissionReport>,
    pub(crate) edges: Vec<EdgeReport>,
    pub(crate) unmet_faults: Vec<String>,
    pub(crate) tool_errors: Vec<String>,
}

impl VerifiedEvent<'_> {
    /// How it ended, and why in one sentence.
    pub(crate) fn outcome(&self) -> (Outcome, String) {
        match &self.result {
            EventResult::Ran { run, .. } => (run.outcome, run.reason.clone()),
            EventResult::NotDriven { error, .. } => (Outcome::Failed, error.to_string()),
            EventResult::NotSetUp(reason) => (Outcome::Invalid, reason.clone()),
            EventResult::Unstarted(Unstarted::Invalid { reason } | Unstarted::Unreadable { reason, .. }) => {
                (Outcome::Invalid, reason.clone())
            }
            EventResult::Unstarted(Unstarted::Unmatched { reason }) => (Outcome::Unmatched, reason.clone()),
            EventResult::Unstarted(Unstarted::Failed(error)) => (Outcome::Failed, error.to_string()),
        }
    }

    /// The run; `None` where nothing ran to its end.
    pub(crate) fn run(&self) -> Option<&VerifiedRun> {
        match &self.result {
            EventResult::Ran { run, .. } => Some(run),
            _ => None,
        }
    }
}
