//! What Auto Scaling holds in one Region of one account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::base::Timestamp;

/// Auto Scaling in one Region of one account, by group name.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    pub(super) groups: BTreeMap<String, Group>,
}

/// An Auto Scaling group.
#[derive(Debug, Clone, Hash)]
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) desired: i64,
    /// Whether it listens to the health checks of its target groups too, beside those of EC2.
    pub(super) asks_load_balancer: bool,
    /// How long after it came into service an instance is left alone.
    pub(super) grace: Duration,
    pub(super) target_groups: Vec<String>,
    /// Suspended processes by name, with the reason.
    pub(super) suspended: BTreeMap<String, String>,
    pub(super) members: BTreeMap<String, Member>,
    pub(super) tags: BTreeMap<String, String>,
    /// Until when a change of the group is under way, which no other one may overlap.
    pub(super) changing_until: Option<Timestamp>,
    /// Members that no operation changes.
    pub(super) rest: Map<String, Value>,
}

/// An instance of a group.
#[derive(Debug, Clone, Hash)]
pub(super) struct Member {
    pub(super) lifecycle: Lifecycle,
    /// When the next state of its lifecycle comes.
    pub(super) changes_at: Option<Timestamp>,
    /// `None` for what was in service from the beginning.
    pub(super) in_service_since: Option<Timestamp>,
    /// Since when EC2 does not say that it runs.
    pub(super) down_since: Option<Timestamp>,
    pub(super) healthy: bool,
    pub(super) protected: bool,
    pub(super) zone: String,
    /// Members that no operation changes.
    pub(super) rest: Map<String, Value>,
}

/// Where an instance is in its life in a group (API reference, `LifecycleState`; warm pools are not simulated).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lifecycle {
    /// Being launched, or coming back from standby.
    Pending,
    /// A lifecycle hook holds it before service.
    PendingWait,
    /// A lifecycle hook lets it into service.
    PendingProceed,
    /// In service: checked, and replaced when it is not healthy.
    InService,
    /// Being terminated.
    Terminating,
    /// A lifecycle hook holds it before its end.
    TerminatingWait,
    /// A lifecycle hook lets it end.
    TerminatingProceed,
    /// Terminated.
    Terminated,
    /// Being detached from the group.
    Detaching,
    /// No longer in the group.
    Detached,
    /// On its way to standby: its load balancers let its connections end.
    EnteringStandby,
    /// In the group, not checked and not replaced.
    Standby,
}

impl Lifecycle {
    const ALL: [Self; 12] = [
        Self::Pending,
        Self::PendingWait,
        Self::PendingProceed,
        Self::InService,
        Self::Terminating,
        Self::TerminatingWait,
        Self::TerminatingProceed,
        Self::Terminated,
        Self::Detaching,
        Self::Detached,
        Self::EnteringStandby,
        Self::Standby,
    ];

    /// The name in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::PendingWait => "Pending:Wait",
            Self::PendingProceed => "Pending:Proceed",
            Self::InService => "InService",
            Self::Terminating => "Terminating",
            Self::TerminatingWait => "Terminating:Wait",
            Self::TerminatingProceed => "Terminating:Proceed",
            Self::Terminated => "Terminated",
            Self::Detaching => "Detaching",
            Self::Detached => "Detached",
            Self::EnteringStandby => "EnteringStandby",
            Self::Standby => "Standby",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The state that follows by itself, after a while.
    pub(super) fn next(self) -> Option<Self> {
        match self {
            Self::Pending => Some(Self::InService),
            Self::EnteringStandby => Some(Self::Standby),
            Self::Detaching => Some(Self::Detached),
            Self::Terminating => Some(Self::Terminated),
            Self::PendingWait
            | Self::PendingProceed
            | Self::InService
            | Self::TerminatingWait
            | Self::TerminatingProceed
            | Self::Terminated
            | Self::Detached
            | Self::Standby => None,
        }
    }

    /// Whether an instance in this state is no longer listed.
    pub(super) fn is_gone(self) -> bool {
        matches!(self, Self::Terminated | Self::Detached)
    }
}

impl Member {
    /// Begins a state that ends at `until`.
    pub(super) fn begin(&mut self, lifecycle: Lifecycle, until: Timestamp) {
        self.lifecycle = lifecycle;
        self.changes_at = Some(until);
    }
}

impl Group {
    /// Whether any of some processes is suspended.
    pub(super) fn suspends(&self, processes: &[&str]) -> bool {
        processes.iter().any(|process| self.suspended.contains_key(*process))
    }

    /// The zones that instances are launched in.
    pub(super) fn zones(&self) -> BTreeSet<String> {
        let listed = self.rest.get("AvailabilityZones").and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

impl State {
    /// The group that an instance is in.
    pub(super) fn group_of(&self, instance: &str) -> Option<(&String, &Group)> {
        self.groups.iter().find(|(_, group)| group.members.contains_key(instance))
    }
}
