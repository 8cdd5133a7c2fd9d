use super::{Published, State};
use crate::state::ReadState;

/// Reads SNS without a call.
pub trait ReadSns: ReadState {
    /// The messages that were accepted, in all accounts and Regions, in their order.
    fn published(&self) -> Vec<Published> {
        let regions = self.read_all(|region| region.state::<State>().published().to_vec());
        let mut published: Vec<Published> = regions.into_iter().flatten().collect();
        published.sort_by_key(|message| message.sequence);
        published
    }
}

impl<T: ReadState> ReadSns for T {}
