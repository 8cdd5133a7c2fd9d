//! The memory limit of expressions.
//!
//! `jsonata-core` limits the stack and the length of sequences, but not strings: thirty doublings make a gigabyte. So the
//! operands of everything that makes strings longer pass through a function that fails above a size. Each result is then
//! bounded too.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

use super::tree::{call, for_each_child, is_literal, lambda};

/// The name of the function for values; not a name that an expression can spell.
const VALUE: &str = "!value";
/// The name of the function for the length of a text to be made.
const LENGTH: &str = "!length";
/// The name of the function for values one of which is repeated for parts of the other.
const PRODUCT: &str = "!product";

/// The name of the function for the picture of a number.
const PICTURE: &str = "!picture";
/// The name of the function for numbers that a picture may show in Roman numerals.
const ROMAN: &str = "!roman";
/// The name of the function for lists every item of which is compared with every other.
const COMPARED: &str = "!compared";

/// Items of a list that are compared with each other; no payload has ten times as many.
const MAX_COMPARED: usize = 10_000;
/// Bytes that a value may have: the memory limit of Step Functions on an expression, as far as it was measured
/// (floci-io/floci#2737). It takes a range of 873,782 numbers and a text of 2^22 characters, and refuses a range of one
/// number more and a text of 2^23.
pub(super) const MAX_BYTES: usize = 8 * MAX_ITEMS;
/// Items that a sequence may have.
pub(super) const MAX_ITEMS: usize = 873_782;
/// Bytes that a repetition may come to.
const MAX_PRODUCT: usize = 1 << 26;

/// Bytes of a picture of a number, whose reading is quadratic.
const MAX_PICTURE: usize = 1_000;
/// Numbers in Roman numerals have a letter for each thousand.
const MAX_ROMAN: f64 = 1e8;

/// The functions whose calls are bounded, with the fewest and the most arguments that they take.
static BOUNDED: [(&str, usize, usize); 10] = [
    ("string", 1, 1),
    ("base64encode", 1, 1),
    ("encodeUrl", 1, 1),
    ("encodeUrlComponent", 1, 1),
    ("distinct", 1, 1),
    ("pad", 2, 3),
    ("join", 1, 2),
    ("replace", 3, 4),
    ("formatInteger", 2, 2),
    ("formatNumber", 2, 3),
];

/// The names of the bounded functions.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    BOUNDED.iter().map(|(name, ..)| *name)
}

fn arguments_of(name: &str) -> Option<(usize, usize)> {
    BOUNDED.iter().find(|(known, ..)| *known == name).map(|(_, least, most)| (*least, *most))
}

/// Puts the operands of steps that make texts longer through the functions of this module; says whether there are any.
/// A bounded function that is a value (`$f := $pad`, `$map(list, $string)`) becomes a function that calls it, unless it is
/// one of these names that the expression itself gives a value.
pub(super) fn bound(node: &mut AstNode) -> bool {
    let mut own = BTreeSet::new();
    bound_names(node, &mut own);
    bound_within(node, &own)
}

fn bound_within(node: &mut AstNode, own: &BTreeSet<String>) -> bool {
    with_stack(|| {
        let mut found = false;
        for_each_child(node, &mut |child| found |= bound_within(child, own));
        found |= direct(node);
        found
            | match node {
                AstNode::Binary { op: BinaryOp::Concatenate, lhs, rhs } => {
                    guard(lhs);
                    guard(rhs);
                    wrap(VALUE, node)
                }
                AstNode::Binary { op: BinaryOp::Equal | BinaryOp::NotEqual | BinaryOp::In, lhs, rhs } => {
                    !is_literal(lhs) && !is_literal(rhs) && (guard(lhs) | guard(rhs))
                }
                AstNode::Function { name, args, .. } => bound_call(name, args),
                AstNode::Variable(name) if !own.contains(name) => match as_lambda(name) {
                    Some(lambda) => {
                        *node = lambda;
                        true
                    }
                    None => false,
                },
                _ => false,
            }
    })
}

