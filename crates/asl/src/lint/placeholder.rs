//! Placeholders: what `DefinitionSubstitutions` puts in their place decides, so that nothing is said of it.

use super::check::Checker;
use super::location::Location;
use super::rule;
use crate::source::{Node, Object, Stage, Value, has_placeholder};

impl Checker<'_, '_> {
    /// Whether a text has a placeholder.
    pub(super) fn has_placeholder(&self, text: &str) -> bool {
        self.options.stage == Stage::Authored && has_placeholder(text)
    }

    /// Whether a placeholder decides what a value is, wholly or in part.
    pub(super) fn is_open(&self, node: &Node<'_>) -> bool {
        match &node.value {
            Value::Placeholder(_) => true,
            Value::String(text) => self.has_placeholder(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
        }
    }

    /// Whether a placeholder can add fields to an object.
    pub(super) fn has_open_fields(&self, object: &Object<'_>) -> bool {
        object.members().iter().any(|member| self.has_placeholder(&member.name))
    }

    /// Whether a value passes where another type is `expected`, because it has a placeholder. Within quotes it passes with
    /// a warning: CloudFormation leaves the quotes where they are.
    pub(super) fn passes_as_placeholder(&mut self, node: &Node<'_>, location: &Location<'_>, expected: &str) -> bool {
        if let Some(text) = node.as_str().filter(|text| self.has_placeholder(text)) {
            let message = format!("`{text}` stays a string when its placeholder is replaced; expected {expected}");
            self.report.warn(&rule::QUOTED_PLACEHOLDER, location, node.at, message);
        }
        self.is_open(node)
    }
}
