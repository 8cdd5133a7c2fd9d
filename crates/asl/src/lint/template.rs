//! Payload templates of JSONPath, data with JSONata expressions, and the variables that are assigned from either.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::place::Place;
use super::report::{Wording, aws_code};
use super::{expression, rule};
use crate::source::{Node, Object, Value};

impl Checker<'_, '_> {
    /// Checks a payload template: fields that end in `.$` hold a path or a call of an intrinsic function.
    pub(super) fn template(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => self.template_fields(object, place, scope),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.template(item, &place.item(index), scope);
                }
            }
            Value::String(text) => self.literal_text(".$", text, node, place, scope),
            _ => {}
        }
    }

    fn template_fields(&mut self, object: &Object<'_>, place: &Place<'_>, scope: Scope<'_>) {
        for member in object.effective() {
            let here = place.field(&member.name);
            if !member.name.ends_with(".$") {
                self.template(&member.value, &here, scope);
                continue;
            }
            let checked = match member.value.as_str() {
                Some(text) => self.query(text, &member.value, &here, scope),
                None => Err("the value is not a string".to_owned()),
            };
            if let Err(reason) = checked {
                let name = &member.name;
                let words = format!(
                    "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                );
                let message = format!("`{name}` must hold a path or a call of an intrinsic function: {reason}");
                self.report.error(&rule::TEMPLATE, &here, member.value.at, message, Wording::schema(words, place));
            }
        }
    }

    /// Checks data in which strings within `{% %}` are expressions.
    pub(super) fn data(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => {
                for member in object.effective() {
                    self.data(&member.value, &place.field(&member.name), scope);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.data(item, &place.item(index), scope);
                }
            }
            Value::String(text) if expression::is_meant(text) => self.expression(node, place, scope),
            _ => {}
        }
    }

    /// Checks `Assign`.
    pub(super) fn assign(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(object) = self.object(node, place) else { return };
        for member in object.effective() {
            let here = place.field(&member.name);
            let name = match scope.language {
                Language::JsonPath => member.name.strip_suffix(".$").unwrap_or(&member.name),
                Language::Jsonata => &member.name,
            };
            if name == "states" {
                let wording =
                    Wording::known(aws_code::RESERVED_NAME, "Cannot assign to reserved variable '$states'.", &here);
                self.report.error(&rule::VARIABLE_NAME, &here, member.at, "`states` is a reserved name", wording);
            } else if name.chars().count() > 80 {
                let wording = Wording::unknown(aws_code::VARIABLE_NAME, &here);
                let message = "the name of the variable is longer than 80 characters";
                self.report.error(&rule::VARIABLE_NAME, &here, member.at, message, wording);
            } else if !is_variable_name(name) {
                let words = format!("Invalid variable name '{name}': the variable name contains invalid characters.");
                let message = format!("`{name}` is no name of a variable: letters, digits and `_`, a letter first");
                let wording = Wording::known(aws_code::VARIABLE_NAME, words, &here);
                self.report.error(&rule::VARIABLE_NAME, &here, member.at, message, wording);
            }
        }
        match scope.language {
            Language::JsonPath => self.template_fields(object, place, scope),
            Language::Jsonata => self.data(node, place, scope),
        }
    }

    /// Warns of a text that is meant to be evaluated where it is not.
    pub(super) fn literal_text(
        &mut self,
        field: &str,
        text: &str,
        node: &Node<'_>,
        place: &Place<'_>,
        scope: Scope<'_>,
    ) {
        if scope.language != Language::JsonPath {
            return;
        }
        let path = text.starts_with("$.") || text.starts_with("$$.") || text.starts_with("$[");
        let call = text.starts_with("States.") && text.ends_with(')');
        let advice = match field {
            ".$" => "the field's name does not end in `.$`".to_owned(),
            _ => format!("the field is not `{field}Path`"),
        };
        if path || call {
            let message = format!("`{text}` is taken as it is, for {advice}");
            self.report.warn(&rule::LITERAL_PATH, place, node.at, message);
        } else if text.starts_with("{%") && text.ends_with("%}") {
            let message = "the expression is taken as it is, for the query language here is JSONPath";
            self.report.warn(&rule::LITERAL_PATH, place, node.at, message);
        }
    }

    /// Warns of what looks evaluated in `Result`, which never is.
    pub(super) fn fixed(&mut self, node: &Node<'_>, place: &Place<'_>) {
        match &node.value {
            Value::Object(object) => {
                for member in object.effective() {
                    let here = place.field(&member.name);
                    let query =
                        member.value.as_str().is_some_and(|text| text.starts_with('$') || text.starts_with("States."));
                    if member.name.ends_with(".$") && query {
                        let message = format!("`{}` is taken as it is: `Result` is not evaluated", member.name);
                        self.report.warn(&rule::STATIC_RESULT, &here, member.at, message);
                    } else {
                        self.fixed(&member.value, &here);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.fixed(item, &place.item(index));
                }
            }
            _ => {}
        }
    }
}

/// A name as identifiers are in Unicode: a letter, then letters, marks, digits and `_`. What is beyond ASCII is not told
/// apart: it holds few characters that no name has.
fn is_variable_name(name: &str) -> bool {
    let fits = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || fits(c) && !c.is_numeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || fits(c))
}