/// Names that the expression binds itself.
fn bound_names(node: &mut AstNode, own: &mut BTreeSet<String>) {
    with_stack(|| {
        match node {
            AstNode::Binary { op: BinaryOp::ColonEqual, lhs, .. } => {
                if let AstNode::Variable(name) = lhs.as_ref() {
                    own.insert(name.clone());
                }
            }
            AstNode::Lambda { params, .. } => own.extend(params.iter().cloned()),
            AstNode::Path { steps } => {
                own.extend(steps.iter().flat_map(|step| step.focus.iter().chain(&step.index_var)).cloned());
            }
            _ => {}
        }
        for_each_child(node, &mut |child| bound_names(child, own));
    });
}

/// Writes `x ~> $f(y)` as `$f(x, y)`, and `$f(x, ?)` as a function of what is missing; says whether it has bounded a call.
fn direct(node: &mut AstNode) -> bool {
    if let AstNode::Binary { op: BinaryOp::ChainPipe, lhs, rhs } = node
        && let AstNode::Function { name, args, .. } = rhs.as_mut()
        && arguments_of(name).is_some()
        && !args.iter().any(|argument| matches!(argument, AstNode::Placeholder))
    {
        // What was bounded within is bounded still.
        let mut all = vec![std::mem::replace(lhs.as_mut(), AstNode::Null)];
        all.append(&mut std::mem::take(args).into_iter().map(unguarded).collect());
        *node = call(name, all);
        return false;
    }
    if let AstNode::Function { name, args, .. } = node
        && arguments_of(name).is_some()
        && args.iter().any(|argument| matches!(argument, AstNode::Placeholder))
    {
        let mut params = Vec::new();
        let mut all = std::mem::take(args);
        for argument in all.iter_mut().filter(|argument| matches!(argument, AstNode::Placeholder)) {
            params.push(parameter(params.len()));
            *argument = AstNode::Variable(parameter(params.len() - 1));
        }
        let bounded = bound_call(name, &mut all);
        *node = lambda(params, call(name, all));
        return bounded;
    }
    false
}

/// The argument without the function that an earlier visit put around it.
fn unguarded(node: AstNode) -> AstNode {
    match node {
        AstNode::Function { name, mut args, .. } if name.starts_with('!') && !args.is_empty() => args.swap_remove(0),
        other => other,
    }
}

/// A function that calls the bounded function of that name with what it is called with.
fn as_lambda(name: &str) -> Option<AstNode> {
    let (least, most) = arguments_of(name)?;
    let call_with = |count: usize| {
        let mut args: Vec<AstNode> = (0..count).map(|at| AstNode::Variable(parameter(at))).collect();
        bound_call(name, &mut args);
        call(name, args)
    };
    let body = if least == most {
        call_with(least)
    } else {
        AstNode::Conditional {
            condition: Box::new(call("exists", vec![AstNode::Variable(parameter(most - 1))])),
            then_branch: Box::new(call_with(most)),
            else_branch: Some(Box::new(call_with(least))),
        }
    };
    Some(lambda((0..most).map(parameter).collect(), body))
}

/// The name of a parameter; not a name that an expression can spell.
fn parameter(at: usize) -> String {
    format!("!{at}")
}

fn bound_call(name: &str, args: &mut [AstNode]) -> bool {
    match (name, args) {
        ("string" | "base64encode" | "encodeUrl" | "encodeUrlComponent", [value, ..]) => guard(value),
        ("distinct", [list, ..]) => wrap(COMPARED, list),
        ("pad", [_, width, ..]) => wrap(LENGTH, width),
        ("join", [list, separator]) => pair(PRODUCT, list, separator),
        ("join", [list]) => guard(list),
        ("replace", [text, _, replacement, ..]) => pair(PRODUCT, text, replacement),
        ("formatInteger", [value, picture]) => pair(ROMAN, value, picture),
        ("formatNumber", [_, picture, ..]) => wrap(PICTURE, picture),
        _ => false,
    }
}

fn guard(node: &mut AstNode) -> bool {
    !is_literal(node) && wrap(VALUE, node)
}

fn wrap(name: &str, node: &mut AstNode) -> bool {
    let inner = std::mem::replace(node, AstNode::Null);
    *node = call(name, vec![inner]);
    true
}

