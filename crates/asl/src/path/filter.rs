//! Filters: `[?(@.price < 10 && @.kind == 'book')]`.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use super::err::{PathError, PathSyntaxError};
use super::parse::{Parser, Path, Root};

#[derive(Debug, Clone)]
pub(super) enum Filter {
    Or(Vec<Filter>),
    And(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Path),
    Compare(Operand, Operator, Operand),
    Matches(Operand, Regex),
}

#[derive(Debug, Clone)]
pub(super) enum Operand {
    Path(Path),
    Literal(Value),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    Size,
    Empty,
}

/// Longest first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Operator); 12] = [
    ("===", Operator::Equal),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("in ", Operator::In),
    ("nin ", Operator::NotIn),
    ("contains ", Operator::Contains),
    ("size ", Operator::Size),
    ("empty ", Operator::Empty),
];

impl Filter {
    pub(super) fn parse(parser: &mut Parser<'_>) -> Result<Filter, PathSyntaxError> {
        parser.deeper()?;
        let mut any = vec![Filter::parse_and(parser)?];
        loop {
            parser.skip_spaces();
            if !parser.eat("||") {
                break;
            }
            any.push(Filter::parse_and(parser)?);
        }
        parser.depth -= 1;
        Ok(Filter::Or(any))
    }

    fn parse_and(parser: &mut Parser<'_>) -> Result<Filter, PathSyntaxError> {
        let mut all = vec![Filter::parse_term(parser)?];
        loop {
            parser.skip_spaces();
            if !parser.eat("&&") {
                break;
            }
            all.push(Filter::parse_term(parser)?);
        }
        Ok(Filter::And(all))
    }

    fn parse_term(parser: &mut Parser<'_>) -> Result<Filter, PathSyntaxError> {
        parser.deeper()?;
        parser.skip_spaces();
        let filter = if parser.eat("!") {
            Filter::Not(Box::new(Filter::parse_term(parser)?))
        } else if parser.eat("(") {
            let inner = Filter::parse(parser)?;
            parser.skip_spaces();
            parser.expect(")", "a parenthesis is not closed")?;
            inner
        } else {
            Filter::parse_comparison(parser)?
        };
        parser.depth -= 1;
        Ok(filter)
    }

    fn parse_comparison(parser: &mut Parser<'_>) -> Result<Filter, PathSyntaxError> {
        let left = Operand::parse(parser)?;
        parser.skip_spaces();
        if parser.eat("=~") {
            return Ok(Filter::Matches(left, parse_regex(parser)?));
        }
        for (text, operator) in OPERATORS {
            if parser.eat(text) {
                return Ok(Filter::Compare(left, operator, Operand::parse(parser)?));
            }
        }
        match left {
            Operand::Path(path) => Ok(Filter::Exists(path)),
            Operand::Literal(_) => Err(parser.error("a filter compares nothing")),
        }
    }

    pub(super) fn accepts(&self, item: &Value, outer: &Value) -> Result<bool, PathError> {
        Ok(match self {
            Filter::Or(any) => {
                for filter in any {
                    if filter.accepts(item, outer)? {
                        return Ok(true);
                    }
                }
                false
            }
            Filter::And(all) => {
                for filter in all {
                    if !filter.accepts(item, outer)? {
                        return Ok(false);
                    }
                }
                true
            }
            Filter::Not(filter) => !filter.accepts(item, outer)?,
            Filter::Exists(path) => match lookup(path, item, outer)? {
                Some(Value::Array(found)) if !path.is_definite() => !found.is_empty(),
                found => found.is_some(),
            },
            Filter::Matches(operand, regex) => {
                operand.value(item, outer)?.as_ref().and_then(Value::as_str).is_some_and(|text| regex.is_match(text))
            }
            Filter::Compare(left, operator, right) => {
                let (left, right) = (left.value(item, outer)?, right.value(item, outer)?);
                match (left, right) {
                    (Some(left), Some(right)) => operator.holds(&left, &right),
                    _ => *operator == Operator::NotEqual,
                }
            }
        })
    }
}

