//! Live facts of an instance, read from the account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::{self, ElasticAddress, Host};
use crate::{Control, ControlState};

/// A network interface of an instance (EC2 `DescribeNetworkInterfaces`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Interface id.
    pub id: String,
    /// VPC of this interface; an instance can have interfaces in several.
    pub vpc_id: String,
    /// Security group ids.
    pub groups: Vec<String>,
    /// Whether an AWS service manages it, so that its groups cannot be changed.
    pub requester_managed: bool,
    /// Primary private IPv4 address, absent on IPv6-only subnets.
    pub private_ip: Option<String>,
    /// Public IPv4 address, when there is one.
    pub public_ip: Option<String>,
    /// IPv6 addresses.
    pub ipv6: Vec<String>,
    /// Every private IPv4 address, the primary one first.
    pub private_ips: Vec<String>,
    /// Elastic IP addresses.
    pub elastic_addresses: Vec<ElasticAddress>,
    /// Subnet of this interface.
    pub subnet_id: Option<String>,
    /// Whether EC2 checks that the instance is source or destination of its traffic; off for NAT instances.
    pub source_dest_check: bool,
}

/// A volume of an instance (EC2 `DescribeVolumes`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// Volume id.
    pub id: String,
    /// Device name in the instance.
    pub device: String,
    /// Size in GiB.
    pub size_gib: i32,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// KMS key ARN, when encrypted.
    pub kms_key_id: Option<String>,
    /// `DeleteOnTermination` of the attachment.
    pub delete_on_termination: bool,
}

/// The instance as a managed node (Systems Manager `DescribeInstanceInformation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedNode {
    /// `PingStatus`: `Online`, `ConnectionLost` or `Inactive`.
    pub ping_status: String,
    /// `PlatformType`, when known.
    pub platform_type: Option<String>,
    /// `AgentVersion`, when known.
    pub agent_version: Option<String>,
}

/// Live facts of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceFacts {
    /// Instance id.
    pub instance_id: String,
    /// The owner by the tags `Name` and `Owner`, made harmless. Anyone who can tag the instance can write them.
    pub owner: Option<String>,
    /// Instance state name: `running`, `stopped`, …
    pub state: String,
    /// Image id.
    pub image_id: Option<String>,
    /// Platform details, for example `Linux/UNIX`.
    pub platform: Option<String>,
    /// Launch time, RFC 3339.
    pub launched_at: Option<String>,
    /// Root device type: `ebs` or `instance-store`.
    pub root_device_type: Option<String>,
    /// Every network interface.
    pub interfaces: Vec<Interface>,
    /// Every EBS volume.
    pub volumes: Vec<Volume>,
    /// Instance profile ARN.
    pub instance_profile_arn: Option<String>,
    /// Auto Scaling group, from the reserved tag `aws:autoscaling:groupName`, which an instance's role cannot write.
    pub auto_scaling_group: Option<String>,
    /// Systems Manager status; absent when the instance is not a managed node.
    pub managed_node: Option<ManagedNode>,
    /// What containment would change besides the interfaces.
    pub host: Host,
    /// Every tag, unchanged. Anyone who can tag the instance can write them: compare them unchanged, because cleaning can
    /// turn one key into another, and clean them before they are shown.
    pub tags: BTreeMap<String, String>,
    /// Whether each changeable interface is in an isolation group and in no other group.
    pub isolated: bool,
}

impl InstanceFacts {
    /// Whether the instance is terminated or shutting down, so that nothing is left to contain.
    pub fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "terminated" | "shutting-down")
    }

    /// The controls that containment would attempt, in order.
    pub fn plan(&self) -> Vec<Control> {
        let mut plan = self.host.plan(&self.instance_id);
        plan.extend(self.interfaces.iter().map(Interface::plan));
        let addresses = self.interfaces.iter().flat_map(|interface| &interface.elastic_addresses);
        plan.extend(addresses.map(|address| {
            let detail = format!("{} on {} → disassociated", address.public_ip, address.interface_id);
            Control::new(host::DISASSOCIATE_ADDRESS, &address.allocation_id, ControlState::Planned, detail)
        }));
        let volumes: Vec<&str> = self.volumes.iter().map(|volume| volume.id.as_str()).collect();
        plan.push(Control::new(
            "snapshot-volumes",
            &self.instance_id,
            if volumes.is_empty() { ControlState::Gap } else { ControlState::Planned },
            if volumes.is_empty() { "no EBS volume to keep".to_owned() } else { volumes.join(" ") },
        ));
        if let Some(profile) = &self.instance_profile_arn {
            plan.push(Control::new(
                host::DENY_SESSIONS,
                &self.instance_id,
                ControlState::Planned,
                format!("the sessions of this instance under the role of {profile} → denied everything"),
            ));
            plan.push(Control::new(
                host::DISASSOCIATE_PROFILE,
                &self.instance_id,
                ControlState::Planned,
                format!("{profile} → disassociated"),
            ));
        }
        plan
    }
}

impl Interface {
    fn plan(&self) -> Control {
        if self.requester_managed {
            let detail = "managed by an AWS service: its groups cannot be changed";
            return Control::new(host::ISOLATE, &self.id, ControlState::Gap, detail);
        }
        let detail = format!("{} → isolation group of {}", self.groups.join(" "), self.vpc_id);
        Control::new(host::ISOLATE, &self.id, ControlState::Planned, detail)
    }
}
