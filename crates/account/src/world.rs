//! The world: any number of accounts and Regions behind one handle.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;

use crate::authorize::{self, Usage};
use crate::clock::VirtualClock;
use crate::connector;
use crate::fault::{Fault, FaultPlan};
use crate::identity::{Identities, Principal, Role};
use crate::ids::Ids;
use crate::operation::{ServiceError, home_region, partition_of};
use crate::perform::{self, Form, Incoming};
use crate::record::{Call, Fate};
use crate::region::Region;
use crate::seed::{self, SeedError};
use crate::time::Timestamp;
use crate::{autoscaling, ec2, elbv2, iam, sns, wire};

/// A handle on a simulated world; clones share it.
#[derive(Debug, Clone)]
pub struct World {
    shared: Arc<Mutex<State>>,
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

/// What the world says to a request.
#[derive(Debug)]
pub struct Answer {
    /// The response, also when the caller does not get it.
    pub response: http::Response<Vec<u8>>,
    /// Virtual time from request to response.
    pub latency: Duration,
    /// Whether the caller gets it.
    pub fate: Fate,
}

/// Everything behind the handle.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) ids: Ids,
    /// Apart from the others: how often something is asked has nothing to do with what it is called.
    pub(crate) request_ids: Ids,
    pub(crate) identities: Identities,
    /// By account, then Region.
    pub(crate) regions: BTreeMap<String, BTreeMap<String, Region>>,
    pub(crate) calls: Vec<Call>,
    pub(crate) sequence: u64,
    pub(crate) faults: FaultPlan,
    pub(crate) unsupported: Vec<String>,
    pub(crate) usage: Usage,
    /// A caller is to die; see [`World::take_crash`].
    pub(crate) crashed: bool,
    pub(crate) watcher: Option<Watcher>,
}

/// What looks on; see [`World::watch`].
pub(crate) struct Watcher(pub(crate) Box<Watch>);

type Watch = dyn FnMut(&Call, &Region, Timestamp) + Send;

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

impl World {
    /// An empty world.
    pub fn new(setup: Setup) -> Self {
        let state = State {
            ids: Ids::new(setup.seed),
            request_ids: Ids::new(!setup.seed),
            identities: Identities::default(),
            regions: BTreeMap::new(),
            calls: Vec::new(),
            sequence: 0,
            faults: FaultPlan::default(),
            unsupported: Vec::new(),
            usage: Usage::default(),
            crashed: false,
            watcher: None,
        };
        Self { shared: Arc::new(Mutex::new(state)), clock: VirtualClock::new(setup.started_at) }
    }

