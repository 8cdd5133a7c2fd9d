use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::condition::Condition;
use super::err::{PolicyError, PolicyErrorKind};
use super::operator::{self, Comparison, moment};
use super::pattern::Pattern;
use super::policy::{Effect, Policy, Selection, Statement};
use super::strictness::{KeyFilter, Strictness};

type Parsed<T> = Result<T, PolicyError>;

/// Reads a whole document; `name` goes before the names of its statements. For `supplied` see [`Strictness`].
pub(super) fn document(document: &Value, name: Option<&str>, supplied: Option<KeyFilter>) -> Parsed<Policy> {
    let top = object(document, "policy")?;
    for element in top.keys() {
        if !matches!(element.as_str(), "Version" | "Id" | "Statement") {
            return Err(PolicyError::new("policy", PolicyErrorKind::UnknownElement(element.clone())));
        }
    }
    let variables = match top.get("Version") {
        // Without a version a document is of the older one, which knows no policy variables.
        None => false,
        Some(version) => match string(version, "Version")? {
            "2012-10-17" => true,
            "2008-10-17" => false,
            other => return Err(PolicyError::new("Version", PolicyErrorKind::Version(other.to_owned()))),
        },
    };
    let strictness = Strictness { variables, supplied };
    if let Some(id) = top.get("Id") {
        string(id, "Id")?;
    }
    let statements = match top.get("Statement") {
        None => return Err(PolicyError::new("policy", PolicyErrorKind::Missing("Statement"))),
        Some(Value::Array(list)) => list.iter().enumerate().map(|(i, s)| (format!("Statement[{i}]"), s)).collect(),
        Some(one) => vec![("Statement".to_owned(), one)],
    };
    if statements.is_empty() {
        return Err(PolicyError::new("Statement", PolicyErrorKind::Empty));
    }
    let mut names = BTreeSet::new();
    let mut policy = Policy::default();
    for (index, (place, value)) in statements.into_iter().enumerate() {
        let mut parsed = statement(value, &place, index, strictness)?;
        if !names.insert(parsed.name.clone()) {
            return Err(PolicyError::new(place, PolicyErrorKind::DuplicateSid(parsed.name)));
        }
        if let Some(name) = name {
            parsed.name = format!("{name}/{}", parsed.name);
        }
        policy.statements.push(parsed);
    }
    Ok(policy)
}

fn statement(value: &Value, place: &str, index: usize, strictness: Strictness) -> Parsed<Statement> {
    let fields = object(value, place)?;
    for element in fields.keys() {
        // `Principal` belongs to resource and trust policies.
        if !matches!(
            element.as_str(),
            "Sid" | "Effect" | "Action" | "NotAction" | "Resource" | "NotResource" | "Condition"
        ) {
            return Err(PolicyError::new(place, PolicyErrorKind::UnknownElement(element.clone())));
        }
    }
    let name = match fields.get("Sid") {
        None => format!("#{index}"),
        Some(sid) => {
            let at = format!("{place}.Sid");
            let text = string(sid, &at)?;
            if !text.chars().all(|c| c.is_ascii_alphanumeric()) {
                return Err(PolicyError::new(at, PolicyErrorKind::Sid(text.to_owned())));
            }
            if text.is_empty() { format!("#{index}") } else { text.to_owned() }
        }
    };
    let effect = match fields.get("Effect") {
        None => return Err(PolicyError::new(place, PolicyErrorKind::Missing("Effect"))),
        Some(effect) => {
            let at = format!("{place}.Effect");
            match string(effect, &at)? {
                "Allow" => Effect::Allow,
                "Deny" => Effect::Deny,
                other => return Err(PolicyError::new(at, PolicyErrorKind::Effect(other.to_owned()))),
            }
        }
    };
    Ok(Statement {
        name,
        effect,
        actions: selection(fields, place, "Action", "NotAction", &action)?,
        resources: selection(fields, place, "Resource", "NotResource", &|text| resource(text, strictness))?,
        conditions: conditions(fields.get("Condition"), &format!("{place}.Condition"), strictness)?,
    })
}

fn selection(
    fields: &Map<String, Value>,
    place: &str,
    listed: &'static str,
    all_but: &'static str,
    parse: &dyn Fn(&str) -> Result<Pattern, PolicyErrorKind>,
) -> Parsed<Selection> {
    let read = |value: &Value, element: &str| -> Parsed<Vec<Pattern>> {
        let at = format!("{place}.{element}");
        let texts = strings(value, &at)?;
        if texts.is_empty() {
            return Err(PolicyError::new(at, PolicyErrorKind::Empty));
        }
        texts.into_iter().map(|(at, text)| parse(text).map_err(|kind| PolicyError::new(at, kind))).collect()
    };
    match (fields.get(listed), fields.get(all_but)) {
        (Some(_), Some(_)) => Err(PolicyError::new(place, PolicyErrorKind::Exclusive(listed, all_but))),
        (Some(value), None) => Ok(Selection::Listed(read(value, listed)?)),
        (None, Some(value)) => Ok(Selection::AllBut(read(value, all_but)?)),
        (None, None) => Err(PolicyError::new(place, PolicyErrorKind::Missing(listed))),
    }
}

