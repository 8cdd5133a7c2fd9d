//! What a verification reads of EC2 without a call.

use std::collections::BTreeMap;

use serde_json::Value;

use super::locks::LockState;
use super::render;
use super::state::{Interface, Peer, Rule, State};
use crate::base::Timestamp;

/// An instance as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstanceView {
    /// `i-…`.
    pub id: String,
    /// The state's name: `running`.
    pub state: String,
    /// Its network interfaces by device index, the requester-managed ones included.
    pub interfaces: Vec<InterfaceView>,
    /// The ARN of the instance profile that is associated now.
    pub profile_arn: Option<String>,
    /// The ARNs of the profiles that it had before: sessions that came through them live on.
    pub former_profiles: Vec<String>,
    /// The ids of its EBS volumes, in the order of its block device mappings.
    pub volumes: Vec<String>,
    /// Whether termination through the API is disabled.
    pub termination_protected: bool,
    /// Whether stopping through the API is disabled.
    pub stop_protected: bool,
    /// What a shutdown from within does: `stop` or `terminate`.
    pub shutdown_behavior: String,
    /// Those of its volumes that die with it.
    pub dying_volumes: Vec<String>,
    /// Whether it is a Spot Instance.
    pub spot: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A network interface as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
    /// Its Elastic IP addresses: allocation id and address.
    pub elastic_addresses: Vec<(String, String)>,
}

/// A security group as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RuleView {
    /// `sgr-…`.
    pub id: String,
    /// The protocol: `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1` for all traffic.
    pub protocol: String,
    /// First and last port (or ICMP type and code); −1 for all.
    pub ports: (i64, i64),
    /// The other side: a CIDR block, a prefix list's id or a group's id.
    pub peer: String,
}

/// A snapshot as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnapshotView {
    /// `snap-…`.
    pub id: String,
    /// The volume it was taken from.
    pub volume: String,
    /// `pending`, `completed` or `error`.
    pub state: String,
    /// Why it failed.
    pub state_message: Option<String>,
    /// The ARN of its key, if it is encrypted.
    pub key: Option<String>,
    /// How it is locked.
    pub lock: Option<LockState>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl State {
    /// The ids of all instances that are still described at `now`.
    pub fn instance_ids(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.instances.keys().map(String::as_str).filter(move |id| self.instance(id, now).is_some())
    }

    /// All network interfaces, attached or not, by id.
    pub fn interfaces(&self) -> impl Iterator<Item = InterfaceView> {
        self.interfaces.iter().map(|(id, interface)| interface_view(id, interface))
    }

    /// All security groups by id.
    pub fn security_groups(&self) -> impl Iterator<Item = GroupView> {
        self.groups.keys().filter_map(|id| self.group_view(id))
    }

    /// An instance as it is at `now`.
    pub(crate) fn instance_view(&self, id: &str, now: Timestamp) -> Option<InstanceView> {
        let it = self.instance(id, now)?;
        let interfaces = it.interfaces.iter().filter_map(|id| Some(interface_view(id, self.interfaces.get(id)?)));
        let arn = self.profile_of(id).and_then(|(_, association)| association.profile.get("arn"));
        Some(InstanceView {
            id: id.to_owned(),
            state: it.state.clone(),
            interfaces: interfaces.collect(),
            profile_arn: arn.and_then(Value::as_str).map(str::to_owned),
            former_profiles: self.former_profiles.get(id).cloned().unwrap_or_default(),
            volumes: it.mappings.iter().map(|mapping| mapping.volume.clone()).collect(),
            termination_protected: it.termination_protected,
            stop_protected: it.stop_protected,
            shutdown_behavior: it.shutdown_behavior.clone(),
            dying_volumes: it
                .mappings
                .iter()
                .filter(|mapping| mapping.delete_on_termination)
                .map(|mapping| mapping.volume.clone())
                .collect(),
            spot: it.rest.get("instanceLifecycle").and_then(Value::as_str) == Some("spot"),
            tags: it.tags.clone(),
        })
    }

    /// All instances as they are at `now`.
    pub(crate) fn instance_views(&self, now: Timestamp) -> Vec<InstanceView> {
        self.instances.keys().filter_map(|id| self.instance_view(id, now)).collect()
    }

    /// An interface as it is, attached or not.
    pub(crate) fn interface_view(&self, id: &str) -> Option<InterfaceView> {
        self.interfaces.get(id).map(|interface| interface_view(id, interface))
    }

    /// A group as it is.
    pub(crate) fn group_view(&self, id: &str) -> Option<GroupView> {
        let it = self.groups.get(id)?;
        let rules = |egress: bool| {
            let rules = it.rules.iter().filter(move |(_, rule)| rule.egress == egress);
            rules.map(|(id, rule)| rule_view(id, rule)).collect()
        };
        Some(GroupView {
            id: id.to_owned(),
            name: it.name.clone(),
            vpc: it.vpc.clone(),
            ingress: rules(false),
            egress: rules(true),
            tags: it.tags.clone(),
        })
    }

    /// All snapshots as they are at `now`.
    pub(crate) fn snapshot_views(&self, now: Timestamp) -> Vec<SnapshotView> {
        let views = self.snapshots.iter().map(|(id, it)| SnapshotView {
            id: id.clone(),
            volume: it.volume.clone(),
            state: render::snapshot_state(it, now).0.to_owned(),
            state_message: it.failure.as_ref().filter(|_| it.has_failed(now)).map(|failure| failure.message.clone()),
            key: it.rest.get("kmsKeyId").and_then(Value::as_str).filter(|_| it.encrypted).map(str::to_owned),
            lock: it.lock_at(now).map(|lock| lock.state(now)),
            tags: it.tags.clone(),
        });
        views.collect()
    }
}

fn interface_view(id: &str, it: &Interface) -> InterfaceView {
    let addresses = |list: &str, member: &str| -> Vec<String> {
        let list = it.rest.get(list).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(|address| address.get(member)?.as_str());
        texts.map(str::to_owned).collect()
    };
    let association = it.rest.get("association").and_then(|association| association.get("publicIp"));
    let privates = it.rest.get("privateIpAddressesSet").and_then(Value::as_array).into_iter().flatten();
    let elastic = privates.filter_map(|address| {
        let text = |name: &str| address.get("association")?.get(name)?.as_str().map(str::to_owned);
        Some((text("allocationId")?, text("publicIp")?))
    });
    InterfaceView {
        elastic_addresses: elastic.collect(),
        id: id.to_owned(),
        vpc: it.vpc.clone(),
        subnet: it.subnet.clone(),
        groups: it.groups.clone(),
        requester_managed: it.requester_managed,
        private_ips: addresses("privateIpAddressesSet", "privateIpAddress"),
        ipv6: addresses("ipv6AddressesSet", "ipv6Address"),
        public_ip: association.and_then(Value::as_str).map(str::to_owned),
    }
}

fn rule_view(id: &str, rule: &Rule) -> RuleView {
    let peer = match &rule.spec.peer {
        Peer::Ipv4(text) | Peer::Ipv6(text) | Peer::PrefixList(text) | Peer::Group { group: text, .. } => text,
    };
    RuleView {
        id: id.to_owned(),
        protocol: rule.spec.protocol.clone(),
        ports: (rule.spec.from, rule.spec.to),
        peer: peer.clone(),
    }
}
