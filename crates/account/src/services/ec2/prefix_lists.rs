//! Managed prefix lists, as far as rules refer to them.

use serde_json::{Map, Value, json};

use super::request::begin;
use super::state::State;
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission, SeedError};

/// A range of a list and its description.
#[derive(Debug, Clone, Hash)]
pub(super) struct Entry {
    pub(super) cidr: String,
    description: Option<String>,
}

/// `GetManagedPrefixListEntries`. Lists have at most 1,000 entries, so there is one page; a version other than the
/// current one is not kept.
pub(super) fn entries(state: &State, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("PrefixListId")?;
    params.take_integer("MaxResults")?;
    let list = state.prefix_lists.get(&id).ok_or_else(|| {
        let message = format!("The prefix list ID '{id}' does not exist");
        ServiceError::new("InvalidPrefixListID.NotFound", message)
    })?;
    let entries: Vec<Value> = list
        .iter()
        .map(|entry| {
            let mut out = Map::new();
            out.insert("cidr".to_owned(), json!(entry.cidr));
            if let Some(description) = &entry.description {
                out.insert("description".to_owned(), json!(description));
            }
            Value::Object(out)
        })
        .collect();
    Ok(json!({"entrySet": entries}))
}

/// `ec2:GetManagedPrefixListEntries` on the list.
pub(super) fn permissions(_state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let id = params.peek_string("PrefixListId").unwrap_or("*");
    vec![
        RequiredPermission::new("ec2:GetManagedPrefixListEntries", context.arn("ec2", &format!("prefix-list/{id}")))
            .key("ec2:Region", context.region),
    ]
}

/// Reads `get-managed-prefix-list-entries`: the command's output for each list, by the list's id, for the output does
/// not name the list.
pub(super) fn seed(state: &mut State, document: Value) -> Result<(), SeedError> {
    let Value::Object(lists) = document else { return Err(SeedError::malformed("", "expected an object of lists")) };
    for (id, output) in lists {
        let listed = output.get("Entries").and_then(Value::as_array);
        let listed = listed.ok_or_else(|| SeedError::malformed(format!("{id}.Entries"), "is missing"))?;
        let entries = listed
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
                let cidr = text("Cidr");
                let cidr =
                    cidr.ok_or_else(|| SeedError::malformed(format!("{id}.Entries[{index}].Cidr"), "is missing"))?;
                Ok(Entry { cidr, description: text("Description") })
            })
            .collect::<Result<Vec<_>, SeedError>>()?;
        state.prefix_lists.insert(id, entries);
    }
    Ok(())
}

impl State {
    /// The ranges of a list.
    pub(crate) fn prefix_list(&self, id: &str) -> Option<Vec<String>> {
        Some(self.prefix_lists.get(id)?.iter().map(|entry| entry.cidr.clone()).collect())
    }
}
