//! The world: any number of accounts and Regions behind one handle.
//!
//! Architecture invariant: this layer adds no behavior of AWS; it locks the state, reads the clock and delegates, so that
//! everything below works without locks and without a clock of its own.

mod connector;
mod policies;
mod serve;

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;

use crate::authorize::{Principal, Role, Usage};
use crate::base::{ServiceError, Timestamp, VirtualClock};
use crate::call::{self, Call, Fault, HostedCall, Observer, WireResponse, WorldState};
use crate::seed;
use crate::service::{RequiredPermission, SeedError};
use crate::services;
use crate::state::{ReadState, Region};

pub use serve::serve;

/// A handle on a simulated world; clones share it.
#[derive(Debug, Clone)]
pub struct World {
    shared: Arc<Mutex<WorldState>>,
    clock: VirtualClock,
}

/// What a world begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// The moment that the clock shows at first.
    pub started_at: Timestamp,
    /// The seed of all identifiers.
    pub seed: u64,
}

impl World {
    /// An empty world.
    pub fn new(setup: Setup) -> Self {
        Self { shared: Arc::new(Mutex::new(WorldState::new(setup.seed))), clock: VirtualClock::new(setup.started_at) }
    }

    /// Another world in the state and at the moment of this one, without its planned faults and without its observer.
    /// What happens in one does not happen in the other.
    #[must_use]
    pub fn fork(&self) -> Self {
        let copy = self.lock().fork();
        Self { shared: Arc::new(Mutex::new(copy)), clock: VirtualClock::new(self.clock.now()) }
    }

    /// The clock of this world.
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Reads an `account.json` into one Region of an account; see [`crate::seed`] for its form. What is there already
    /// stays; a resource with the same id is replaced.
    pub fn load(&self, account: &str, region: &str, document: &Value) -> Result<(), SeedError> {
        seed::load(&mut self.lock(), self.clock.now(), account, region, document)
    }

    /// Adds a caller.
    pub fn add_principal(&self, principal: Principal) {
        self.lock().identities.add_principal(principal);
    }

    /// Adds a role that `sts:AssumeRole` may be asked for.
    pub fn add_role(&self, role: Role) {
        self.lock().identities.add_role(role);
    }

    /// The HTTP client for SDK configurations. It waits virtual time on [`World::clock`], so the clients need this
    /// clock as their sleep and time source too.
    pub fn http_client(&self) -> SharedHttpClient {
        connector::http_client(self.clone())
    }

    /// Responds to a signed request, at once and without waiting its latency.
    pub fn respond(&self, request: &http::Request<Vec<u8>>) -> WireResponse {
        call::respond(&mut self.lock(), self.clock.now(), request)
    }

