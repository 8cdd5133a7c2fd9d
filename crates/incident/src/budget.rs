//! The blast-radius budget: how many incidents may be contained per clock hour in each scope that an instance belongs to.

use crate::configuration::Budget;
use crate::{Incident, InstanceFacts, Timestamp};

/// A scope with its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Its name in stored items: `account/111122223333`.
    pub key: String,
    /// Its name in sentences.
    pub description: String,
    /// How many incidents may be contained in it per hour.
    pub limit: u32,
}

impl Scope {
    /// Partition key of the counter of one hour.
    pub fn partition_key(&self, hour: &str) -> String {
        format!("budget#{}#{hour}", self.key)
    }

    /// Why the budget requires approval.
    pub fn exhausted(&self, count: usize, hour: &str) -> String {
        format!(
            "the budget is spent: {count} of {} incidents were contained in {} in the hour {hour}:00 UTC; a person decides",
            self.limit, self.description
        )
    }
}

/// When a counter expires: a week later, long after any repeated run for its hour.
pub fn expires(now: Timestamp) -> Timestamp {
    now.plus_seconds(7 * 24 * 3600)
}

/// Every scope of an instance: its account, Region, each VPC it has an interface in, and its Auto Scaling group.
pub fn scopes(budget: &Budget, incident: &Incident, facts: &InstanceFacts) -> Vec<Scope> {
    let (account, region) = (&incident.account, &incident.region);
    let mut scopes = vec![
        Scope { key: format!("account/{account}"), description: format!("account {account}"), limit: budget.account },
        Scope {
            key: format!("region/{account}/{region}"),
            description: format!("{region} of account {account}"),
            limit: budget.region,
        },
    ];
    let mut vpcs: Vec<&str> = facts.interfaces.iter().map(|interface| interface.vpc_id.as_str()).collect();
    vpcs.sort_unstable();
    vpcs.dedup();
    scopes.extend(vpcs.into_iter().map(|vpc| Scope {
        key: format!("vpc/{account}/{region}/{vpc}"),
        description: format!("{vpc} of account {account}"),
        limit: budget.vpc,
    }));
    scopes.extend(facts.auto_scaling_group.iter().map(|group| Scope {
        key: format!("auto-scaling-group/{account}/{region}/{group}"),
        description: format!("the Auto Scaling group {} of account {account}", crate::text::line(group, 255)),
        limit: budget.auto_scaling_group,
    }));
    scopes
}
