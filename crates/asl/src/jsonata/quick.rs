//! Expressions on numbers, booleans and strings that need no interpreter, such as `$states.input.i + 1` or `$i < $n`, which
//! count loops and choose branches. Every other case (a list on the way, an operand of another type, a number that is not
//! finite) is left to the interpreter, which gives the value or the error.

use jsonata_core::ast::{AstNode, BinaryOp, UnaryOp};
use serde_json::Value;

use super::eval::Bindings;
use super::lookup::{Found, Lookup};
use crate::number::number;

/// Operations within operations deeper than this are left to the interpreter.
const MAX_DEPTH: usize = 16;

/// Bytes of a text that is joined here.
const MAX_TEXT: usize = 1 << 18;

/// An expression of that kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Quick {
    Literal(Scalar),
    Lookup(Lookup),
    Negate(Box<Quick>),
    Binary(BinaryOp, Box<Quick>, Box<Quick>),
    Conditional(Box<Quick>, Box<Quick>, Box<Quick>),
}

/// A value that is neither a list nor an object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

impl Quick {
    /// Recognizes the syntax tree of such an expression.
    pub(super) fn of(node: &AstNode) -> Option<Quick> {
        Quick::within(node, MAX_DEPTH)
    }

    fn within(node: &AstNode, depth_left: usize) -> Option<Quick> {
        let depth_left = depth_left.checked_sub(1)?;
        let part = |node: &AstNode| Quick::within(node, depth_left).map(Box::new);
        Some(match node {
            AstNode::Null => Quick::Literal(Scalar::Null),
            AstNode::Boolean(flag) => Quick::Literal(Scalar::Bool(*flag)),
            AstNode::Number(value) => Quick::Literal(Scalar::Number(*value)),
            AstNode::String(text) => Quick::Literal(Scalar::Text(text.clone())),
            AstNode::Block(only) => match only.as_slice() {
                [only] => *part(only)?,
                _ => return None,
            },
            AstNode::Unary { op: UnaryOp::Negate, operand } => Quick::Negate(part(operand)?),
            AstNode::Binary { op, lhs, rhs } if is_known(*op) => Quick::Binary(*op, part(lhs)?, part(rhs)?),
            AstNode::Conditional { condition, then_branch, else_branch: Some(else_branch) } => {
                Quick::Conditional(part(condition)?, part(then_branch)?, part(else_branch)?)
            }
            other => Quick::Lookup(Lookup::of(other)?),
        })
    }

    /// The value, unless it is for the interpreter to say.
    pub(super) fn value(&self, bindings: &mut dyn Bindings) -> Option<Value> {
        Some(match self.scalar(bindings)? {
            Scalar::Null => Value::Null,
            Scalar::Bool(flag) => Value::Bool(flag),
            Scalar::Number(value) => number(value),
            Scalar::Text(text) => Value::String(text),
        })
    }

    fn scalar(&self, bindings: &mut dyn Bindings) -> Option<Scalar> {
        match self {
            Quick::Literal(scalar) => Some(scalar.clone()),
            Quick::Lookup(lookup) => {
                let payload = bindings.payload(&lookup.root)?;
                match lookup.find(&payload) {
                    Found::Value(value) => Scalar::of(value),
                    Found::Nothing | Found::Unknown => None,
                }
            }
            Quick::Negate(operand) => match operand.scalar(bindings)? {
                Scalar::Number(value) => Some(Scalar::Number(-value)),
                _ => None,
            },
            Quick::Binary(op, left, right) => apply(*op, left.scalar(bindings)?, right.scalar(bindings)?),
            Quick::Conditional(condition, yes, no) => match condition.scalar(bindings)? {
                Scalar::Bool(true) => yes.scalar(bindings),
                Scalar::Bool(false) => no.scalar(bindings),
                _ => None,
            },
        }
    }
}

impl Scalar {
    fn of(value: &Value) -> Option<Scalar> {
        match value {
            Value::Null => Some(Scalar::Null),
            Value::Bool(flag) => Some(Scalar::Bool(*flag)),
            Value::Number(value) => value.as_f64().map(Scalar::Number),
            Value::String(text) => Some(Scalar::Text(text.clone())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }
}

fn is_known(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Modulo
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::LessThan
            | BinaryOp::LessThanOrEqual
            | BinaryOp::GreaterThan
            | BinaryOp::GreaterThanOrEqual
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Concatenate
    )
}

fn apply(op: BinaryOp, left: Scalar, right: Scalar) -> Option<Scalar> {
    match (op, left, right) {
        (BinaryOp::Equal, left, right) => Some(Scalar::Bool(left == right)),
        (BinaryOp::NotEqual, left, right) => Some(Scalar::Bool(left != right)),
        (BinaryOp::And, Scalar::Bool(left), Scalar::Bool(right)) => Some(Scalar::Bool(left && right)),
        (BinaryOp::Or, Scalar::Bool(left), Scalar::Bool(right)) => Some(Scalar::Bool(left || right)),
        (BinaryOp::Concatenate, Scalar::Text(left), Scalar::Text(right)) => {
            (left.len() + right.len() <= MAX_TEXT).then(|| Scalar::Text(left + &right))
        }
        (op, Scalar::Number(left), Scalar::Number(right)) => {
            let result = match op {
                BinaryOp::Add => left + right,
                BinaryOp::Subtract => left - right,
                BinaryOp::Multiply => left * right,
                BinaryOp::Divide => left / right,
                BinaryOp::Modulo => left % right,
                BinaryOp::LessThan => return Some(Scalar::Bool(left < right)),
                BinaryOp::LessThanOrEqual => return Some(Scalar::Bool(left <= right)),
                BinaryOp::GreaterThan => return Some(Scalar::Bool(left > right)),
                BinaryOp::GreaterThanOrEqual => return Some(Scalar::Bool(left >= right)),
                _ => return None,
            };
            result.is_finite().then_some(Scalar::Number(result))
        }
        _ => None,
    }
}
