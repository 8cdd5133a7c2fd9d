//! One run of a scenario with faults: the event, then the same event once more without faults, and everything that the
//! invariants are held against.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use account::ec2::{GroupView, ReadEc2, SnapshotView};
use account::sns::{Published, ReadSns};
use account::{Call, Timestamp, World, autoscaling, ec2, elbv2, iam};
use serde_json::Value;

use super::fault::{Fault, Target};
use super::watch::{self, Moment, Network, Place, Records, Scope, Trace};
use simulator::driver::{Begun, Ending};
use simulator::record::Record;
use simulator::run::Staged;
use simulator::scenario::PlannedFault;

/// The resources of the places that an event is about, and the records of the stack.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
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
    /// What came of each event of the case.
    pub(super) records: Vec<Record>,
    /// The executions.
    pub(super) executions: Vec<Execution>,
    /// The functions that were invoked, by step.
    pub(super) invoked: Vec<String>,
    /// The calls.
    pub(super) calls: Vec<Arc<Call>>,
    /// The messages.
    pub(super) published: Vec<Published>,
    /// The account afterwards.
    pub(super) after: Sight,
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

/// What becomes of the faults that a scenario has itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// They strike too.
    Kept,
    /// They do not.
    LeftOut,
}

/// A run.
#[derive(Debug)]
pub(super) struct Trial {
    /// The account before.
    pub(super) before: Sight,
    /// With the faults.
    pub(super) first: Delivery,
    /// Once more, without.
    pub(super) again: Delivery,
    /// What was seen after each call.
    pub(super) moments: Vec<Moment>,
    /// Where the resources are.
    pub(super) targets: BTreeSet<Place>,
    /// Faults that no call met.
    pub(super) unmet: Vec<Fault>,
    /// The functions of the stack, by step: what else calls is a playbook.
    pub(super) steps: BTreeSet<String>,
}

impl Trial {
    /// Runs on a copy of a stage.
    pub(super) fn run(stage: &Staged<'_>, faults: &[Fault], own: Own) -> Trial {
        let mut staged = stage.fork();
        let scope = scope(&staged);
        let targets = scope.targets.clone();
        let before = sight(&staged.world, &scope);
        let trace = Trace::of(&staged.world, scope.clone());
        // The first fault that is due strikes, so that an explored one comes before the scenario's own.
        let own = staged.case.scenario.iter().filter(|_| own == Own::Kept);
        let own_calls = own.clone().flat_map(|scenario| &scenario.faults).filter_map(PlannedFault::to_fault);
        staged.world.set_faults(faults.iter().filter_map(Fault::of_call).chain(own_calls).collect());
        let own_functions = own.flat_map(|scenario| scenario.function_faults.clone());
        staged.set_function_faults(faults.iter().filter_map(Fault::of_function).chain(own_functions));
        let first = deliver(&staged, &scope, 0, 0, 0);
        let left = staged.world.faults_left();
        let unmet = |fault: &&Fault| match (fault.of_call(), fault.of_function()) {
            (Some(call), _) => left.contains(&call),
            (None, Some(function)) => {
                let times = first.invoked.iter().filter(|step| **step == function.function).count();
                times < usize::try_from(function.nth).unwrap_or(usize::MAX)
            }
            (None, None) => true,
        };
        let unmet = faults.iter().filter(unmet).cloned().collect();
        staged.world.set_faults(Vec::new());
        staged.set_function_faults([]);
        let again = deliver(&staged, &scope, 1, first.calls.len(), first.published.len());
        let steps = staged.deployment.functions.values().map(|function| function.step.clone()).collect();
        Trial { before, first, again, moments: trace.moments(), targets, unmet, steps }
    }

