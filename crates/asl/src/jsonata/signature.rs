//! The rule by which JSONata 2.0.6 judges the arguments of a call: that of its `signature.js`.

use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::JValue;
use regex::Regex;

/// The signatures of JSONata 2.0.6, as its function library declares them.
const SIGNATURES: [(&str, &str); 58] = [
    ("abs", "n-"),
    ("append", "xx"),
    ("assert", "bs?"),
    ("average", "a<n>"),
    ("base64decode", "s-"),
    ("base64encode", "s-"),
    ("boolean", "x-"),
    ("ceil", "n-"),
    ("clone", "(oa)-"),
    ("contains", "s-(sf)"),
    ("count", "a"),
    ("decodeUrl", "s-"),
    ("decodeUrlComponent", "s-"),
    ("distinct", "x"),
    ("each", "o-f"),
    ("encodeUrl", "s-"),
    ("encodeUrlComponent", "s-"),
    ("error", "s?"),
    ("exists", "x"),
    ("filter", "af"),
    ("floor", "n-"),
    ("formatBase", "n-n?"),
    ("formatInteger", "n-s"),
    ("formatNumber", "n-so?"),
    ("fromMillis", "n-s?s?"),
    ("join", "a<s>s?"),
    ("keys", "x-"),
    ("length", "s-"),
    ("lookup", "x-s"),
    ("lowercase", "s-"),
    ("map", "af"),
    ("match", "s-fn?"),
    ("max", "a<n>"),
    ("merge", "a<o>"),
    ("min", "a<n>"),
    ("not", "x-"),
    ("number", "(nsb)-"),
    ("pad", "s-ns?"),
    ("parseInteger", "s-s"),
    ("power", "n-n"),
    ("reduce", "afj?"),
    ("replace", "s-(sf)(sf)n?"),
    ("reverse", "a"),
    ("round", "n-n?"),
    ("shuffle", "a"),
    ("sift", "o-f?"),
    ("single", "af?"),
    ("sort", "af?"),
    ("split", "s-(sf)n?"),
    ("spread", "x-"),
    ("sqrt", "n-"),
    ("string", "x-b?"),
    ("substring", "s-nn?"),
    ("substringAfter", "s-s"),
    ("substringBefore", "s-s"),
    ("sum", "a<n>"),
    ("toMillis", "s-s?"),
    ("trim", "s-"),
];

/// The signature of a function of JSONata, without the type of its result.
pub(super) fn signature_of(name: &str) -> Option<&'static str> {
    let more = [("type", "x"), ("uppercase", "s-"), ("zip", "a+")];
    SIGNATURES.iter().chain(&more).find(|(known, _)| *known == name).map(|(_, signature)| *signature)
}

struct Parameter {
    pattern: String,
    array: bool,
    context: bool,
    subtype: Option<char>,
}

fn parameters(signature: &str) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut symbols = signature.chars();
    while let Some(symbol) = symbols.next() {
        let pattern = match symbol {
            '-' | '?' | '+' => {
                if let Some(last) = parameters.last_mut() {
                    last.context |= symbol == '-';
                    last.pattern.push(if symbol == '-' { '?' } else { symbol });
                }
                continue;
            }
            '<' => {
                let inner: String = symbols.by_ref().take_while(|symbol| *symbol != '>').collect();
                if let Some(last) = parameters.last_mut() {
                    last.subtype = inner.chars().next();
                }
                continue;
            }
            '(' => format!("[{}m]", symbols.by_ref().take_while(|symbol| *symbol != ')').collect::<String>()),
            'f' => "f".to_owned(),
            'a' | 'x' => "[asnblfom]".to_owned(),
            'j' => "[asnblom]".to_owned(),
            symbol => format!("[{symbol}m]"),
        };
        parameters.push(Parameter { pattern, array: symbol == 'a', context: false, subtype: None });
    }
    parameters
}

/// The symbol of a value's type in signatures; `m` for a value that is missing.
pub(super) fn symbol_of(value: &JValue) -> char {
    match value {
        JValue::String(_) => 's',
        JValue::Number(_) => 'n',
        JValue::Bool(_) => 'b',
        JValue::Null => 'l',
        JValue::Array(_) => 'a',
        JValue::Object(_) => 'o',
        JValue::Undefined => 'm',
        JValue::Lambda(_) | JValue::Builtin { .. } | JValue::Regex { .. } => 'f',
    }
}

fn plural_of(symbol: char) -> &'static str {
    match symbol {
        'n' => "numbers",
        's' => "strings",
        _ => "objects",
    }
}

/// Judges the arguments of a call.
///
/// # Errors
/// T0410, T0411 or T0412 with the text of JSONata, when they do not fit the signature.
pub(super) fn judge(name: &str, arguments: &[JValue], item: &JValue) -> Result<(), EvaluatorError> {
    let Some(signature) = signature_of(name) else { return Ok(()) };
    let parameters = parameters(signature);
    let supplied: String = arguments.iter().map(symbol_of).collect();
    let compile =
        |pattern: String| Regex::new(&pattern).map_err(|error| EvaluatorError::EvaluationError(error.to_string()));
    let whole: String = parameters.iter().map(|parameter| format!("({})", parameter.pattern)).collect();
    let error = |code: &str, text: String| Err(EvaluatorError::TypeError(format!("{code}: {text}")));
    let Some(matched) = compile(format!("^{whole}$"))?.captures(&supplied) else {
        let mut partial = "^".to_owned();
        let mut good = 0;
        for parameter in &parameters {
            partial.push_str(&parameter.pattern);
            match compile(partial.clone())?.find(&supplied) {
                Some(found) => good = found.len(),
                None => break,
            }
        }
        return error(
            "T0410",
            format!("Argument {} of function \"{name}\" does not match function signature", good + 1),
        );
    };
    let mut at = 0;
    for (parameter, part) in parameters.iter().zip(matched.iter().skip(1)) {
        let part = part.map_or("", |part| part.as_str());
        if part.is_empty() {
            let pattern = parameter.pattern.trim_end_matches('?').to_owned();
            if !parameter.context {
                at += 1;
            } else if !compile(pattern)?.is_match(&symbol_of(item).to_string()) {
                let text =
                    format!("Context value is not a compatible type with argument {} of function \"{name}\"", at + 1);
                return error("T0411", text);
            }
            continue;
        }
        for symbol in part.chars() {
            let fits = match (parameter.subtype.filter(|_| parameter.array), arguments.get(at)) {
                (Some(subtype), Some(JValue::Array(items))) => items.iter().all(|item| symbol_of(item) == subtype),
                (Some(subtype), Some(_)) => symbol == 'm' || symbol == subtype,
                _ => true,
            };
            if let (false, Some(subtype)) = (fits, parameter.subtype) {
                let text = format!(
                    "Argument {} of function \"{name}\" must be an array of \"{}\"",
                    at + 1,
                    plural_of(subtype)
                );
                return error("T0412", text);
            }
            at += 1;
        }
    }
    Ok(())
}