    /// A service integration of a definition: same state, authorization, faults and call log, but no bytes. Parameters
    /// have their SDK (PascalCase) names, and so has the result. Returns the result and its virtual latency.
    pub fn integrate(
        &self,
        access_key_id: &str,
        region: &str,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> (Result<Value, ServiceError>, Duration) {
        let now = self.clock.now();
        call::integrate(&mut self.lock(), now, access_key_id, region, (service, operation), parameters)
    }

    /// A call of a service that the simulator hosts itself: same authorization, faults and call log. `effect` is what the
    /// service does, given the parameters; it does not run when the call is refused. Returns what the caller gets, and the
    /// virtual time until then.
    ///
    /// The world is locked while `effect` runs, so `effect` must not use it.
    pub fn hosted_call(
        &self,
        call: HostedCall<'_>,
        effect: impl FnOnce(&Value) -> Result<Value, ServiceError>,
    ) -> (Result<Value, ServiceError>, Duration) {
        call::hosted_call(&mut self.lock(), self.clock.now(), call, effect)
    }

    /// Whether a caller may do something in a Region, noted among the permissions that were needed: for what other
    /// services do in the name of a role and the call log does not contain. An unknown caller may do nothing.
    pub fn permits(
        &self,
        access_key_id: &str,
        region: &str,
        action: &str,
        resource: &str,
        keys: &[(&str, &str)],
    ) -> bool {
        let permission = RequiredPermission::new(action, resource).keys(keys);
        call::authorize(&mut self.lock(), self.clock.now(), access_key_id, region, permission)
    }

    /// What an operation that changes nothing would answer, in SDK names. It is not a call: it needs no permission, meets
    /// no fault, and is not in the call log.
    ///
    /// # Errors
    /// What the operation refuses; also an operation that is not simulated or that changes something.
    pub fn describe_unrecorded(
        &self,
        account: &str,
        region: &str,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> Result<Value, ServiceError> {
        let now = self.clock.now();
        call::describe_unrecorded(&mut self.lock(), now, (account, region), (service, operation), parameters)
    }

    /// Empties the call log, in a world whose past does not matter any more.
    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// Hashes the state of all services in all accounts: equal states have equal hashes. Left out are the clock, the call
    /// log, the callers, the planned faults, and where the sequences of identifiers are.
    pub fn hash_state(&self, hasher: &mut impl Hasher) {
        self.lock().accounts.hash(hasher);
    }

    /// All calls so far, in order.
    pub fn calls(&self) -> Vec<Arc<Call>> {
        self.lock().calls.clone()
    }

    /// How many calls there were so far.
    pub fn call_count(&self) -> usize {
        self.lock().calls.len()
    }

    /// The calls at these positions of the call log, counted from 0.
    pub fn calls_between(&self, positions: Range<usize>) -> Vec<Arc<Call>> {
        let mut state = self.lock();
        if let Some(calls) = state.calls.get(positions.clone()) {
            return calls.to_vec();
        }
        let what = format!("the call log has {} calls and not {positions:?}", state.calls.len());
        state.internal_errors.push(what);
        Vec::new()
    }

    /// The operations and parameters that calls had and the simulation does not know; a replay with any has failed.
    pub fn unsupported(&self) -> Vec<String> {
        self.lock().unsupported.clone()
    }

    /// The invariants of the simulation that did not hold, with the operation that found it; a replay with any has failed,
    /// and the simulation has a defect.
    pub fn internal_errors(&self) -> Vec<String> {
        self.lock().internal_errors.clone()
    }

    /// Which permissions the calls so far needed; the role is the caller's ARN.
    pub fn usage(&self) -> Usage {
        self.lock().usage.clone()
    }

    /// Replaces the planned faults and starts to count anew.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.lock().faults.replace(faults);
    }

    /// The planned faults that no call has met.
    pub fn faults_left(&self) -> Vec<Fault> {
        self.lock().faults.left()
    }

    /// Whether a call since the last question was met by [`crate::FaultKind::CrashAfter`]: whoever runs its caller has
    /// to end it now, for the call is never answered. Ask after each time that a caller was run.
    pub fn take_crash(&self) -> bool {
        std::mem::take(&mut self.lock().crashed)
    }

    /// Lets `observer` see each call as it is logged, with the Region it went to as the call left it. A call by an unknown
    /// caller goes to no Region and is not seen. The world is locked while `observer` runs, so it must not use the world.
    /// Replaces the observer before.
    pub fn observe(&self, observer: impl FnMut(&Call, &Region, Timestamp) + Send + 'static) {
        self.lock().observer = Some(Observer(Box::new(observer)));
    }

    /// Reads the state of one Region without a call; `None` if nothing was ever there.
    pub fn read<T>(&self, account: &str, region: &str, reader: impl FnOnce(&Region, Timestamp) -> T) -> Option<T> {
        let now = self.clock.now();
        let mut state = self.lock();
        let WorldState { accounts, ids, .. } = &mut *state;
        let region = accounts.get_mut(account, region)?;
        services::advance(region, ids, now);
        Some(reader(region, now))
    }

    fn lock(&self) -> MutexGuard<'_, WorldState> {
        self.shared.lock().unwrap_or_else(|poisoned| {
            self.shared.clear_poison();
            let mut state = poisoned.into_inner();
            state.internal_errors.push("a call panicked, and may have had half of its effect".to_owned());
            state
        })
    }
}

impl ReadState for World {
    fn read<T>(&self, account: &str, region: &str, reader: impl FnOnce(&Region, Timestamp) -> T) -> Option<T> {
        World::read(self, account, region, reader)
    }

    fn read_all<T>(&self, reader: impl FnMut(&Region) -> T) -> Vec<T> {
        self.lock().accounts.regions().map(reader).collect()
    }
}
