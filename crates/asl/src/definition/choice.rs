use serde_json::{Map as Object, Value};

use super::fields::CatchFlow;
use super::machine::StateId;
use super::parse::{Location, Parser};
use crate::jsonata::Expression;
use crate::path::Path;
use crate::time::Instant;

/// A rule of a Choice state.
#[derive(Debug)]
pub struct Rule {
    /// When it matches.
    pub condition: Condition,
    /// The data fields: `Output`, `Assign`.
    pub(crate) flow: CatchFlow,
    /// `Next`
    pub next: StateId,
}

/// When a rule matches.
#[derive(Debug)]
pub enum Condition {
    /// `And`
    And(Vec<Condition>),
    /// `Or`
    Or(Vec<Condition>),
    /// `Not`
    Not(Box<Condition>),
    /// A comparison of the value at a path.
    Variable(Path, Comparison),
    /// `Condition` as an expression
    Expression(Expression),
    /// `Condition` as true or false
    Constant(bool),
}

/// The comparison of the value at the path of a rule.
#[derive(Debug)]
pub enum Comparison {
    /// `IsNull`, `IsPresent`, `IsNumeric`, `IsString`, `IsBoolean`, `IsTimestamp`
    Is(Kind, bool),
    /// `StringMatches`
    Matches(Vec<Glob>),
    /// With a value of the definition.
    Value(Operator, Operand),
    /// With the value at another path.
    Path(Operator, OperandType, Path),
}

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// null
    Null,
    /// Present, with any value
    Present,
    /// A number
    Numeric,
    /// A string
    String,
    /// true or false
    Boolean,
    /// A string that is a timestamp
    Timestamp,
}

/// A part of a `StringMatches` pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glob {
    /// This text.
    Text(String),
    /// `*`: any text.
    Any,
}

/// An order between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// the same
    Equals,
    /// less
    LessThan,
    /// less or the same
    LessThanEquals,
    /// greater
    GreaterThan,
    /// greater or the same
    GreaterThanEquals,
}

/// The types that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandType {
    /// `StringEquals` and its like
    String,
    /// `NumericEquals` and its like
    Numeric,
    /// `BooleanEquals`
    Boolean,
    /// `TimestampEquals` and its like
    Timestamp,
}

/// A value in the definition.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A text
    String(String),
    /// A number
    Numeric(serde_json::Number),
    /// true or false
    Boolean(bool),
    /// A point in time
    Timestamp(TimeOperand),
}

/// A point in time of a definition.
#[derive(Debug, Clone, Copy)]
pub struct TimeOperand(pub(crate) Instant);

impl Rule {
    /// The condition, if it is an expression.
    #[must_use]
    pub fn expression(&self) -> Option<&Expression> {
        match &self.condition {
            Condition::Expression(expression) => Some(expression),
            _ => None,
        }
    }
}

impl Operator {
    /// Whether the operator holds for two values in this order.
    #[must_use]
    pub fn accepts(self, order: std::cmp::Ordering) -> bool {
        match self {
            Operator::Equals => order.is_eq(),
            Operator::LessThan => order.is_lt(),
            Operator::LessThanEquals => order.is_le(),
            Operator::GreaterThan => order.is_gt(),
            Operator::GreaterThanEquals => order.is_ge(),
        }
    }
}

/// How deeply conditions may be nested.
const MAX_DEPTH: usize = 64;

/// Reads a condition.
pub(super) fn condition(
    parser: &mut Parser,
    map: &Object<String, Value>,
    location: &Location,
    depth: usize,
) -> Option<Condition> {
    if depth > MAX_DEPTH {
        parser.problem(location, "conditions are nested too deeply");
        return None;
    }
    for (field, make) in [("And", Condition::And as fn(Vec<Condition>) -> Condition), ("Or", Condition::Or)] {
        if map.contains_key(field) {
            let location = location.field(field);
            let parts = parser.list(map, field, &location);
            let mut all = Vec::with_capacity(parts.len());
            for (at, part) in parts.iter().enumerate() {
                let location = location.item(at);
                match part.as_object() {
                    Some(part) => all.extend(condition(parser, part, &location, depth + 1)),
                    None => parser.problem(&location, "a condition must be an object"),
                }
            }
            return Some(make(all));
        }
    }
    if map.contains_key("Not") {
        let inner = parser.object(map, "Not", location)?;
        return condition(parser, inner, &location.field("Not"), depth + 1)
            .map(|inner| Condition::Not(Box::new(inner)));
    }
    if !map.contains_key("Variable") {
        parser.problem(&location.field("Variable"), "a condition needs `Variable`, `And`, `Or` or `Not`");
        return None;
    }
    let variable = parser.path(map, "Variable", location);
    let found = map.iter().find_map(|(field, value)| Some((field, comparison_of(field)?, value)));
    let Some((field, form, value)) = found else {
        parser.problem(location, "a condition with `Variable` needs a comparison operator");
        return None;
    };
    let comparison = comparison(parser, map, field, form, value, location);
    Some(Condition::Variable(variable?, comparison?))
}

