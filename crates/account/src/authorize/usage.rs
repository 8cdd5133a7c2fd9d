use std::collections::BTreeSet;

use super::evaluate::{Request, deciding, listed_as};
use super::policy::{Effect, Policy};

/// One action of one `Allow` statement, as the policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// The statement's name: its `Sid`, or `#` and its position; behind the policy's name and `/` where it has one.
    pub statement: String,
    /// The action as written, wildcards included.
    pub action: String,
}

/// Which permissions of which roles were needed by the calls so far.
///
/// What a policy grants ([`Policy::permissions`]) and no scenario needs is too much: the difference
/// ([`Usage::unused`]) is what a test can refuse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    used: BTreeSet<(String, Permission)>,
}

impl Usage {
    /// Notes that `role` asked `request` under `policy`. A denied request uses nothing.
    pub fn note(&mut self, role: &str, policy: &Policy, request: &Request<'_>) {
        if deciding(policy, request, Effect::Deny).is_some() {
            return;
        }
        let Some(statement) = deciding(policy, request, Effect::Allow) else { return };
        if let Some(action) = listed_as(statement, request) {
            self.used.insert((role.to_owned(), Permission { statement: statement.name.clone(), action }));
        }
    }

    /// Adds what another run used.
    pub fn merge(&mut self, other: &Self) {
        self.used.extend(other.used.iter().cloned());
    }

    /// What was used: (role, permission), in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Permission)> {
        self.used.iter().map(|(role, permission)| (role.as_str(), permission))
    }

    /// The permissions that `policy` grants to `role` and that were not used.
    pub fn unused(&self, role: &str, policy: &Policy) -> Vec<Permission> {
        policy
            .permissions()
            .into_iter()
            .filter(|permission| !self.used.contains(&(role.to_owned(), permission.clone())))
            .collect()
    }
}
