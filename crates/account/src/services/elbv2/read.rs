use super::state::State;
use super::view::TargetView;
use crate::state::ReadState;

/// Reads Elastic Load Balancing without a call.
pub trait ReadElbv2: ReadState {
    /// The targets of all target groups that are registered or still keep connections, by group, id and port.
    fn targets(&self, account: &str, region: &str) -> Vec<TargetView> {
        let targets =
            self.read(account, region, |region, now| region.state::<State>().target_views(region.state(), now));
        targets.unwrap_or_default()
    }
}

impl<T: ReadState> ReadElbv2 for T {}
