//! What EC2 holds in one Region of one account.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::base::Timestamp;

/// Tags by key.
pub(super) type Tags = BTreeMap<String, String>;
/// Members that no operation changes, in the names of responses.
pub(super) type Rest = Map<String, Value>;

/// Amazon EC2 in one Region of one account. Every resource is found by its id.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) interfaces: BTreeMap<String, Interface>,
    pub(super) groups: BTreeMap<String, Group>,
    /// The group of each rule.
    pub(super) rule_groups: BTreeMap<String, String>,
    pub(super) volumes: BTreeMap<String, Volume>,
    pub(super) snapshots: BTreeMap<String, Snapshot>,
    pub(super) vpcs: BTreeMap<String, Plain>,
    pub(super) subnets: BTreeMap<String, Plain>,
    /// The entries of managed prefix lists.
    pub(super) prefix_lists: BTreeMap<String, Vec<super::prefix_lists::Entry>>,
    /// By allocation id.
    pub(super) addresses: BTreeMap<String, Plain>,
    /// By association id.
    pub(super) profiles: BTreeMap<String, ProfileAssociation>,
    /// The association in force of each instance that has one.
    pub(super) profile_in_force: BTreeMap<String, String>,
    /// The ARNs of the profiles that each instance had before: sessions outlive them.
    pub(super) former_profiles: BTreeMap<String, Vec<String>>,
}

/// A resource that only tags and associations change.
#[derive(Debug, Clone, Default, Hash)]
pub(super) struct Plain {
    pub(super) tags: Tags,
    pub(super) rest: Rest,
    /// Inferred from a reference, until its own document is read.
    pub(super) inferred: bool,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Instance {
    pub(super) reservation: String,
    pub(super) state: String,
    /// When a terminated instance stops to be described.
    pub(super) forgotten_at: Option<Timestamp>,
    /// By device index.
    pub(super) interfaces: Vec<String>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) tags: Tags,
    pub(super) termination_protected: bool,
    pub(super) stop_protected: bool,
    pub(super) shutdown_behavior: String,
    pub(super) user_data: Option<String>,
    pub(super) console: Option<Console>,
    pub(super) rest: Rest,
}

/// What the serial console printed.
#[derive(Debug, Clone, Hash)]
pub(super) struct Console {
    /// Base64.
    pub(super) output: String,
    pub(super) at: String,
}

/// A block device mapping of an instance.
#[derive(Debug, Clone, Hash)]
pub(super) struct Mapping {
    pub(super) device: String,
    pub(super) volume: String,
    pub(super) delete_on_termination: bool,
    pub(super) rest: Rest,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Interface {
    pub(super) vpc: String,
    pub(super) subnet: String,
    pub(super) groups: Vec<String>,
    pub(super) requester_managed: bool,
    pub(super) source_dest_check: bool,
    pub(super) description: String,
    pub(super) attachment: Option<Attachment>,
    pub(super) tags: Tags,
    pub(super) rest: Rest,
    pub(super) inferred: bool,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Attachment {
    pub(super) id: String,
    pub(super) instance: Option<String>,
    pub(super) device_index: i64,
    pub(super) delete_on_termination: bool,
    pub(super) rest: Rest,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) vpc: String,
    /// By rule id, in the order of their making.
    pub(super) rules: Rules,
    pub(super) tags: Tags,
    pub(super) inferred: bool,
    /// The rules came with their ids, so that those of the group's own document are the same ones without.
    pub(super) rules_given: bool,
}

/// Rules by id, in the order of their making.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules(IndexMap<String, Rule>);

impl Hash for Rules {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.len().hash(hasher);
        self.0.iter().for_each(|rule| rule.hash(hasher));
    }
}

