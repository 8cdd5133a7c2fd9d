//! What the functions share: SDK clients for the account and Region of the incident, stable error names, settings from
//! the environment, structured logs, and the loop that answers Lambda.
//!
//! A function is `async fn handle(&Clients, &Settings, Input) -> Result<Output, Error>`. [`serve`] runs one on Lambda;
//! [`Function`] is the same thing with its types erased, so that a replay can run it without Lambda. Only this crate
//! reads the environment.

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
pub use settings::{Environment, Settings};

/// Key of the tag on everything that belongs to an incident; its value is the incident's id.
pub const INCIDENT_TAG: &str = "cordon:incident-id";

/// Key of the tag on the re-encrypted copy of a snapshot; its value is the id of the snapshot it was made of.
pub const COPY_TAG: &str = "cordon:copy-of";

/// Key of the tag that says what a resource of Cordon's own is for.
pub const PURPOSE_TAG: &str = "cordon:purpose";