/// The second is evaluated twice: for the check and for itself.
fn pair(check: &str, first: &mut AstNode, second: &AstNode) -> bool {
    let inner = std::mem::replace(first, AstNode::Null);
    *first = call(check, vec![inner, second.clone()]);
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
    evaluator.register_fn(PICTURE, |args: &[JValue]| match args.first() {
        Some(JValue::String(picture)) if picture.len() > MAX_PICTURE => Err(too_large()),
        Some(value) => Ok(value.clone()),
        None => Ok(JValue::Undefined),
    })?;
    evaluator.register_fn(ROMAN, |args: &[JValue]| {
        let roman = matches!(args.get(1), Some(JValue::String(picture)) if picture.starts_with(['i', 'I']));
        match args.first() {
            Some(JValue::Number(value)) if roman && value.abs() > MAX_ROMAN => Err(too_large()),
            Some(value) => Ok(value.clone()),
            None => Ok(JValue::Undefined),
        }
    })?;
    evaluator.register_fn(LENGTH, |args: &[JValue]| match args.first() {
        #[expect(clippy::cast_precision_loss, reason = "the limit is far below 2^53")]
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

/// The error of a value that is too large, which becomes `Limit::Memory`.
pub(super) fn too_large() -> EvaluatorError {
    EvaluatorError::EvaluationError("D2015: The expression makes a value that is too large".to_owned())
}

/// About the bytes of a value in memory; `None` above the limit. Values share their parts, so that a small one may stand
/// for a tree of any size; counting ends with the limit.
pub(super) fn size(value: &JValue, limit: usize) -> Option<usize> {
    let own = match value {
        JValue::String(text) => text.len(),
        JValue::Array(_) | JValue::Object(_) => 0,
        _ => 8,
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
                left = left.checked_sub(key.len())?;
                left = left.checked_sub(size(item, left)?)?;
            }
            Some(())
        })?,
        _ => {}
    }
    Some(limit - left)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use jsonata_core::parser::parse;

    use super::*;

    fn value(source: &str, bounded: bool) -> Result<String, String> {
        let mut ast = parse(source).unwrap();
        let mut evaluator = Evaluator::new();
        if bounded {
            assert!(bound(&mut ast), "{source}");
            register(&mut evaluator).unwrap();
        }
        let value = evaluator.evaluate(&ast, &JValue::Undefined).map_err(|failure| failure.message().to_owned())?;
        value.to_json_string().map_err(|failure| failure.to_string())
    }

    #[test]
    fn bounded_functions_give_what_they_give() {
        for source in [
            "$map([1, 2], $string)",
            "1 ~> $string",
            "[1] ~> $string()",
            "($s := $string; $s([1, 'a']))",
            "$map(['a', 'b'], $base64encode)",
            "($p := $pad; [$p('a', 3), $p('a', -3, '-')])",
            "'a' ~> $pad(3, '-')",
            "$map([2, 3], $pad('a', ?, '-'))",
            "[1..3] ~> $map($string) ~> $join('-')",
            "($j := $join; [$j(['a', 'b']), $j(['a', 'b'], '-')])",
            "($r := $replace; [$r('aba', 'a', 'c'), $r('aba', 'a', 'c', 1)])",
            "'aba' ~> $replace(/a/, 'c', 1)",
            "$replace('aba', /a/, function($m) { 'x' & $m.match })",
            "[$formatInteger(1999, 'I'), 7 ~> $formatInteger('w'), $formatNumber(1.5, '0.00')]",
            "($f := $formatNumber; $f(1.5, '0,00', {'decimal-separator': ','}))",
            "$distinct([1, 1, 2]) ~> $distinct",
            "('a' & 'b') ~> $encodeUrl",
            "$string($exists($pad))",
        ] {
            let plain = value(source, false);
            assert!(plain.is_ok(), "{source}: {plain:?}");
            assert_eq!(value(source, true), plain, "{source}");
        }
    }

    #[test]
    fn names_that_an_expression_binds_are_its_own() {
        for source in ["($pad := 'x'; $pad & 'y')", "(function($join) { $join & 'y' })('x')"] {
            assert_eq!(value(source, true), Ok("\"xy\"".to_owned()), "{source}");
        }
    }
}
