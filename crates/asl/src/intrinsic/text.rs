//! `States.Format`: its template, and the texts of values.

use serde_json::Value;

/// The template with each `{}` replaced by the next value; `None` when the number of values differs, or a brace has no partner.
pub(super) fn format(template: &str, values: &[Value]) -> Option<String> {
    let mut out = String::with_capacity(template.len());
    let mut values = values.iter();
    let mut chars = template.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(brace @ ('{' | '}')) => out.push(brace),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push('\\'),
            },
            '{' => {
                if chars.next() != Some('}') {
                    return None;
                }
                show(values.next()?, &mut out);
            }
            '}' => return None,
            c => out.push(c),
        }
    }
    values.next().is_none().then_some(out)
}

/// The text of a value: strings as they are, objects and arrays as Java prints maps and lists.
fn show(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                show(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                out.push_str(key);
                out.push('=');
                show(value, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}
