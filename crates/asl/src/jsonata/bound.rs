//! Keeps expressions from building texts without end.
//!
//! `jsonata-core` bounds the stack and the length of sequences, but not texts: thirty doublings make a gigabyte. So the
//! operands of what makes texts longer are put through a function that lets values pass up to a size and fails above it.
//! The results of a step are then bounded too, and no step starts from more than that.

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

/// The name of the function for values; not a name that an expression can spell.
const VALUE: &str = "!value";
/// The name of the function for the length of a text to be made.
const LENGTH: &str = "!length";
/// The name of the function for values one of which is repeated for parts of the other.
const PRODUCT: &str = "!product";

/// The name of the function for lists every item of which is compared with every other.
const COMPARED: &str = "!compared";

/// Items of a list that are compared with each other; no payload has ten times as many.
const MAX_COMPARED: usize = 10_000;
/// Bytes that an operand may have as JSON; four times what a payload may have.
const MAX_BYTES: usize = 1 << 20;
/// Bytes that a repetition may come to.
const MAX_PRODUCT: usize = 1 << 26;

/// Puts the operands of steps that make texts longer through the functions of this module; says whether there are any.
pub(super) fn bound(node: &mut AstNode) -> bool {
    with_stack(|| {
        let mut found = false;
        for_each_child(node, &mut |child| found |= bound(child));
        found
            | match node {
                AstNode::Binary { op: BinaryOp::Concatenate, lhs, rhs } => guard(lhs) | guard(rhs),
                AstNode::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, lhs, rhs } => {
                    !is_literal(lhs) && !is_literal(rhs) && (guard(lhs) | guard(rhs))
                }
                AstNode::Function { name, args, .. } => bound_call(name, args),
                _ => false,
            }
    })
}

fn bound_call(name: &str, args: &mut [AstNode]) -> bool {
    match (name, args) {
        ("string" | "base64encode" | "encodeUrl" | "encodeUrlComponent", [value, ..]) => guard(value),
        ("distinct", [list, ..]) => wrap(COMPARED, list),
        ("pad", [_, width, ..] | [width]) => wrap(LENGTH, width),
        ("join", [list, separator]) => pair(list, separator),
        ("join", [list]) => guard(list),
        ("replace", [text, _, replacement, ..]) => pair(text, replacement),
        _ => false,
    }
}

fn is_literal(node: &AstNode) -> bool {
    matches!(node, AstNode::String(_) | AstNode::Number(_) | AstNode::Boolean(_) | AstNode::Null)
}

fn guard(node: &mut AstNode) -> bool {
    !is_literal(node) && wrap(VALUE, node)
}

fn wrap(name: &str, node: &mut AstNode) -> bool {
    let inner = std::mem::replace(node, AstNode::Null);
    *node = AstNode::Function { name: name.to_owned(), args: vec![inner], is_builtin: true };
    true
}

/// The second is evaluated twice: for its length and for itself.
fn pair(first: &mut AstNode, second: &AstNode) -> bool {
    let inner = std::mem::replace(first, AstNode::Null);
    *first = AstNode::Function { name: PRODUCT.to_owned(), args: vec![inner, second.clone()], is_builtin: true };
    true
}

/// Registers the functions.
pub(super) fn register(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    evaluator.register_fn(VALUE, |args: &[JValue]| {
        let value = args.first().cloned().unwrap_or(JValue::Undefined);
        if size(&value, MAX_BYTES).is_some() { Ok(value) } else { Err(too_large()) }
    })?;
    evaluator.register_fn(COMPARED, |args: &[JValue]| match args.first() {
        Some(JValue::Array(items)) if items.len() > MAX_COMPARED => Err(too_large()),
        Some(value) if size(value, MAX_BYTES).is_none() => Err(too_large()),
        Some(value) => Ok(value.clone()),
        None => Ok(JValue::Undefined),
    })?;
    evaluator.register_fn(LENGTH, |args: &[JValue]| match args.first() {
        // No text is longer than what a payload may have.
        #[expect(clippy::cast_precision_loss, reason = "a power of two is exact")]
        Some(JValue::Number(width)) if width.abs() > MAX_BYTES as f64 => Err(too_large()),
        Some(value) => Ok(value.clone()),
        None => Ok(JValue::Undefined),
    })?;
    evaluator.register_fn(PRODUCT, |args: &[JValue]| {
        let value = args.first().cloned().unwrap_or(JValue::Undefined);
        let first = size(&value, MAX_BYTES).ok_or_else(too_large)?;
        let second = args.get(1).map_or(Some(0), |value| size(value, MAX_BYTES)).ok_or_else(too_large)?;
        if first.saturating_mul(second) > MAX_PRODUCT { Err(too_large()) } else { Ok(value) }
    })
}

