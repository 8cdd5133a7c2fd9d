//! Counts the steps of an evaluation, so that an expression without end becomes an error, and at the same step everywhere.
//!
//! `jsonata-core` ends an evaluation by the wall clock only, which would make a result depend on the machine. So whatever an
//! expression may do again and again calls a function that counts: the body of a function, a filter, a term of a sort, a
//! group, a computed step of a path. Within an expression that has one of these, the functions that walk a list or a text
//! and the ranges count its length too. An expression that has none of them does each of its parts once.
//!
//! What refers to a parent (`%`) is not counted itself. What is not counted by its length: a step of a path that only names a field (it walks the list before it), and a
//! function of the language that is handed to another (`$map(list, $trim)`). Both are bounded by the size of the values.

use std::cell::Cell;
use std::rc::Rc;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

use super::tree::{call, for_each_child, is_literal};

/// The name of the function that counts one step; not a name that an expression can spell.
const STEP: &str = "!step";
/// The name of the function that counts the length of a value.
const LENGTH_OF: &str = "!length of";
/// The name of the function that counts the length of a range.
const RANGE: &str = "!range";

/// Steps that an expression may take. Step Functions ends an expression after a time, which no count can copy; this many
/// steps take about a second.
const MAX_STEPS: u64 = 1_000_000;

/// Functions that walk their first argument.
const WALKING: [&str; 34] = [
    "append",
    "average",
    "base64decode",
    "contains",
    "decodeUrl",
    "decodeUrlComponent",
    "each",
    "encodeUrl",
    "filter",
    "join",
    "keys",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "max",
    "merge",
    "min",
    "reduce",
    "replace",
    "reverse",
    "shuffle",
    "sift",
    "single",
    "sort",
    "split",
    "spread",
    "substring",
    "sum",
    "trim",
    "uppercase",
    "zip",
    "clone",
];

/// The steps of one evaluation.
#[derive(Clone, Default)]
pub(super) struct Steps(Rc<Cell<u64>>);

impl Steps {
    /// Counts steps; fails when they are too many.
    pub(super) fn count(&self, steps: u64) -> Result<(), EvaluatorError> {
        let total = self.0.get().saturating_add(steps);
        self.0.set(total);
        if total > MAX_STEPS {
            return Err(EvaluatorError::EvaluationError("D1012: The expression takes too many steps".to_owned()));
        }
        Ok(())
    }
}

/// Makes an expression count its steps; says whether there is anything to count.
pub(super) fn count(node: &mut AstNode) -> bool {
    let counts = count_repeated(node);
    if counts {
        count_lengths(node);
    }
    counts
}

fn count_repeated(node: &mut AstNode) -> bool {
    with_stack(|| {
        let mut found = false;
        for_each_child(node, &mut |child| found |= count_repeated(child));
        found
            | match node {
                AstNode::Lambda { body, .. } => count_body(body),
                AstNode::Path { steps } => steps.iter_mut().enumerate().fold(false, |found, (at, step)| {
                    found | count_filters(step) | (at > 0 && !step.inner_tuple && count_within(&mut step.node))
                }),
                AstNode::Sort { terms, .. } => terms.iter_mut().fold(false, |found, (term, _)| found | wrap(term)),
                AstNode::ObjectTransform { pattern, .. } => count_values(pattern),
                AstNode::Transform { update, .. } => count_within(update),
                _ => false,
            }
    })
}

/// Counts each call of a function. A condition is counted within: that leaves the nesting of a recursion as it is.
fn count_body(body: &mut AstNode) -> bool {
    match body {
        AstNode::Block(parts) => {
            parts.insert(0, call(STEP, Vec::new()));
            true
        }
        AstNode::Conditional { condition, .. } => wrap(condition),
        other => wrap(other),
    }
}

fn count_filters(step: &mut PathStep) -> bool {
    let filters = step.stages.iter_mut().filter_map(|stage| match stage {
        Stage::Filter(filter) => Some(filter.as_mut()),
        Stage::KeepArray | Stage::Index(_) => None,
    });
    filters.fold(false, |found, filter| found | wrap(filter))
}