    /// Another world in the state and at the moment of this one, without its planned faults and without its watcher.
    /// What happens in one does not happen in the other.
    #[must_use]
    pub fn fork(&self) -> Self {
        let state = self.lock();
        let copy = State {
            ids: state.ids.clone(),
            request_ids: state.request_ids.clone(),
            identities: state.identities.clone(),
            regions: state.regions.clone(),
            calls: state.calls.clone(),
            sequence: state.sequence,
            faults: FaultPlan::default(),
            unsupported: state.unsupported.clone(),
            usage: state.usage.clone(),
            crashed: false,
            watcher: None,
        };
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

    /// Takes a signed request, at once and without waiting its latency.
    pub fn answer(&self, request: &http::Request<Vec<u8>>) -> Answer {
        wire::answer(&mut self.lock(), self.clock.now(), request)
    }

    /// A service integration of a definition: same state, authorization, faults and record, but no bytes. Parameters
    /// have their SDK (PascalCase) names, and so has the result. Returns the result and its virtual latency.
    pub fn integrate(
        &self,
        access_key_id: &str,
        region: &str,
        service: &str,
        operation: &str,
        parameters: Value,
    ) -> (Result<Value, ServiceError>, Duration) {
        let incoming =
            Incoming { access_key_id, session_token: None, region, service, operation, parameters, form: Form::Sdk };
        perform::integrate(&mut self.lock(), self.clock.now(), incoming)
    }

    /// Forgets the calls so far, in a world whose past does not matter any more.
    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// Everything there is in all accounts, as text: equal texts are equal states. Neither the clock nor the calls are
    /// part of it.
    pub fn contents(&self) -> String {
        // The Debug form has all of a state: there is nothing that could be forgotten to compare.
        format!("{:?}", self.lock().regions)
    }

    /// All calls so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The operations and parameters that calls had and the simulation does not know; a replay with any has failed.
    pub fn unsupported(&self) -> Vec<String> {
        self.lock().unsupported.clone()
    }

    /// Which permissions the calls so far needed; the role is the caller's ARN.
    pub fn usage(&self) -> Usage {
        self.lock().usage.clone()
    }

    /// Replaces the planned faults and starts to count anew.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.lock().faults = FaultPlan::new(faults);
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

    /// Lets `watcher` look on: at each call as it is recorded, with the Region it went to as the call left it. A call
    /// of a caller whom the world does not know goes nowhere and is not seen. The watcher must ask the world nothing,
    /// for that is in the middle of a call. Replaces the watcher before.
    pub fn watch(&self, watcher: impl FnMut(&Call, &Region, Timestamp) + Send + 'static) {
        self.lock().watcher = Some(Watcher(Box::new(watcher)));
    }

    /// An instance as it is now.
    pub fn instance(&self, account: &str, region: &str, instance_id: &str) -> Option<ec2::InstanceView> {
        self.read(account, region, |region, now| region.ec2.instance_view(instance_id, now))?
    }

    /// All instances of an account in a Region as they are now, by id.
    pub fn instances(&self, account: &str, region: &str) -> Vec<ec2::InstanceView> {
        let views = self.read(account, region, |region, now| region.ec2.instance_views(now));
        views.unwrap_or_default()
    }

    /// A network interface as it is now, attached or not.
    pub fn interface(&self, account: &str, region: &str, interface_id: &str) -> Option<ec2::InterfaceView> {
        self.read(account, region, |region, _| region.ec2.interface_view(interface_id))?
    }

    /// A security group as it is now.
    pub fn security_group(&self, account: &str, region: &str, group_id: &str) -> Option<ec2::GroupView> {
        self.read(account, region, |region, _| region.ec2.group_view(group_id))?
    }

    /// All security groups of an account in a Region, by id.
    pub fn security_groups(&self, account: &str, region: &str) -> Vec<ec2::GroupView> {
        self.read(account, region, |region, _| region.ec2.security_groups().collect()).unwrap_or_default()
    }

    /// All snapshots of an account in a Region, by id.
    pub fn snapshots(&self, account: &str, region: &str) -> Vec<ec2::SnapshotView> {
        self.read(account, region, |region, now| region.ec2.snapshot_views(now)).unwrap_or_default()
    }

    /// An Auto Scaling group as it is now.
    pub fn auto_scaling_group(
        &self,
        account: &str,
        region: &str,
        name: &str,
    ) -> Option<autoscaling::AutoScalingGroupView> {
        self.read(account, region, |region, _| region.autoscaling.group_view(name))?
    }

    /// The Auto Scaling group that an instance is in now, in whatever state.
    pub fn auto_scaling_group_of(
        &self,
        account: &str,
        region: &str,
        instance_id: &str,
    ) -> Option<autoscaling::AutoScalingGroupView> {
        self.read(account, region, |region, _| region.autoscaling.group_view_of(instance_id))?
    }

    /// The targets of all target groups that are registered or still keep connections, by group, id and port.
    pub fn targets(&self, account: &str, region: &str) -> Vec<elbv2::TargetView> {
        self.read(account, region, |region, now| region.elbv2.target_views(&region.ec2, now)).unwrap_or_default()
    }

    /// The ranges of a managed prefix list, in CIDR form.
    pub fn prefix_list(&self, account: &str, region: &str, list_id: &str) -> Option<Vec<String>> {
        self.read(account, region, |region, _| region.ec2.prefix_list(list_id))?
    }

    /// The session that the instance metadata service would vend to an instance now; `None` if it vends none: the
    /// instance does not run, or has no profile with a role in it.
    pub fn instance_session(&self, account: &str, region: &str, instance_id: &str) -> Option<iam::Session> {
        let instance = self.instance(account, region, instance_id)?;
        let profile = instance.profile_arn.filter(|_| instance.state == "running")?;
        self.read(account, home_region(region), |home, now| home.iam.session(&profile, instance_id, now))?
    }

    /// The sessions that an instance may still hold although their profile was taken from it, or that were stolen before:
    /// one for each role behind such a profile.
    pub fn former_sessions(&self, account: &str, region: &str, instance_id: &str) -> Vec<iam::Session> {
        let Some(instance) = self.instance(account, region, instance_id) else { return Vec::new() };
        let sessions = self.read(account, home_region(region), |home, now| {
            let profiles = instance.profiles_taken.iter();
            profiles.filter_map(|profile| home.iam.session(profile, instance_id, now)).collect()
        });
        sessions.unwrap_or_default()
    }

    /// Whether a session of an instance may do something now, in a Region, by the policies of its role; a session that was
    /// issued earlier or later is one with another `issued_at`. Attached policies count as allowing everything, except
    /// `AWSDenyAll`, for their documents are not known here; boundaries and policies of organizations and resources are
    /// left out.
    pub fn session_permits(
        &self,
        account: &str,
        region: &str,
        session: &iam::Session,
        action: &str,
        resource: &str,
    ) -> bool {
        let place = iam::Place { account, region, partition: partition_of(region) };
        let permits = self
            .read(account, home_region(region), |home, now| home.iam.permits(session, &place, now, action, resource));
        permits.unwrap_or(false)
    }

    /// Whether a caller may do something, noted among the permissions that were needed: for services that a driver
    /// simulates itself, such as Lambda. An unknown caller may do nothing.
    pub fn permits(&self, access_key_id: &str, action: &str, resource: &str) -> bool {
        let mut state = self.lock();
        let Some(caller) = state.identities.principal(access_key_id) else { return false };
        let context = BTreeMap::new();
        let request = authorize::Request { action, resource, context: &context };
        state.usage.note(&caller.arn, &caller.policy, &request);
        authorize::evaluate(&caller.policy, &request).is_allowed()
    }

    /// The SNS messages that were accepted, in all accounts and Regions, in their order.
    pub fn published(&self) -> Vec<sns::Published> {
        let state = self.lock();
        let regions = state.regions.values().flat_map(BTreeMap::values);
        let mut published: Vec<sns::Published> = regions.flat_map(|region| region.sns.published()).cloned().collect();
        published.sort_by_key(|message| message.sequence);
        published
    }

    /// The items of a DynamoDB table, as DynamoDB JSON, in the order of their keys; empty if there is no such table.
    pub fn items(&self, account: &str, region: &str, table: &str) -> Vec<Value> {
        self.read(account, region, |region, _| region.dynamodb.items(table)).unwrap_or_default()
    }

    /// Reads the state of one Region without a call; `None` if nothing was ever there.
    pub fn read<T>(&self, account: &str, region: &str, reader: impl FnOnce(&Region, Timestamp) -> T) -> Option<T> {
        let mut state = self.lock();
        let State { regions, ids, .. } = &mut *state;
        let region = regions.get_mut(account)?.get_mut(region)?;
        let now = self.clock.now();
        region.settle(ids, now);
        Some(reader(region, now))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Shows a call to the watcher, with the Region it went to.
    pub(crate) fn seen(&mut self, call: &Call, now: Timestamp) {
        let Some(mut watcher) = self.watcher.take() else { return };
        if let Some(region) = self.regions.get(&call.account).and_then(|regions| regions.get(&call.region)) {
            (watcher.0)(call, region, now);
        }
        self.watcher = Some(watcher);
    }

    /// The state of one Region, empty when it is first asked for.
    pub(crate) fn region_mut<'a>(
        regions: &'a mut BTreeMap<String, BTreeMap<String, Region>>,
        account: &str,
        region: &str,
    ) -> &'a mut Region {
        if !regions.contains_key(account) {
            regions.insert(account.to_owned(), BTreeMap::new());
        }
        let of_account = regions.entry(account.to_owned()).or_default();
        of_account.entry(region.to_owned()).or_default()
    }
}
