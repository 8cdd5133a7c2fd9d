//! The rules of Choice states.

use super::check::{Checker, Scope};
use super::choice_fields::{COMPARISONS, NESTED_RULE, RULE, RULE_FIELDS, RULE_KINDS};
use super::fields::{Field, Language, Spec};
use super::place::Place;
use super::report::Wording;
use super::rule;
use crate::source::{Node, Object};

impl Checker<'_, '_> {
    /// Checks `Choices`.
    pub(super) fn choices(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        for (index, item) in self.items(true, node, place).iter().enumerate() {
            self.rule(item, &place.item(index), scope, &RULE);
        }
    }

    /// Checks `And` and `Or`.
    pub(super) fn rules(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        for (index, item) in self.items(true, node, place).iter().enumerate() {
            self.nested_rule(item, &place.item(index), scope);
        }
    }

    /// Checks `Not`, or an item of `And` and `Or`.
    pub(super) fn nested_rule(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        self.rule(node, place, scope, &NESTED_RULE);
    }

    fn rule(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>, spec: &'static Spec) {
        let Some(rule) = self.object(node, place) else { return };
        let find = |name: &str| all_fields(spec).find(|field| field.name == name);
        self.known_fields(rule, place, scope, find);
        self.required(spec.required, rule, place, node.at);
        self.kind_of_rule(rule, place, node.at, scope);
        self.values(rule, place, scope, find);
    }

    /// Demands one of `And`, `Or`, `Not`, `Variable`, `Condition`, and with `Variable` one comparison.
    fn kind_of_rule(&mut self, rule: &Object<'_>, place: &Place<'_>, at: usize, scope: Scope<'_>) {
        let has = |name: &&&str| rule.get(name).is_some();
        let kinds = RULE_KINDS.iter().filter(has).count();
        if kinds != 1 {
            let list = RULE_KINDS.join(", ");
            let words = format!("The object must have only one of the following fields, [{list}]");
            let message = format!("a rule has one of {list}; this has {}", if kinds == 0 { "none" } else { "several" });
            let rule = if kinds == 0 { &rule::MISSING_FIELD } else { &rule::EXCLUSIVE_FIELDS };
            return self.report.error(rule, place, at, message, Wording::schema(words, place));
        }
        let comparisons: Vec<&str> =
            COMPARISONS.iter().map(|field| field.name).filter(|name| rule.get(name).is_some()).collect();
        match (rule.get("Variable"), &comparisons[..]) {
            (Some(_), []) if scope.language == Language::JsonPath => {
                self.report.refuse(&rule::MISSING_FIELD, place, at, "the rule compares `Variable` with nothing");
            }
            (Some(_), [first, second, ..]) => {
                let at = rule.get(second).map_or(at, |member| member.at);
                let message = format!("a rule has one comparison; `{first}` and `{second}` are two");
                self.report.refuse(&rule::EXCLUSIVE_FIELDS, &place.field(second), at, message);
            }
            (None, [first, ..]) if scope.language == Language::JsonPath => {
                let at = rule.get(first).map_or(at, |member| member.at);
                let message = format!("`{first}` compares a `Variable`, and there is none beside it");
                self.report.refuse(&rule::EXCLUSIVE_FIELDS, &place.field(first), at, message);
            }
            _ => {}
        }
    }
}

fn all_fields(spec: &'static Spec) -> impl Iterator<Item = &'static Field> {
    spec.fields.iter().chain(RULE_FIELDS).chain(COMPARISONS)
}
