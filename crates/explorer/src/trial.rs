//! One run of a scenario with faults: the event, then a second delivery without faults, and everything that the invariants
//! are checked against.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use account::ec2::{GroupView, ReadEc2, SnapshotView};
use account::sns::{Published, ReadSns};
use account::{Call, Timestamp, World, autoscaling, ec2, elbv2, iam};
use serde_json::Value;

use super::fault::{Fault, Target};
use super::watch::{self, Network, Observation, Place, Records, Scope, Trace};
use simulator::driver::{InvocationResult, InvocationSnapshot};
use simulator::environment::Environment;
use simulator::report::ReplayReport;
use simulator::scenario::PlannedFault;

/// The resources of the places that an event is about, and the records of the stack.
#[derive(Debug, Clone, Default)]
pub(super) struct AccountView {
    pub(super) networks: BTreeMap<Place, Network>,
    pub(super) groups: BTreeMap<String, GroupView>,
    pub(super) snapshots: Vec<SnapshotView>,
    pub(super) records: Records,
    /// A hash of the state of EC2, Auto Scaling, Elastic Load Balancing and IAM in the places.
    pub(super) state: u64,
}

/// One delivery of the event.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The report of each event of the case.
    pub(super) reports: Vec<ReplayReport>,
    /// The executions.
    pub(super) executions: Vec<Execution>,
    /// The functions that were invoked, by the name of their crate.
    pub(super) invoked: Vec<String>,
    /// The calls.
    pub(super) calls: Vec<Arc<Call>>,
    /// The messages.
    pub(super) published: Vec<Published>,
    /// The account afterwards.
    pub(super) after: AccountView,
}

/// An execution as it ended.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) playbook: String,
    /// Whether an event started it, and not another execution.
    pub(super) root: bool,
    pub(super) status: &'static str,
    pub(super) error: Option<String>,
    pub(super) output: Option<Value>,
}

/// Whether the faults of a scenario itself are injected beside the explored ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScenarioFaults {
    /// They are injected too.
    Included,
    /// They are not.
    Excluded,
}

/// A run.
#[derive(Debug)]
pub(super) struct Trial {
    /// The account before.
    pub(super) before: AccountView,
    /// With the faults.
    pub(super) first: Delivery,
    /// Once more, without.
    pub(super) again: Delivery,
    /// The state after each call.
    pub(super) observations: Vec<Observation>,
    /// Where the resources are.
    pub(super) targets: BTreeSet<Place>,
    /// Faults that hit no call.
    pub(super) unmet: Vec<Fault>,
    /// The functions of the stack, by the name of their crate; any other caller is a playbook.
    pub(super) functions: BTreeSet<String>,
}

impl Trial {
    /// Runs on a copy of an environment.
    pub(super) fn run(environment: &Environment<'_>, faults: &[Fault], scenario_faults: ScenarioFaults) -> Trial {
        let mut environment = environment.fork();
        let scope = scope(&environment);
        let targets = scope.targets.clone();
        let before = view(&environment.world, &scope);
        let trace = Trace::of(&environment.world, scope.clone());
        // The first fault that is due hits the call: an explored one comes before those of the scenario.
        let own = environment.case.scenario.iter().filter(|_| scenario_faults == ScenarioFaults::Included);
        let own_calls = own.clone().flat_map(|scenario| &scenario.faults).filter_map(PlannedFault::to_fault);
        environment.world.set_faults(faults.iter().filter_map(Fault::of_call).chain(own_calls).collect());
        let own_functions = own.flat_map(|scenario| scenario.function_faults.clone());
        environment.set_function_faults(faults.iter().filter_map(Fault::of_function).chain(own_functions));
        let first = deliver(&environment, &scope, 0, 0, 0);
        let left = environment.world.faults_left();
        let unmet = |fault: &&Fault| match (fault.of_call(), fault.of_function()) {
            (Some(call), _) => left.contains(&call),
            (None, Some(function)) => {
                let times = first.invoked.iter().filter(|invoked| **invoked == function.function).count();
                times < usize::try_from(function.nth).unwrap_or(usize::MAX)
            }
            (None, None) => true,
        };
        let unmet = faults.iter().filter(unmet).cloned().collect();
        environment.world.set_faults(Vec::new());
        environment.set_function_faults([]);
        let again = deliver(&environment, &scope, 1, first.calls.len(), first.published.len());
        let functions = environment.deployment.functions.values().map(|function| function.package.clone()).collect();
        Trial { before, first, again, observations: trace.observations(), targets, unmet, functions }
    }

