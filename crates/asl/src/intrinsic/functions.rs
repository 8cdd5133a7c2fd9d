use serde_json::{Map, Value, json};

use super::digest::{Algorithm, hash_hex};
use super::{array, encoding, text};
use crate::jsonata::type_name;
use crate::random::Random;

/// An intrinsic function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    StringToJson,
    JsonToString,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
    Format,
}

/// The most items of the result of `States.ArrayRange` (Step Functions developer guide, "Intrinsic functions").
const MAX_RANGE: usize = 1000;

/// The most characters of the input of `States.Hash` and the Base64 functions (developer guide, "Intrinsic functions").
const MAX_CHARACTERS: usize = 10_000;

impl Function {
    pub(crate) fn named(name: &str) -> Option<Function> {
        Some(match name.strip_prefix("States.")? {
            "Array" => Function::Array,
            "ArrayPartition" => Function::ArrayPartition,
            "ArrayContains" => Function::ArrayContains,
            "ArrayRange" => Function::ArrayRange,
            "ArrayGetItem" => Function::ArrayGetItem,
            "ArrayLength" => Function::ArrayLength,
            "ArrayUnique" => Function::ArrayUnique,
            "Base64Encode" => Function::Base64Encode,
            "Base64Decode" => Function::Base64Decode,
            "Hash" => Function::Hash,
            "JsonMerge" => Function::JsonMerge,
            "StringToJson" => Function::StringToJson,
            "JsonToString" => Function::JsonToString,
            "MathRandom" => Function::MathRandom,
            "MathAdd" => Function::MathAdd,
            "StringSplit" => Function::StringSplit,
            "UUID" => Function::Uuid,
            "Format" => Function::Format,
            _ => return None,
        })
    }

    /// The result of a call, or what is wrong with its arguments.
    pub(crate) fn apply(self, arguments: Vec<Value>, random: &mut dyn FnMut() -> u64) -> Result<Value, String> {
        match (self, arguments.as_slice()) {
            (Function::Array, _) => Ok(Value::Array(arguments)),
            (Function::ArrayPartition, [list, size]) => {
                let size = usize::try_from(integer(size)?)
                    .ok()
                    .filter(|size| *size > 0)
                    .ok_or("Chunk size must be a positive integer")?;
                Ok(array::partition(items(list)?, size))
            }
            (Function::ArrayContains, [list, wanted]) => {
                Ok(Value::Bool(items(list)?.iter().any(|item| array::equal(item, wanted))))
            }
            (Function::ArrayRange, [first, last, step]) => {
                let (first, last, step) = (integer(first)?, integer(last)?, integer(step)?);
                if step == 0 {
                    return Err("Step must not be zero".to_owned());
                }
                array::range(first, last, step, MAX_RANGE)
                    .map(|list| json!(list))
                    .ok_or_else(|| format!("The array cannot have more than {MAX_RANGE} items"))
            }
            (Function::ArrayGetItem, [list, index]) => {
                let index = integer(index)?;
                let item = usize::try_from(index).ok().and_then(|index| items(list).ok()?.get(index));
                items(list)?;
                item.cloned().ok_or_else(|| format!("Index {index} out of bounds"))
            }
            (Function::ArrayLength, [list]) => Ok(json!(items(list)?.len())),
            (Function::ArrayUnique, [list]) => Ok(array::unique(items(list)?.to_vec())),
            (Function::Base64Encode, [data]) => Ok(Value::String(encoding::encode(short(data)?))),
            (Function::Base64Decode, [data]) => {
                encoding::decode(short(data)?).map(Value::String).ok_or_else(|| "Input is not valid Base64".to_owned())
            }
            (Function::Hash, [data, algorithm]) => {
                let algorithm = Algorithm::named(string(algorithm)?)
                    .ok_or("Algorithm is not one of MD5, SHA-1, SHA-256, SHA-384, SHA-512")?;
                let data = match data {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                if data.chars().count() > MAX_CHARACTERS {
                    return Err(format!("Input cannot have more than {MAX_CHARACTERS} characters"));
                }
                Ok(Value::String(hash_hex(algorithm, data.as_bytes())))
            }
            (Function::JsonMerge, [left, right, deep]) => json_merge(left, right, deep),
            (Function::StringToJson, [data]) => {
                let data = string(data)?;
                if data.trim().is_empty() {
                    return Ok(Value::Null);
                }
                serde_json::from_str(data).map_err(|failure| format!("Input is not valid JSON: {failure}"))
            }
            (Function::JsonToString, [data]) => Ok(Value::String(data.to_string())),
            (Function::MathRandom, [first, last]) => math_random(integer(first)?, integer(last)?, random()),
            (Function::MathRandom, [first, last, seed]) => {
                let seed = integer(seed)?;
                math_random(integer(first)?, integer(last)?, Random::new(seed.unsigned_abs()).next())
            }
            (Function::MathAdd, [left, right]) => {
                let sum = integer(left)?.checked_add(integer(right)?);
                sum.map(|sum| json!(sum)).ok_or_else(|| "The sum is out of range".to_owned())
            }
            (Function::StringSplit, [data, delimiters]) => {
                let (data, delimiters) = (string(data)?, string(delimiters)?);
                // every character of the second argument is a delimiter
                let parts = data.split(|c| delimiters.contains(c)).filter(|part| !part.is_empty());
                Ok(parts.map(|part| json!(part)).collect())
            }
            (Function::Uuid, []) => Ok(Value::String(uuid_v4(random))),
            (Function::Format, [template, values @ ..]) => {
                let formatted = text::format(string(template)?, values);
                formatted
                    .map(Value::String)
                    .ok_or_else(|| "The number of arguments does not match the occurrences of {}".to_owned())
            }
            _ => Err(format!("Invalid number of arguments: {}", arguments.len())),
        }
    }
}

fn json_merge(left: &Value, right: &Value, deep: &Value) -> Result<Value, String> {
    match deep {
        Value::Bool(false) => {}
        Value::Bool(true) => return Err("Deep merging is not supported; the third argument must be false".to_owned()),
        _ => return Err("The third argument must be a boolean".to_owned()),
    }
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let mut merged: Map<String, Value> = left.clone();
            merged.extend(right.clone());
            Ok(Value::Object(merged))
        }
        _ => Err("The arguments must be objects".to_owned()),
    }
}

