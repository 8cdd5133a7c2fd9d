//! JSON to a checked pattern.

use aws_text::wildcard::{Dialect, Wildcard, WildcardError};
use serde_json::{Map, Value};

use super::address::{self, Block};
use super::err::{PatternError, Problem};
use super::matcher::{Constant, Matcher, Test};
use super::number::millionths;
use super::{Alternative, Field, Pattern};

/// EventBridge's default quota for the characters of an event pattern.
const LONGEST: usize = 2_048;

/// The most combinations of `$or` (EventBridge user guide, OR matching).
const MOST_COMBINATIONS: usize = 1_000;

/// No pattern within [`LONGEST`] needs to be nested deeper.
const DEEPEST: usize = 100;

/// Names that Event Ruler keeps for operators, now or later: no field within `$or` can have one.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

type Parsed<T> = Result<T, PatternError>;

/// Where the parser stands: the path for messages and the name of the field.
#[derive(Clone)]
struct Here {
    path: String,
    name: String,
    depth: usize,
    within_or: bool,
}

impl Here {
    fn fault<T>(&self, problem: Problem) -> Parsed<T> {
        Err(PatternError { path: self.path.clone(), problem })
    }

    fn key(&self, key: &str) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let name = if self.depth == 0 { key.to_owned() } else { format!("{}.{key}", self.name) };
        Self { path, name, depth: self.depth + 1, within_or: self.within_or }
    }

    fn item(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), ..self.clone() }
    }

    fn operator(&self, operator: &str) -> Self {
        Self { path: format!("{}.{operator}", self.path), ..self.clone() }
    }
}

/// Checks and compiles a pattern.
pub(super) fn parse(pattern: &Value) -> Parsed<Pattern> {
    let here = Here { path: String::new(), name: String::new(), depth: 0, within_or: false };
    let Value::Object(map) = pattern else { return here.fault(Problem::NoObject) };
    let mut alternatives = vec![Alternative::default()];
    object(map, &here, &mut alternatives)?;
    // After the walk, which bounds the depth of what is written here.
    let length = pattern.to_string().chars().count();
    if length > LONGEST {
        return here.fault(Problem::TooLong { length, limit: LONGEST });
    }
    Ok(Pattern { alternatives })
}

fn object(map: &Map<String, Value>, here: &Here, alternatives: &mut Vec<Alternative>) -> Parsed<()> {
    if map.is_empty() {
        return here.fault(Problem::EmptyObject);
    }
    if here.depth > DEEPEST {
        return here.fault(Problem::TooDeep);
    }
    for (key, value) in map {
        if key == "$or" {
            or(value, &Here { path: here.key(key).path, ..here.clone() }, alternatives)?;
            continue;
        }
        let here = here.key(key);
        if here.within_or && RESERVED.contains(&key.as_str()) {
            return here.fault(Problem::ReservedName { name: key.clone() });
        }
        match value {
            Value::Object(map) => object(map, &here, alternatives)?,
            Value::Array(values) => {
                let wanted = matchers(values, &here)?;
                for alternative in alternatives.iter_mut() {
                    if alternative.fields.iter().any(|field| field.name == here.name) {
                        return here.fault(Problem::RepeatedField { name: here.name.clone() });
                    }
                    alternative.fields.push(Field { name: here.name.clone(), wanted: wanted.clone() });
                }
            }
            _ => return here.fault(Problem::NoArray),
        }
    }
    Ok(())
}

/// Each object of `$or` continues each alternative so far; the key itself leaves no trace in the names of fields.
fn or(value: &Value, here: &Here, alternatives: &mut Vec<Alternative>) -> Parsed<()> {
    let Value::Array(items) = value else { return here.fault(Problem::InvalidOr) };
    if items.len() < 2 {
        return here.fault(Problem::InvalidOr);
    }
    let mut all = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let here = Here { within_or: true, depth: here.depth, ..here.item(index) };
        let Value::Object(map) = item else { return here.fault(Problem::InvalidOr) };
        let mut branch = alternatives.clone();
        object(map, &here, &mut branch)?;
        all.append(&mut branch);
        if all.len() > MOST_COMBINATIONS {
            return here.fault(Problem::TooManyCombinations { limit: MOST_COMBINATIONS });
        }
    }
    *alternatives = all;
    Ok(())
}

fn matchers(values: &[Value], here: &Here) -> Parsed<Vec<Matcher>> {
    if values.is_empty() {
        return here.fault(Problem::EmptyArray);
    }
    values.iter().enumerate().map(|(index, value)| matcher(value, &here.item(index))).collect()
}

