//! What a release restores: the state of a resource before the first mutation.
//!
//! One record per resource, written with a condition that it does not exist yet, so that a re-run can never overwrite
//! it with quarantined state.

use serde::{Deserialize, Serialize};

/// The prior state of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BeforeImage {
    /// A network interface and the security groups it had.
    NetworkInterface {
        /// Interface id.
        interface_id: String,
        /// The VPC of the interface.
        vpc_id: String,
        /// Its security group ids, in the order AWS listed them.
        groups: Vec<String>,
    },
    /// A security group and the rules that are about to be revoked.
    SecurityGroupRules {
        /// Group id.
        group_id: String,
        /// The rules, whole, so that a release can authorise them again.
        rules: Vec<crate::security_group::Rule>,
    },
}

impl BeforeImage {
    /// The sort key of the record: `before-image#` and the resource's id. Revoked rules carry a hash of their ids, for
    /// a group can be remediated more than once and each revocation is its own record.
    pub fn record_key(&self) -> String {
        match self {
            BeforeImage::NetworkInterface { interface_id, .. } => format!("before-image#{interface_id}"),
            BeforeImage::SecurityGroupRules { group_id, rules } => {
                let mut ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
                ids.sort_unstable();
                format!("before-image#{group_id}#{}", crate::text::short_hash(&ids))
            }
        }
    }
}
