//! Containers for the state of services: a Region holds one state of each service, an account holds Regions.
//!
//! Architecture invariant: the containers know services by the type of their state only, so that a new service changes
//! nothing here.

mod accounts;
mod region;

use crate::base::Timestamp;

pub(crate) use accounts::Accounts;
pub(crate) use region::OperationState;
pub use region::{Region, ServiceState};

/// Reads state without a call. Services add their views as extension traits of this one.
pub trait ReadState: Sized {
    /// Reads the state of one Region; `None` if nothing was ever there.
    fn read<T>(&self, account: &str, region: &str, reader: impl FnOnce(&Region, Timestamp) -> T) -> Option<T>;

    /// Reads the state of all Regions of all accounts, in their order.
    fn read_all<T>(&self, reader: impl FnMut(&Region) -> T) -> Vec<T>;
}
