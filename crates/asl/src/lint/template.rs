//! Payload templates of JSONPath, JSON with JSONata expressions, and `Assign`.

use super::check::{Checker, Scope};
use super::fields::Language;
use super::location::Location;
use super::report::{AwsError, aws_code};
use super::{expression, rule};
use crate::source::{Node, Object, Value};

impl Checker<'_, '_> {
    /// Checks a payload template: the value of a field that ends in `.$` is a path or a call of an intrinsic function.
    pub(super) fn template(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => self.template_fields(object, location, scope),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.template(item, &location.item(index), scope);
                }
            }
            Value::String(text) => self.literal_text(".$", text, node, location, scope),
            _ => {}
        }
    }

    fn template_fields(&mut self, object: &Object<'_>, location: &Location<'_>, scope: Scope<'_>) {
        for member in object.effective() {
            let here = location.field(&member.name);
            if !member.name.ends_with(".$") {
                self.template(&member.value, &here, scope);
                continue;
            }
            if self.is_open(&member.value) {
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
                let message =
                    format!("the value of `{name}` must be a path or a call of an intrinsic function: {reason}");
                self.report.error(&rule::TEMPLATE, &here, member.value.at, message, AwsError::schema(words, location));
            }
        }
    }

    /// Checks JSON in which strings within `{% %}` are expressions.
    pub(super) fn data(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        match &node.value {
            Value::Object(object) => {
                for member in object.effective() {
                    self.data(&member.value, &location.field(&member.name), scope);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.data(item, &location.item(index), scope);
                }
            }
            Value::String(text) if expression::is_meant(text) => self.expression(node, location, scope),
            _ => {}
        }
    }

    /// Checks `Assign`.
    pub(super) fn assign(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(object) = self.object(node, location) else { return };
        for member in object.effective() {
            let here = location.field(&member.name);
            let name = match scope.language {
                Some(Language::Jsonata) => &member.name,
                Some(Language::JsonPath) | None => member.name.strip_suffix(".$").unwrap_or(&member.name),
            };
            if self.has_placeholder(name) {
                continue;
            }
            if name == "states" {
                let aws_error =
                    AwsError::known(aws_code::RESERVED_NAME, "Cannot assign to reserved variable '$states'.", &here);
                self.report.error(
                    &rule::VARIABLE_NAME,
                    &here,
                    member.at,
                    "the variable name `states` is reserved",
                    aws_error,
                );
            } else if name.chars().count() > 80 {
                let aws_error = AwsError::unworded(aws_code::VARIABLE_NAME, &here);
                let message = "the variable name is longer than 80 characters";
                self.report.error(&rule::VARIABLE_NAME, &here, member.at, message, aws_error);
            } else if !is_variable_name(name) {
                let words = format!("Invalid variable name '{name}': the variable name contains invalid characters.");
                let message =
                    format!("`{name}` is not a variable name: use letters, digits and `_`, and start with a letter");
                let aws_error = AwsError::known(aws_code::VARIABLE_NAME, words, &here);
                self.report.error(&rule::VARIABLE_NAME, &here, member.at, message, aws_error);
            }
        }
        match scope.language {
            Some(Language::JsonPath) => self.template_fields(object, location, scope),
            Some(Language::Jsonata) => self.data(node, location, scope),
            None => {}
        }
    }

    /// Warns of a string that looks like a path, a call or an expression where Step Functions evaluates none.
    pub(super) fn literal_text(
        &mut self,
        field: &str,
        text: &str,
        node: &Node<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
    ) {
        if !scope.is_jsonpath() || self.has_placeholder(text) {
            return;
        }
        let path = text.starts_with("$.") || text.starts_with("$$.") || text.starts_with("$[");
        let call = text.starts_with("States.") && text.ends_with(')');
        let advice = match field {
            ".$" => "the name of the field does not end in `.$`".to_owned(),
            _ => format!("only `{field}Path` is evaluated"),
        };
        if path || call {
            let message = format!("`{text}` is not evaluated, because {advice}");
            self.report.warn(&rule::LITERAL_PATH, location, node.at, message);
        } else if text.starts_with("{%") && text.ends_with("%}") {
            let message = "the expression is not evaluated, because the query language is JSONPath";
            self.report.warn(&rule::LITERAL_PATH, location, node.at, message);
        }
    }

    /// Warns of a path or a call in `Result`, which Step Functions does not evaluate.
    pub(super) fn fixed(&mut self, node: &Node<'_>, location: &Location<'_>) {
        match &node.value {
            Value::Object(object) => {
                for member in object.effective() {
                    let here = location.field(&member.name);
                    let query =
                        member.value.as_str().is_some_and(|text| text.starts_with('$') || text.starts_with("States."));
                    if member.name.ends_with(".$") && query && !self.is_open(&member.value) {
                        let message = format!("`{}` is not evaluated, because `Result` is static", member.name);
                        self.report.warn(&rule::STATIC_RESULT, &here, member.at, message);
                    } else {
                        self.fixed(&member.value, &here);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.fixed(item, &location.item(index));
                }
            }
            _ => {}
        }
    }
}

/// Whether a name is an identifier: a letter, then letters, marks, digits and `_` (Unicode Standard Annex 31). Beyond ASCII
/// every character that is neither white space nor a control character passes.
fn is_variable_name(name: &str) -> bool {
    let fits = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    let first = name.chars().next();
    first.is_some_and(|c| c.is_ascii_alphabetic() || fits(c) && !c.is_numeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || fits(c))
}
