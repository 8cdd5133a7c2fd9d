//! What a verification reads of Auto Scaling without a call.

use super::state::{Group, Lifecycle, State};

/// An Auto Scaling group as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AutoScalingGroupView {
    /// Its name.
    pub name: String,
    /// The least, the wanted and the largest number of instances in service.
    pub sizes: (i64, i64, i64),
    /// Its instances by id: those in service, and those on their way in or out.
    pub members: Vec<MemberView>,
}

/// An instance of a group as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberView {
    /// `i-…`.
    pub instance: String,
    /// Where it is in its life in the group.
    pub lifecycle: Lifecycle,
    /// Whether Auto Scaling holds it for healthy.
    pub healthy: bool,
}

impl State {
    /// A group as it is.
    pub(crate) fn group_view(&self, name: &str) -> Option<AutoScalingGroupView> {
        self.groups.get_key_value(name).map(|(name, group)| view(name, group))
    }

    /// The group that an instance is in, in whatever state.
    pub(crate) fn group_view_of(&self, instance: &str) -> Option<AutoScalingGroupView> {
        self.group_of(instance).map(|(name, group)| view(name, group))
    }
}

fn view(name: &str, group: &Group) -> AutoScalingGroupView {
    let members = group.members.iter().map(|(id, member)| MemberView {
        instance: id.clone(),
        lifecycle: member.lifecycle,
        healthy: member.healthy,
    });
    AutoScalingGroupView {
        name: name.to_owned(),
        sizes: (group.min, group.desired, group.max),
        members: members.collect(),
    }
}
