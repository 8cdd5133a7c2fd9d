//! The `Globals` section of SAM: properties that every function or state machine has unless it says otherwise.
//!
//! The rules are those of the SAM transform: mappings are merged key by key and the resource wins, lists are joined
//! with the global items first, but for the architectures, which are replaced; everything else is replaced.

use super::err::TemplateError;
use super::properties::{Section, refuse};
use super::yaml::{Entry, Kind, Node};

/// The global properties of functions and of state machines.
pub(super) struct Globals<'a> {
    function: Option<&'a Node>,
    machine: Option<&'a Node>,
}

/// Reads the section.
///
/// # Errors
/// Kinds of resource that the reader does not know, and properties that SAM does not take there.
pub(super) fn read(section: Option<&Node>) -> Result<Globals<'_>, TemplateError> {
    let Some(node) = section else { return Ok(Globals { function: None, machine: None }) };
    let section = Section::of(node, "`Globals`")?;
    section.only(&["Function", "StateMachine"], &[])?;
    if let Some(function) = section.section("Function")? {
        for entry in function.entries() {
            if ["Role", "Policies", "FunctionName", "Events"].contains(&entry.key.as_str()) {
                return Err(refuse(
                    entry.place,
                    format!("`{}` in Globals", entry.key),
                    "SAM takes it at a function only",
                ));
            }
        }
    }
    if let Some(machine) = section.section("StateMachine")? {
        machine.only(&["PropagateTags"], &[])?;
    }
    Ok(Globals { function: section.get("Function"), machine: section.get("StateMachine") })
}

impl Globals<'_> {
    /// The properties of a function with the global ones.
    pub(super) fn function(&self, own: &Node) -> Node {
        merged(self.function, own)
    }

    /// The properties of a state machine with the global ones.
    pub(super) fn machine(&self, own: &Node) -> Node {
        merged(self.machine, own)
    }
}

fn merged(global: Option<&Node>, own: &Node) -> Node {
    global.map_or_else(|| own.clone(), |global| merge(global, own, ""))
}

fn merge(global: &Node, own: &Node, key: &str) -> Node {
    if is_function(global) || is_function(own) {
        return own.clone();
    }
    let kind = match (&global.kind, &own.kind) {
        (Kind::Map(global), Kind::Map(own)) => {
            let mut entries: Vec<Entry> = Vec::with_capacity(global.len() + own.len());
            for entry in global {
                let value = match own.iter().find(|other| other.key == entry.key) {
                    Some(other) => merge(&entry.value, &other.value, &entry.key),
                    None => entry.value.clone(),
                };
                entries.push(Entry { place: entry.place, key: entry.key.clone(), value });
            }
            entries.extend(own.iter().filter(|entry| !global.iter().any(|other| other.key == entry.key)).cloned());
            Kind::Map(entries)
        }
        (Kind::List(global), Kind::List(own)) if key != "Architectures" => {
            Kind::List(global.iter().chain(own).cloned().collect())
        }
        _ => own.kind.clone(),
    };
    Node { place: own.place, tag: None, kind }
}

/// An intrinsic function is a value, whatever its arguments look like.
fn is_function(node: &Node) -> bool {
    node.tag.is_some()
        || matches!(&node.kind, Kind::Map(entries)
            if matches!(entries.as_slice(), [only] if only.key == "Ref" || only.key.starts_with("Fn::")))
}
