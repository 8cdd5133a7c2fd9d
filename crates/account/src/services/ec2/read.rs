use super::state::State;
use super::view::{GroupView, InstanceView, InterfaceView, SnapshotView};
use crate::state::ReadState;

/// Reads EC2 without a call.
pub trait ReadEc2: ReadState {
    /// An instance as it is now.
    fn instance(&self, account: &str, region: &str, instance_id: &str) -> Option<InstanceView> {
        self.read(account, region, |region, now| region.state::<State>().instance_view(instance_id, now))?
    }

    /// All instances of an account in a Region as they are now, by id.
    fn instances(&self, account: &str, region: &str) -> Vec<InstanceView> {
        self.read(account, region, |region, now| region.state::<State>().instance_views(now)).unwrap_or_default()
    }

    /// A network interface as it is now, attached or not.
    fn interface(&self, account: &str, region: &str, interface_id: &str) -> Option<InterfaceView> {
        self.read(account, region, |region, _| region.state::<State>().interface_view(interface_id))?
    }

    /// A security group as it is now.
    fn security_group(&self, account: &str, region: &str, group_id: &str) -> Option<GroupView> {
        self.read(account, region, |region, _| region.state::<State>().group_view(group_id))?
    }

    /// All security groups of an account in a Region, by id.
    fn security_groups(&self, account: &str, region: &str) -> Vec<GroupView> {
        let groups = self.read(account, region, |region, _| region.state::<State>().security_groups().collect());
        groups.unwrap_or_default()
    }

    /// All snapshots of an account in a Region, by id.
    fn snapshots(&self, account: &str, region: &str) -> Vec<SnapshotView> {
        self.read(account, region, |region, now| region.state::<State>().snapshot_views(now)).unwrap_or_default()
    }

    /// The ranges of a managed prefix list, in CIDR form.
    fn prefix_list(&self, account: &str, region: &str, list_id: &str) -> Option<Vec<String>> {
        self.read(account, region, |region, _| region.state::<State>().prefix_list(list_id))?
    }
}

impl<T: ReadState> ReadEc2 for T {}
