//! What a verification reads of Elastic Load Balancing without a call.

use super::health::{self, TargetState};
use super::state::State;
use crate::base::Timestamp;
use crate::services::ec2;

/// A target of a group as it is: registered, or still keeping connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TargetView {
    /// The ARN of the target group.
    pub group: String,
    /// An instance id, an IP address, or an ARN.
    pub id: String,
    /// The port that it gets traffic on.
    pub port: Option<i64>,
    /// Its state.
    pub state: TargetState,
}

impl State {
    /// All targets of all groups as they are at `now`.
    pub(crate) fn target_views(&self, ec2: &ec2::State, now: Timestamp) -> Vec<TargetView> {
        let groups = self.targets.iter().filter_map(|(arn, targets)| Some((arn, self.groups.get(arn)?, targets)));
        let views = groups.flat_map(|(arn, group, targets)| {
            let listed = targets.iter().filter(|(_, target)| target.is_listed(now));
            listed.map(move |(key, target)| TargetView {
                group: arn.clone(),
                id: key.id.clone(),
                port: key.port,
                state: health::of(group, key, target, ec2, now).state,
            })
        });
        views.collect()
    }
}
