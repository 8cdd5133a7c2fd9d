//! The road of a call: caller → fault → authorization → operation → call log.
//!
//! | file | what happens there |
//! |---|---|
//! | `wire` | signed bytes become a call, its result becomes bytes |
//! | `integration` | a service integration of a definition becomes a call |
//! | `hosted` | a call of a service that the simulator hosts itself, such as Step Functions |
//! | `dispatch` | the one function that every call passes |
//! | `authorization` | what the caller must be allowed, decided against its policy |
//! | `fault` | the planned faults |
//! | `log` | what is kept of the call |
//!
//! Architecture invariant: every call passes `dispatch`, wherever it comes from, so that no call escapes authorization,
//! faults or the log.

mod authorization;
mod describe_unrecorded;
mod dispatch;
mod fault;
mod hosted;
mod integration;
mod log;
mod state;
mod wire;

pub(crate) use describe_unrecorded::describe_unrecorded;
pub use fault::{Fault, FaultKind};
pub use hosted::HostedCall;
pub(crate) use hosted::{authorize, hosted_call};
pub(crate) use integration::integrate;
pub use log::{Call, Delivery};
pub(crate) use state::{Observer, WorldState};
pub use wire::WireResponse;
pub(crate) use wire::respond;
