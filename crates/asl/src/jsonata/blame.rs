//! Finds the call whose arguments do not fit, and says so as JSONata 2.0.6 does.
//!
//! The errors of `jsonata-core` do not name the function. So an expression that fails in this way is evaluated a second time,
//! with each call noting its arguments, which are then judged as JSONata does (`signature`).

use std::cell::RefCell;
use std::rc::Rc;

use jsonata_core::ast::{AstNode, BinaryOp, UnaryOp};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

use super::signature::{judge, signature_of, symbol_of};
use super::tree::{call, for_each_child};

/// The name of the function that notes an argument; not a name that an expression can spell.
const NOTE: &str = "!note";
/// The names of the functions that note the operands of a comparison and of a negation.
const LEFT: &str = "!left";
const RIGHT: &str = "!right";
const NEGATED: &str = "!negated";

/// The calls of an expression, with what they were called with last.
#[derive(Clone, Default)]
pub(super) struct Calls(Rc<RefCell<Vec<Call>>>);

#[derive(Clone)]
struct Call {
    name: String,
    arguments: Vec<JValue>,
}

impl Calls {
    /// Makes the calls of an expression note their arguments.
    pub(super) fn note(node: &mut AstNode) -> Calls {
        let calls = Calls::default();
        calls.note_within(node);
        calls
    }

    fn note_within(&self, node: &mut AstNode) {
        with_stack(|| {
            for_each_child(node, &mut |child| self.note_within(child));
            match node {
                AstNode::Binary { op: BinaryOp::ChainPipe, lhs, rhs } => match rhs.as_mut() {
                    AstNode::Function { name, args, .. } if signature_of(name).is_some() => {
                        // The call itself was visited without its first argument.
                        args.iter_mut().for_each(unnote);
                        self.note_call(name, std::iter::once(lhs.as_mut()).chain(args).collect());
                    }
                    AstNode::Conditional { then_branch, .. } if is_noted_call(then_branch) => {
                        let inner = std::mem::replace(then_branch.as_mut(), AstNode::Null);
                        **rhs = inner;
                        if let AstNode::Function { name, .. } = rhs.as_ref() {
                            self.note_call(name, vec![lhs]);
                        }
                    }
                    AstNode::Variable(name) if signature_of(name).is_some() => self.note_call(name, vec![lhs]),
                    _ => {}
                },
                AstNode::Function { name, args, .. } if signature_of(name).is_some() => {
                    if args.is_empty() {
                        let site = self.add(name);
                        let note = call(NOTE, vec![AstNode::Null, number(site), number(0), number(0), item()]);
                        let then_branch = Box::new(std::mem::replace(node, AstNode::Null));
                        *node = AstNode::Conditional { condition: Box::new(note), then_branch, else_branch: None };
                    } else {
                        self.note_call(name, args.iter_mut().collect());
                    }
                }
                AstNode::Binary { op, lhs, rhs } => {
                    if let Some(operator) = comparison(*op) {
                        let site = self.add(operator);
                        let inner = std::mem::replace(lhs.as_mut(), AstNode::Null);
                        **lhs = call(LEFT, vec![inner, number(site)]);
                        let inner = std::mem::replace(rhs.as_mut(), AstNode::Null);
                        **rhs = call(RIGHT, vec![inner, number(site)]);
                    }
                }
                AstNode::Unary { op: UnaryOp::Negate, operand } => {
                    let inner = std::mem::replace(operand.as_mut(), AstNode::Null);
                    **operand = call(NEGATED, vec![inner]);
                }
                _ => {}
            }
        });
    }

    fn note_call(&self, name: &str, args: Vec<&mut AstNode>) {
        if args.iter().any(|arg| matches!(arg, AstNode::Placeholder)) {
            return;
        }
        let (site, count) = (self.add(name), args.len());
        for (at, arg) in args.into_iter().enumerate() {
            let inner = std::mem::replace(arg, AstNode::Null);
            *arg = call(NOTE, vec![inner, number(site), number(at), number(count), item()]);
        }
    }

    fn add(&self, name: &str) -> usize {
        let mut calls = self.0.borrow_mut();
        calls.push(Call { name: name.to_owned(), arguments: Vec::new() });
        calls.len() - 1
    }

    /// Registers the functions that note; they fail in place of an operation whose operands do not fit.
    pub(super) fn register(self, evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
        let calls = self.clone();
        evaluator.register_fn(LEFT, move |args: &[JValue]| {
            let [value, site] = args else { return Ok(JValue::Undefined) };
            let mut calls = calls.0.borrow_mut();
            if let Some(call) = index(site).and_then(|site| calls.get_mut(site)) {
                call.arguments = vec![value.clone()];
            }
            Ok(value.clone())
        })?;
        let calls = self.clone();
        evaluator.register_fn(RIGHT, move |args: &[JValue]| {
            let [value, site] = args else { return Ok(JValue::Undefined) };
            if let Some(call) = index(site).and_then(|site| calls.0.borrow().get(site).cloned())
                && let [left] = call.arguments.as_slice()
            {
                compare(&call.name, left, value)?;
            }
            Ok(value.clone())
        })?;
        evaluator.register_fn(NEGATED, |args: &[JValue]| match args.first() {
            Some(value) if !matches!(value, JValue::Number(_) | JValue::Undefined) => {
                Err(EvaluatorError::TypeError(format!("D1002: Cannot negate a non-numeric value: {}", shown(value))))
            }
            value => Ok(value.cloned().unwrap_or(JValue::Undefined)),
        })?;
        evaluator.register_fn(NOTE, move |args: &[JValue]| {
            let [value, site, at, count, item] = args else { return Ok(JValue::Undefined) };
            let mut calls = self.0.borrow_mut();
            let call = index(site).and_then(|site| calls.get_mut(site));
            if let (Some(call), Some(at), Some(count)) = (call, index(at), index(count)) {
                call.arguments.truncate(at);
                if count > 0 {
                    call.arguments.push(value.clone());
                }
                if at + 1 >= count {
                    judge(&call.name, &call.arguments, item)?;
                }
            }
            // For a call without arguments this is a condition.
            Ok(if count.as_i64() == Some(0) { JValue::Bool(true) } else { value.clone() })
        })
    }
}