fn parse_regex(parser: &mut Parser<'_>) -> Result<Regex, PathSyntaxError> {
    parser.skip_spaces();
    parser.expect("/", "a regular expression does not start with `/`")?;
    let mut escaped = false;
    let end = parser.rest.find(|c| {
        let ends = c == '/' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let end = end.ok_or_else(|| parser.error("a regular expression is not closed"))?;
    let (pattern, rest) = parser.rest.split_at(end);
    (_, parser.rest) = rest.split_at("/".len());
    let flags = parser.take_while(|c| matches!(c, 'i' | 'x' | 's' | 'u' | 'm' | 'd' | 'U'));
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(flags.contains('i'))
        .size_limit(1 << 20)
        .build()
        .map_err(|_| parser.error("a regular expression is not valid"))
}

impl Operand {
    fn parse(parser: &mut Parser<'_>) -> Result<Operand, PathSyntaxError> {
        parser.skip_spaces();
        if parser.rest.starts_with(['@', '$']) {
            parser.deeper()?;
            let path = parser.path(true)?;
            parser.depth -= 1;
            return Ok(Operand::Path(path));
        }
        if parser.rest.starts_with(['\'', '"']) {
            return Ok(Operand::Literal(Value::String(parser.quoted()?)));
        }
        if parser.rest.starts_with(['[', '{']) {
            let mut stream = serde_json::Deserializer::from_str(parser.rest).into_iter::<Value>();
            let value = stream.next().and_then(Result::ok);
            let used = stream.byte_offset();
            return match value {
                Some(value) => {
                    (_, parser.rest) = parser.rest.split_at(used);
                    Ok(Operand::Literal(value))
                }
                None => Err(parser.error("a filter has a list that is not JSON")),
            };
        }
        let word = parser.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        serde_json::from_str(word)
            .map(Operand::Literal)
            .map_err(|_| parser.error("a filter has an operand that is neither a path nor a value"))
    }

    fn value(&self, item: &Value, outer: &Value) -> Result<Option<Value>, PathError> {
        match self {
            Operand::Path(path) => lookup(path, item, outer),
            Operand::Literal(value) => Ok(Some(value.clone())),
        }
    }
}

fn lookup(path: &Path, item: &Value, outer: &Value) -> Result<Option<Value>, PathError> {
    let start = if matches!(path.root(), Root::Item) { item } else { outer };
    match path.find(start, outer, 0) {
        Ok(found) => Ok(Some(found.into_value())),
        Err(too_long @ PathError::TooLong(_)) => Err(too_long),
        Err(_) => Ok(None),
    }
}

impl Operator {
    fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Operator::Equal => equal(left, right),
            Operator::NotEqual => !equal(left, right),
            Operator::Less => order(left, right) == Some(Ordering::Less),
            Operator::LessOrEqual => matches!(order(left, right), Some(Ordering::Less | Ordering::Equal)),
            Operator::Greater => order(left, right) == Some(Ordering::Greater),
            Operator::GreaterOrEqual => matches!(order(left, right), Some(Ordering::Greater | Ordering::Equal)),
            Operator::In => is_in(left, right),
            Operator::NotIn => !is_in(left, right),
            Operator::Contains => match left {
                Value::String(text) => right.as_str().is_some_and(|part| text.contains(part)),
                _ => is_in(right, left),
            },
            Operator::Size => length(left).is_some() && length(left) == right.as_u64(),
            Operator::Empty => length(left).map(|n| n == 0) == right.as_bool(),
        }
    }
}

fn length(value: &Value) -> Option<u64> {
    let length = match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.chars().count(),
        _ => return None,
    };
    u64::try_from(length).ok()
}

fn is_in(item: &Value, list: &Value) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|other| equal(item, other)))
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filters_accept_what_they_describe() {
        let items = json!([
            { "n": 1, "s": "one", "list": [1, 2], "t": true },
            { "n": 2.5, "s": "two", "list": [], "nothing": null },
            { "s": "three" },
        ]);
        let count = |filter: &str| {
            let path = Path::parse(&format!("$[?({filter})]")).unwrap();
            path.find(&items, &items, 0).unwrap().into_value().as_array().unwrap().len()
        };
        for (filter, expected) in [
            ("@.n > 1", 1),
            ("@.n>=1", 2),
            ("@.n == 1.0 || @.s == 'three'", 2),
            ("@.n && !(@.t)", 1),
            ("!@.n", 1),
            ("@.s != \"one\"", 2),
            ("@.s =~ /t.*/i", 2),
            ("@.s in ['one', 'two']".replace('\'', "\"").as_str(), 2),
            ("@.s nin [\"one\"]", 2),
            ("@.list contains 2", 1),
            ("@.list size 2", 1),
            ("@.list empty true", 1),
            ("@['n'] < $[1].n", 1),
            ("@.t == true", 1),
            ("@.nothing == null", 1),
            ("(@.n == 1) && (@.s == 'one')", 1),
        ] {
            assert_eq!(count(filter), expected, "{filter}");
        }
        for text in ["$[?()]", "$[?(@.a >)]", "$[?(1)]", "$[?(@.a == x)]", "$[?(@.a =~ /(/)]", "$[?(@.a == 1]"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
