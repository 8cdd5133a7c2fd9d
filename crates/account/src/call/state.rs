use std::sync::Arc;

use super::fault::FaultPlan;
use super::log::Call;
use crate::authorize::{Identities, Usage};
use crate::base::{Ids, Problem, ServiceError, Timestamp};
use crate::services;
use crate::state::{Accounts, Region};

/// Everything that the calls of one world share.
#[derive(Debug)]
pub(crate) struct WorldState {
    pub(crate) ids: Ids,
    /// A sequence of its own: the number of calls must not change the identifiers of resources.
    pub(crate) request_ids: Ids,
    pub(crate) identities: Identities,
    pub(crate) accounts: Accounts,
    pub(crate) calls: Vec<Arc<Call>>,
    /// The number of the last call.
    pub(crate) sequence: u64,
    pub(crate) faults: FaultPlan,
    /// Operations and parameters that calls had and the simulation does not know.
    pub(crate) unsupported: Vec<String>,
    /// Invariants of the simulation that do not hold.
    pub(crate) internal_errors: Vec<String>,
    pub(crate) usage: Usage,
    /// Whether a call was met by [`super::FaultKind::CrashAfter`] since this was last asked.
    pub(crate) crashed: bool,
    pub(crate) observer: Option<Observer>,
}

/// A function that sees each call as it is logged.
pub(crate) struct Observer(pub(crate) Box<Observe>);

type Observe = dyn FnMut(&Call, &Region, Timestamp) + Send;

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

impl WorldState {
    /// A world without accounts. `seed` decides all identifiers.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            ids: Ids::new(seed),
            request_ids: Ids::new(!seed),
            identities: Identities::default(),
            accounts: Accounts::new(services::empty_region()),
            calls: Vec::new(),
            sequence: 0,
            faults: FaultPlan::default(),
            unsupported: Vec::new(),
            internal_errors: Vec::new(),
            usage: Usage::default(),
            crashed: false,
            observer: None,
        }
    }

    /// The same state without planned faults and observer.
    pub(crate) fn fork(&self) -> Self {
        Self {
            ids: self.ids.clone(),
            request_ids: self.request_ids.clone(),
            identities: self.identities.clone(),
            accounts: self.accounts.clone(),
            calls: self.calls.clone(),
            sequence: self.sequence,
            faults: FaultPlan::default(),
            unsupported: self.unsupported.clone(),
            internal_errors: self.internal_errors.clone(),
            usage: self.usage.clone(),
            crashed: false,
            observer: None,
        }
    }

    /// Lists an error that the simulation is at fault for; AWS would have answered.
    pub(crate) fn note_problem(&mut self, service: &str, operation: &str, error: &ServiceError) {
        match error.problem {
            None => {}
            Some(Problem::UnknownOperation) => self.unsupported.push(format!("{service}:{operation}")),
            Some(Problem::NotSimulated) => self.unsupported.push(format!("{service}:{operation} {}", error.message)),
            Some(Problem::BrokenInvariant) => {
                self.internal_errors.push(format!("{service}:{operation} {}", error.message));
            }
        }
    }

    /// Adds a call to the log and shows it to the observer, with the Region it went to.
    pub(crate) fn log(&mut self, call: Call, now: Timestamp) {
        if let Some(observer) = &mut self.observer
            && let Some(region) = self.accounts.get(&call.account, &call.region)
        {
            (observer.0)(&call, region, now);
        }
        self.calls.push(Arc::new(call));
    }
}