fn index(value: &JValue) -> Option<usize> {
    usize::try_from(value.as_i64()?).ok()
}

fn comparison(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::LessThan => "<",
        BinaryOp::LessThanOrEqual => "<=",
        BinaryOp::GreaterThan => ">",
        BinaryOp::GreaterThanOrEqual => ">=",
        _ => return None,
    })
}

/// Judges the operands of a comparison.
fn compare(operator: &str, left: &JValue, right: &JValue) -> Result<(), EvaluatorError> {
    let comparable = |value: &JValue| matches!(symbol_of(value), 's' | 'n' | 'm');
    if !comparable(left) || !comparable(right) {
        return Err(EvaluatorError::TypeError(format!(
            "T2010: The expressions either side of operator \"{operator}\" must evaluate to numeric or string values"
        )));
    }
    let missing = left.is_undefined() || right.is_undefined();
    if !missing && symbol_of(left) != symbol_of(right) {
        let (left, right) = (shown(left), shown(right));
        return Err(EvaluatorError::TypeError(format!(
            "T2009: The values {left} and {right} either side of operator \"{operator}\" must be of the same data type"
        )));
    }
    Ok(())
}

/// A value as the texts of errors show it.
fn shown(value: &JValue) -> String {
    value.to_json_string().unwrap_or_else(|_| "null".to_owned())
}

/// Whether the text says that an argument or an operand does not fit, and not which.
pub(super) fn is_unclear(message: &str) -> bool {
    let unclear = ["T0410", "T0411", "T0412", "T2009", "T2010", "D1002"];
    unclear.iter().any(|code| message.contains(code)) && !message.contains(" of function \"")
}

/// The text with what the expression alone can say: the name of a function that is declared with a signature or that others
/// are handed to, if there is only one.
pub(super) fn named(message: &str, ast: &AstNode) -> String {
    let mut found = Found::default();
    found.look(&mut ast.clone());
    let index = message.split_once("rgument ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<u8>().ok());
    let (true, Some(index)) = (is_unclear(message), index) else { return message.to_owned() };
    let name = match only(&found.callers).or(only(&found.declared)) {
        Some(name) => format!("\"{name}\""),
        None => "undefined".to_owned(),
    };
    let plural = message.rsplit(' ').next().map_or(String::new(), |word| format!("{}s", word.to_lowercase()));
    match ["T0410", "T0411", "T0412"].iter().find(|code| message.contains(**code)) {
        Some(&"T0411") => {
            format!("T0411: Context value is not a compatible type with argument {index} of function {name}")
        }
        Some(&"T0412") => format!("T0412: Argument {index} of function {name} must be an array of \"{plural}\""),
        _ => format!("T0410: Argument {index} of function {name} does not match function signature"),
    }
}

fn only(names: &[String]) -> Option<&String> {
    let (first, rest) = names.split_first()?;
    rest.iter().all(|name| name == first).then_some(first)
}

#[derive(Default)]
struct Found {
    /// Variables that a function with a signature is bound to.
    declared: Vec<String>,
    /// Functions that other functions are handed to.
    callers: Vec<String>,
}

impl Found {
    fn look(&mut self, node: &mut AstNode) {
        with_stack(|| {
            match node {
                AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => {
                    if let (AstNode::Variable(name), AstNode::Lambda { signature: Some(_), .. }) =
                        (lhs.as_ref(), rhs.as_ref())
                    {
                        self.declared.push(name.clone());
                    }
                }
                AstNode::Function { name, .. }
                    if ["map", "filter", "each", "sift", "single", "reduce", "sort"].contains(&name.as_str()) =>
                {
                    self.callers.push(name.clone());
                }
                _ => {}
            }
            for_each_child(node, &mut |child| self.look(child));
        });
    }
}

fn number(number: usize) -> AstNode {
    #[expect(clippy::cast_precision_loss, reason = "an expression has far fewer calls and arguments than 2^53")]
    AstNode::Number(number as f64)
}

/// `$`, the context item.
fn item() -> AstNode {
    AstNode::Variable(String::new())
}

fn unnote(node: &mut AstNode) {
    if let AstNode::Function { name, args, .. } = node
        && name == NOTE
        && !args.is_empty()
    {
        *node = args.swap_remove(0);
    }
}

fn is_noted_call(node: &AstNode) -> bool {
    matches!(node, AstNode::Function { name, args, .. } if args.is_empty() && signature_of(name).is_some())
}
