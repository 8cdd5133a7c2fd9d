//! Who may call: principals with credentials, and the roles that can be assumed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Policy;
use crate::base::Timestamp;

/// A caller: credentials, and what they may do.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The access key id, unique in a world.
    pub access_key_id: String,
    /// The secret access key. Signatures are not checked, so it only has to be given to the client.
    pub secret_access_key: String,
    /// The session token; a call must bring the same one.
    pub session_token: Option<String>,
    /// The ARN: `arn:aws:sts::111122223333:assumed-role/…` for a function's role.
    pub arn: String,
    /// The account that the calls of this principal go to.
    pub account: String,
    /// The function that calls, as the call log names it.
    pub function: String,
    /// What the principal may do.
    pub policy: Policy,
    /// When minted credentials end; `None` if they do not.
    pub expires: Option<Timestamp>,
}

/// A role that `sts:AssumeRole` may be asked for.
#[derive(Debug, Clone)]
pub struct Role {
    /// The ARN: `arn:aws:iam::111122223333:role/…`.
    pub arn: String,
    /// The ARNs (role or assumed-role session) that the trust policy names; `*` and `?` are wildcards.
    pub trusted: Vec<String>,
    /// What the role may do.
    pub policy: Policy,
}

/// All principals and roles of a world.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    principals: BTreeMap<String, Arc<Principal>>,
    roles: BTreeMap<String, Arc<Role>>,
}

impl Identities {
    /// Adds a principal, or replaces the one with the same access key id.
    pub fn add_principal(&mut self, principal: Principal) {
        self.principals.insert(principal.access_key_id.clone(), Arc::new(principal));
    }

    /// Adds a role, or replaces the one with the same ARN.
    pub fn add_role(&mut self, role: Role) {
        self.roles.insert(role.arn.clone(), Arc::new(role));
    }

    /// The principal of an access key id.
    pub fn principal(&self, access_key_id: &str) -> Option<Arc<Principal>> {
        self.principals.get(access_key_id).cloned()
    }

    /// The role of an ARN.
    pub fn role(&self, arn: &str) -> Option<Arc<Role>> {
        self.roles.get(arn).cloned()
    }
}
