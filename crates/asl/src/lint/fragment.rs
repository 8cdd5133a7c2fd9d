//! What can be said of a part of a definition.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::place::Place;
use crate::source::{Node, Object, Value};

impl Checker<'_, '_> {
    /// Checks all that holds states, retriers, catchers or templates, wherever it stands.
    pub(super) fn fragment(&mut self, root: &Node<'_>) {
        let language = Language::JsonPath;
        let kind = self.options.kind;
        let scope = Scope { machine: language, language, kind, mixed: false, catching: false, state: "" };
        self.part(root, &Place::ROOT, scope);
    }

    fn part(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => {
                self.part_object(object, place, scope);
                for member in object.effective() {
                    self.part(&member.value, &place.field(&member.name), scope);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.part(item, &place.item(index), scope);
                }
            }
            _ => {}
        }
    }

    fn part_object(&mut self, object: &Object<'_>, place: &Place<'_>, scope: Scope<'_>) {
        if let Some(states) = object.get("States").and_then(|states| states.value.as_object()) {
            let states_place = place.field("States");
            for member in states.members() {
                self.state_name(member, &states_place.field(&member.name));
            }
            self.within(object, place, false);
        }
        for name in ["Retry", "Catch"] {
            if let Some(list) = object.get(name) {
                self.wildcards_last(&list.value, &place.field(name));
            }
        }
        // whether a part is of JSONPath or JSONata, only a `QueryLanguage` of its own tells
        let jsonata = object.get("QueryLanguage").is_some_and(|language| language.value.as_str() == Some("JSONata"));
        for name in ["Parameters", "ResultSelector", "ItemSelector"] {
            if let Some(template) = object.get(name).filter(|_| object.get("Type").is_some() && !jsonata) {
                self.template(&template.value, &place.field(name), scope);
            }
        }
    }
}
