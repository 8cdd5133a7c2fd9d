//! What a field's value looks like, and the check of values that need no more than their shape.

use super::check::{Checker, Scope};
use super::fields::{self, Language, Spec};
use super::place::Place;
use super::report::Wording;
use super::rule;
use super::{Rules, expression, timestamp};
use crate::source::{Node, Value};

/// The range of an integer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) min: i64,
    pub(super) max: i64,
    /// The least value by the specification, where Step Functions allows less.
    pub(super) specification_min: i64,
}

/// What a path is used for, which decides what it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathUse {
    /// `InputPath` and `OutputPath`: any path, or null.
    Value,
    /// `ResultPath`: a reference path into the input, or null.
    Result,
    /// A reference path, into the context object too.
    Reference,
    /// A reference path to a number of a Map state, which is not read from the context object.
    Count,
    /// `Variable` and what it is compared with: a path, into the context object too.
    Variable,
    /// `ErrorPath` and `CausePath`: a reference path or an intrinsic function.
    Text,
}

/// What a field's value looks like.
#[derive(Debug)]
pub(super) enum Shape {
    /// Anything.
    Any,
    /// Anything, never evaluated.
    Fixed,
    /// A string that may be an expression.
    Text,
    /// A string.
    Literal,
    /// True or false.
    Flag,
    /// An integer or an expression.
    Integer(Bounds),
    /// An integer.
    FixedInteger(Bounds),
    /// A number or an expression.
    Number { min: f64, max: f64 },
    /// A number.
    FixedNumber { min: f64, max: f64 },
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// Strings, or an expression.
    Strings,
    /// A time as RFC 3339 writes it, or an expression.
    Timestamp,
    /// A path.
    Path(PathUse),
    /// A payload template of JSONPath.
    Template,
    /// Data with JSONata expressions in it.
    Data,
    /// A payload template or data with expressions, by the query language.
    Either,
    /// Variables to assign.
    Assign,
    /// A truth value or an expression.
    Condition,
    /// The states of a machine, a branch or an item processor.
    States,
    /// An object.
    Object(&'static Spec),
    /// The retriers of a state.
    Retry,
    /// The catchers of a state.
    Catch,
    /// The rules of a Choice state.
    Choices,
    /// The branches of a Parallel state.
    Branches,
    /// Nested rules of a Choice state.
    Rules,
    /// One nested rule.
    Rule,
    /// The error names of a retrier or a catcher.
    ErrorNames,
    /// What a task calls.
    Resource,
    /// The role of a task.
    Credentials,
    /// The configuration of an item processor.
    Processor,
    /// What a distributed map reads its items with.
    Reader,
    /// How a distributed map reads its items.
    ReaderConfig,
    /// What a distributed map writes its results with.
    Writer,
    /// The label of a map.
    Label,
}

impl Checker<'_, '_> {
    /// Checks a field's value; `name` is the field's.
    pub(super) fn value(
        &mut self,
        shape: &'static Shape,
        name: &str,
        node: &Node<'_>,
        place: &Place<'_>,
        scope: Scope<'_>,
    ) {
        let expression = scope.language == Language::Jsonata && node.as_str().is_some_and(expression::is_meant);
        match shape {
            Shape::Any => {}
            Shape::Fixed => self.fixed(node, place),
            Shape::Text
            | Shape::Strings
            | Shape::Integer(_)
            | Shape::Number { .. }
            | Shape::Timestamp
            | Shape::Condition
                if expression =>
            {
                self.expression(node, place, scope);
            }
            Shape::Text => {
                if let Some(text) = self.string(node, place) {
                    self.literal_text(name, text, node, place, scope);
                }
            }
            Shape::Literal => {
                self.string(node, place);
            }
            Shape::Flag | Shape::Condition => {
                if node.as_bool().is_none() {
                    self.wrong_type(node, place, "BOOLEAN", "true or false");
                }
            }
            Shape::Integer(bounds) | Shape::FixedInteger(bounds) => self.integer(*bounds, node, place),
            Shape::Number { min, max } | Shape::FixedNumber { min, max } => self.number(*min, *max, node, place),
            Shape::OneOf(values) => self.one_of(values, node, place),
            Shape::Strings => self.strings(node, place),
            Shape::Timestamp => self.timestamp(node, place),
            Shape::Path(role) => self.path(*role, name, node, place, scope),
            Shape::Template => self.template(node, place, scope),
            Shape::Data => self.data(node, place, scope),
            Shape::Either if scope.language == Language::Jsonata => self.data(node, place, scope),
            Shape::Either => self.template(node, place, scope),
            Shape::Assign => self.assign(node, place, scope),
            Shape::States => self.states(node, place, scope),
            Shape::Object(spec) => {
                if let Some(object) = self.object(node, place) {
                    let scope = self.scope_of_processor(name, object, scope);
                    self.against(spec, object, place, node.at, scope);
                }
            }
            Shape::Retry => {
                self.list(&fields::RETRIER, false, node, place, scope);
                self.wildcards_last(node, place);
            }
            Shape::Catch => {
                self.list(&fields::CATCHER, false, node, place, Scope { catching: true, ..scope });
                self.wildcards_last(node, place);
            }
            Shape::Choices => self.choices(node, place, scope),
            Shape::Branches => self.list(&fields::BRANCH, true, node, place, scope),
            Shape::Rules => self.rules(node, place, scope),
            Shape::Rule => self.nested_rule(node, place, scope),
            Shape::ErrorNames => self.error_names(node, place),
            Shape::Resource => self.resource(node, place, scope),
            Shape::Credentials => self.credentials(node, place, scope),
            Shape::Processor => self.processor_config(node, place, scope),
            Shape::Reader => self.reader(node, place),
            Shape::ReaderConfig => self.reader_config(node, place, scope),
            Shape::Writer => self.writer(node, place),
            Shape::Label => self.label(node, place),
        }
    }

