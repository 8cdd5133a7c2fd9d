//! What containment changes besides the security groups of the interfaces, as it is read from the account.

use serde::{Deserialize, Serialize};

use crate::{Control, ControlState};

/// An EBS volume in the block device mapping of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VolumeMapping {
    /// Device name.
    pub device: String,
    /// Volume id.
    pub volume_id: String,
    /// `DeleteOnTermination`.
    pub delete_on_termination: bool,
}

/// The protection of an instance and its volumes (EC2 `DescribeInstanceAttribute`, `DescribeInstances`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protection {
    /// `DisableApiTermination`.
    pub termination_disabled: bool,
    /// `DisableApiStop`.
    pub stop_disabled: bool,
    /// `InstanceInitiatedShutdownBehavior`: `stop` or `terminate`.
    pub shutdown_behavior: String,
    /// Each EBS volume.
    pub volumes: Vec<VolumeMapping>,
    /// Whether it is a Spot Instance, on which none of the attributes can be set.
    pub spot: bool,
}

/// A setting that protects the evidence from destruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Termination through the API is disabled.
    Termination,
    /// Stopping through the API is disabled.
    Stop,
    /// A shutdown from within stops the instance instead of terminating it.
    Shutdown,
    /// The volumes outlive the instance.
    Volumes,
}

impl Guard {
    /// Every guard, in the order in which plans list them.
    pub const ALL: [Guard; 4] = [Guard::Termination, Guard::Stop, Guard::Shutdown, Guard::Volumes];

    /// The measure of its control.
    pub fn measure(self) -> &'static str {
        match self {
            Guard::Termination => "disable-termination",
            Guard::Stop => "disable-stop",
            Guard::Shutdown => "stop-on-shutdown",
            Guard::Volumes => "keep-volumes",
        }
    }

    /// Whether it can be set: the attributes of a Spot Instance are not the account's to change (EC2 user guide, "Change
    /// instance termination protection" and "Enable stop protection").
    pub fn applies(self, protection: &Protection) -> bool {
        self == Guard::Volumes || !protection.spot
    }

    /// Whether it is set.
    pub fn holds(self, protection: &Protection) -> bool {
        match self {
            Guard::Termination => protection.termination_disabled,
            Guard::Stop => protection.stop_disabled,
            Guard::Shutdown => protection.shutdown_behavior == "stop",
            Guard::Volumes => protection.volumes.iter().all(|volume| !volume.delete_on_termination),
        }
    }

    /// The setting as it was read, in words.
    pub fn state(self, protection: &Protection) -> String {
        match self {
            Guard::Termination => format!("DisableApiTermination {}", protection.termination_disabled),
            Guard::Stop => format!("DisableApiStop {}", protection.stop_disabled),
            Guard::Shutdown => format!("InstanceInitiatedShutdownBehavior {}", protection.shutdown_behavior),
            Guard::Volumes => {
                let volumes: Vec<String> = protection
                    .volumes
                    .iter()
                    .map(|volume| format!("{} DeleteOnTermination {}", volume.volume_id, volume.delete_on_termination))
                    .collect();
                if volumes.is_empty() { "no EBS volume".to_owned() } else { volumes.join(", ") }
            }
        }
    }
}

/// An instance in its Auto Scaling group (`DescribeAutoScalingInstances`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// Name of the group.
    pub group: String,
    /// Lifecycle state: `InService`, `Standby`, …
    pub lifecycle_state: String,
    /// Whether it is protected from scale-in.
    pub protected_from_scale_in: bool,
}

impl Membership {
    /// Whether the group neither checks nor replaces the instance.
    pub fn is_out_of_service(&self) -> bool {
        matches!(self.lifecycle_state.as_str(), "Standby" | "EnteringStandby" | "Detaching" | "Detached")
    }
}

/// A target of a load balancer that is the instance or one of its addresses (`DescribeTargetHealth`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// ARN of the target group.
    pub target_group: String,
    /// Instance id or private address.
    pub target: String,
    /// The port it is registered with.
    pub port: Option<i32>,
    /// Availability Zone, for an address outside of the VPC.
    pub availability_zone: Option<String>,
}

