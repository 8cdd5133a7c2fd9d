//! Tags of any resource.

use serde_json::{Value, json};

use super::err::Kind;
use super::request::{FilterTable, Selection, begin, check_tags, take_tags};
use super::state::{Rest, State, resource_type};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeTags`, "Filters".
const FILTERS: &FilterTable =
    &[("key", "key"), ("resource-id", "resourceId"), ("resource-type", "resourceType"), ("value", "value")];

pub(super) fn create(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let resources = params.take_strings("Resources")?;
    let tags = take_tags(&mut params)?;
    check_tags(&tags)?;
    for id in &resources {
        let present = state.tags(id).ok_or_else(|| absent(id))?;
        let mut whole = present.clone();
        whole.extend(tags.clone());
        whole.retain(|key, _| !key.starts_with("aws:"));
        check_tags(&whole)?;
    }
    for id in &resources {
        if let Some(present) = state.tags_mut(id) {
            present.extend(tags.clone());
        }
    }
    Ok(json!({"return": true}))
}

pub(super) fn delete(state: &mut State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let resources = params.take_strings("Resources")?;
    // Without a value a key's tag goes whatever its value is; with one, even an empty one, only that.
    let wanted = params
        .take_list("Tags")?
        .into_iter()
        .map(|mut tag| Ok((tag.require_string("Key")?, tag.take_string("Value")?)))
        .collect::<Result<Vec<_>, ServiceError>>()?;
    if let Some(id) = resources.iter().find(|id| state.tags(id).is_none()) {
        return Err(absent(id));
    }
    for id in &resources {
        if let Some(present) = state.tags_mut(id) {
            present.retain(|key, value| {
                let goes =
                    wanted.iter().any(|(name, only)| name == key && only.as_ref().is_none_or(|only| only == value));
                key.starts_with("aws:") || !(goes || wanted.is_empty())
            });
        }
    }
    Ok(json!({"return": true}))
}

pub(super) fn describe(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    // There is no list of ids: the name is one that no request has.
    let selection = Selection::take(&mut params, "", 5)?;
    let mut all: std::collections::BTreeMap<String, Rest> = std::collections::BTreeMap::new();
    let ids: Vec<&String> = match selection.exact("resource-id") {
        Some(ids) => ids.iter().collect(),
        None => every_id(state),
    };
    for id in ids {
        for (key, value) in state.tags(id).into_iter().flatten() {
            let tag = Rest::from_iter([
                ("resourceId".to_owned(), Value::from(id.as_str())),
                ("resourceType".to_owned(), Value::from(resource_type(id))),
                ("key".to_owned(), Value::from(key.as_str())),
                ("value".to_owned(), Value::from(value.as_str())),
            ]);
            all.insert(format!("{id} {key}"), tag);
        }
    }
    let get = |key: &str| all.get_key_value(key);
    let (found, next) = selection.page(Kind::Instance, all.iter(), get, FILTERS, |_, tag| tag.clone())?;
    Ok(json!({"tagSet": found, "nextToken": next}))
}

fn every_id(state: &State) -> Vec<&String> {
    let mut ids: Vec<&String> = Vec::new();
    ids.extend(state.instances.keys());
    ids.extend(state.interfaces.keys());
    ids.extend(state.groups.keys());
    ids.extend(state.rule_groups.keys());
    ids.extend(state.volumes.keys());
    ids.extend(state.snapshots.keys());
    ids.extend(state.vpcs.keys());
    ids.extend(state.subnets.keys());
    ids.extend(state.addresses.keys());
    ids
}

fn absent(id: &str) -> ServiceError {
    match resource_type(id) {
        Some("instance") => Kind::Instance.absent(id),
        Some("network-interface") => Kind::Interface.absent(id),
        Some("security-group") => Kind::Group.absent(id),
        Some("security-group-rule") => Kind::Rule.absent(id),
        Some("volume") => Kind::Volume.absent(id),
        Some("snapshot") => Kind::Snapshot.absent(id),
        Some("vpc") => Kind::Vpc.absent(id),
        Some("subnet") => Kind::Subnet.absent(id),
        Some("elastic-ip") => Kind::Allocation.absent(id),
        _ => ServiceError::new("InvalidID", format!("The ID '{id}' is not valid")),
    }
}
