//! What a verification reads of EC2 without a call.

use std::collections::BTreeMap;

/// An instance as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceView {
    /// `i-…`.
    pub id: String,
    /// The state's name: `running`.
    pub state: String,
    /// Its network interfaces by device index, the requester-managed ones included.
    pub interfaces: Vec<InterfaceView>,
    /// The ARN of the instance profile that is associated now.
    pub profile_arn: Option<String>,
    /// The ids of its EBS volumes, in the order of its block device mappings.
    pub volumes: Vec<String>,
    /// Whether termination through the API is disabled.
    pub termination_protected: bool,
    /// Whether stopping through the API is disabled.
    pub stop_protected: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A network interface as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceView {
    /// `eni-…`.
    pub id: String,
    /// `vpc-…`.
    pub vpc: String,
    /// `subnet-…`.
    pub subnet: String,
    /// The ids of its groups, in order.
    pub groups: Vec<String>,
    /// Whether a service of AWS manages it, so that the account cannot change it.
    pub requester_managed: bool,
    /// Its private IPv4 addresses, the primary one first.
    pub private_ips: Vec<String>,
    /// Its IPv6 addresses.
    pub ipv6: Vec<String>,
    /// Its public IPv4 address.
    pub public_ip: Option<String>,
}

/// A security group as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// `sg-…`.
    pub id: String,
    /// Its name, unique in its VPC.
    pub name: String,
    /// `vpc-…`.
    pub vpc: String,
    /// Its ingress rules, by id.
    pub ingress: Vec<RuleView>,
    /// Its egress rules, by id.
    pub egress: Vec<RuleView>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A security group rule as it is: one protocol, one range of ports, one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleView {
    /// `sgr-…`.
    pub id: String,
    /// The protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all traffic.
    pub protocol: String,
    /// First and last port (or ICMP type and code); −1 for all.
    pub ports: (i32, i32),
    /// The other side: a CIDR block, a prefix list's id or a group's id.
    pub peer: String,
}

/// A snapshot as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotView {
    /// `snap-…`.
    pub id: String,
    /// The volume it was taken from.
    pub volume: String,
    /// `pending` or `completed`.
    pub state: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}
