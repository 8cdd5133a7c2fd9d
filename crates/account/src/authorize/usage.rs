use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::{Request, Verdict, listed_as};
use super::policy::Policy;

/// One action of one `Allow` statement, as the policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// The statement's name: its `Sid`, or `#` and its position; behind the policy's name and `/` where it has one.
    pub statement: String,
    /// The action as written, wildcards included.
    pub action: String,
}

/// The permissions of roles that the calls so far needed.
///
/// What a policy grants ([`Policy::permissions`]) and no scenario needs is too much: the difference
/// ([`Usage::unused`]) is what a test can refuse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// By role.
    used: BTreeMap<String, BTreeSet<Permission>>,
}

impl Usage {
    /// Notes that `role` made `request` with this verdict. A denied request uses nothing.
    pub(crate) fn note(&mut self, role: &str, verdict: Verdict<'_>, request: &Request<'_>) {
        let Verdict::Allowed(statement) = verdict else { return };
        let Some(action) = listed_as(statement, request) else { return };
        let known = |it: &Permission| it.statement == statement.name && it.action == action;
        match self.used.get_mut(role) {
            Some(used) if used.iter().any(known) => {}
            Some(used) => {
                used.insert(Permission { statement: statement.name.clone(), action: action.into_owned() });
            }
            None => {
                let permission = Permission { statement: statement.name.clone(), action: action.into_owned() };
                self.used.insert(role.to_owned(), BTreeSet::from([permission]));
            }
        }
    }

    /// Adds what another run used.
    pub fn merge(&mut self, other: &Self) {
        for (role, used) in &other.used {
            self.used.entry(role.clone()).or_default().extend(used.iter().cloned());
        }
    }

    /// What was used: (role, permission), in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Permission)> {
        self.used.iter().flat_map(|(role, used)| used.iter().map(move |permission| (role.as_str(), permission)))
    }

    /// The permissions that `policy` grants to `role` and that were not used.
    pub fn unused(&self, role: &str, policy: &Policy) -> Vec<Permission> {
        let used = self.used.get(role);
        let is_unused = |permission: &Permission| used.is_none_or(|used| !used.contains(permission));
        policy.permissions().into_iter().filter(is_unused).collect()
    }
}