impl Registration {
    /// `targetgroup/name/id i-0a1b:443`.
    pub fn describe(&self) -> String {
        let group = self.target_group.rsplit_once(':').map_or(self.target_group.as_str(), |(_, group)| group);
        match self.port {
            Some(port) => format!("{group} {}:{port}", self.target),
            None => format!("{group} {}", self.target),
        }
    }
}

/// An Elastic IP address that is associated with an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElasticAddress {
    /// Allocation id.
    pub allocation_id: String,
    /// Association id.
    pub association_id: String,
    /// The public address.
    pub public_ip: String,
    /// The interface.
    pub interface_id: String,
    /// The private address that it is associated with.
    pub private_ip: Option<String>,
}

/// What containment would change besides the interfaces. A part that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its protection.
    pub protection: Option<Protection>,
    /// Its Auto Scaling group, where it has one.
    pub membership: Option<Membership>,
    /// Where it is registered with load balancers.
    pub registrations: Vec<Registration>,
}

/// Measure: takes an instance out of its Auto Scaling group.
pub const STANDBY: &str = "enter-standby";
/// Measure: deregisters an instance from a target group.
pub const DEREGISTER: &str = "deregister-target";
/// Measure: disassociates an Elastic IP address.
pub const DISASSOCIATE_ADDRESS: &str = "disassociate-address";
/// Measure: isolates an interface.
pub const ISOLATE: &str = "isolate-interface";
/// Measure: denies the role sessions of an instance.
pub const DENY_SESSIONS: &str = "deny-sessions";
/// Measure: disassociates the profile of an instance.
pub const DISASSOCIATE_PROFILE: &str = "disassociate-profile";

impl Host {
    /// The controls that come before the isolation of the interfaces, in order.
    pub(crate) fn plan(&self, instance_id: &str) -> Vec<Control> {
        let mut plan = Vec::new();
        if let Some(protection) = &self.protection {
            plan.extend(Guard::ALL.iter().map(|guard| planned_guard(*guard, protection, instance_id)));
        }
        if let Some(membership) = &self.membership {
            let state = if membership.is_out_of_service() { ControlState::AlreadyDone } else { ControlState::Planned };
            let detail = format!("{} in {} → Standby", membership.lifecycle_state, membership.group);
            plan.push(Control::new(STANDBY, instance_id, state, detail));
        }
        plan.extend(self.registrations.iter().map(|registration| {
            let detail = format!("registered with {} → deregistered", registration.target_group);
            Control::new(DEREGISTER, &registration.describe(), ControlState::Planned, detail)
        }));
        plan
    }
}

fn planned_guard(guard: Guard, protection: &Protection, instance_id: &str) -> Control {
    let state = guard.state(protection);
    if !guard.applies(protection) {
        return Control::new(guard.measure(), instance_id, ControlState::Gap, SPOT);
    }
    if guard.holds(protection) {
        return Control::new(guard.measure(), instance_id, ControlState::AlreadyDone, state);
    }
    Control::new(guard.measure(), instance_id, ControlState::Planned, state)
}

/// Why a guard does not apply to a Spot Instance.
pub const SPOT: &str = "a Spot Instance: the attribute cannot be set, and EC2 can reclaim the instance at any time";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_what_is_set_already_and_what_cannot_be() {
        let mut protection = Protection {
            termination_disabled: true,
            stop_disabled: false,
            shutdown_behavior: "terminate".to_owned(),
            volumes: vec![VolumeMapping {
                device: "/dev/xvda".to_owned(),
                volume_id: "vol-1".to_owned(),
                delete_on_termination: true,
            }],
            spot: false,
        };
        let states = |protection: &Protection| -> Vec<ControlState> {
            let host = Host { protection: Some(protection.clone()), ..Host::default() };
            host.plan("i-1").into_iter().map(|control| control.state).collect()
        };
        use ControlState::{AlreadyDone, Gap, Planned};
        assert_eq!(states(&protection), [AlreadyDone, Planned, Planned, Planned]);
        protection.spot = true;
        protection.volumes.clear();
        assert_eq!(states(&protection), [Gap, Gap, Gap, AlreadyDone]);
    }
}
