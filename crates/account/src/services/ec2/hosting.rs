//! What the services that watch over instances see of EC2, and what they do to it.

use std::time::Duration;

use serde_json::Value;

use super::network::forget_association;
use super::state::{Interface, Rule, State};
use crate::base::Timestamp;

/// How long a terminated instance is still described ("Terminate Amazon EC2 instances": usually about an hour).
pub(super) const TERMINATED_SHOWN: Duration = Duration::from_secs(3600);

impl State {
    /// The state's name of an instance that is described.
    pub(crate) fn instance_state(&self, id: &str, now: Timestamp) -> Option<&str> {
        self.instance(id, now).map(|it| it.state.as_str())
    }

    /// The VPC of a target: the one of an instance's primary interface, or of the interface with an address.
    pub(crate) fn vpc_of(&self, target: &str) -> Option<&str> {
        self.interface_of(target).map(|it| it.vpc.as_str())
    }

    /// Whether the groups of a target's interface let TCP in at a port, from anywhere at all. A target without an
    /// interface here lets everything in, and so does a group that no document describes.
    pub(crate) fn admits_tcp(&self, target: &str, port: i64) -> bool {
        let Some(interface) = self.interface_of(target) else { return true };
        interface
            .groups
            .iter()
            .filter_map(|id| self.groups.get(id))
            .any(|group| group.inferred || group.rules.values().any(|rule| !rule.egress && admits(rule, port)))
    }

    /// Terminates an instance as its owner or Auto Scaling would: interfaces and volumes go or stay as they are set.
    /// Nothing protects from it: termination protection is for callers of the API.
    pub(crate) fn terminate(&mut self, id: &str, at: Timestamp) {
        let Some(it) = self.instances.get_mut(id).filter(|it| !it.is_terminated()) else { return };
        "terminated".clone_into(&mut it.state);
        it.forgotten_at = Some(at.after(TERMINATED_SHOWN));
        let interfaces = std::mem::take(&mut it.interfaces);
        let mappings = std::mem::take(&mut it.mappings);
        for interface in interfaces {
            let goes = |it: &Interface| it.attachment.as_ref().is_some_and(|it| it.delete_on_termination);
            if self.interfaces.get(&interface).is_some_and(goes) {
                self.interfaces.remove(&interface);
                let is_on_it = |value: Option<&Value>| value.and_then(Value::as_str) == Some(interface.as_str());
                for address in self.addresses.values_mut() {
                    if is_on_it(address.rest.get("networkInterfaceId")) {
                        forget_association(address);
                    }
                }
            } else if let Some(left) = self.interfaces.get_mut(&interface) {
                left.attachment = None;
            }
        }
        for mapping in mappings {
            if mapping.delete_on_termination {
                self.volumes.remove(&mapping.volume);
            } else if let Some(volume) = self.volumes.get_mut(&mapping.volume) {
                volume.instances.retain(|other| other != id);
            }
        }
        if let Some(association) = self.profile_in_force.remove(id) {
            self.profiles.remove(&association);
        }
    }

    fn interface_of(&self, target: &str) -> Option<&Interface> {
        match self.instances.get(target) {
            Some(it) => self.interfaces.get(it.interfaces.first()?),
            None => self.interfaces.values().find(|it| it.has_address(target)),
        }
    }
}

fn admits(rule: &Rule, port: i64) -> bool {
    let spec = &rule.spec;
    match spec.protocol.as_str() {
        "-1" => true,
        "tcp" | "6" => spec.from == -1 || (spec.from..=spec.to).contains(&port),
        _ => false,
    }
}

impl Interface {
    /// Whether an address, IPv4 or IPv6, is one of its own private ones.
    fn has_address(&self, address: &str) -> bool {
        [("privateIpAddressesSet", "privateIpAddress"), ("ipv6AddressesSet", "ipv6Address")].iter().any(
            |(list, member)| {
                let list = self.rest.get(*list).and_then(Value::as_array);
                list.into_iter().flatten().any(|it| it.get(*member).and_then(Value::as_str) == Some(address))
            },
        )
    }
}
