//! What paths and expressions of a state see.

use std::cell::OnceCell;

use jsonata_core::value::JValue;

use super::core::Core;
use super::thread::Thread;
use crate::jsonata::{Bindings, Root, to_jsonata};
use crate::path::Lookup;
use crate::payload::Payload;
use crate::time::Timestamp;

pub(super) struct View<'a> {
    core: &'a mut Core,
    thread: &'a Thread,
    /// The value of `$` in paths.
    pub(super) dollar: Payload,
    pub(super) result: Option<&'a Payload>,
    pub(super) error_output: Option<&'a Payload>,
    /// The token of the task that the state is about to start.
    pub(super) token: Option<&'a str>,
    result_value: OnceCell<JValue>,
    error_value: OnceCell<JValue>,
    context_value: OnceCell<JValue>,
    /// Bytes of the values that were looked up.
    spent: usize,
}

/// Bytes of values that one field of a state may look up: some 250 payloads.
const MAX_SPENT: usize = 1 << 26;

impl<'a> View<'a> {
    /// The view of a state before its result is known: `$` is its raw input.
    pub(super) fn new(core: &'a mut Core, thread: &'a Thread) -> View<'a> {
        View {
            core,
            thread,
            dollar: thread.input.clone(),
            result: None,
            error_output: None,
            token: None,
            result_value: OnceCell::new(),
            error_value: OnceCell::new(),
            context_value: OnceCell::new(),
            spent: 0,
        }
    }

    fn count(&mut self, bytes: usize) -> bool {
        self.spent = self.spent.saturating_add(bytes);
        self.spent <= MAX_SPENT
    }
}

impl Lookup for View<'_> {
    fn input(&self) -> &Payload {
        &self.dollar
    }

    fn context(&mut self, with_input: bool) -> Payload {
        Payload::new(self.core.context(self.thread, self.token, with_input))
    }

    fn execution_input(&self) -> Payload {
        self.core.input.clone()
    }

    fn variable(&self, name: &str) -> Option<Payload> {
        self.thread.scope.payload(name)
    }

    fn random(&mut self) -> u64 {
        self.core.random.next()
    }

    fn spend(&mut self, bytes: usize) -> bool {
        self.count(bytes)
    }
}

impl Bindings for View<'_> {
    fn input(&mut self) -> JValue {
        self.thread.input_value.get_or_init(|| to_jsonata(&self.thread.input)).clone()
    }

    fn result(&mut self) -> Option<JValue> {
        self.result.map(|result| self.result_value.get_or_init(|| to_jsonata(result)).clone())
    }

    fn error_output(&mut self) -> Option<JValue> {
        self.error_output.map(|output| self.error_value.get_or_init(|| to_jsonata(output)).clone())
    }

    fn context(&mut self) -> JValue {
        self.context_value.get_or_init(|| self.core.context_value(self.thread, self.token)).clone()
    }

    fn variable(&mut self, name: &str) -> Option<JValue> {
        self.thread.scope.value(name)
    }

    fn payload(&mut self, root: &Root) -> Option<Payload> {
        match root {
            Root::Input => Some(self.thread.input.clone()),
            Root::Result => self.result.cloned(),
            Root::ErrorOutput => self.error_output.cloned(),
            Root::Variable(name) => self.thread.scope.payload(name),
        }
    }

    fn random(&mut self) -> u64 {
        self.core.random.next()
    }

    fn now(&self) -> Timestamp {
        self.core.now
    }

    fn spend(&mut self, bytes: usize) -> bool {
        self.count(bytes)
    }
}
