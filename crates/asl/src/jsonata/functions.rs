//! The functions that Step Functions adds to JSONata, and those it replaces.

use std::cell::Cell;

use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;

use super::bound::too_large;
use super::convert::to_jsonata;
use super::eval::Bindings;
use super::expression::Expression;
use super::java_random::JavaRandom;
use super::library;
use crate::intrinsic::{Algorithm, hash_hex, uuid_v4};
use crate::random::Random;
use crate::source;

/// Items `$range` may give: Step Functions was measured to give 360,145 and to refuse one more (floci-io/floci#2737).
const MAX_RANGE: i128 = 360_145;

/// Registers those of the functions that the expression mentions.
pub(super) fn register(
    evaluator: &mut Evaluator,
    expression: &Expression,
    bindings: &mut dyn Bindings,
    draws: &mut Draws,
    noting: bool,
) -> Result<(), EvaluatorError> {
    library::register_checks(evaluator)?;
    if expression.bounded || noting {
        super::bound::register(evaluator)?;
    }
    if expression.counted || noting {
        super::steps::register(evaluator)?;
    }
    for name in expression.names() {
        match name {
            "partition" => evaluator.register_fn("partition", partition)?,
            "range" => evaluator.register_fn("range", range)?,
            "hash" => evaluator.register_fn("hash", hash)?,
            "parse" => evaluator.register_fn("parse", parse)?,
            "uuid" => {
                let random = Cell::new(Random::new(draws.next(bindings)));
                evaluator.register_fn("uuid", move |args: &[JValue]| {
                    arguments("uuid", args, 0, 0)?;
                    Ok(JValue::string(uuid_v4(&mut || draw(&random))))
                })?;
            }
            "random" => {
                let random = Cell::new(Random::new(draws.next(bindings)));
                evaluator.register_fn_override("random", move |args: &[JValue]| {
                    arguments("random", args, 0, 1)?;
                    match args.first() {
                        None | Some(JValue::Undefined) => Ok(JValue::Number(unit(draw(&random)))),
                        Some(seed) => Ok(JValue::Number(JavaRandom::new(whole(seed, 1, "random")?).next_double())),
                    }
                })?;
            }
            "now" => {
                let now = bindings.now().to_string();
                evaluator.register_fn_override("now", move |args: &[JValue]| {
                    arguments("now", args, 0, 0)?;
                    Ok(JValue::string(now.as_str()))
                })?;
            }
            "millis" => {
                let millis = bindings.now().0;
                evaluator.register_fn_override("millis", move |_: &[JValue]| Ok(JValue::from_i64(millis)))?;
            }
            // Step Functions has no `$eval`; calling it is calling what is no function.
            "eval" => evaluator.register_fn_override("eval", |_: &[JValue]| {
                Err(EvaluatorError::EvaluationError("T1006: Attempted to invoke a non-function".to_owned()))
            })?,
            other => library::register(evaluator, other)?,
        }
    }
    Ok(())
}

/// The random numbers that an evaluation has drawn, so that it can be repeated.
#[derive(Default)]
pub(super) struct Draws {
    drawn: Vec<u64>,
    next: usize,
}

impl Draws {
    /// From here on the same numbers are given again.
    pub(super) fn rewind(&mut self) {
        self.next = 0;
    }

    fn next(&mut self, bindings: &mut dyn Bindings) -> u64 {
        let next = self.drawn.get(self.next).copied().unwrap_or_else(|| {
            let new = bindings.random();
            self.drawn.push(new);
            new
        });
        self.next += 1;
        next
    }
}

fn draw(random: &Cell<Random>) -> u64 {
    let mut state = random.get();
    let next = state.next();
    random.set(state);
    next
}

/// A number from 0 up to but not including 1.
fn unit(bits: u64) -> f64 {
    // 53 bits are what a floating-point number holds.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let value = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    value
}

pub(super) fn wrong_type(index: usize, function: &str) -> EvaluatorError {
    EvaluatorError::TypeError(format!(
        "T0410: Argument {index} of function \"{function}\" does not match function signature"
    ))
}