impl Deref for Rules {
    type Target = IndexMap<String, Rule>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Rules {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

/// One rule: one protocol, one range, one peer.
#[derive(Debug, Clone, Hash)]
pub(super) struct Rule {
    pub(super) egress: bool,
    pub(super) spec: RuleSpec,
    pub(super) description: Option<String>,
    pub(super) tags: Tags,
}

/// What makes a rule the same as another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RuleSpec {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1`.
    pub(super) protocol: String,
    /// −1 for all, as for every protocol without ports.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) peer: Peer,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    Ipv4(String),
    Ipv6(String),
    PrefixList(String),
    Group { owner: String, group: String, rest: Rest },
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Volume {
    /// GiB.
    pub(super) size: i64,
    pub(super) kind: String,
    /// The instances that map it.
    pub(super) instances: Vec<String>,
    pub(super) last_snapshot: Option<Timestamp>,
    pub(super) tags: Tags,
    pub(super) rest: Rest,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct Snapshot {
    pub(super) volume: String,
    /// GiB.
    pub(super) size: i64,
    pub(super) started: Timestamp,
    pub(super) completes: Timestamp,
    /// When and why it fails instead.
    pub(super) failure: Option<Failure>,
    pub(super) description: String,
    pub(super) encrypted: bool,
    /// The key that it was asked to be encrypted with, until someone looks at it.
    pub(super) key_request: Option<KeyRequest>,
    pub(super) lock: Option<super::locks::Lock>,
    pub(super) tags: Tags,
    pub(super) rest: Rest,
}

/// The end of a snapshot that fails.
#[derive(Debug, Clone, Hash)]
pub(super) struct Failure {
    pub(super) at: Timestamp,
    pub(super) message: String,
}

/// A key as a caller named it.
#[derive(Debug, Clone, Hash)]
pub(super) struct KeyRequest {
    pub(super) key: String,
    /// The caller's account.
    pub(super) account: String,
    /// The caller may not use it.
    pub(super) refused: bool,
}

#[derive(Debug, Clone, Hash)]
pub(super) struct ProfileAssociation {
    pub(super) instance: String,
    /// `arn` and `id`.
    pub(super) profile: Rest,
    pub(super) state: String,
    pub(super) since: Timestamp,
    pub(super) inferred: bool,
}

impl State {
    /// The tags of any resource, by the prefix of its id.
    pub(super) fn tags_mut(&mut self, id: &str) -> Option<&mut Tags> {
        match prefix(id) {
            "i" => self.instances.get_mut(id).map(|it| &mut it.tags),
            "eni" => self.interfaces.get_mut(id).map(|it| &mut it.tags),
            "sg" => self.groups.get_mut(id).map(|it| &mut it.tags),
            "vol" => self.volumes.get_mut(id).map(|it| &mut it.tags),
            "snap" => self.snapshots.get_mut(id).map(|it| &mut it.tags),
            "vpc" => self.vpcs.get_mut(id).map(|it| &mut it.tags),
            "subnet" => self.subnets.get_mut(id).map(|it| &mut it.tags),
            "eipalloc" => self.addresses.get_mut(id).map(|it| &mut it.tags),
            "sgr" => self
                .rule_groups
                .get(id)
                .and_then(|group| self.groups.get_mut(group))
                .and_then(|group| group.rules.get_mut(id))
                .map(|rule| &mut rule.tags),
            _ => None,
        }
    }

    /// The tags of any resource.
    pub(super) fn tags(&self, id: &str) -> Option<&Tags> {
        match prefix(id) {
            "i" => self.instances.get(id).map(|it| &it.tags),
            "eni" => self.interfaces.get(id).map(|it| &it.tags),
            "sg" => self.groups.get(id).map(|it| &it.tags),
            "vol" => self.volumes.get(id).map(|it| &it.tags),
            "snap" => self.snapshots.get(id).map(|it| &it.tags),
            "vpc" => self.vpcs.get(id).map(|it| &it.tags),
            "subnet" => self.subnets.get(id).map(|it| &it.tags),
            "eipalloc" => self.addresses.get(id).map(|it| &it.tags),
            "sgr" => self.rule(id).map(|(_, rule)| &rule.tags),
            _ => None,
        }
    }

    /// A rule and the id of its group.
    pub(super) fn rule(&self, id: &str) -> Option<(&str, &Rule)> {
        let group = self.rule_groups.get(id)?;
        Some((group, self.groups.get(group)?.rules.get(id)?))
    }

    /// An instance that is still described.
    pub(super) fn instance(&self, id: &str, now: Timestamp) -> Option<&Instance> {
        self.instances.get(id).filter(|instance| instance.forgotten_at.is_none_or(|end| now < end))
    }

    /// The profiles that instances have: ARN, and id where it is known.
    pub(crate) fn profiles_in_force(&self) -> Vec<(String, Option<String>)> {
        let text = |it: &ProfileAssociation, member: &str| it.profile.get(member)?.as_str().map(str::to_owned);
        let associations = self.profile_in_force.values().filter_map(|id| self.profiles.get(id));
        associations.filter_map(|it| Some((text(it, "arn")?, text(it, "id")))).collect()
    }

    /// The profile association of an instance that is in force.
    pub(super) fn profile_of(&self, instance: &str) -> Option<(&String, &ProfileAssociation)> {
        self.profiles.get_key_value(self.profile_in_force.get(instance)?)
    }
}

impl Snapshot {
    /// Whether it has failed by a moment.
    pub(super) fn has_failed(&self, now: Timestamp) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.at <= now)
    }
}

impl Instance {
    /// Whether it is gone, or about to be.
    pub(super) fn is_terminated(&self) -> bool {
        matches!(self.state.as_str(), "terminated" | "shutting-down")
    }
}

/// What stands before the hyphen of an id.
pub(super) fn prefix(id: &str) -> &str {
    id.split_once('-').map_or("", |(prefix, _)| prefix)
}

/// The resource type of an id, as tags and ARNs name it.
pub(super) fn resource_type(id: &str) -> Option<&'static str> {
    Some(match prefix(id) {
        "i" => "instance",
        "eni" => "network-interface",
        "sg" => "security-group",
        "sgr" => "security-group-rule",
        "vol" => "volume",
        "snap" => "snapshot",
        "vpc" => "vpc",
        "subnet" => "subnet",
        "eipalloc" => "elastic-ip",
        _ => return None,
    })
}
