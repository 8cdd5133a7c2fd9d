//! The functions that Step Functions adds to JSONata, and those it replaces.

use std::cell::Cell;

use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::JValue;

use super::eval::Bindings;
use super::expression::Expression;
use crate::intrinsic::{Algorithm, hash_hex, uuid_v4};
use crate::random::Random;

/// Items `$range` may give.
const MAX_RANGE: usize = 1000;

/// Registers those of the functions that the expression mentions.
pub(super) fn register(
    evaluator: &mut Evaluator,
    expression: &Expression,
    bindings: &mut dyn Bindings,
) -> Result<(), EvaluatorError> {
    if expression.bounded {
        super::bound::register(evaluator)?;
    }
    for name in expression.names() {
        match name {
            "partition" => evaluator.register_fn("partition", partition)?,
            "range" => evaluator.register_fn("range", range)?,
            "hash" => evaluator.register_fn("hash", hash)?,
            "parse" => evaluator.register_fn("parse", parse)?,
            "uuid" => {
                let random = Cell::new(Random::new(bindings.random()));
                evaluator.register_fn("uuid", move |args: &[JValue]| {
                    arguments("uuid", args, 0, 0)?;
                    Ok(JValue::string(uuid_v4(&mut || draw(&random))))
                })?;
            }
            "random" => {
                let random = Cell::new(Random::new(bindings.random()));
                evaluator.register_fn_override("random", move |args: &[JValue]| {
                    arguments("random", args, 0, 1)?;
                    match args.first() {
                        None | Some(JValue::Undefined) => Ok(JValue::Number(unit(draw(&random)))),
                        Some(JValue::Number(seed)) => Ok(JValue::Number(unit(Random::new(seed.to_bits()).next()))),
                        Some(_) => Err(wrong_type(1, "random")),
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
            "eval" => evaluator.register_fn_override("eval", |_: &[JValue]| {
                Err(EvaluatorError::EvaluationError("T1006: Attempted to invoke a non-function".to_owned()))
            })?,
            _ => {}
        }
    }
    Ok(())
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

fn wrong_type(index: usize, function: &str) -> EvaluatorError {
    EvaluatorError::TypeError(format!(
        "T0410: Argument {index} of function \"{function}\" does not match function signature"
    ))
}

fn arguments(function: &str, args: &[JValue], least: usize, most: usize) -> Result<(), EvaluatorError> {
    if args.len() > most {
        Err(wrong_type(most + 1, function))
    } else if args.len() < least {
        Err(wrong_type(args.len() + 1, function))
    } else {
        Ok(())
    }
}

fn integer(value: &JValue, index: usize, function: &str) -> Result<i64, EvaluatorError> {
    match value {
        JValue::Number(n) if n.abs() < 9_007_199_254_740_992.0 => {
            // The range was checked.
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let integer = n.trunc() as i64;
            Ok(integer)
        }
        _ => Err(wrong_type(index, function)),
    }
}

fn partition(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("partition", args, 2, 2)?;
    let (Some(list), Some(size)) = (args.first(), args.get(1)) else { return Err(wrong_type(1, "partition")) };
    let size = usize::try_from(integer(size, 2, "partition")?)
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| wrong_type(2, "partition"))?;
    match list {
        JValue::Undefined => Ok(JValue::Undefined),
        JValue::Array(items) => {
            Ok(JValue::array(items.chunks(size).map(|chunk| JValue::array(chunk.to_vec())).collect()))
        }
        single => Ok(JValue::array(vec![JValue::array(vec![single.clone()])])),
    }
}

fn range(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("range", args, 3, 3)?;
    let mut numbers = [0; 3];
    for (at, (slot, value)) in numbers.iter_mut().zip(args).enumerate() {
        if value.is_undefined() {
            return Ok(JValue::Undefined);
        }
        *slot = integer(value, at + 1, "range")?;
    }
    let [first, last, step] = numbers;
    match crate::intrinsic::Function::range(first, last, step, MAX_RANGE) {
        // A sequence of one item is that item, as everywhere in JSONata.
        Some(list) => Ok(JValue::sequence(list.into_iter().map(JValue::from_i64).collect()).unwrap_sequence()),
        None => Err(wrong_type(3, "range")),
    }
}

fn hash(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("hash", args, 2, 2)?;
    let text = match args.first() {
        Some(JValue::Undefined) | None => return Ok(JValue::Undefined),
        Some(JValue::String(text)) => text.to_string(),
        Some(other) => other.to_json_string().map_err(|_| wrong_type(1, "hash"))?,
    };
    let algorithm =
        args.get(1).and_then(JValue::as_str).and_then(Algorithm::named).ok_or_else(|| wrong_type(2, "hash"))?;
    Ok(JValue::string(hash_hex(algorithm, text.as_bytes())))
}

fn parse(args: &[JValue]) -> Result<JValue, EvaluatorError> {
    arguments("parse", args, 1, 1)?;
    match args.first() {
        Some(JValue::String(text)) => JValue::from_json_str(text).map_err(|failure| {
            EvaluatorError::EvaluationError(format!(
                "D3120: Syntax error in expression passed to function parse: {failure}"
            ))
        }),
        Some(JValue::Undefined) | None => Ok(JValue::Undefined),
        Some(_) => Err(wrong_type(1, "parse")),
    }
}
