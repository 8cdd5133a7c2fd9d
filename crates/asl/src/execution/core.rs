//! What all branches of an execution share.

use std::cell::OnceCell;
use std::sync::Arc;

use jsonata_core::value::JValue;
use serde_json::{Value, json};

use super::api::Limits;
use super::thread::Thread;
use crate::history::{EventDetails, HistoryEvent};
use crate::jsonata::to_jsonata;
use crate::payload::Payload;
use crate::random::Random;
use crate::time::Timestamp;

/// Bytes of memory that a history may take, about. Step Functions has no such limit: it keeps histories on
/// disk, where this engine keeps them in memory.
pub(super) const MAX_KEPT: usize = 1 << 29;

pub(super) struct Core {
    pub(super) execution_arn: String,
    pub(super) execution_name: String,
    pub(super) machine_arn: String,
    pub(super) machine_name: String,
    pub(super) role_arn: String,
    pub(super) region: Arc<str>,
    pub(super) input: Payload,
    pub(super) input_value: OnceCell<JValue>,
    pub(super) started_at: Timestamp,
    pub(super) limits: Limits,
    pub(super) now: Timestamp,
    pub(super) random: Random,
    pub(super) history: Vec<HistoryEvent>,
    /// The history has no place left for anything but the event that ends it.
    pub(super) full: bool,
    /// About the bytes of memory that the history takes.
    pub(super) kept: usize,
}

impl Core {
    /// Adds an event; returns its id.
    pub(super) fn record(&mut self, previous: u64, details: EventDetails) -> u64 {
        if self.history.len() + 1 >= self.limits.history_events {
            self.full = true;
            return previous;
        }
        self.push(previous, details)
    }

    /// Counts a payload that the history keeps, unless it is the one that was counted before.
    pub(super) fn keep(&mut self, payload: &Payload, before: &Payload) {
        if !payload.is(before) {
            self.kept = self.kept.saturating_add(payload.weight());
        }
    }

    /// Whether the history takes more memory than it may.
    pub(super) fn is_too_heavy(&self) -> bool {
        self.kept > MAX_KEPT
    }

    /// Adds the event that ends the execution, for which there is always a place.
    pub(super) fn push(&mut self, previous: u64, details: EventDetails) -> u64 {
        let id = self.history.len() as u64 + 1;
        self.kept = self.kept.saturating_add(size_of::<HistoryEvent>());
        self.history.push(HistoryEvent { id, previous_event_id: previous, timestamp: self.now, details });
        id
    }

    /// The context object of a state (Step Functions developer guide, "Accessing execution data from the Context object").
    pub(super) fn context(&self, thread: &Thread, token: Option<&str>, with_input: bool) -> Value {
        let mut execution = json!({ "Id": self.execution_arn });
        if let Value::Object(execution) = &mut execution {
            if with_input {
                execution.insert("Input".to_owned(), self.input.value().clone());
            }
            execution.insert("StartTime".to_owned(), json!(self.started_at.to_string()));
            execution.insert("Name".to_owned(), json!(self.execution_name));
            execution.insert("RoleArn".to_owned(), json!(self.role_arn));
            execution.insert("RedriveCount".to_owned(), json!(0));
        }
        let mut context = json!({
            "Execution": execution,
            "StateMachine": { "Id": self.machine_arn, "Name": self.machine_name },
            "State": { "Name": thread.name.as_ref(), "EnteredTime": thread.entered_at.to_string() },
        });
        if let Some(count) = thread.retry_count
            && let Some(Value::Object(state)) = context.get_mut("State")
        {
            state.insert("RetryCount".to_owned(), json!(count));
        }
        if let Value::Object(context) = &mut context {
            if let Some(token) = token {
                context.insert("Task".to_owned(), json!({ "Token": token }));
            }
            if let Some(item) = &thread.map_item {
                context
                    .insert("Map".to_owned(), json!({ "Item": { "Index": item.index, "Value": item.value.value() } }));
            }
        }
        context
    }

    /// The same for expressions; the input of the execution is converted once.
    pub(super) fn context_value(&self, thread: &Thread, token: Option<&str>) -> JValue {
        let mut context = to_jsonata(&self.context(thread, token, false));
        let input = self.input_value.get_or_init(|| to_jsonata(&self.input)).clone();
        if let Some(JValue::Object(execution)) =
            context.as_object_mut().and_then(|context| context.get_mut("Execution"))
            && let Some(execution) = std::rc::Rc::get_mut(execution)
        {
            let mut fields = std::mem::take(execution).into_inner();
            fields.insert("Input".to_owned(), input);
            *execution = fields.into();
        }
        context
    }
}