enum Form {
    Is(Kind),
    Matches,
    Value(Operator, OperandType),
    Path(Operator, OperandType),
}

fn comparison_of(field: &str) -> Option<Form> {
    let kind = match field {
        "IsNull" => Kind::Null,
        "IsPresent" => Kind::Present,
        "IsNumeric" => Kind::Numeric,
        "IsString" => Kind::String,
        "IsBoolean" => Kind::Boolean,
        "IsTimestamp" => Kind::Timestamp,
        "StringMatches" => return Some(Form::Matches),
        _ => {
            let (name, is_path) = match field.strip_suffix("Path") {
                Some(name) => (name, true),
                None => (field, false),
            };
            let types = [
                ("String", OperandType::String),
                ("Numeric", OperandType::Numeric),
                ("Boolean", OperandType::Boolean),
                ("Timestamp", OperandType::Timestamp),
            ];
            let (operand_type, operator) =
                types.into_iter().find_map(|(prefix, kind)| Some((kind, name.strip_prefix(prefix)?)))?;
            let operator = match operator {
                "Equals" => Operator::Equals,
                _ if operand_type == OperandType::Boolean => return None,
                "LessThan" => Operator::LessThan,
                "LessThanEquals" => Operator::LessThanEquals,
                "GreaterThan" => Operator::GreaterThan,
                "GreaterThanEquals" => Operator::GreaterThanEquals,
                _ => return None,
            };
            return Some(if is_path {
                Form::Path(operator, operand_type)
            } else {
                Form::Value(operator, operand_type)
            });
        }
    };
    Some(Form::Is(kind))
}

fn comparison(
    parser: &mut Parser,
    map: &Object<String, Value>,
    field: &str,
    form: Form,
    value: &Value,
    location: &Location,
) -> Option<Comparison> {
    let comparison = match form {
        Form::Is(kind) => value.as_bool().map(|wanted| Comparison::Is(kind, wanted)),
        Form::Matches => value.as_str().and_then(glob).map(Comparison::Matches),
        Form::Path(operator, operand_type) => {
            return parser.path(map, field, location).map(|path| Comparison::Path(operator, operand_type, path));
        }
        Form::Value(operator, operand_type) => {
            let operand = match operand_type {
                OperandType::String => value.as_str().map(|text| Operand::String(text.to_owned())),
                OperandType::Numeric => value.as_number().map(|number| Operand::Numeric(number.clone())),
                OperandType::Boolean => value.as_bool().map(Operand::Boolean),
                OperandType::Timestamp => {
                    value.as_str().and_then(Instant::parse).map(|instant| Operand::Timestamp(TimeOperand(instant)))
                }
            };
            operand.map(|operand| Comparison::Value(operator, operand))
        }
    };
    if comparison.is_none() {
        parser.problem(&location.field(field), "the value does not have the type of the comparison operator");
    }
    comparison
}

/// The parts of a `StringMatches` pattern, in which `*` matches any text and `\` escapes `*` and itself.
fn glob(pattern: &str) -> Option<Vec<Glob>> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => text.push(chars.next()?),
            '*' => {
                if !text.is_empty() {
                    parts.push(Glob::Text(std::mem::take(&mut text)));
                }
                if parts.last() != Some(&Glob::Any) {
                    parts.push(Glob::Any);
                }
            }
            c => text.push(c),
        }
    }
    if !text.is_empty() {
        parts.push(Glob::Text(text));
    }
    Some(parts)
}
