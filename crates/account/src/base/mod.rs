//! Values that every layer uses: errors, moments, the virtual clock, identifiers.
//!
//! Architecture invariant: nothing here knows a protocol, a policy or a service, so that every layer above can use it.

mod clock;
mod error;
mod ids;
mod time;

pub use clock::VirtualClock;
pub(crate) use error::Refusal;
pub use error::{Problem, ServiceError};
pub use ids::{Ids, unique_id};
pub use time::{Timestamp, TimestampError};