fn matcher(value: &Value, here: &Here) -> Parsed<Matcher> {
    Ok(match value {
        Value::String(text) => literal(text),
        Value::Number(number) => {
            let text = number.to_string();
            Matcher::Number(millionths(&text), text)
        }
        Value::Bool(true) => Matcher::Constant(Constant::True),
        Value::Bool(false) => Matcher::Constant(Constant::False),
        Value::Null => Matcher::Constant(Constant::Null),
        Value::Object(map) => {
            let (name, operand) = single(map, here)?;
            return operator(name, operand, &here.operator(name));
        }
        Value::Array(_) => return here.fault(Problem::NoValue),
    })
}

fn literal(text: &str) -> Matcher {
    match address::address(text) {
        Some(address) => Matcher::Address(address, text.to_owned()),
        None => Matcher::Text(text.to_owned()),
    }
}

fn single<'a>(map: &'a Map<String, Value>, here: &Here) -> Parsed<(&'a str, &'a Value)> {
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) => Ok((key, value)),
        (Some(_), Some(_)) => here.fault(Problem::SeveralOperators),
        (None, _) => here.fault(Problem::EmptyObject),
    }
}

fn operator(name: &str, operand: &Value, here: &Here) -> Parsed<Matcher> {
    match name {
        "exactly" => text(operand, "exactly", here).map(|text| Matcher::Text(text.to_owned())),
        "prefix" => affix(operand, "prefix", here, Test::Prefix, Test::PrefixIgnoreCase),
        "suffix" => affix(operand, "suffix", here, Test::Suffix, Test::SuffixIgnoreCase),
        "equals-ignore-case" => {
            text(operand, "equals-ignore-case", here).map(|text| Matcher::Test(Test::IgnoreCase(text.to_owned())))
        }
        "wildcard" => wildcard(text(operand, "wildcard", here)?, here),
        "cidr" => {
            let text = text(operand, "cidr", here)?;
            match Block::read(text) {
                Some(block) => Ok(Matcher::Cidr(block, text.to_owned())),
                None => here.fault(Problem::InvalidCidr { text: text.to_owned() }),
            }
        }
        "exists" => match operand {
            Value::Bool(true) => Ok(Matcher::Present),
            Value::Bool(false) => Ok(Matcher::Absent),
            _ => here.fault(Problem::Operand { operator: "exists", wanted: "true or false" }),
        },
        "numeric" => numeric(operand, here),
        "anything-but" => anything_but(operand, here),
        _ => here.fault(Problem::UnknownOperator { name: name.to_owned() }),
    }
}

fn text<'a>(operand: &'a Value, operator: &'static str, here: &Here) -> Parsed<&'a str> {
    match operand {
        Value::String(text) => Ok(text),
        _ => here.fault(Problem::Operand { operator, wanted: "a string" }),
    }
}

fn affix(
    operand: &Value,
    name: &'static str,
    here: &Here,
    plain: fn(String) -> Test,
    ignoring_case: fn(String) -> Test,
) -> Parsed<Matcher> {
    match operand {
        Value::String(text) => Ok(Matcher::Test(plain(text.clone()))),
        Value::Object(map) => match single(map, here)? {
            ("equals-ignore-case", Value::String(text)) => Ok(Matcher::Test(ignoring_case(text.clone()))),
            ("equals-ignore-case", _) => {
                here.fault(Problem::Operand { operator: "equals-ignore-case", wanted: "a string" })
            }
            (other, _) => here.fault(Problem::UnknownOperator { name: other.to_owned() }),
        },
        _ => here.fault(Problem::Operand { operator: name, wanted: "a string or `equals-ignore-case`" }),
    }
}

fn wildcard(text: &str, here: &Here) -> Parsed<Matcher> {
    match Wildcard::parse(text, Dialect::EVENT_PATTERN) {
        Ok(wildcard) => Ok(Matcher::Test(Test::Wildcard(wildcard, text.to_owned()))),
        Err(WildcardError::ConsecutiveWildcards) => here.fault(Problem::ConsecutiveWildcards),
        Err(WildcardError::InvalidEscape) => here.fault(Problem::InvalidEscape),
    }
}