fn too_large() -> EvaluatorError {
    EvaluatorError::EvaluationError("D2015: The expression makes a value that is too large".to_owned())
}

/// About the bytes of a value as JSON; `None` above the limit. Values share their parts, so that a small one may stand for a
/// tree of any size; counting ends with the limit.
pub(super) fn size(value: &JValue, limit: usize) -> Option<usize> {
    let own = match value {
        JValue::String(text) => text.len() + 2,
        _ => 4,
    };
    let mut left = limit.checked_sub(own)?;
    match value {
        JValue::Array(items) => with_stack(|| {
            for item in items {
                left = left.checked_sub(size(item, left)?)?;
            }
            Some(())
        })?,
        JValue::Object(map) => with_stack(|| {
            for (key, item) in map.iter() {
                left = left.checked_sub(key.len() + 3)?;
                left = left.checked_sub(size(item, left)?)?;
            }
            Some(())
        })?,
        _ => {}
    }
    Some(limit - left)
}

fn for_each_child(node: &mut AstNode, visit: &mut dyn FnMut(&mut AstNode)) {
    match node {
        AstNode::Path { steps } => steps.iter_mut().for_each(|step| visit_step(step, visit)),
        AstNode::Binary { lhs, rhs, .. } => {
            visit(lhs);
            visit(rhs);
        }
        AstNode::Unary { operand, .. }
        | AstNode::FunctionApplication(operand)
        | AstNode::Lambda { body: operand, .. } => visit(operand),
        AstNode::Function { args, .. } | AstNode::Array(args) | AstNode::Block(args) | AstNode::ArrayGroup(args) => {
            args.iter_mut().for_each(visit);
        }
        AstNode::Call { procedure, args } => {
            visit(procedure);
            args.iter_mut().for_each(visit);
        }
        AstNode::Object(pairs) => visit_pairs(pairs, visit),
        AstNode::ObjectTransform { input, pattern } => {
            visit(input);
            visit_pairs(pattern, visit);
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            visit(condition);
            visit(then_branch);
            if let Some(branch) = else_branch {
                visit(branch);
            }
        }
        AstNode::Sort { input, terms } => {
            visit(input);
            terms.iter_mut().for_each(|(term, _)| visit(term));
        }
        AstNode::Transform { location, update, delete } => {
            visit(location);
            visit(update);
            if let Some(delete) = delete {
                visit(delete);
            }
        }
        AstNode::String(_)
        | AstNode::Name(_)
        | AstNode::Number(_)
        | AstNode::Boolean(_)
        | AstNode::Null
        | AstNode::Undefined
        | AstNode::Placeholder
        | AstNode::Regex { .. }
        | AstNode::Variable(_)
        | AstNode::ParentVariable(_)
        | AstNode::Wildcard
        | AstNode::Descendant
        | AstNode::Parent(_) => {}
    }
}

fn visit_step(step: &mut PathStep, visit: &mut dyn FnMut(&mut AstNode)) {
    visit(&mut step.node);
    for stage in &mut step.stages {
        match stage {
            Stage::Filter(filter) => visit(filter),
            Stage::KeepArray | Stage::Index(_) => {}
        }
    }
}

fn visit_pairs(pairs: &mut [(AstNode, AstNode)], visit: &mut dyn FnMut(&mut AstNode)) {
    for (key, value) in pairs {
        visit(key);
        visit(value);
    }
}
