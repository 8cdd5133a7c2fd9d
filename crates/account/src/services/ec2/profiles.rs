//! Associations of IAM instance profiles with instances.

use serde_json::{Map, Value, json};

use super::err::{Kind, invalid};
use super::instances::incorrect_state;
use super::render;
use super::request::{FilterTable, Selection, begin};
use super::state::{ProfileAssociation, Rest, State};
use crate::base::{ServiceError, unique_id};
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeIamInstanceProfileAssociations`, "Filters".
const FILTERS: &FilterTable = &[("instance-id", "instanceId"), ("state", "state")];

pub(super) fn describe(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "AssociationIds", 5)?;
    let get = |id: &str| state.profiles.get_key_value(id);
    let render = |id: &str, it: &ProfileAssociation| render::association(id, it);
    let (found, next) = if let (Some(instances), true) = (selection.exact("instance-id"), selection.ids().is_empty()) {
        let mut ids: Vec<&String> = instances.iter().filter_map(|id| state.profile_in_force.get(id)).collect();
        ids.sort();
        selection.page(Kind::ProfileAssociation, ids.into_iter().filter_map(|id| get(id)), get, FILTERS, render)?
    } else {
        selection.page(Kind::ProfileAssociation, state.profiles.iter(), get, FILTERS, render)?
    };
    Ok(json!({"iamInstanceProfileAssociationSet": found, "nextToken": next}))
}

pub(super) fn associate(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let instance = params.require_string("InstanceId")?;
    let profile = take_profile(context, &mut params)?;
    let it = state.instance(&instance, context.now).ok_or_else(|| Kind::Instance.absent(&instance))?;
    if !matches!(it.state.as_str(), "running" | "stopped" | "pending" | "stopping") {
        return Err(incorrect_state(&instance, &it.state));
    }
    if state.profile_in_force.contains_key(&instance) {
        return Err(ServiceError::new(
            "IncorrectState",
            format!("There is an existing association for instance {instance}"),
        ));
    }
    Ok(made(state, context, &instance, profile))
}

pub(super) fn replace(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("AssociationId")?;
    let profile = take_profile(context, &mut params)?;
    let old = state.profiles.remove(&id).ok_or_else(|| Kind::ProfileAssociation.absent(&id))?;
    take(state, &old);
    Ok(made(state, context, &old.instance, profile))
}

pub(super) fn disassociate(
    state: &mut State,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("AssociationId")?;
    let mut old = state.profiles.remove(&id).ok_or_else(|| Kind::ProfileAssociation.absent(&id))?;
    take(state, &old);
    "disassociating".clone_into(&mut old.state);
    Ok(json!({"iamInstanceProfileAssociation": shown(&id, &old)}))
}

fn take(state: &mut State, old: &ProfileAssociation) {
    state.profile_in_force.remove(&old.instance);
    if let Some(arn) = old.profile.get("arn").and_then(Value::as_str) {
        state.former_profiles.entry(old.instance.clone()).or_default().push(arn.to_owned());
    }
}

fn made(state: &mut State, context: &mut Context<'_>, instance: &str, profile: Rest) -> Value {
    let id = context.ids.resource("iip-assoc");
    let mut association = ProfileAssociation {
        instance: instance.to_owned(),
        profile,
        state: "associating".to_owned(),
        since: context.now,
        inferred: false,
    };
    let out = json!({"iamInstanceProfileAssociation": shown(&id, &association)});
    // The next one who looks finds it done.
    "associated".clone_into(&mut association.state);
    state.profile_in_force.insert(instance.to_owned(), id.clone());
    state.profiles.insert(id, association);
    out
}

fn shown(id: &str, it: &ProfileAssociation) -> Map<String, Value> {
    let mut out = render::association(id, it);
    out.shift_remove("timestamp");
    out
}

/// `IamInstanceProfile`: an ARN or a name.
fn take_profile(context: &Context<'_>, params: &mut Params) -> Result<Rest, ServiceError> {
    let mut profile = params.take_params("IamInstanceProfile")?.ok_or_else(|| params.missing("IamInstanceProfile"))?;
    let arn = match (profile.take_string("Arn")?, profile.take_string("Name")?) {
        (Some(arn), None) => arn,
        (None, Some(name)) => format!("arn:{}:iam::{}:instance-profile/{name}", context.partition, context.account),
        _ => return Err(invalid("The parameter iamInstanceProfile must have either a name or an arn.")),
    };
    if !arn.contains(":instance-profile/") {
        return Err(invalid(format!(
            "Value ({arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN"
        )));
    }
    let id = unique_id("AIPA", &arn);
    Ok(Rest::from_iter([("arn".to_owned(), arn.into()), ("id".to_owned(), id.into())]))
}
