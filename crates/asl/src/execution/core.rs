//! The state that all threads of an execution share.

use std::cell::OnceCell;
use std::sync::Arc;

use indexmap::IndexMap;
use jsonata_core::value::JValue;
use serde_json::{Map, Value, json};

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
    /// The history is full except for the event that ends it.
    pub(super) full: bool,
    /// The invariant that did not hold.
    pub(super) broken: Option<&'static str>,
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

    /// Adds an event even if the history is full. Only the event that ends the execution needs this.
    pub(super) fn push(&mut self, previous: u64, details: EventDetails) -> u64 {
        let id = self.history.len() as u64 + 1;
        self.kept = self.kept.saturating_add(size_of::<HistoryEvent>());
        self.history.push(HistoryEvent { id, previous_event_id: previous, timestamp: self.now, details });
        id
    }

    /// The context object of a state (Step Functions developer guide, "Accessing execution data from the Context object").
    pub(super) fn context(&self, thread: &Thread, token: Option<&str>, with_input: bool) -> Value {
        let mut execution = self.execution();
        if with_input {
            execution.shift_insert(1, "Input".to_owned(), self.input.value().clone());
        }
        let mut context = self.rest_of_context(thread, token);
        context.shift_insert(0, "Execution".to_owned(), Value::Object(execution));
        Value::Object(context)
    }

    /// The same for expressions; the input of the execution is converted once.
    pub(super) fn context_value(&self, thread: &Thread, token: Option<&str>) -> JValue {
        let convert = |fields: Map<String, Value>| -> IndexMap<String, JValue> {
            fields.iter().map(|(name, value)| (name.clone(), to_jsonata(value))).collect()
        };
        let mut execution = convert(self.execution());
        let input = self.input_value.get_or_init(|| to_jsonata(&self.input)).clone();
        execution.shift_insert(1, "Input".to_owned(), input);
        let mut context = convert(self.rest_of_context(thread, token));
        context.shift_insert(0, "Execution".to_owned(), JValue::object(execution));
        JValue::object(context)
    }

    /// The field `Execution` without its input.
    fn execution(&self) -> Map<String, Value> {
        object([
            ("Id", json!(self.execution_arn)),
            ("StartTime", json!(self.started_at.to_string())),
            ("Name", json!(self.execution_name)),
            ("RoleArn", json!(self.role_arn)),
            ("RedriveCount", json!(0)),
        ])
    }

    /// The fields beside `Execution`.
    fn rest_of_context(&self, thread: &Thread, token: Option<&str>) -> Map<String, Value> {
        let mut state =
            object([("Name", json!(thread.name.as_ref())), ("EnteredTime", json!(thread.entered_at.to_string()))]);
        if let Some(count) = thread.retry_count {
            state.insert("RetryCount".to_owned(), json!(count));
        }
        let mut context = object([
            ("StateMachine", json!({ "Id": self.machine_arn, "Name": self.machine_name })),
            ("State", Value::Object(state)),
        ]);
        if let Some(token) = token {
            context.insert("Task".to_owned(), json!({ "Token": token }));
        }
        if let Some(item) = &thread.map_item {
            context.insert("Map".to_owned(), json!({ "Item": { "Index": item.index, "Value": item.value.value() } }));
        }
        context
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
