//! What the functions share: SDK clients for the account and Region of the incident, stable error names, settings from
//! environment and payload, structured logs, and the Lambda runtime loop.
//!
//! A function is `async fn handle(&Clients, &Settings, Input) -> Result<Output, Error>`. [`serve`] runs it on Lambda;
//! [`Function`] erases its types, so that a replay can run it without Lambda. Only this crate reads the environment.

mod attempt;
mod clients;
pub mod configuration;
pub mod custody;
mod error;
mod function;
pub mod host;
pub mod incident_store;
mod interfaces;
pub mod kill_switch;
mod lambda;
mod settings;

pub use attempt::{Assessment, Attempt, assess};
pub use clients::{Clients, Home, Target};
pub use error::{Error, ErrorName, Result, required};
pub use function::{Function, Reply};
pub use interfaces::attached_interfaces;
pub use lambda::{behavior, connect, retries, serve, time_limits};
pub use settings::{Environment, Parameters, Settings};

/// Key of the tag on everything that belongs to an incident; its value is the incident's id.
pub const INCIDENT_TAG: &str = "cordon:incident-id";

/// Key of the tag on the re-encrypted copy of a snapshot; its value is the id of the snapshot it was made of.
pub const COPY_TAG: &str = "cordon:copy-of";

/// Key of the tag that says what a resource of Cordon's own is for.
pub const PURPOSE_TAG: &str = "cordon:purpose";
