//! The policies of roles: inline, and attached ones.

use serde_json::{Value, json};

use super::document::{Document, ROLE_QUOTA, encoded};
use super::err::{invalid, no_policy, protected, too_large};
use super::request::{Page, check_length, take_policy, take_role};
use super::state::State;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// Puts an inline policy, or replaces the one of the same name.
pub(super) fn put(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let role_name = take_role(&mut params)?;
    let name = take_policy(&mut params)?;
    let text = params.require_string("PolicyDocument")?;
    // What is left is not simulated, and must have no effect.
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    check_length(&text, "policyDocument", 131_072)?;
    if !text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{ff}')) {
        return Err(invalid(
            "The specified value for policyDocument is invalid. It must contain only printable ASCII characters.",
        ));
    }
    let role = state.role_mut(&role_name)?;
    if role.is_protected() {
        return Err(protected(&role_name));
    }
    let document = Document::put(text)?;
    let others = role.inline.iter().filter(|(other, _)| **other != name);
    let size = document.size() + others.map(|(_, other)| other.size()).sum::<usize>();
    if size > ROLE_QUOTA {
        return Err(too_large(&role_name, ROLE_QUOTA));
    }
    role.inline.insert(name, document);
    Ok(Value::Null)
}

pub(super) fn get(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let role_name = take_role(&mut params)?;
    let name = take_policy(&mut params)?;
    let role = state.role(&role_name)?;
    let document = role.inline.get(&name).ok_or_else(|| no_policy(&name))?;
    Ok(json!({"RoleName": role_name, "PolicyName": name, "PolicyDocument": encoded(&document.text)}))
}

pub(super) fn list(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let role_name = take_role(&mut params)?;
    let page = Page::take(&mut params)?;
    let role = state.role(&role_name)?;
    Ok(page.of("PolicyNames", role.inline.keys().map(|name| (name.clone(), name.as_str().into()))))
}

pub(super) fn delete(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let role_name = take_role(&mut params)?;
    let name = take_policy(&mut params)?;
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    let role = state.role_mut(&role_name)?;
    if role.is_protected() {
        return Err(protected(&role_name));
    }
    role.inline.remove(&name).ok_or_else(|| no_policy(&name))?;
    Ok(Value::Null)
}

/// Managed policies are few, so that the order of attachment is the order of the list.
pub(super) fn list_attached(
    state: &State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let role_name = take_role(&mut params)?;
    let prefix = params.take_string("PathPrefix")?.unwrap_or_else(|| "/".to_owned());
    let page = Page::take(&mut params)?;
    if !prefix.starts_with('/') || !prefix.ends_with('/') {
        return Err(invalid("The specified value for pathPrefix is invalid. It must begin and end with /."));
    }
    let role = state.role(&role_name)?;
    let attached = role.attached.iter().enumerate().filter(|(_, it)| {
        it.arn.split_once(":policy/").is_some_and(|(_, path)| format!("/{path}").starts_with(&prefix))
    });
    let shown =
        attached.map(|(index, it)| (format!("{index:04}"), json!({"PolicyName": it.name, "PolicyArn": it.arn})));
    Ok(page.of("AttachedPolicies", shown))
}