    /// One invocation in isolation, without reports. `None` when it never ends.
    pub(super) fn isolated(
        environment: &Environment<'_>,
        snapshot: &InvocationSnapshot,
        faults: &[Fault],
    ) -> Option<(InvocationResult, Trial)> {
        let scope = scope(environment);
        let calls = faults.iter().filter_map(Fault::of_call).collect();
        let function_faults = faults.iter().filter_map(Fault::of_function);
        let (result, (before, trace)) = environment.invoke_isolated(snapshot, function_faults, |world| {
            world.set_faults(calls);
            (view(world, &scope), Trace::of(world, scope.clone()))
        })?;
        let left = result.world.faults_left();
        let unmet = |fault: &&Fault| fault.of_call().is_some_and(|call| left.contains(&call));
        let delivery = Delivery {
            reports: Vec::new(),
            executions: Vec::new(),
            invoked: vec![snapshot.function.clone()],
            calls: result.world.calls(),
            published: Vec::new(),
            after: view(&result.world, &scope),
        };
        let again = Delivery {
            reports: Vec::new(),
            executions: Vec::new(),
            invoked: Vec::new(),
            calls: Vec::new(),
            published: Vec::new(),
            after: delivery.after.clone(),
        };
        let functions = environment.deployment.functions.values().map(|function| function.package.clone()).collect();
        let unmet = faults.iter().filter(unmet).cloned().collect();
        let observations = trace.observations();
        Some((result, Trial { before, first: delivery, again, observations, targets: scope.targets, unmet, functions }))
    }

    /// How often the first delivery called or invoked a target.
    pub(super) fn count(&self, target: &Target) -> usize {
        match target {
            Target::Call { .. } => self.first.calls.iter().filter(|call| Target::of(call) == *target).count(),
            Target::Function { name } => self.first.invoked.iter().filter(|invoked| *invoked == name).count(),
        }
    }

    /// The targets of the first delivery.
    pub(super) fn uses(&self) -> TargetUses {
        let mut uses = TargetUses::new();
        for call in &self.first.calls {
            let entry = uses.entry(Target::of(call)).or_insert(TargetUse {
                times: 0,
                read_only: call.read_only,
                by_function: self.functions.contains(&call.function),
            });
            entry.times += 1;
        }
        for name in &self.first.invoked {
            let invoked = TargetUse { times: 0, read_only: false, by_function: true };
            uses.entry(Target::Function { name: name.clone() }).or_insert(invoked).times += 1;
        }
        uses
    }
}

/// How a run used a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TargetUse {
    pub(super) times: u32,
    /// Whether the operation changes nothing.
    pub(super) read_only: bool,
    /// Whether a function calls it, which can die of it.
    pub(super) by_function: bool,
}

/// The targets of a run.
pub(super) type TargetUses = BTreeMap<Target, TargetUse>;

fn deliver(environment: &Environment<'_>, scope: &Scope, time: u64, calls: usize, published: usize) -> Delivery {
    let result = environment.run(time);
    // A run that cannot be driven has no executions; its reports say why.
    let ended: &[_] = result.executions.as_ref().map_or(&[], Vec::as_slice);
    let invoked = ended
        .iter()
        .flat_map(|ended| &ended.invocations)
        .filter_map(|invocation| invocation.function.clone())
        .collect();
    let executions = ended
        .iter()
        .map(|ended| Execution {
            playbook: ended.playbook.clone(),
            root: ended.parent.is_none(),
            status: ended.outcome.status.as_str(),
            error: ended.outcome.error.clone(),
            output: ended.outcome.output.clone(),
        })
        .collect();
    let reports = environment.report(&result);
    let mut all_calls = environment.world.calls();
    let mut all_published = environment.world.published();
    Delivery {
        reports,
        executions,
        invoked,
        calls: all_calls.split_off(calls.min(all_calls.len())),
        published: all_published.split_off(published.min(all_published.len())),
        after: view(&environment.world, scope),
    }
}

fn scope(environment: &Environment<'_>) -> Scope {
    let home = &environment.deployment.surroundings;
    Scope {
        targets: environment
            .case
            .starts()
            .map(|start| (start.incident.account.clone(), start.incident.region.clone()))
            .collect(),
        home: (home.account.clone(), home.region.clone()),
        tables: environment.deployment.template.tables.iter().map(|table| table.name.clone()).collect(),
    }
}

fn view(world: &World, scope: &Scope) -> AccountView {
    let mut view = AccountView::default();
    let mut state = DefaultHasher::new();
    for place in &scope.targets {
        let (account, region) = place;
        world.read(account, region, |region, _: Timestamp| {
            view.networks.insert(place.clone(), watch::network(region));
            let ec2 = region.state::<ec2::State>();
            view.groups.extend(ec2.security_groups().map(|group| (group.id.clone(), group)));
            let load_balancing = (region.state::<autoscaling::State>(), region.state::<elbv2::State>());
            (ec2, load_balancing, region.state::<iam::State>()).hash(&mut state);
        });
        view.snapshots.extend(world.snapshots(account, region));
    }
    view.state = state.finish();
    let (account, region) = &scope.home;
    if let Some(records) = world.read(account, region, |region, _| watch::records(region, &scope.tables)) {
        view.records = records;
    }
    view
}
