//! The rules of Choice states.

use super::check::{Checker, Scope};
use super::choice_fields::{COMPARISONS, NESTED_RULE, OPERATORS, RULE, RULE_FIELDS};
use super::fields::{Field, ObjectType};
use super::location::Location;
use super::report::AwsError;
use super::rule;
use crate::source::{Node, Object};

impl Checker<'_, '_> {
    /// Checks `Choices`.
    pub(super) fn choices(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        for (index, item) in self.items(true, node, location).iter().enumerate() {
            self.rule(item, &location.item(index), scope, &RULE);
        }
    }

    /// Checks `And` and `Or`.
    pub(super) fn rules(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        for (index, item) in self.items(true, node, location).iter().enumerate() {
            self.nested_rule(item, &location.item(index), scope);
        }
    }

    /// Checks `Not`, or an item of `And` and `Or`.
    pub(super) fn nested_rule(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        self.rule(node, location, scope, &NESTED_RULE);
    }

    fn rule(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>, object_type: &'static ObjectType) {
        let Some(rule) = self.object(node, location) else { return };
        let find = |name: &str| all_fields(object_type).find(|field| field.name == name);
        self.known_fields(rule, location, scope, find);
        self.required(object_type.required, rule, location, node.at);
        self.operator(rule, location, node.at, scope);
        self.values(rule, location, scope, find);
    }

    /// Checks that a rule has exactly one of `And`, `Or`, `Not`, `Variable`, `Condition`, and with `Variable` one comparison.
    fn operator(&mut self, rule: &Object<'_>, location: &Location<'_>, at: usize, scope: Scope<'_>) {
        if self.has_open_fields(rule) {
            return;
        }
        let has = |name: &&&str| rule.get(name).is_some();
        let count = OPERATORS.iter().filter(has).count();
        if count != 1 {
            let list = OPERATORS.join(", ");
            let words = format!("The object must have only one of the following fields, [{list}]");
            let message =
                format!("a rule has exactly one of {list}; this has {}", if count == 0 { "none" } else { "several" });
            let rule = if count == 0 { &rule::MISSING_FIELD } else { &rule::EXCLUSIVE_FIELDS };
            return self.report.error(rule, location, at, message, AwsError::schema(words, location));
        }
        let comparisons: Vec<&str> =
            COMPARISONS.iter().map(|field| field.name).filter(|name| rule.get(name).is_some()).collect();
        match (rule.get("Variable"), &comparisons[..]) {
            (Some(_), []) if scope.is_jsonpath() => {
                self.report.schema_error(
                    &rule::MISSING_FIELD,
                    location,
                    at,
                    "a rule with `Variable` needs a comparison operator",
                );
            }
            (Some(_), [first, second, ..]) => {
                let at = rule.get(second).map_or(at, |member| member.at);
                let message = format!("a rule has one comparison operator; this has `{first}` and `{second}`");
                self.report.schema_error(&rule::EXCLUSIVE_FIELDS, &location.field(second), at, message);
            }
            (None, [first, ..]) if scope.is_jsonpath() => {
                let at = rule.get(first).map_or(at, |member| member.at);
                let message = format!("`{first}` needs a `Variable` in the same rule");
                self.report.schema_error(&rule::EXCLUSIVE_FIELDS, &location.field(first), at, message);
            }
            _ => {}
        }
    }
}

fn all_fields(object_type: &'static ObjectType) -> impl Iterator<Item = &'static Field> {
    object_type.fields.iter().chain(RULE_FIELDS).chain(COMPARISONS)
}
