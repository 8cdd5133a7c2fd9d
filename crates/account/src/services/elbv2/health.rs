//! The health of targets.
//!
//! A health check gets through when some rule of the groups of a target's interface lets TCP in at the checked port; who
//! it lets in and what runs there do not matter. After as many failures as the group allows, one each interval, the
//! target is unhealthy; one success makes it healthy again.

use std::borrow::Cow;

use super::state::{Key, Phase, State, Target, TargetGroup, TargetKind};
use crate::base::{Ids, Timestamp};
use crate::services::ec2;
use crate::state::Region;

/// The state of a target (API reference, `TargetHealth`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TargetState {
    /// Registered, not checked often enough yet.
    Initial,
    /// Passes its checks.
    Healthy,
    /// Fails its checks.
    Unhealthy,
    /// Fails its checks, and keeps its connections for a while.
    UnhealthyDraining,
    /// Not registered, or its group is not used.
    Unused,
    /// Deregistered, and keeps its connections for a while.
    Draining,
    /// Not checked.
    Unavailable,
}

/// A state with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Health {
    pub(super) state: TargetState,
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) description: Option<Cow<'static, str>>,
}

impl TargetState {
    const ALL: [Self; 7] = [
        Self::Initial,
        Self::Healthy,
        Self::Unhealthy,
        Self::UnhealthyDraining,
        Self::Unused,
        Self::Draining,
        Self::Unavailable,
    ];

    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::UnhealthyDraining => "unhealthy.draining",
            Self::Unused => "unused",
            Self::Draining => "draining",
            Self::Unavailable => "unavailable",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl Health {
    fn because(state: TargetState, reason: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        Self { state, reason: Some(reason.into()), description: Some(description.into()) }
    }

    /// The health of a target that is not registered.
    pub(super) fn not_registered() -> Self {
        Self::because(TargetState::Unused, "Target.NotRegistered", "Target is not registered to the target group")
    }
}

/// The health of a target that is listed.
pub(super) fn of(group: &TargetGroup, key: &Key, target: &Target, ec2: &ec2::State, now: Timestamp) -> Health {
    let since = match target.phase {
        Phase::Deregistered { .. } => {
            let text = "Target deregistration is in progress";
            return Health::because(TargetState::Draining, "Target.DeregistrationInProgress", text);
        }
        Phase::Registered { since } => since,
    };
    if let Some(given) = &target.given {
        return given.clone();
    }
    if group.load_balancers.is_empty() {
        let text = "Target group is not configured to receive traffic from the load balancer";
        return Health::because(TargetState::Unused, "Target.NotInUse", text);
    }
    if !group.check.enabled {
        let text = "Health checks are not enabled for this target";
        return Health::because(TargetState::Unavailable, "Target.HealthCheckDisabled", text);
    }
    if group.kind == TargetKind::Instance
        && let Some(state) = ec2.instance_state(&key.id, now).filter(|state| *state != "running")
    {
        return Health::because(TargetState::Unused, "Target.InvalidState", format!("Target is in the {state} state"));
    }
    if unhealthy_since(group, target).is_some_and(|since| since <= now) {
        return if group.check.network {
            Health::because(TargetState::Unhealthy, "Target.FailedHealthChecks", "Health checks failed")
        } else {
            Health::because(TargetState::Unhealthy, "Target.Timeout", "Request timed out")
        };
    }
    if since.is_some_and(|since| now < since.after(group.check.interval)) {
        let text = "Initial health checks in progress";
        return Health::because(TargetState::Initial, "Elb.InitialHealthChecking", text);
    }
    Health { state: TargetState::Healthy, reason: None, description: None }
}

/// When enough checks in a row have failed, which may be to come.
fn unhealthy_since(group: &TargetGroup, target: &Target) -> Option<Timestamp> {
    target.failing_since.map(|since| since.after(group.check.patience()))
}

/// Notes which targets no health check reaches, since when.
pub(super) fn advance(region: &mut Region, _ids: &mut Ids, now: Timestamp) -> bool {
    if !region.state::<State>().targets.is_empty() {
        region.detached(|state: &mut State, region| note_failing(state, region.state(), now));
    }
    false
}

fn note_failing(state: &mut State, ec2: &ec2::State, now: Timestamp) {
    for (arn, targets) in &mut state.targets {
        let Some(group) = state.groups.get(arn).filter(|group| group.check.enabled) else { continue };
        for (key, target) in targets {
            let Some(port) = group.check.port.or(key.port).or(group.port) else { continue };
            let reached = match group.kind {
                TargetKind::Instance | TargetKind::Address => ec2.admits_tcp(&key.id, port),
                TargetKind::Function | TargetKind::LoadBalancer => true,
            };
            // Between two checks nothing changes, so a new target was always as it is now.
            let began = match target.phase {
                Phase::Registered { since: Some(since) } if !target.was_checked => since,
                _ => now,
            };
            target.failing_since = if reached { None } else { target.failing_since.or(Some(began)) };
            target.was_checked = true;
        }
    }
}

impl State {
    /// Since when an instance is not among the healthy targets of a group, for Auto Scaling: its checks fail, or it was
    /// deregistered and its connections have ended ("Deregistration delay": unused then, and may be terminated and
    /// replaced). `None` for an instance that was never registered.
    pub(crate) fn missing_since(&self, group: &str, instance: &str, now: Timestamp) -> Option<Timestamp> {
        let it = self.groups.get(group)?;
        let targets = self.targets.get(group)?.iter().filter(|(key, _)| key.id == instance);
        let failed = targets.filter_map(|(_, target)| match (target.phase, &target.given) {
            (Phase::Deregistered { until }, _) => Some(until),
            (_, Some(given)) => (given.state == TargetState::Unhealthy).then(Timestamp::default),
            (Phase::Registered { .. }, None) => unhealthy_since(it, target),
        });
        failed.filter(|since| *since <= now).min()
    }
}