/// Counts each evaluation of a node that stays what it is, for the evaluator looks at what a step is.
fn count_within(node: &mut AstNode) -> bool {
    match node {
        AstNode::Block(parts) => {
            parts.insert(0, call(STEP, Vec::new()));
            true
        }
        AstNode::FunctionApplication(inner) => wrap(inner),
        AstNode::Array(parts) | AstNode::ArrayGroup(parts) | AstNode::Function { args: parts, .. } => {
            parts.first_mut().is_some_and(wrap)
        }
        AstNode::Object(pairs) => count_values(pairs),
        AstNode::Binary { op: BinaryOp::ColonEqual, rhs: operand, .. }
        | AstNode::Binary { lhs: operand, .. }
        | AstNode::Conditional { condition: operand, .. }
        | AstNode::Unary { operand, .. } => wrap(operand),
        _ => false,
    }
}

fn count_values(pairs: &mut [(AstNode, AstNode)]) -> bool {
    pairs.iter_mut().fold(false, |found, (_, value)| found | wrap(value))
}

/// Puts a step before a node. The function that counts is always true, so that the value is that of the node.
fn wrap(node: &mut AstNode) -> bool {
    if let AstNode::Array(_) | AstNode::ArrayGroup(_) = node {
        return count_within(node);
    }
    let is_index = matches!(node, AstNode::Unary { operand, .. } if is_literal(operand));
    if is_literal(node) || is_index || matches!(node, AstNode::Placeholder | AstNode::Lambda { .. }) || has_parent(node)
    {
        return false;
    }
    let then_branch = Box::new(std::mem::replace(node, AstNode::Null));
    *node = AstNode::Conditional { condition: Box::new(call(STEP, Vec::new())), then_branch, else_branch: None };
    true
}

/// Whether a node refers to a parent (`%`), which the evaluator finds only where the parser has put it.
fn has_parent(node: &mut AstNode) -> bool {
    let mut found = matches!(node, AstNode::Parent(_));
    with_stack(|| for_each_child(node, &mut |child| found = found || has_parent(child)));
    found
}

fn count_lengths(node: &mut AstNode) {
    with_stack(|| {
        for_each_child(node, &mut count_lengths);
        match node {
            AstNode::Function { name, args, .. } if WALKING.contains(&name.as_str()) => {
                let walked = |first: &&mut AstNode| !is_literal(first) && !matches!(first, AstNode::Placeholder);
                if let Some(first) = args.first_mut().filter(walked) {
                    let inner = std::mem::replace(first, AstNode::Null);
                    *first = call(LENGTH_OF, vec![inner]);
                }
            }
            AstNode::Binary { op: BinaryOp::Range, lhs, rhs } => {
                let last = std::mem::replace(rhs.as_mut(), AstNode::Null);
                **rhs = call(RANGE, vec![last, lhs.as_ref().clone()]);
            }
            _ => {}
        }
    });
}

/// The steps that walking a value takes: an item costs far less than a step.
fn length(value: &JValue) -> u64 {
    let length = match value {
        JValue::Array(items) => items.len() / 8,
        JValue::Object(fields) => fields.len() / 8,
        JValue::String(text) => text.len() / 64,
        _ => 0,
    };
    length as u64
}

/// Registers the functions.
pub(super) fn register(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    let steps = Steps::default();
    let counter = steps.clone();
    evaluator.register_fn(STEP, move |_: &[JValue]| {
        counter.count(1)?;
        Ok(JValue::Bool(true))
    })?;
    let counter = steps.clone();
    evaluator.register_fn(LENGTH_OF, move |args: &[JValue]| {
        let value = args.first().cloned().unwrap_or(JValue::Undefined);
        counter.count(length(&value))?;
        Ok(value)
    })?;
    evaluator.register_fn(RANGE, move |args: &[JValue]| {
        if let [JValue::Number(last), JValue::Number(first)] = args {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
            steps.count(((last - first) / 8.0) as u64)?;
        }
        Ok(args.first().cloned().unwrap_or(JValue::Undefined))
    })
}
