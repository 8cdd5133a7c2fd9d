//! Functions of JSONata 2.0.6 that `jsonata-core` lacks or has otherwise.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Evaluator, EvaluatorError};
use jsonata_core::value::{JValue, with_stack};

use super::functions::{arguments, wrong_type};
use super::tree::{call, for_each_child};

/// The name of the function that checks a text before it becomes a number; not a name that an expression can spell.
const NUMERIC: &str = "!numeric";

/// Replaces calls that `jsonata-core` answers otherwise; says whether there are any.
pub(super) fn adapt(node: &mut AstNode) -> bool {
    with_stack(|| {
        let mut found = false;
        for_each_child(node, &mut |child| found |= adapt(child));
        let AstNode::Function { name, args, .. } = node else { return found };
        match (name.as_str(), args.as_mut_slice()) {
            // The context item is the argument that is left out.
            ("clone", []) => args.push(AstNode::Variable(String::new())),
            ("now", [_, ..]) => {
                let mut all = vec![call("millis", Vec::new())];
                all.append(args);
                *node = call("fromMillis", all);
            }
            ("number", [text]) if !matches!(text, AstNode::Placeholder) => {
                let inner = std::mem::replace(text, AstNode::Null);
                *text = call(NUMERIC, vec![inner]);
            }
            _ => return found,
        }
        true
    })
}

/// Registers the function that a name stands for, if it is one of these.
pub(super) fn register(evaluator: &mut Evaluator, name: &str) -> Result<(), EvaluatorError> {
    match name {
        "number" => evaluator.register_fn(NUMERIC, |args: &[JValue]| match args.first() {
            Some(JValue::String(text)) if !is_numeric(text) => {
                Err(EvaluatorError::TypeError(format!("D3030: Cannot convert '{text}' to number")))
            }
            value => Ok(value.cloned().unwrap_or(JValue::Undefined)),
        }),
        "clone" => evaluator.register_fn("clone", |args: &[JValue]| {
            arguments("clone", args, 1, 1)?;
            match args.first() {
                Some(value @ (JValue::Undefined | JValue::Array(_) | JValue::Object(_))) => Ok(value.clone()),
                _ => Err(wrong_type(1, "clone")),
            }
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
    evaluator.register_fn_override(name, move |args: &[JValue]| {
        arguments(name, args, 1, 1)?;
        match args.first() {
            Some(JValue::String(text)) => function(text).map(JValue::string),
            None | Some(JValue::Undefined) => Ok(JValue::Undefined),
            Some(_) => Err(wrong_type(1, name)),
        }
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
