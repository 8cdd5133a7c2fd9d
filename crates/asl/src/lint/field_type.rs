//! The types of fields, and the check of a value against its type.

use super::check::{Checker, Scope};
use super::fields::{self, Language, ObjectType};
use super::location::Location;
use super::report::AwsError;
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

/// What a path is used for; it decides which paths are allowed.
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

/// The type of a field's value.
#[derive(Debug)]
pub(super) enum FieldType {
    /// Anything.
    Any,
    /// Any JSON, never evaluated.
    StaticData,
    /// A string or an expression.
    String,
    /// A string.
    LiteralString,
    /// True or false.
    LiteralBoolean,
    /// An integer or an expression.
    Integer(Bounds),
    /// An integer.
    LiteralInteger(Bounds),
    /// A number or an expression.
    Number { min: f64, max: f64 },
    /// A number.
    LiteralNumber { min: f64, max: f64 },
    /// One of these strings.
    Enumeration(&'static [&'static str]),
    /// Strings, or an expression.
    Strings,
    /// A time as RFC 3339 writes it, or an expression.
    Timestamp,
    /// A path.
    Path(PathUse),
    /// A payload template of JSONPath.
    PayloadTemplate,
    /// JSON with JSONata expressions in it.
    JsonataData,
    /// A payload template in JSONPath, data with expressions in JSONata.
    TemplateOrData,
    /// Variables to assign.
    Assign,
    /// True, false or an expression.
    Condition,
    /// The states of a machine, a branch or an item processor.
    States,
    /// An object.
    Object(&'static ObjectType),
    /// The retriers of a state.
    Retry,
    /// The catchers of a state.
    Catch,
    /// The rules of a Choice state.
    Choices,
    /// The branches of a Parallel state.
    Branches,
    /// Nested rules of a Choice state.
    NestedRules,
    /// One nested rule.
    NestedRule,
    /// The error names of a retrier or a catcher.
    ErrorNames,
    /// The `Resource` of a task.
    Resource,
    /// The `Credentials` of a task.
    Credentials,
    /// The configuration of an item processor.
    ProcessorConfig,
    /// The `Resource` of an `ItemReader`.
    ReaderResource,
    /// The `ReaderConfig` of an `ItemReader`.
    ReaderConfig,
    /// The `Resource` of a `ResultWriter`.
    WriterResource,
    /// The `Label` of a distributed map.
    Label,
}

