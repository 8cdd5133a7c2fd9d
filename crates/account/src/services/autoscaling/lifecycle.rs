//! What happens in groups as time passes: states that follow, and the end of instances that are not healthy.
//!
//! An instance in service is not healthy when EC2 does not say that it runs, and, where the group asks its load
//! balancers, when its target fails its checks or is deregistered. Past its grace period Auto Scaling notices within
//! half a minute and terminates it, whatever protects it from callers: the evidence on it is gone. An instance in
//! standby, or on its way there, is left alone. ("Health checks for instances in an Auto Scaling group",
//! "Temporarily remove instances from your Auto Scaling group".)
//!
//! Isolation alone does not fail the checks of EC2: those look at power, the network of the host and the operating
//! system, not at security groups.

use std::time::Duration;

use serde_json::Map;

use super::state::{Group, Lifecycle, Member, State};
use crate::base::{Ids, Timestamp};
use crate::services::{ec2, elbv2};
use crate::state::Region;

/// From the moment that an instance is not healthy to the order to terminate it.
const NOTICED_WITHIN: Duration = Duration::from_secs(30);
/// How long an instance takes to be in service, and to be gone.
pub(super) const MOVING: Duration = Duration::from_secs(60);

/// Makes happen what is due at `now`; returns whether something was.
pub(super) fn advance(region: &mut Region, ids: &mut Ids, now: Timestamp) -> bool {
    if region.state::<State>().groups.is_empty() {
        return false;
    }
    region.detached(|state: &mut State, region| {
        let mut changed = false;
        for group in state.groups.values_mut() {
            changed |= change_lifecycles(group, region, now);
            check_health(group, region, now);
            changed |= replace_unhealthy(group, region, ids, now);
        }
        changed
    })
}

/// States that follow by themselves.
fn change_lifecycles(group: &mut Group, region: &mut Region, now: Timestamp) -> bool {
    let joins = !group.suspends(&["AddToLoadBalancer"]);
    let mut joined = Vec::new();
    let mut changed = false;
    for (id, member) in &mut group.members {
        let Some(at) = member.changes_at.filter(|at| *at <= now) else { continue };
        let Some(next) = member.lifecycle.next() else { continue };
        changed = true;
        member.lifecycle = next;
        member.changes_at = None;
        if next == Lifecycle::InService {
            member.in_service_since = Some(at);
            joined.push((id.clone(), at));
        }
    }
    group.members.retain(|_, member| !member.lifecycle.is_gone());
    for (id, at) in joined {
        for arn in group.target_groups.iter().filter(|_| joins) {
            region.state_mut::<elbv2::State>().register(arn, &id, at);
        }
    }
    changed
}

/// The health of those in service; that of the others stays what it was.
fn check_health(group: &mut Group, region: &Region, now: Timestamp) {
    let (ec2, elb): (&ec2::State, &elbv2::State) = (region.state(), region.state());
    if group.suspends(&["HealthCheck"]) {
        return;
    }
    let Group { members, target_groups, asks_load_balancer, grace, .. } = group;
    for (id, member) in members.iter_mut().filter(|(_, member)| member.lifecycle == Lifecycle::InService) {
        // A replacement is known here only.
        let runs = ec2.instance_state(id, now).is_none_or(|state| matches!(state, "running" | "pending"));
        member.down_since = if runs { None } else { member.down_since.or(Some(now)) };
        let missing = target_groups.iter().filter_map(|arn| elb.missing_since(arn, id, now));
        let since = missing.filter(|_| *asks_load_balancer).chain(member.down_since).min();
        let checked_from = member.in_service_since.map(|since| since.after(*grace));
        if let Some(since) = since.map(|since| checked_from.map_or(since, |from| from.max(since)))
            && since.after(NOTICED_WITHIN) <= now
        {
            member.healthy = false;
            member.changes_at = Some(since.after(NOTICED_WITHIN));
        }
    }
}

/// Terminates those in service that are not healthy, and launches others in their place.
fn replace_unhealthy(group: &mut Group, region: &mut Region, ids: &mut Ids, now: Timestamp) -> bool {
    if group.suspends(&["ReplaceUnhealthy", "Terminate"]) {
        return false;
    }
    let mut ended = Vec::new();
    for (id, member) in &mut group.members {
        if member.lifecycle == Lifecycle::InService && !member.healthy {
            let at = member.changes_at.unwrap_or(now);
            region.state_mut::<ec2::State>().terminate(id, at);
            member.begin(Lifecycle::Terminating, at.after(MOVING));
            ended.push((id.clone(), at));
        }
    }
    let changed = !ended.is_empty();
    for (id, at) in ended {
        for arn in &group.target_groups {
            region.state_mut::<elbv2::State>().deregister(arn, &id, at);
        }
        launch(group, ids, at);
    }
    changed
}

/// Launches an instance in place of one that is out of service. Auto Scaling alone knows it: EC2 does not describe it.
pub(super) fn launch(group: &mut Group, ids: &mut Ids, at: Timestamp) {
    if group.suspends(&["Launch"]) {
        return;
    }
    let zone = group.zones().into_iter().next().unwrap_or_default();
    let member = Member {
        lifecycle: Lifecycle::Pending,
        changes_at: Some(at.after(MOVING)),
        in_service_since: None,
        down_since: None,
        healthy: true,
        protected: false,
        zone,
        rest: Map::new(),
    };
    group.members.insert(ids.resource("i"), member);
}