fn math_random(first: i64, last: i64, bits: u64) -> Result<Value, String> {
    let span = last.checked_sub(first).filter(|span| *span > 0).ok_or("The start must be less than the end")?;
    // less than the span, so that it is positive as an i64
    let offset = (bits % span.unsigned_abs()).cast_signed();
    Ok(json!(first.saturating_add(offset)))
}

fn items(value: &Value) -> Result<&[Value], String> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("Expected an array but found {}", type_name(value)))
}

fn string(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| format!("Expected a string but found {}", type_name(value)))
}

fn short(value: &Value) -> Result<&str, String> {
    let text = string(value)?;
    if text.chars().count() > MAX_CHARACTERS {
        Err(format!("Input cannot have more than {MAX_CHARACTERS} characters"))
    } else {
        Ok(text)
    }
}

/// An integer; other numbers are rounded, halves upward.
fn integer(value: &Value) -> Result<i64, String> {
    if let Some(integer) = value.as_i64() {
        return Ok(integer);
    }
    match value.as_f64().map(|number| (number + 0.5).floor()) {
        Some(rounded) if rounded.abs() < 9_223_372_036_854_774_784.0 => {
            #[expect(clippy::cast_possible_truncation, reason = "checked above")]
            let integer = rounded as i64;
            Ok(integer)
        }
        Some(_) => Err("The number is out of range".to_owned()),
        None => Err(format!("Expected a number but found {}", type_name(value))),
    }
}

/// A version 4 UUID of two random numbers.
pub(crate) fn uuid_v4(random: &mut dyn FnMut() -> u64) -> String {
    let (high, low) = (random(), random());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        ((low >> 48) & 0x3fff) | 0x8000,
        low & 0xffff_ffff_ffff
    )
}