    /// The string, or an error.
    pub(super) fn string<'n>(&mut self, node: &'n Node<'_>, place: &Place<'_>) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.wrong_type(node, place, "STRING", "a string");
        }
        text
    }

    /// The object, or an error.
    pub(super) fn object<'n, 't>(
        &mut self,
        node: &'n Node<'t>,
        place: &Place<'_>,
    ) -> Option<&'n crate::source::Object<'t>> {
        let object = node.as_object();
        if object.is_none() {
            self.wrong_type(node, place, "OBJECT", "an object");
        }
        object
    }

    /// The items of the array, or an error.
    pub(super) fn array<'n, 't>(&mut self, node: &'n Node<'t>, place: &Place<'_>) -> Option<&'n [Node<'t>]> {
        let items = node.as_array();
        if items.is_none() {
            self.wrong_type(node, place, "ARRAY", "an array");
        }
        items
    }

    pub(super) fn wrong_type(&mut self, node: &Node<'_>, place: &Place<'_>, kind: &str, words: &str) {
        let wording = Wording::schema(format!("Expected value of type [{kind}]"), place);
        let found = match node.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.report.error(&rule::TYPE, place, node.at, format!("expected {words}, found {found}"), wording);
    }

    fn integer(&mut self, bounds: Bounds, node: &Node<'_>, place: &Place<'_>) {
        let Value::Number(literal) = node.value else {
            let wording = Wording::schema("Expected value of type Integer", place);
            return self.report.error(&rule::TYPE, place, node.at, "expected an integer", wording);
        };
        let min = if self.options.rules == Rules::Specification { bounds.specification_min } else { bounds.min };
        match literal.parse::<i128>() {
            // more digits than any limit has
            Err(_) if literal.bytes().all(|byte| byte.is_ascii_digit()) && bounds.max == i64::MAX => {}
            Err(_) => {
                let wording = Wording::schema("Expected value of type Integer", place);
                self.report.error(&rule::TYPE, place, node.at, format!("`{literal}` is not an integer"), wording);
            }
            Ok(value) if value < i128::from(min) => {
                let wording = Wording::schema(format!("Minimum value is {min}"), place);
                self.report.error(&rule::RANGE, place, node.at, format!("{value} is less than {min}"), wording);
            }
            Ok(value) if value > i128::from(bounds.max) && bounds.max != i64::MAX => {
                let wording = Wording::schema(format!("Maximum value is {}", bounds.max), place);
                self.report.error(
                    &rule::RANGE,
                    place,
                    node.at,
                    format!("{value} is more than {}", bounds.max),
                    wording,
                );
            }
            Ok(_) => {}
        }
    }

    fn number(&mut self, min: f64, max: f64, node: &Node<'_>, place: &Place<'_>) {
        match node.as_f64() {
            None => self.refuse_number(node, place),
            Some(value) if value < min => {
                let wording = Wording::schema(format!("Minimum value is {min:?}"), place);
                self.report.error(&rule::RANGE, place, node.at, format!("{value} is less than {min}"), wording);
            }
            Some(value) if value > max => {
                let wording = Wording::schema(format!("Maximum value is {max:?}"), place);
                self.report.error(&rule::RANGE, place, node.at, format!("{value} is more than {max}"), wording);
            }
            Some(_) => {}
        }
    }

    fn refuse_number(&mut self, node: &Node<'_>, place: &Place<'_>) {
        self.report.refuse(&rule::TYPE, place, node.at, "expected a number");
    }

    pub(super) fn one_of(&mut self, values: &[&str], node: &Node<'_>, place: &Place<'_>) {
        let Some(text) = self.string(node, place) else { return };
        if !values.contains(&text) {
            let list = values.join(", ");
            let wording = Wording::schema(format!("Value should be one of the following: [{list}]"), place);
            self.report.error(&rule::ENUMERATION, place, node.at, format!("`{text}` is none of {list}"), wording);
        }
    }

    fn strings(&mut self, node: &Node<'_>, place: &Place<'_>) {
        for (index, item) in self.array(node, place).unwrap_or_default().iter().enumerate() {
            self.string(item, &place.item(index));
        }
    }

    fn timestamp(&mut self, node: &Node<'_>, place: &Place<'_>) {
        let Some(text) = self.string(node, place) else { return };
        if !timestamp::is_rfc3339(text) {
            let wording = Wording::schema("String does not match RFC3339 timestamp", place);
            let message = format!("`{text}` is not a time such as 2024-01-31T10:00:00Z");
            self.report.error(&rule::TIMESTAMP, place, node.at, message, wording);
        }
    }

    fn list(&mut self, items: &'static Spec, needed: bool, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        for (index, item) in self.items(needed, node, place).iter().enumerate() {
            let place = place.item(index);
            if let Some(object) = self.object(item, &place) {
                self.against(items, object, &place, item.at, scope);
            }
        }
    }

    /// The items of a list, with an error if it is none, or empty where it must not be.
    pub(super) fn items<'n, 't>(&mut self, needed: bool, node: &'n Node<'t>, place: &Place<'_>) -> &'n [Node<'t>] {
        let items = self.array(node, place);
        if needed && items.is_some_and(<[_]>::is_empty) {
            let wording = Wording::schema("Value cannot be empty", place);
            self.report.error(&rule::EMPTY, place, node.at, "the list is empty", wording);
        }
        items.unwrap_or_default()
    }
}
