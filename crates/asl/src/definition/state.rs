use std::sync::Arc;

use super::choice::Rule;
use super::fields::{Flow, Number, QueryLanguage, TextField};
use super::machine::{MachineId, StateId};
use super::resource::Resource;
use super::retry::Handling;
use crate::history::StateType;
use crate::jsonata::{Expression, JsonataTemplate};
use crate::path::{Path, Query, Template};
use crate::payload::Payload;

/// A state.
#[derive(Debug)]
pub struct State {
    pub(super) name: Arc<str>,
    pub(super) place: String,
    pub(super) first_edge: usize,
    pub(super) comment: Option<String>,
    pub(super) flow: Flow,
    pub(super) kind: StateKind,
}

/// What a state does.
#[derive(Debug)]
pub enum StateKind {
    /// Passes its input on, or a fixed result.
    Pass {
        /// `Result`
        result: Option<Payload>,
        /// `Next` or `End`
        next: Next,
    },
    /// Calls a function, an activity or a service.
    Task(Box<Task>),
    /// Continues as its rules decide.
    Choice {
        /// `Choices`
        rules: Vec<Rule>,
        /// `Default`
        default: Option<StateId>,
    },
    /// Waits.
    Wait(Wait),
    /// Ends the machine.
    Succeed,
    /// Fails.
    Fail(Fail),
    /// Runs branches in parallel.
    Parallel(Box<Parallel>),
    /// Runs an item processor for each item.
    Map(Box<Map>),
}

/// `Next` or `End`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// To another state.
    State(StateId),
    /// To the end of its machine.
    End,
}

/// A Task state.
#[derive(Debug)]
pub struct Task {
    /// `Resource`
    pub resource: Resource,
    /// The resource as events name it: type and action.
    pub(crate) call: crate::history::ServiceCall,
    /// `Credentials`
    pub(crate) credentials: Option<Credentials>,
    /// `TimeoutSeconds` or `TimeoutSecondsPath`
    pub timeout: Option<Number>,
    /// `HeartbeatSeconds` or `HeartbeatSecondsPath`
    pub heartbeat: Option<Number>,
    /// `Retry` and `Catch`
    pub handling: Handling,
    /// `Next` or `End`
    pub next: Next,
}

/// `Credentials`
#[derive(Debug)]
pub(crate) enum Credentials {
    JsonPath(Template),
    Jsonata(JsonataTemplate),
}

/// A Wait state.
#[derive(Debug)]
pub struct Wait {
    /// How long.
    pub until: WaitFor,
    /// `Next` or `End`
    pub next: Next,
}

/// How long a Wait state waits.
#[derive(Debug)]
pub enum WaitFor {
    /// `Seconds` as a number or an expression
    Seconds(Number),
    /// `SecondsPath`
    SecondsPath(Path),
    /// `Timestamp` as a text or an expression
    Timestamp(TextField),
    /// `TimestampPath`
    TimestampPath(Path),
}

/// A Fail state.
#[derive(Debug)]
pub struct Fail {
    /// `Error` or `ErrorPath`
    pub error: Option<TextField>,
    /// `Cause` or `CausePath`
    pub cause: Option<TextField>,
}

/// A Parallel state.
#[derive(Debug)]
pub struct Parallel {
    /// `Branches`
    pub branches: Vec<MachineId>,
    /// `Retry` and `Catch`
    pub handling: Handling,
    /// `Next` or `End`
    pub next: Next,
}

/// A Map state in inline mode.
#[derive(Debug)]
pub struct Map {
    /// `ItemProcessor` or `Iterator`
    pub processor: MachineId,
    /// `Items`, `ItemsPath`, or the input itself
    pub items: Items,
    /// `ItemSelector`
    pub(crate) selector: Option<ItemSelector>,
    /// `MaxConcurrency` or `MaxConcurrencyPath`
    pub max_concurrency: Option<Number>,
    /// `ToleratedFailureCount` or its path
    pub tolerated_failure_count: Option<Number>,
    /// `ToleratedFailurePercentage` or its path
    pub tolerated_failure_percentage: Option<Number>,
    /// `Retry` and `Catch`
    pub handling: Handling,
    /// `Next` or `End`
    pub next: Next,
}

/// The items of a Map state.
#[derive(Debug)]
pub enum Items {
    /// The input of the state.
    Input,
    /// `ItemsPath`
    Path(Query),
    /// `Items`
    Computed(JsonataTemplate),
}

/// `ItemSelector`: the input of an iteration, in place of its item.
#[derive(Debug)]
pub(crate) enum ItemSelector {
    JsonPath(Template),
    Jsonata(JsonataTemplate),
}

impl State {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    /// The comment.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The fields of its type.
    #[must_use]
    pub fn kind(&self) -> &StateKind {
        &self.kind
    }

    /// How it processes its input and output.
    #[must_use]
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The language of its expressions.
    #[must_use]
    pub fn query_language(&self) -> QueryLanguage {
        match self.flow {
            Flow::JsonPath(_) => QueryLanguage::JsonPath,
            Flow::Jsonata(_) => QueryLanguage::Jsonata,
        }
    }

    /// Its type.
    #[must_use]
    pub fn state_type(&self) -> StateType {
        match self.kind {
            StateKind::Pass { .. } => StateType::Pass,
            StateKind::Task(_) => StateType::Task,
            StateKind::Choice { .. } => StateType::Choice,
            StateKind::Wait(_) => StateType::Wait,
            StateKind::Succeed => StateType::Succeed,
            StateKind::Fail(_) => StateType::Fail,
            StateKind::Parallel(_) => StateType::Parallel,
            StateKind::Map(_) => StateType::Map,
        }
    }

    /// `Retry` and `Catch`, of state types that have them.
    #[must_use]
    pub fn handling(&self) -> Option<&Handling> {
        match &self.kind {
            StateKind::Task(task) => Some(&task.handling),
            StateKind::Parallel(parallel) => Some(&parallel.handling),
            StateKind::Map(map) => Some(&map.handling),
            _ => None,
        }
    }

    /// The function or service that a Task calls.
    #[must_use]
    pub fn resource(&self) -> Option<&Resource> {
        match &self.kind {
            StateKind::Task(task) => Some(&task.resource),
            _ => None,
        }
    }

    /// The condition expressions of a Choice that uses JSONata.
    pub fn conditions(&self) -> impl Iterator<Item = &Expression> {
        let rules: &[Rule] = match &self.kind {
            StateKind::Choice { rules, .. } => rules,
            _ => &[],
        };
        rules.iter().filter_map(Rule::expression)
    }
}