    /// One invocation by itself; of what came of the event there is nothing. `None` when it never ends.
    pub(super) fn alone(stage: &Staged<'_>, begun: &Begun, faults: &[Fault]) -> Option<(Ending, Trial)> {
        let scope = scope(stage);
        let calls = faults.iter().filter_map(Fault::of_call).collect();
        let functions = faults.iter().filter_map(Fault::of_function);
        let (ending, (before, trace)) = stage.alone(begun, functions, |world| {
            world.set_faults(calls);
            (sight(world, &scope), Trace::of(world, scope.clone()))
        })?;
        let left = ending.world.faults_left();
        let unmet = |fault: &&Fault| fault.of_call().is_some_and(|call| left.contains(&call));
        let delivery = Delivery {
            records: Vec::new(),
            executions: Vec::new(),
            invoked: vec![begun.step.clone()],
            calls: ending.world.calls(),
            published: Vec::new(),
            after: sight(&ending.world, &scope),
        };
        let again = Delivery {
            records: Vec::new(),
            executions: Vec::new(),
            invoked: Vec::new(),
            calls: Vec::new(),
            published: Vec::new(),
            after: delivery.after.clone(),
        };
        let steps = stage.deployment.functions.values().map(|function| function.step.clone()).collect();
        let unmet = faults.iter().filter(unmet).cloned().collect();
        let moments = trace.moments();
        Some((ending, Trial { before, first: delivery, again, moments, targets: scope.targets, unmet, steps }))
    }

    /// How often the first delivery met a target.
    pub(super) fn met(&self, target: &Target) -> usize {
        match target {
            Target::Call { .. } => self.first.calls.iter().filter(|call| Target::of(call) == *target).count(),
            Target::Function { step } => self.first.invoked.iter().filter(|invoked| *invoked == step).count(),
        }
    }

    /// The calls of the first delivery as targets, each with how many there were and whether it only reads.
    pub(super) fn reached(&self) -> Reached {
        let mut reached = Reached::new();
        for call in &self.first.calls {
            let entry = reached.entry(Target::of(call)).or_insert(Met {
                times: 0,
                read_only: call.read_only,
                by_function: self.steps.contains(&call.function),
            });
            entry.times += 1;
        }
        for step in &self.first.invoked {
            let met = Met { times: 0, read_only: false, by_function: true };
            reached.entry(Target::Function { step: step.clone() }).or_insert(met).times += 1;
        }
        reached
    }
}

/// How often a run met a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) times: u32,
    /// Whether the operation changes nothing.
    pub(super) read_only: bool,
    /// Whether it is a function that calls, which can die of it.
    pub(super) by_function: bool,
}

/// The targets that a run met.
pub(super) type Reached = BTreeMap<Target, Met>;

fn deliver(staged: &Staged<'_>, scope: &Scope, time: u64, calls: usize, published: usize) -> Delivery {
    let ran = staged.run(time);
    let ended = ran.executions.as_deref().unwrap_or_default();
    let invoked = ended.iter().flat_map(|ended| &ended.invocations).map(|invocation| invocation.step.clone()).collect();
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
    let records = staged.judge(ran);
    let mut all_calls = staged.world.calls();
    let mut all_published = staged.world.published();
    Delivery {
        records,
        executions,
        invoked,
        calls: all_calls.split_off(calls.min(all_calls.len())),
        published: all_published.split_off(published.min(all_published.len())),
        after: sight(&staged.world, scope),
    }
}

fn scope(staged: &Staged<'_>) -> Scope {
    let home = &staged.deployment.surroundings;
    Scope {
        targets: staged
            .case
            .starts()
            .map(|start| (start.incident.account.clone(), start.incident.region.clone()))
            .collect(),
        home: (home.account.clone(), home.region.clone()),
        tables: staged.deployment.template.tables.iter().map(|table| table.name.clone()).collect(),
    }
}

fn sight(world: &World, scope: &Scope) -> Sight {
    let mut sight = Sight::default();
    let mut state = DefaultHasher::new();
    for place in &scope.targets {
        let (account, region) = place;
        world.read(account, region, |region, _: Timestamp| {
            sight.networks.insert(place.clone(), watch::network(region));
            let ec2 = region.state::<ec2::State>();
            sight.groups.extend(ec2.security_groups().map(|group| (group.id.clone(), group)));
            let load_balancing = (region.state::<autoscaling::State>(), region.state::<elbv2::State>());
            (ec2, load_balancing, region.state::<iam::State>()).hash(&mut state);
        });
        sight.snapshots.extend(world.snapshots(account, region));
    }
    sight.state = state.finish();
    let (account, region) = &scope.home;
    if let Some(records) = world.read(account, region, |region, _| watch::records(region, &scope.tables)) {
        sight.records = records;
    }
    sight
}
