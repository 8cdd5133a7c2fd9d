//! The simulated AWS account behind the SDK clients: real bytes both ways, state, policies, faults, a virtual clock.
//!
//! A [`World`] holds the state of any number of accounts and Regions. SDK clients reach it through
//! [`World::http_client`], the service integrations of a definition through [`World::integrate`]. Every call takes the
//! same way: the caller's credentials give account, Region and function; the call is authorized against the caller's
//! policy, a planned fault may hit it, the operation runs, and the call is recorded. A call takes virtual time on the
//! [`VirtualClock`], which moves only when the driver of a replay says so.
//!
//! Whatever the simulation does not know (an operation, a parameter, a field of `account.json`) fails loudly with its
//! name and is listed in [`World::unsupported`].

pub mod authorize;
mod clock;
mod connector;
mod fault;
mod identity;
mod ids;
mod look;
mod model;
pub mod operation;
mod outside;
mod params;
mod perform;
mod record;
mod region;
pub mod seed;
mod serve;
mod support;
mod time;
pub mod wire;
mod world;

pub mod autoscaling;
pub mod dynamodb;
pub mod ec2;
pub mod elbv2;
pub mod iam;
pub mod kms;
pub mod securityhub;
pub mod sns;
pub mod ssm;
pub mod sts;

pub use authorize::Policy;
pub use clock::VirtualClock;
pub use fault::{Fault, FaultKind};
pub use identity::{Identities, Principal, Role, unique_id};
pub use ids::Ids;
pub use model::{Model, Protocol};
pub use operation::ServiceError;
pub use outside::Outside;
pub use params::Params;
pub use record::{Call, Fate};
pub use region::Region;
pub use seed::SeedError;
pub use serve::serve;
pub use support::{Deviation, Support};
pub use time::{Timestamp, TimestampError};
pub use world::{Answer, Setup, World};