impl Checker<'_, '_> {
    /// Checks the value of the field `name`.
    pub(super) fn value(
        &mut self,
        field_type: &'static FieldType,
        name: &str,
        node: &Node<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
    ) {
        if matches!(node.value, Value::Placeholder(_)) {
            return;
        }
        let expression = !scope.is_jsonpath() && node.as_str().is_some_and(expression::is_meant);
        match field_type {
            FieldType::Any => {}
            FieldType::StaticData => self.fixed(node, location),
            FieldType::String
            | FieldType::Strings
            | FieldType::Integer(_)
            | FieldType::Number { .. }
            | FieldType::Timestamp
            | FieldType::Condition
                if expression =>
            {
                self.expression(node, location, scope);
            }
            FieldType::String => {
                if let Some(text) = self.string(node, location) {
                    self.literal_text(name, text, node, location, scope);
                }
            }
            FieldType::LiteralString => {
                self.string(node, location);
            }
            FieldType::LiteralBoolean | FieldType::Condition => {
                if node.as_bool().is_none() {
                    self.wrong_type(node, location, "BOOLEAN", "true or false");
                }
            }
            FieldType::Integer(bounds) | FieldType::LiteralInteger(bounds) => self.integer(*bounds, node, location),
            FieldType::Number { min, max } | FieldType::LiteralNumber { min, max } => {
                self.number(*min, *max, node, location)
            }
            FieldType::Enumeration(values) => self.one_of(values, node, location),
            FieldType::Strings => self.strings(node, location),
            FieldType::Timestamp => self.timestamp(node, location),
            FieldType::Path(role) => self.path(*role, name, node, location, scope),
            FieldType::PayloadTemplate => self.template(node, location, scope),
            FieldType::JsonataData => self.data(node, location, scope),
            FieldType::TemplateOrData => match scope.language {
                Some(Language::Jsonata) => self.data(node, location, scope),
                Some(Language::JsonPath) => self.template(node, location, scope),
                None => {}
            },
            FieldType::Assign => self.assign(node, location, scope),
            FieldType::States => self.states(node, location, scope),
            FieldType::Object(object_type) => {
                if let Some(object) = self.object(node, location) {
                    let scope = self.scope_of_processor(name, object, scope);
                    self.check_object(object_type, object, location, node.at, scope);
                }
            }
            FieldType::Retry => {
                self.list(&fields::RETRIER, false, node, location, scope);
                self.wildcards_last(node, location);
            }
            FieldType::Catch => {
                self.list(&fields::CATCHER, false, node, location, Scope { catching: true, ..scope });
                self.wildcards_last(node, location);
            }
            FieldType::Choices => self.choices(node, location, scope),
            FieldType::Branches => self.list(&fields::BRANCH, true, node, location, scope),
            FieldType::NestedRules => self.rules(node, location, scope),
            FieldType::NestedRule => self.nested_rule(node, location, scope),
            FieldType::ErrorNames => self.error_names(node, location),
            FieldType::Resource => self.resource(node, location, scope),
            FieldType::Credentials => self.credentials(node, location, scope),
            FieldType::ProcessorConfig => self.processor_config(node, location, scope),
            FieldType::ReaderResource => self.reader(node, location),
            FieldType::ReaderConfig => self.reader_config(node, location, scope),
            FieldType::WriterResource => self.writer(node, location),
            FieldType::Label => self.label(node, location),
        }
    }

