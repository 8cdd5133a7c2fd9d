//! What Elastic Load Balancing holds in one Region of one account.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::Timestamp;

/// How long a target that is deregistered keeps its connections, unless its group says otherwise (attribute
/// `deregistration_delay.timeout_seconds`).
pub(super) const DEREGISTRATION_DELAY: Duration = Duration::from_secs(300);

/// Elastic Load Balancing in one Region of one account, by target group ARN.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    pub(super) groups: BTreeMap<String, TargetGroup>,
    pub(super) targets: BTreeMap<String, BTreeMap<Key, Target>>,
    /// The deregistration delays that differ from the usual one.
    pub(super) delays: BTreeMap<String, Duration>,
    pub(super) tags: BTreeMap<String, BTreeMap<String, String>>,
}

/// A target group. No operation here changes it.
#[derive(Debug, Clone, Hash)]
pub(super) struct TargetGroup {
    pub(super) name: String,
    pub(super) kind: TargetKind,
    /// The port of targets that are registered without one.
    pub(super) port: Option<i64>,
    pub(super) vpc: Option<String>,
    pub(super) check: Check,
    pub(super) load_balancers: Vec<String>,
    /// The group as it is described.
    pub(super) document: Map<String, Value>,
}

/// What a group's targets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TargetKind {
    Instance,
    Address,
    Function,
    LoadBalancer,
}

/// How targets are checked.
#[derive(Debug, Clone, Hash)]
pub(super) struct Check {
    pub(super) enabled: bool,
    /// `None`: the port that the target gets its traffic on.
    pub(super) port: Option<i64>,
    pub(super) interval: Duration,
    pub(super) unhealthy_after: u32,
    /// The connections themselves are checked, not what is answered on them.
    pub(super) network: bool,
}

/// One registration: the same target may be registered on several ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) port: Option<i64>,
}

/// A registered target, or one that was.
#[derive(Debug, Clone, Hash)]
pub(super) struct Target {
    pub(super) zone: Option<String>,
    pub(super) phase: Phase,
    /// The state that it came with, where that is not what the simulation would say.
    pub(super) given: Option<super::health::Health>,
    /// Whether it was checked since its registration.
    pub(super) was_checked: bool,
    /// Since when no health check gets through.
    pub(super) failing_since: Option<Timestamp>,
}

/// Where a target is between registration and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// `since` is `None` for what was there from the beginning.
    Registered { since: Option<Timestamp> },
    /// Deregistered; after `until` it is no longer listed.
    Deregistered { until: Timestamp },
}

impl TargetKind {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "instance" => Self::Instance,
            "ip" => Self::Address,
            "lambda" => Self::Function,
            "alb" => Self::LoadBalancer,
            _ => return None,
        })
    }
}

impl Check {
    /// How long checks fail before a target is unhealthy.
    pub(super) fn patience(&self) -> Duration {
        self.interval.saturating_mul(self.unhealthy_after)
    }
}

impl TargetGroup {
    /// The registration that a target's description means.
    pub(super) fn key(&self, id: &str, port: Option<i64>) -> Key {
        Key { id: id.to_owned(), port: port.or(self.port) }
    }
}

impl Target {
    /// A target that is registered from now on.
    pub(super) fn registered(zone: Option<String>, since: Timestamp) -> Self {
        Self {
            zone,
            phase: Phase::Registered { since: Some(since) },
            given: None,
            was_checked: false,
            failing_since: None,
        }
    }

    /// Whether it is registered, or still keeps connections.
    pub(super) fn is_listed(&self, now: Timestamp) -> bool {
        match self.phase {
            Phase::Registered { .. } => true,
            Phase::Deregistered { until } => now < until,
        }
    }
}

impl State {
    /// How long targets of a group keep their connections once they are deregistered.
    pub(crate) fn deregistration_delay(&self, group: &str) -> Duration {
        self.delays.get(group).copied().unwrap_or(DEREGISTRATION_DELAY)
    }

    /// Registers an instance with a group that is there, on the group's port.
    pub(crate) fn register(&mut self, group: &str, instance: &str, now: Timestamp) {
        let Some(key) = self.groups.get(group).map(|it| it.key(instance, None)) else { return };
        self.targets.entry(group.to_owned()).or_default().insert(key, Target::registered(None, now));
    }

    /// Deregisters an instance from a group on every port.
    pub(crate) fn deregister(&mut self, group: &str, instance: &str, now: Timestamp) {
        let until = now.after(self.deregistration_delay(group));
        for (key, target) in self.targets.get_mut(group).into_iter().flatten() {
            if key.id == instance && matches!(target.phase, Phase::Registered { .. }) {
                target.phase = Phase::Deregistered { until };
            }
        }
    }
}