fn action(text: &str) -> Result<Pattern, PolicyErrorKind> {
    let well_formed = matches!(text, "*" | "*:*")
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && service.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '*' || c == '?')
        });
    if !well_formed {
        return Err(PolicyErrorKind::Action(text.to_owned()));
    }
    Pattern::parse(text, true, Strictness::PLAIN)
}

fn resource(text: &str, strictness: Strictness) -> Result<Pattern, PolicyErrorKind> {
    let mut parts = text.splitn(6, ':');
    let arn = parts.next() == Some("arn");
    let partition = parts.next().is_some_and(|partition| !partition.is_empty());
    // A `*` may stand for everything from its segment on, but the service must be written out.
    let service = parts
        .next()
        .is_some_and(|service| !service.is_empty() && service.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    let reaches_the_resource = parts.clone().count() == 3 || parts.any(|segment| segment.ends_with('*'));
    if text != "*" && !(arn && partition && service && reaches_the_resource) {
        return Err(PolicyErrorKind::Resource(text.to_owned()));
    }
    Pattern::parse(text, true, strictness)
}

fn conditions(element: Option<&Value>, place: &str, strictness: Strictness) -> Parsed<Vec<Condition>> {
    let Some(element) = element else { return Ok(Vec::new()) };
    let mut conditions = Vec::new();
    for (operator_name, keys) in object(element, place)? {
        let at = format!("{place}.{operator_name}");
        let operator = operator::parse(operator_name, strictness).map_err(|kind| PolicyError::new(&at, kind))?;
        for (key, values) in object(keys, &at)? {
            let at = format!("{at}.{key}");
            if !strictness.allows_key(key) {
                return Err(PolicyError::new(at, PolicyErrorKind::Key(key.clone())));
            }
            let texts = condition_values(values, &at)?;
            if texts.is_empty() {
                return Err(PolicyError::new(at, PolicyErrorKind::Empty));
            }
            let values = texts
                .into_iter()
                .map(|(at, text)| {
                    check_value(operator.comparison, &text)
                        .and_then(|()| pattern_of(operator.comparison, &text, strictness))
                        .map_err(|kind| PolicyError::new(at, kind))
                })
                .collect::<Parsed<Vec<Pattern>>>()?;
            conditions.push(Condition { operator, key: key.clone(), values });
        }
    }
    Ok(conditions)
}

fn pattern_of(comparison: Comparison, text: &str, strictness: Strictness) -> Result<Pattern, PolicyErrorKind> {
    match comparison {
        Comparison::Text { .. } => Pattern::parse(text, false, strictness),
        Comparison::Like | Comparison::Arn => Pattern::parse(text, true, strictness),
        Comparison::Number(_) | Comparison::Date(_) | Comparison::Bool | Comparison::Null | Comparison::Unsupplied => {
            Pattern::parse(text, false, Strictness::PLAIN)
        }
    }
}

fn check_value(comparison: Comparison, text: &str) -> Result<(), PolicyErrorKind> {
    let expected = match comparison {
        Comparison::Bool | Comparison::Null
            if !text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false") =>
        {
            "`true` or `false`"
        }
        Comparison::Number(_) if text.parse::<f64>().is_err() => "a number",
        Comparison::Date(_) if moment(text).is_none() => "a moment such as `2026-03-01T12:00:00Z`",
        Comparison::Arn if !text.starts_with("arn:") && text != "*" => "an ARN",
        _ => return Ok(()),
    };
    Err(PolicyErrorKind::ConditionValue { value: text.to_owned(), expected })
}

/// Condition values are texts, or JSON booleans and numbers that stand for their text.
fn condition_values(value: &Value, place: &str) -> Parsed<Vec<(String, String)>> {
    let one = |value: &Value, place: String| match value {
        Value::String(text) => Ok((place, text.clone())),
        Value::Bool(_) | Value::Number(_) => Ok((place, value.to_string())),
        other => Err(mistyped(place, "a text, number or boolean", other)),
    };
    match value {
        Value::Array(list) => list.iter().enumerate().map(|(i, v)| one(v, format!("{place}[{i}]"))).collect(),
        other => Ok(vec![one(other, place.to_owned())?]),
    }
}

fn strings<'a>(value: &'a Value, place: &str) -> Parsed<Vec<(String, &'a str)>> {
    match value {
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let at = format!("{place}[{i}]");
                string(v, &at).map(|text| (at.clone(), text))
            })
            .collect(),
        Value::String(text) => Ok(vec![(place.to_owned(), text)]),
        other => Err(mistyped(place, "a text or a list of texts", other)),
    }
}

fn string<'a>(value: &'a Value, place: &str) -> Parsed<&'a str> {
    value.as_str().ok_or_else(|| mistyped(place, "a text", value))
}

fn object<'a>(value: &'a Value, place: &str) -> Parsed<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| mistyped(place, "an object", value))
}

fn mistyped(place: impl Into<String>, expected: &'static str, found: &Value) -> PolicyError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    PolicyError::new(place, PolicyErrorKind::Type { expected, found })
}
