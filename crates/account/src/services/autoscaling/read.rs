use super::state::State;
use super::view::AutoScalingGroupView;
use crate::state::ReadState;

/// Reads Auto Scaling without a call.
pub trait ReadAutoScaling: ReadState {
    /// An Auto Scaling group as it is now.
    fn auto_scaling_group(&self, account: &str, region: &str, name: &str) -> Option<AutoScalingGroupView> {
        self.read(account, region, |region, _| region.state::<State>().group_view(name))?
    }

    /// The Auto Scaling group that an instance is in now, in whatever state.
    fn auto_scaling_group_of(&self, account: &str, region: &str, instance_id: &str) -> Option<AutoScalingGroupView> {
        self.read(account, region, |region, _| region.state::<State>().group_view_of(instance_id))?
    }
}

impl<T: ReadState> ReadAutoScaling for T {}
