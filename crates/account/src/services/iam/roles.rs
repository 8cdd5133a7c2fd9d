//! Roles.

use serde_json::{Value, json};

use super::err::no_role;
use super::request::take_role;
use super::state::{Role, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

pub(super) fn get(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let name = take_role(&mut params)?;
    let role = state.role(&name)?;
    let mut shown = role.shown();
    shown.insert("MaxSessionDuration".to_owned(), 3600.into());
    shown.insert("RoleLastUsed".to_owned(), json!({}));
    shown.extend(role.rest.clone());
    if let Some(arn) = &role.boundary {
        let boundary = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
        shown.insert("PermissionsBoundary".to_owned(), boundary);
    }
    shown.insert("Tags".to_owned(), role.identity.shown_tags());
    Ok(json!({"Role": shown}))
}

impl State {
    /// The role of this name.
    pub(super) fn role(&self, name: &str) -> Result<&Role, ServiceError> {
        self.roles.get(name).ok_or_else(|| no_role(name))
    }

    /// The role of this name, for a change.
    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, ServiceError> {
        self.roles.get_mut(name).ok_or_else(|| no_role(name))
    }
}