/// One value, a list of strings or of numbers, or an operator with one string or a list of strings.
fn anything_but(operand: &Value, here: &Here) -> Parsed<Matcher> {
    const WANTED: Problem = Problem::Operand {
        operator: "anything-but",
        wanted: "a string, a number, a list of either, or one of `prefix`, `suffix`, `equals-ignore-case` and `wildcard`",
    };
    let none = match operand {
        Value::Object(map) => {
            let (name, operand) = single(map, here)?;
            let here = here.operator(name);
            let test: fn(&str, &Here) -> Parsed<Matcher> = match name {
                "prefix" => |text, here| not_empty("prefix", text, here).map(|text| Matcher::Test(Test::Prefix(text))),
                "suffix" => |text, here| not_empty("suffix", text, here).map(|text| Matcher::Test(Test::Suffix(text))),
                "equals-ignore-case" => |text, _| Ok(Matcher::Test(Test::IgnoreCase(text.to_owned()))),
                "wildcard" => wildcard,
                _ => return here.fault(Problem::UnknownOperator { name: name.to_owned() }),
            };
            let operands = one_or_more(operand, &here)?;
            operands
                .iter()
                .map(|operand| match operand {
                    Value::String(text) => test(text, &here),
                    _ => here.fault(Problem::Operand { operator: "anything-but", wanted: "strings with an operator" }),
                })
                .collect::<Parsed<Vec<_>>>()?
        }
        Value::String(_) | Value::Number(_) | Value::Array(_) => {
            let values = one_or_more(operand, here)?;
            let numbers = values.iter().all(Value::is_number);
            if !numbers && !values.iter().all(Value::is_string) {
                return here.fault(WANTED);
            }
            values
                .iter()
                .map(|value| match value {
                    Value::String(text) => Ok(Matcher::Text(text.clone())),
                    other => {
                        comparable(other, "anything-but", here).map(|(value, text)| Matcher::Number(Some(value), text))
                    }
                })
                .collect::<Parsed<Vec<_>>>()?
        }
        _ => return here.fault(WANTED),
    };
    Ok(Matcher::NoneOf(none))
}

fn one_or_more<'a>(operand: &'a Value, here: &Here) -> Parsed<&'a [Value]> {
    match operand {
        Value::Array(items) if items.is_empty() => here.fault(Problem::EmptyArray),
        Value::Array(items) => Ok(items),
        one => Ok(std::slice::from_ref(one)),
    }
}

fn not_empty(operator: &'static str, text: &str, here: &Here) -> Parsed<String> {
    match text {
        "" => here.fault(Problem::Operand { operator, wanted: "a string that is not empty within `anything-but`" }),
        text => Ok(text.to_owned()),
    }
}

fn comparable(value: &Value, operator: &'static str, here: &Here) -> Parsed<(i64, String)> {
    let Value::Number(number) = value else {
        return here.fault(Problem::Operand { operator, wanted: "a number at this place" });
    };
    let text = number.to_string();
    match millionths(&text) {
        Some(value) => Ok((value, text)),
        None => here.fault(Problem::Number),
    }
}

/// `=`, `<`, `<=`, or `>` and `>=` with or without an upper bound.
fn numeric(operand: &Value, here: &Here) -> Parsed<Matcher> {
    const WANTED: Problem = Problem::Operand {
        operator: "numeric",
        wanted: "`=`, `<` or `<=` with a number, or `>` or `>=` with a number and then perhaps `<` or `<=` with another",
    };
    let Value::Array(terms) = operand else { return here.fault(WANTED) };
    let bound = |value: &Value| comparable(value, "numeric", here);
    let (bottom, top, written) = match terms.as_slice() {
        [Value::String(operator), value] => {
            let (number, text) = bound(value)?;
            let written = format!("{operator} {text}");
            match operator.as_str() {
                "=" => return Ok(Matcher::Number(Some(number), text)),
                "<" => (None, Some((number, false)), written),
                "<=" => (None, Some((number, true)), written),
                ">" => (Some((number, false)), None, written),
                ">=" => (Some((number, true)), None, written),
                _ => return here.fault(Problem::UnknownOperator { name: operator.clone() }),
            }
        }
        [Value::String(lower), bottom, Value::String(upper), top] => {
            if !matches!(lower.as_str(), ">" | ">=") || !matches!(upper.as_str(), "<" | "<=") {
                return here.fault(WANTED);
            }
            let ((from, from_text), (to, to_text)) = (bound(bottom)?, bound(top)?);
            if from >= to {
                return here.fault(Problem::EmptyRange);
            }
            let written = format!("{lower} {from_text} and {upper} {to_text}");
            (Some((from, lower == ">=")), Some((to, upper == "<=")), written)
        }
        _ => return here.fault(WANTED),
    };
    Ok(Matcher::Range { bottom, top, written })
}
