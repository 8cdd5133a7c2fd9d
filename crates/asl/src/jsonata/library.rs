//! Functions of JSONata 2.0.6 that `jsonata-core` lacks or has otherwise.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use jsonata_core::ast::{AstNode, BinaryOp};
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

use super::tree::{call, for_each_child};

/// Names of functions that check or change an argument; not names that an expression can spell.
const NUMERIC: &str = "!numeric";
const WHOLE: &str = "!whole";
const ROUNDED: &str = "!rounded";
const SOME: &str = "!some";
const GIVEN: &str = "!given";

/// Replaces calls that `jsonata-core` answers otherwise.
pub(super) fn adapt(node: &mut AstNode) {
    with_stack(|| {
        for_each_child(node, &mut adapt);
        match node {
            AstNode::Binary { op: BinaryOp::ChainPipe, lhs, rhs } => {
                if matches!(rhs.as_ref(), AstNode::Function { name, args, .. } if name == "reduce" && args.len() == 1) {
                    put_through(SOME, lhs);
                }
            }
            AstNode::Function { name, args, .. } => {
                if let Some(other) = adapt_call(name, args) {
                    *node = other;
                }
            }
            _ => {}
        }
    });
}

/// Changes the arguments of a call; gives the call that takes its place, if there is one.
fn adapt_call(name: &str, args: &mut Vec<AstNode>) -> Option<AstNode> {
    match (name, args.as_mut_slice()) {
        // The context item is the argument that is left out.
        ("clone" | "base64encode" | "base64decode" | "encodeUrl" | "decodeUrl", []) => {
            args.push(AstNode::Variable(String::new()));
        }
        ("now", [_, ..]) => {
            let mut all = vec![call("millis", Vec::new())];
            all.append(args);
            return Some(call("fromMillis", all));
        }
        ("number", [value]) => put_through(NUMERIC, value),
        ("fromMillis", [value, ..]) => put_through(WHOLE, value),
        ("formatBase", [value, ..]) => put_through(ROUNDED, value),
        ("reduce", [list, _]) => put_through(SOME, list),
        ("single" | "sort" | "sift", [_, function]) if !matches!(function, AstNode::Lambda { .. }) => {
            put_through(GIVEN, function);
        }
        _ => {}
    }
    None
}

fn put_through(name: &str, node: &mut AstNode) {
    if !matches!(node, AstNode::Placeholder) {
        let inner = std::mem::replace(node, AstNode::Null);
        *node = call(name, vec![inner]);
    }
}

/// Registers the functions that check arguments.
pub(super) fn register_checks(evaluator: &mut Evaluator) -> Result<(), EvaluatorError> {
    let value = |args: &[JValue]| args.first().cloned().unwrap_or(JValue::Undefined);
    evaluator.register_fn(NUMERIC, move |args: &[JValue]| match value(args) {
        JValue::String(text) if !is_numeric(&text) => {
            Err(EvaluatorError::TypeError(format!("D3030: Cannot convert '{text}' to number")))
        }
        value => Ok(value),
    })?;
    evaluator.register_fn(WHOLE, move |args: &[JValue]| match value(args) {
        JValue::Number(number) => Ok(JValue::Number(number.trunc())),
        value => Ok(value),
    })?;
    evaluator.register_fn(ROUNDED, move |args: &[JValue]| match value(args) {
        JValue::Number(number) => Ok(JValue::Number(number.round_ties_even())),
        value => Ok(value),
    })?;
    // To reduce nothing gives nothing.
    evaluator.register_fn(SOME, move |args: &[JValue]| match value(args) {
        JValue::Array(items) if items.is_empty() => Ok(JValue::Undefined),
        value => Ok(value),
    })?;
    // A function that is left out is fine, one that is nothing is not.
    evaluator.register_fn(GIVEN, move |args: &[JValue]| match value(args) {
        JValue::Undefined => Err(mismatch(2)),
        value => Ok(value),
    })
}

/// The error of an argument that does not fit; the name of the function comes with the second evaluation (`blame`).
fn mismatch(index: usize) -> EvaluatorError {
    EvaluatorError::TypeError(format!("T0410: Argument {index} does not match"))
}

/// Registers the function that a name stands for, if it is one of these.
pub(super) fn register(evaluator: &mut Evaluator, name: &str) -> Result<(), EvaluatorError> {
    match name {
        "clone" => evaluator.register_fn("clone", |args: &[JValue]| match args {
            [value @ (JValue::Undefined | JValue::Array(_) | JValue::Object(_))] => Ok(value.clone()),
            _ => Err(mismatch(1)),
        }),
        "base64encode" => replace(evaluator, "base64encode", |text| Ok(STANDARD.encode(latin(text)))),
        "base64decode" => replace(evaluator, "base64decode", |text| {
            let bytes = LENIENT.decode(text).map_err(|error| EvaluatorError::EvaluationError(error.to_string()))?;
            Ok(bytes.into_iter().map(char::from).collect())
        }),
        "encodeUrl" => replace(evaluator, "encodeUrl", |text| Ok(encode_url(text))),
        "decodeUrl" => replace(evaluator, "decodeUrl", decode_url),
        _ => Ok(()),
    }
}

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Registers a function from text to text.
fn replace(
    evaluator: &mut Evaluator,
    name: &'static str,
    function: impl Fn(&str) -> Result<String, EvaluatorError> + 'static,
) -> Result<(), EvaluatorError> {
    evaluator.register_fn_override(name, move |args: &[JValue]| match args {
        [JValue::String(text)] => function(text).map(JValue::string),
        [JValue::Undefined] => Ok(JValue::Undefined),
        _ => Err(mismatch(1)),
    })
}

/// Whether `$number` takes a text: a JSON number, or an integer with one of the prefixes `0x`, `0b`, `0o`.
fn is_numeric(text: &str) -> bool {
    let radix = |prefix: [&str; 2], radix: u32| {
        let digits = prefix.iter().find_map(|prefix| text.strip_prefix(prefix));
        digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix)))
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
        || radix(["0x", "0X"], 16)
        || radix(["0b", "0B"], 2)
        || radix(["0o", "0O"], 8)
}

/// The lower bytes of the UTF-16 code units: what JavaScript's `binary` encoding gives.
fn latin(text: &str) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "the lower byte is what is wanted")]
    text.encode_utf16().map(|unit| unit as u8).collect()
}

/// JavaScript's `encodeURI` (ECMAScript, "encodeURI").
fn encode_url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b";,/?:@&=+$-_.!~*'()#".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex::encode_upper([byte]));
        }
    }
    out
}

/// JavaScript's `decodeURI`: what `encodeURI` leaves as it is stays escaped (ECMAScript, "decodeURI").
fn decode_url(text: &str) -> Result<String, EvaluatorError> {
    let malformed = || {
        let text = serde_json::Value::from(text);
        EvaluatorError::EvaluationError(format!("D3140: Malformed URL passed to $decodeUrl(): {text}"))
    };
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(malformed)?;
        let decoded = hex::decode(digits).map_err(|_| malformed())?;
        rest = after;
        if decoded.iter().all(|byte| b";/?:@&=+$,#".contains(byte)) {
            out.push(b'%');
            out.extend_from_slice(digits);
        } else {
            out.extend_from_slice(&decoded);
        }
    }
    String::from_utf8(out).map_err(|_| malformed())
}
