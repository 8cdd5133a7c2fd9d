//! The replay of recorded events: the same rules, definitions, handlers and policies as deployed, against a simulated
//! account, in virtual time.
//!
//! An event passes these stages, each with a type of its own:
//!
//! | stage | module | result |
//! |---|---|---|
//! | ingested and routed: read, with what lies beside it, and matched with the rules of the template | [`case`] | [`case::Case`] of [`case::RoutedEvent`]s |
//! | set up: a fresh account, from the document beside the event or [`synthesize`]d from the finding | [`environment`], [`setup`] | [`environment::Environment`] |
//! | run: every execution to its end | [`driver`] | [`environment::RunResult`] |
//! | verified: the account is read back | `verification`, `verified` | one result for each event |
//! | reported: compared with what the [`scenario`] expects | `expect`, `report_builder` | [`ReplayReport`] |
//!
//! [`Replay`] runs all stages; the exploration of faults runs an [`environment::Environment`] many times over.
//!
//! The crate knows no playbook, state or function by name, except in [`Handlers::deployed`], which lists the functions
//! that are linked in. What it reads of an execution is the output contract in [`incident::contract`].

pub mod account_document;
pub mod case;
pub mod deployment;
pub mod driver;
pub mod environment;
mod expect;
mod handlers;
mod internal_error;
mod replay;
pub mod report;
mod report_builder;
pub mod scenario;
pub mod setup;
mod states;
pub mod synthesize;
mod table_items;
mod verification;
mod verified;

pub use handlers::Handlers;
pub use internal_error::InternalError;
pub use replay::Replay;
pub use report::ReplayReport;
