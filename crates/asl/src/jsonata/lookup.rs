//! Expressions that only look something up, as `$states.input.detail.id`: the most frequent ones by far. They are answered
//! from the payload itself, without converting it.

use jsonata_core::ast::{AstNode, PathStep};
use serde_json::Value;

/// An expression that names a value and fields within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookup {
    pub(crate) root: Root,
    pub(super) fields: Vec<String>,
}

/// What a lookup starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Root {
    /// `$states.input`
    Input,
    /// `$states.result`
    Result,
    /// `$states.errorOutput`
    ErrorOutput,
    /// A variable.
    Variable(String),
}

/// The result of a lookup.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    Value(&'a Value),
    Nothing,
    /// There is an array on the way, over which a path maps.
    Unknown,
}

impl Lookup {
    /// Recognizes the syntax tree of such an expression.
    pub(super) fn of(node: &AstNode) -> Option<Lookup> {
        if let AstNode::Variable(name) = node {
            return is_variable(name).then(|| Lookup { root: Root::Variable(name.clone()), fields: Vec::new() });
        }
        let AstNode::Path { steps } = node else { return None };
        let (first, rest) = steps.split_first()?;
        let AstNode::Variable(name) = plain(first)? else { return None };
        let mut fields = rest.iter().map(|step| match plain(step)? {
            AstNode::Name(name) => Some(name.clone()),
            _ => None,
        });
        let root = if name == "states" {
            match fields.next()??.as_str() {
                "input" => Root::Input,
                "result" => Root::Result,
                "errorOutput" => Root::ErrorOutput,
                _ => return None,
            }
        } else {
            is_variable(name).then(|| Root::Variable(name.clone()))?
        };
        Some(Lookup { root, fields: fields.collect::<Option<_>>()? })
    }

    /// Follows the fields from what the root stands for.
    pub(super) fn find<'a>(&self, root: &'a Value) -> Found<'a> {
        let mut current = root;
        for field in &self.fields {
            match current {
                Value::Object(map) => match map.get(field) {
                    Some(value) => current = value,
                    None => return Found::Nothing,
                },
                Value::Array(_) => return Found::Unknown,
                _ => return Found::Nothing,
            }
        }
        Found::Value(current)
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name != "states"
}

/// The node of a step that has nothing but its node.
fn plain(step: &PathStep) -> Option<&AstNode> {
    let bare = step.stages.is_empty()
        && step.focus.is_none()
        && step.index_var.is_none()
        && step.ancestor_label.is_none()
        && !step.is_tuple
        && !step.inner_tuple;
    bare.then_some(&step.node)
}
