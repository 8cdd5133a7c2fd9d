//! The Amazon States Language: parse, lint, execute.
//!
//! The crate knows no AWS service, has no clock and does no IO. The modules, in the order in which data passes them:
//!
//! 1. [`source`]: JSON or YAML text to a tree with the line and column of every value
//! 2. [`lint`]: what Step Functions refuses, and warnings
//! 3. [`definition`]: a [`Definition`] in which paths and expressions are parsed and transitions resolved
//! 4. [`path`], [`intrinsic`], [`jsonata`]: the query languages of states
//! 5. [`execution`]: the engine, an [`Execution`]
//! 6. [`history`]: the events of an execution, as `GetExecutionHistory` returns them
//!
//! A caller drives an [`Execution`]: [`Execution::step`] runs the states as far as possible and returns actions, such as a
//! task to call; [`Execution::deliver`] takes the result of a task. [`mocks`] is a driver with prepared results.
//!
//! ```
//! use std::sync::Arc;
//!
//! use asl::{Action, Answer, Definition, Execution, Kind, Limits, Start, Status, Timestamp};
//! use serde_json::json;
//!
//! let definition = Definition::parse(
//!     r#"{"StartAt": "Describe", "States": {"Describe": {
//!         "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ec2:describeInstances",
//!         "Parameters": {"InstanceIds.$": "States.Array($.instance)"}, "End": true}}}"#,
//! )?;
//! let mut now = Timestamp::parse("2025-01-01T12:00:00Z")?;
//! let start = Start {
//!     execution_arn: "arn:aws:states:us-east-1:111122223333:execution:describe:example".to_owned(),
//!     execution_name: "example".to_owned(),
//!     state_machine_arn: "arn:aws:states:us-east-1:111122223333:stateMachine:describe".to_owned(),
//!     state_machine_name: "describe".to_owned(),
//!     role_arn: "arn:aws:iam::111122223333:role/describe".to_owned(),
//!     input: json!({"instance": "i-0123456789abcdef0"}),
//!     started_at: now,
//!     kind: Kind::Standard,
//!     seed: 1,
//!     limits: Limits::of(Kind::Standard),
//! };
//! let mut execution = Execution::start(Arc::new(definition), start);
//! while execution.outcome().is_none() {
//!     for action in execution.step(now) {
//!         match action {
//!             Action::Schedule(request) => {
//!                 assert_eq!(request.parameters, json!({"InstanceIds": ["i-0123456789abcdef0"]}));
//!                 execution.deliver(request.id, Answer::Succeeded(json!({"Reservations": []})), now);
//!             }
//!             Action::Cancel(_) => {}
//!             Action::WakeAt(time) => now = time,
//!         }
//!     }
//! }
//! assert_eq!(execution.status(), Status::Succeeded);
//! assert_eq!(execution.outcome().and_then(|outcome| outcome.output.clone()), Some(json!({"Reservations": []})));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