pub(super) fn arguments(function: &str, args: &[JValue], least: usize, most: usize) -> Result<(), EvaluatorError> {
    if args.len() > most {
        Err(wrong_type(most + 1, function))
    } else if args.len() < least {
        Err(wrong_type(args.len() + 1, function))
    } else {
        Ok(())
    }
}

/// The argument as a whole number, rounded toward zero; beyond 64 bits the nearest that there is, as a cast in Java.
fn whole(value: &JValue, index: usize, function: &str) -> Result<i64, EvaluatorError> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is what is wanted")]
        JValue::Number(number) => Ok(number.trunc() as i64),
        _ => Err(wrong_type(index, function)),
    }
}

fn invalid(text: impl std::fmt::Display) -> EvaluatorError {
    EvaluatorError::EvaluationError(format!("D3137: {text}"))
}

/// `$partition(array, size)`. No array, an empty one and a size of zero give nothing; without a size the array is one chunk.
fn partition(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("partition", args, 0, 2)?;
    let items = match args.first() {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::Array(items)) if items.is_empty() => return Ok(JValue::Undefined),
        Some(JValue::Array(items)) => items,
        Some(_) => {
            let text = "T0412: Argument 1 of function \"partition\" must be an array of undefined";
            return Err(EvaluatorError::TypeError(text.to_owned()));
        }
    };
    let size = match args.get(1) {
        None | Some(JValue::Undefined) => items.len(),
        Some(size) => match whole(size, 2, "partition")? {
            0 => return Ok(JValue::Undefined),
            size => usize::try_from(size).map_err(|_| invalid("Second argument must be zero or greater"))?,
        },
    };
    Ok(JValue::array(items.chunks(size).map(|chunk| JValue::array(chunk.to_vec())).collect()))
}

/// `$range(first, last, step)`. Without a step, with a step of zero or one that leads away from the end it gives nothing.
fn range(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("range", args, 2, 3)?;
    let number = |at: usize| whole(args.get(at).unwrap_or(&JValue::Undefined), at + 1, "range").map(i128::from);
    let (first, last) = (number(0)?, number(1)?);
    let step = match args.get(2) {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(_) => number(2)?,
    };
    if step == 0 || (last - first).signum() * step.signum() < 0 {
        return Ok(JValue::Undefined);
    }
    let count = (last - first) / step + 1;
    if count > MAX_RANGE {
        return Err(too_large());
    }
    // A JSONata number is a 64-bit float.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let items = (0..count).map(|at| JValue::Number((first + at * step) as f64)).collect();
    // A sequence of one item is that item, as everywhere in JSONata.
    Ok(JValue::sequence(items).unwrap_sequence())
}

/// `$hash(text, algorithm)`. Without an algorithm it gives nothing.
fn hash(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("hash", args, 1, 2)?;
    let Some(JValue::String(text)) = args.first() else { return Err(wrong_type(1, "hash")) };
    let name = match args.get(1) {
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(JValue::String(name)) => name,
        Some(_) => return Err(wrong_type(2, "hash")),
    };
    let algorithm = Algorithm::named(name).ok_or_else(|| {
        invalid(format_args!("Hash algorithm '{name}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"))
    })?;
    Ok(JValue::string(hash_hex(algorithm, text.as_bytes())))
}

/// `$parse(text)`, which is strict: one JSON value, no name twice in an object, no number beyond a 64-bit float.
fn parse(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("parse", args, 0, 1)?;
    match args.first() {
        Some(JValue::String(text)) => {
            let document = source::parse(text).map_err(|_| invalid("Invalid JSON"))?;
            if has_repeated_name(document.root()) {
                return Err(invalid("Invalid JSON"));
            }
            Ok(to_jsonata(&document.to_value()))
        }
        Some(JValue::Undefined) | None => Ok(JValue::Undefined),
        Some(_) => Err(wrong_type(1, "parse")),
    }
}

fn has_repeated_name(node: &source::Node<'_>) -> bool {
    match &node.value {
        source::Value::Array(items) => items.iter().any(has_repeated_name),
        source::Value::Object(object) => {
            object.members().iter().any(|member| member.repeated || has_repeated_name(&member.value))
        }
        _ => false,
    }
}
