//! Before-images: the state of a resource before its first change, which a release restores.
//!
//! There is one item per resource. It is written on the condition that it does not exist, so that a repeated run never
//! overwrites it with quarantined state.

use serde::{Deserialize, Serialize};

use crate::host::{ElasticAddress, Membership, Protection, Registration};

/// The prior state of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BeforeImage {
    /// A network interface and the security groups it had.
    NetworkInterface {
        /// Interface id.
        interface_id: String,
        /// The VPC of the interface.
        vpc_id: String,
        /// Its security group ids, in the order AWS listed them.
        groups: Vec<String>,
    },
    /// The protection of an instance and its volumes.
    Protection {
        /// Instance id.
        instance_id: String,
        /// Every attribute and mapping, changed or not.
        protection: Protection,
    },
    /// An instance in its Auto Scaling group.
    AutoScaling {
        /// Instance id.
        instance_id: String,
        /// Group and lifecycle state.
        membership: Membership,
    },
    /// A target that was registered with a load balancer.
    Target {
        /// Group, target and port.
        registration: Registration,
    },
    /// An Elastic IP address that was associated with an interface.
    ElasticAddress {
        /// Allocation, association, interface and private address.
        address: ElasticAddress,
    },
    /// The instance profile that was associated with an instance.
    InstanceProfile {
        /// Instance id.
        instance_id: String,
        /// Association id.
        association_id: String,
        /// ARN of the profile.
        profile_arn: String,
    },
    /// An inline policy of a role, or its absence.
    RolePolicy {
        /// Name of the role.
        role_name: String,
        /// Unique id of the role.
        role_id: String,
        /// Name of the inline policy.
        policy_name: String,
        /// The document, when there was one.
        document: Option<String>,
    },
    /// A security group and the rules that are about to be revoked.
    SecurityGroupRules {
        /// Group id.
        group_id: String,
        /// The rules, whole, so that a release can authorize them again.
        rules: Vec<crate::security_group::Rule>,
    },
}

impl BeforeImage {
    /// Sort key of the item: `before-image#` and the resource id. Revoked rules add a hash of their ids, because a group can
    /// be remediated more than once and each revocation has its own item.
    pub fn sort_key(&self) -> String {
        match self {
            BeforeImage::NetworkInterface { interface_id, .. } => format!("before-image#{interface_id}"),
            BeforeImage::Protection { instance_id, .. } => format!("before-image#{instance_id}#protection"),
            BeforeImage::AutoScaling { instance_id, .. } => format!("before-image#{instance_id}#auto-scaling"),
            BeforeImage::Target { registration } => {
                let port = registration.port.map_or_else(String::new, |port| port.to_string());
                format!("before-image#{}#{}:{port}", registration.target_group, registration.target)
            }
            BeforeImage::ElasticAddress { address } => format!("before-image#{}", address.allocation_id),
            BeforeImage::InstanceProfile { instance_id, .. } => {
                format!("before-image#{instance_id}#instance-profile")
            }
            BeforeImage::RolePolicy { role_name, policy_name, .. } => {
                format!("before-image#{role_name}#{policy_name}")
            }
            BeforeImage::SecurityGroupRules { group_id, rules } => {
                let mut ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
                ids.sort_unstable();
                format!("before-image#{group_id}#{}", crate::text::short_hash(&ids))
            }
        }
    }
}
