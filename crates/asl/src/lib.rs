//! The Amazon States Language: parse, lint, execute.
//!
//! The crate knows no AWS service, no clock and no IO. A [`Definition`] is parsed once and shared; an [`Execution`] of it is
//! driven from outside: [`Execution::step`] runs as far as it can and says what to do, [`Execution::deliver`] hands in what
//! happened. Stages, in the order in which data passes them:
//!
//! 1. [`definition`]: text to a definition in which paths and expressions are parsed and transitions resolved
//! 2. [`path`], [`intrinsic`], [`jsonata`]: how states get at data
//! 3. [`execution`]: the interpreter
//! 4. [`history`]: what happened, as `GetExecutionHistory` tells it

pub mod compare;
pub mod conformance;
pub mod definition;
pub mod error;
pub mod execution;
pub mod history;
pub mod intrinsic;
pub mod jsonata;
pub mod lint;
pub mod mocks;
mod number;
pub mod path;
pub mod payload;
mod random;
pub mod source;
pub mod time;

pub use definition::{Definition, Edge, EdgeKind, ParseError, ParseProblem, Pattern, Resource, State};
pub use execution::{Action, Answer, Execution, Kind, Limits, Outcome, Start, Status, TaskId, TaskRequest};
pub use history::{EventDetails, HistoryEvent};
pub use payload::Payload;
pub use time::Timestamp;
