//! Instance profiles.

use serde_json::{Value, json};

use super::err::no_profile;
use super::request::{Page, take_name, take_role};
use super::state::State;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

pub(super) fn get(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let name = take_name(&mut params, "InstanceProfileName", 128)?;
    let profile = state.profiles.get(&name).ok_or_else(|| no_profile(&name))?;
    let mut shown = state.shown_profile(profile);
    shown.insert("Tags".to_owned(), profile.identity.shown_tags());
    Ok(json!({"InstanceProfile": shown}))
}

pub(super) fn list_of_role(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let role = take_role(&mut params)?;
    let page = Page::take(&mut params)?;
    state.role(&role)?;
    let profiles = state.profiles.iter().filter(|(_, profile)| profile.role.as_ref() == Some(&role));
    let shown = profiles.map(|(name, profile)| (name.clone(), Value::Object(state.shown_profile(profile))));
    Ok(page.of("InstanceProfiles", shown))
}
