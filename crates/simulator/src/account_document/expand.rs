//! From the account of a base to a document like `account.json`: lists by names become lists, variables their values.

use serde_json::{Map, Value};

use super::Problem;
use super::variables::Reader;

/// The mark of a member that holds the elements of a list by their names.
const LIST: &str = "[]";

/// The account with its lists and its values.
pub(super) fn account(account: Map<String, Value>, variables: &mut Reader<'_>) -> Result<Value, Problem> {
    object(account, "", variables)
}

fn object(members: Map<String, Value>, place: &str, variables: &mut Reader<'_>) -> Result<Value, Problem> {
    let mut expanded = Map::new();
    for (name, member) in members {
        let here = join(place, &name);
        let (name, member) = match name.strip_suffix(LIST) {
            Some(list) => (list.to_owned(), elements(member, &here, variables)?),
            None => (name, value(member, &here, variables)?),
        };
        let name = match text(&name, &here, variables)? {
            Value::String(name) => name,
            other => other.to_string(),
        };
        if expanded.insert(name, member).is_some() {
            return Err(Problem::MemberTwice { place: here });
        }
    }
    Ok(Value::Object(expanded))
}

/// The elements of a list by names, in the order of their names in the file.
fn elements(member: Value, place: &str, variables: &mut Reader<'_>) -> Result<Value, Problem> {
    let Value::Object(elements) = member else { return Err(Problem::ListForm { place: place.to_owned() }) };
    let elements = elements.into_iter().map(|(name, element)| value(element, &join(place, &name), variables));
    elements.collect::<Result<_, _>>().map(Value::Array)
}

fn value(given: Value, place: &str, variables: &mut Reader<'_>) -> Result<Value, Problem> {
    match given {
        Value::Object(members) => object(members, place, variables),
        Value::Array(elements) => {
            let elements = elements.into_iter().map(|element| value(element, place, variables));
            elements.collect::<Result<_, _>>().map(Value::Array)
        }
        Value::String(given) => text(&given, place, variables),
        given @ (Value::Null | Value::Bool(_) | Value::Number(_)) => Ok(given),
    }
}

/// A text with its variables filled in; a text that is one variable becomes its value, whatever that is.
fn text(given: &str, place: &str, variables: &mut Reader<'_>) -> Result<Value, Problem> {
    let mut filled = String::new();
    let mut rest = given;
    while let Some((before, name, after)) = next_variable(rest) {
        let value = variables.value(name, place)?;
        if name.len() + "<>".len() == given.len() {
            return Ok(value);
        }
        filled.push_str(before);
        match value {
            Value::String(text) => filled.push_str(&text),
            Value::Number(number) => filled.push_str(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(Problem::NotText { place: place.to_owned(), name: name.to_owned() });
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Value::String(filled))
}

/// What comes before the first variable of a text, its name, and what comes after it.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('<').find_map(|(start, _)| {
        let (before, opened) = text.split_at_checked(start)?;
        let (name, after) = opened.strip_prefix('<')?.split_once('>')?;
        let (prefix, resource) = name.split_once(':').unwrap_or((name, "name"));
        (super::is_name(prefix) && super::is_name(resource)).then_some((before, name, after))
    })
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}
