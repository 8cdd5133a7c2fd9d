//! Comparing JSON with what was recorded. In an expected text `⟦name⟧` matches any text; alone it matches any value.

use serde_json::Value;

const OPEN: char = '⟦';
const CLOSE: char = '⟧';

/// The fixed texts between the marks of a text; `None` when it has no mark.
fn fixed_parts(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(OPEN) {
        let (before, after) = rest.split_at(start);
        let Some(end) = after.find(CLOSE) else { break };
        parts.push(before);
        rest = after.get(end + CLOSE.len_utf8()..)?;
    }
    if parts.is_empty() {
        return None;
    }
    parts.push(rest);
    Some(parts)
}

fn is_mark(text: &str) -> bool {
    fixed_parts(text).is_some_and(|parts| parts.len() == 2 && parts.iter().all(|part| part.is_empty()))
}

/// Whether the fixed parts occur in the text in their order, the first one at its start and the last one at its end.
fn fits(parts: &[&str], text: &str) -> bool {
    let (Some((first, middle)), Some(last)) = (parts.split_first(), parts.last()) else { return text.is_empty() };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle.iter().take(middle.len().saturating_sub(1)) {
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The value of a text that is a JSON object or array.
fn parsed(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// Whether `actual` matches `expected`.
#[must_use]
pub fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::String(mark), _) if is_mark(mark) => true,
        (Value::Object(_) | Value::Array(_), Value::String(text)) => {
            parsed(text).is_some_and(|actual| same(expected, &actual))
        }
        (Value::Object(expected), Value::Object(actual)) => {
            expected.len() == actual.len()
                && expected.iter().all(|(key, value)| actual.get(key).is_some_and(|actual| same(value, actual)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            expected.len() == actual.len()
                && expected.iter().zip(actual).all(|(expected, actual)| same(expected, actual))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => {
            a == b
                || fixed_parts(a).is_some_and(|parts| fits(&parts, b))
                || matches!((parsed(a), parsed(b)), (Some(a), Some(b)) if same(&a, &b))
        }
        (Value::String(text), Value::Object(_) | Value::Array(_)) => {
            parsed(text).is_some_and(|expected| same(&expected, actual))
        }
        _ => expected == actual,
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(300).collect()
}

/// The first difference, as a sentence; `None` when `actual` matches `expected`.
#[must_use]
pub fn first_difference(expected: &Value, actual: &Value, path: &str) -> Option<String> {
    if same(expected, actual) {
        return None;
    }
    let parsed_actual = actual.as_str().filter(|_| expected.is_object() || expected.is_array()).and_then(parsed);
    let actual = parsed_actual.as_ref().unwrap_or(actual);
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (key, value) in expected {
                match actual.get(key) {
                    None => return Some(format!("{path}.{key}: missing, expected {}", short(value))),
                    Some(actual) => {
                        if let Some(difference) = first_difference(value, actual, &format!("{path}.{key}")) {
                            return Some(difference);
                        }
                    }
                }
            }
            let extra = actual.iter().find(|(key, _)| !expected.contains_key(*key));
            extra.map(|(key, value)| format!("{path}.{key}: not expected, found {}", short(value)))
        }
        (Value::Array(expected), Value::Array(actual)) => {
            let pairs = expected.iter().zip(actual).enumerate();
            let within = pairs
                .into_iter()
                .find_map(|(at, (expected, actual))| first_difference(expected, actual, &format!("{path}[{at}]")));
            within.or_else(|| Some(format!("{path}: {} items expected, {} found", expected.len(), actual.len())))
        }
        _ => Some(format!("{path}: expected {}, found {}", short(expected), short(actual))),
    }
}

/// The value without the metadata of SDK calls, which differ from call to call.
pub(crate) fn without_metadata(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "SdkHttpMetadata" | "SdkResponseMetadata"))
            .map(|(key, value)| (key.clone(), without_metadata(value)))
            .collect(),
        Value::Array(items) => items.iter().map(without_metadata).collect(),
        other => other.clone(),
    }
}

/// Whether two lists have the same items in any order.
pub(crate) fn same_multiset(expected: &[Value], actual: &[Value]) -> bool {
    let mut rest: Vec<&Value> = actual.iter().collect();
    for event in expected {
        match rest.iter().position(|candidate| same(event, candidate)) {
            Some(at) => {
                rest.swap_remove(at);
            }
            None => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marks_stand_for_anything() {
        assert!(same(&json!("⟦x⟧"), &json!({"a": 1})));
        assert!(same(&json!("id ⟦x⟧ at ⟦y⟧!"), &json!("id 5 at 12:00!")));
        assert!(!same(&json!("id ⟦x⟧!"), &json!("id 5")));
        assert!(same(&json!({"a": [1.0]}), &json!("{\"a\": [1]}")));
        assert!(!same(&json!(1), &json!(true)));
        assert!(first_difference(&json!({"a": 1}), &json!({"a": 1, "b": 2}), "$").is_some());
    }
}
