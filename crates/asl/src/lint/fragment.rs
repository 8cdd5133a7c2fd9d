//! The check of a part of a definition.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::location::Location;
use crate::source::{Node, Object, Value};

impl Checker<'_, '_> {
    /// Checks every object that has states, retriers, catchers or payload templates, at any depth.
    pub(super) fn fragment(&mut self, root: &Node<'_>) {
        let scope = Scope::of_machine(Some(Language::JsonPath), self.options.kind);
        self.part(root, &Location::ROOT, scope);
    }

    fn part(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => {
                self.part_object(object, location, scope);
                for member in object.effective() {
                    self.part(&member.value, &location.field(&member.name), scope);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.part(item, &location.item(index), scope);
                }
            }
            _ => {}
        }
    }

    fn part_object(&mut self, object: &Object<'_>, location: &Location<'_>, scope: Scope<'_>) {
        if let Some(states) = object.get("States").and_then(|states| states.value.as_object()) {
            let states_location = location.field("States");
            for member in states.members() {
                self.state_name(member, &states_location.field(&member.name));
            }
            self.check_transitions(object, location, false);
        }
        for name in ["Retry", "Catch"] {
            if let Some(list) = object.get(name) {
                self.wildcards_last(&list.value, &location.field(name));
            }
        }
        // the query language of the state machine is not known here; only a `QueryLanguage` of its own makes it JSONata
        let jsonata = object.get("QueryLanguage").is_some_and(|language| language.value.as_str() == Some("JSONata"));
        for name in ["Parameters", "ResultSelector", "ItemSelector"] {
            if let Some(template) = object.get(name).filter(|_| object.get("Type").is_some() && !jsonata) {
                self.template(&template.value, &location.field(name), scope);
            }
        }
    }
}