    /// The string. A value of another type is reported; a string with a placeholder is not to be checked.
    pub(super) fn string<'n>(&mut self, node: &'n Node<'_>, location: &Location<'_>) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.wrong_type(node, location, "STRING", "a string");
        }
        text.filter(|text| !self.has_placeholder(text))
    }

    /// The object; a value of another type is reported.
    pub(super) fn object<'n, 't>(
        &mut self,
        node: &'n Node<'t>,
        location: &Location<'_>,
    ) -> Option<&'n crate::source::Object<'t>> {
        let object = node.as_object();
        if object.is_none() {
            self.wrong_type(node, location, "OBJECT", "an object");
        }
        object
    }

    /// The items of the array; a value of another type is reported.
    pub(super) fn array<'n, 't>(&mut self, node: &'n Node<'t>, location: &Location<'_>) -> Option<&'n [Node<'t>]> {
        let items = node.as_array();
        if items.is_none() {
            self.wrong_type(node, location, "ARRAY", "an array");
        }
        items
    }

    /// Reports a value of the wrong type: `kind` is the type as Step Functions writes it, `words` is it in English.
    pub(super) fn wrong_type(&mut self, node: &Node<'_>, location: &Location<'_>, kind: &str, words: &str) {
        if self.passes_as_placeholder(node, location, words) {
            return;
        }
        let aws_error = AwsError::schema(format!("Expected value of type [{kind}]"), location);
        let found = match node.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            Value::Placeholder(_) => "a placeholder",
        };
        self.report.error(&rule::TYPE, location, node.at, format!("expected {words}, found {found}"), aws_error);
    }

    fn integer(&mut self, bounds: Bounds, node: &Node<'_>, location: &Location<'_>) {
        let Value::Number(literal) = &node.value else {
            if self.passes_as_placeholder(node, location, "an integer") {
                return;
            }
            let aws_error = AwsError::schema("Expected value of type Integer", location);
            return self.report.error(&rule::TYPE, location, node.at, "expected an integer", aws_error);
        };
        let min = if self.options.rules == Rules::Specification { bounds.specification_min } else { bounds.min };
        match literal.parse::<i128>() {
            // a number of more digits than an i128 has, in a field without an upper limit
            Err(_) if literal.bytes().all(|byte| byte.is_ascii_digit()) && bounds.max == i64::MAX => {}
            Err(_) => {
                let aws_error = AwsError::schema("Expected value of type Integer", location);
                self.report.error(&rule::TYPE, location, node.at, format!("`{literal}` is not an integer"), aws_error);
            }
            Ok(value) if value < i128::from(min) => {
                let aws_error = AwsError::schema(format!("Minimum value is {min}"), location);
                self.report.error(&rule::RANGE, location, node.at, format!("{value} is less than {min}"), aws_error);
            }
            Ok(value) if value > i128::from(bounds.max) && bounds.max != i64::MAX => {
                let aws_error = AwsError::schema(format!("Maximum value is {}", bounds.max), location);
                self.report.error(
                    &rule::RANGE,
                    location,
                    node.at,
                    format!("{value} is more than {}", bounds.max),
                    aws_error,
                );
            }
            Ok(_) => {}
        }
    }

    fn number(&mut self, min: f64, max: f64, node: &Node<'_>, location: &Location<'_>) {
        match node.as_f64() {
            None if self.passes_as_placeholder(node, location, "a number") => {}
            None => self.report.schema_error(&rule::TYPE, location, node.at, "expected a number"),
            Some(value) if value < min => {
                let aws_error = AwsError::schema(format!("Minimum value is {min:?}"), location);
                self.report.error(&rule::RANGE, location, node.at, format!("{value} is less than {min}"), aws_error);
            }
            Some(value) if value > max => {
                let aws_error = AwsError::schema(format!("Maximum value is {max:?}"), location);
                self.report.error(&rule::RANGE, location, node.at, format!("{value} is more than {max}"), aws_error);
            }
            Some(_) => {}
        }
    }

    pub(super) fn one_of(&mut self, values: &[&str], node: &Node<'_>, location: &Location<'_>) {
        let Some(text) = self.string(node, location) else { return };
        if !values.contains(&text) {
            let list = values.join(", ");
            let aws_error = AwsError::schema(format!("Value should be one of the following: [{list}]"), location);
            self.report.error(
                &rule::ENUMERATION,
                location,
                node.at,
                format!("`{text}` is not one of {list}"),
                aws_error,
            );
        }
    }

    fn strings(&mut self, node: &Node<'_>, location: &Location<'_>) {
        for (index, item) in self.array(node, location).unwrap_or_default().iter().enumerate() {
            self.string(item, &location.item(index));
        }
    }

    fn timestamp(&mut self, node: &Node<'_>, location: &Location<'_>) {
        let Some(text) = self.string(node, location) else { return };
        if !timestamp::is_rfc3339(text) {
            let aws_error = AwsError::schema("String does not match RFC3339 timestamp", location);
            let message = format!("`{text}` is not an RFC 3339 timestamp such as 2024-01-31T10:00:00Z");
            self.report.error(&rule::TIMESTAMP, location, node.at, message, aws_error);
        }
    }

    fn list(
        &mut self,
        items: &'static ObjectType,
        required: bool,
        node: &Node<'_>,
        location: &Location<'_>,
        scope: Scope<'_>,
    ) {
        for (index, item) in self.items(required, node, location).iter().enumerate() {
            let location = location.item(index);
            if let Some(object) = self.object(item, &location) {
                self.check_object(items, object, &location, item.at, scope);
            }
        }
    }

    /// The items of an array. A value that is no array, and an empty one that is `required` to have items, is an error.
    pub(super) fn items<'n, 't>(
        &mut self,
        required: bool,
        node: &'n Node<'t>,
        location: &Location<'_>,
    ) -> &'n [Node<'t>] {
        let items = self.array(node, location);
        if required && items.is_some_and(<[_]>::is_empty) {
            let aws_error = AwsError::schema("Value cannot be empty", location);
            self.report.error(&rule::EMPTY, location, node.at, "the list is empty", aws_error);
        }
        items.unwrap_or_default()
    }
}
