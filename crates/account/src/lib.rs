//! The simulated AWS account behind the SDK clients: real bytes both ways, state, policies, faults, a virtual clock.
//!
//! A [`World`] holds the state of any number of accounts and Regions. SDK clients reach it through
//! [`World::http_client`], the service integrations of a definition through [`World::integrate`]. A call takes virtual
//! time on the [`VirtualClock`], which moves only when the driver of a replay says so.
//!
//! The layers, from the bottom; no module imports from a layer above its own:
//!
//! | folder | what is there |
//! |---|---|
//! | `base` | errors, moments, the virtual clock, identifiers |
//! | `model` | what AWS publishes about the APIs: protocols, names, types |
//! | `protocol` | codecs of the AWS protocols, parameters |
//! | [`authorize`] | callers, policies and their evaluation |
//! | `state` | containers for the state of services: Regions and accounts |
//! | `service` | what a service implements: its row, its operations |
//! | `services` | a folder for each service; `services/mod.rs` is the registry |
//! | `call` | the road of a call: wire → caller → fault → authorization → operation → call log |
//! | [`seed`] | `account.json` into state |
//! | `world` | the handle, the HTTP connector below the SDK, the HTTP server |
//!
//! Whatever the simulation does not know (an operation, a parameter, a field of `account.json`) fails loudly with its
//! name and is listed in [`World::unsupported`]. An invariant of the simulation that does not hold is listed in
//! [`World::internal_errors`].

pub mod authorize;
mod base;
mod call;
mod model;
mod protocol;
pub mod seed;
mod service;
mod services;
mod state;
mod world;

pub use authorize::{Identities, Policy, Principal, Role};
pub use base::{Ids, Problem, ServiceError, Timestamp, TimestampError, VirtualClock, unique_id};
pub use call::{Call, Delivery, Fault, FaultKind, HostedCall, WireResponse};
pub use service::SeedError;
pub use services::*;
pub use state::{ReadState, Region, ServiceState};
pub use world::{Setup, World, serve};
