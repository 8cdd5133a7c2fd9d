//! The history of an execution, event by event, as `GetExecutionHistory` returns it.
//!
//! Source: the `HistoryEvent` shape of the Step Functions API (service model 2016-11-23).

mod details;
mod json;

pub use details::{Assigned, EventDetails, Failure, MapIteration, ScheduledTask, ServiceCall, StateType};

use crate::time::Timestamp;

/// One event. Ids count from 1 without gaps; `previous_event_id` is 0 where the event follows none.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEvent {
    /// The event's number.
    pub id: u64,
    /// The event that led to this one.
    pub previous_event_id: u64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub details: EventDetails,
}
