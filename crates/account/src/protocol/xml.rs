//! Values as XML, in the two dialects of the Query protocols.

use quick_xml::escape::escape;
use serde_json::Value;

use crate::base::ServiceError;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An answer of EC2: `<XResponse xmlns=…><requestId>…</requestId>…</XResponse>`, lists as `<item>`.
pub(super) fn ec2(namespace: &str, operation: &str, request_id: &str, result: &Result<Value, ServiceError>) -> Vec<u8> {
    let mut out = String::with_capacity(1024);
    out.push_str(DECLARATION);
    match result {
        Ok(value) => {
            open_root(&mut out, operation, "Response", namespace);
            element(&mut out, "requestId", &Value::String(request_id.to_owned()), "item");
            members(&mut out, value, "item");
            close(&mut out, operation, "Response");
        }
        Err(error) => {
            out.push_str("<Response><Errors><Error>");
            text_element(&mut out, "Code", &error.code);
            text_element(&mut out, "Message", &error.message);
            for (name, value) in error.fields.iter() {
                element(&mut out, name, value, "item");
            }
            out.push_str("</Error></Errors>");
            text_element(&mut out, "RequestID", request_id);
            out.push_str("</Response>");
        }
    }
    out.into_bytes()
}

/// An answer of the other Query services: `<XResponse><XResult>…</XResult><ResponseMetadata>…`, lists as `<member>`.
pub(super) fn query(
    namespace: &str,
    operation: &str,
    request_id: &str,
    result: &Result<Value, ServiceError>,
) -> Vec<u8> {
    let mut out = String::with_capacity(512);
    match result {
        Ok(value) => {
            open_root(&mut out, operation, "Response", namespace);
            // An operation without an output has no element for it.
            if !value.is_null() {
                open(&mut out, operation, "Result");
                members(&mut out, value, "member");
                close(&mut out, operation, "Result");
            }
            out.push_str("<ResponseMetadata>");
            text_element(&mut out, "RequestId", request_id);
            out.push_str("</ResponseMetadata>");
            close(&mut out, operation, "Response");
        }
        Err(error) => {
            open_root(&mut out, "Error", "Response", namespace);
            out.push_str("<Error>");
            text_element(&mut out, "Type", if error.status < 500 { "Sender" } else { "Receiver" });
            text_element(&mut out, "Code", &error.code);
            text_element(&mut out, "Message", &error.message);
            for (name, value) in error.fields.iter() {
                element(&mut out, name, value, "member");
            }
            out.push_str("</Error>");
            text_element(&mut out, "RequestId", request_id);
            close(&mut out, "Error", "Response");
        }
    }
    out.into_bytes()
}

fn members(out: &mut String, value: &Value, list: &str) {
    if let Value::Object(members) = value {
        for (name, value) in members {
            element(out, name, value, list);
        }
    }
}

/// Null is left out; every other value is an element.
fn element(out: &mut String, name: &str, value: &Value, list: &str) {
    match value {
        Value::Null => {}
        Value::Bool(true) => text_element(out, name, "true"),
        Value::Bool(false) => text_element(out, name, "false"),
        Value::Number(number) => text_element(out, name, &number.to_string()),
        Value::String(text) => text_element(out, name, text),
        Value::Array(values) if values.is_empty() => empty(out, name),
        Value::Array(values) => {
            open(out, name, "");
            for value in values {
                element(out, list, value, list);
            }
            close(out, name, "");
        }
        Value::Object(_) => {
            open(out, name, "");
            members(out, value, list);
            close(out, name, "");
        }
    }
}

fn text_element(out: &mut String, name: &str, text: &str) {
    if text.is_empty() {
        return empty(out, name);
    }
    open(out, name, "");
    // XML 1.0 has no form, not even an escaped one, for the other control characters.
    if text.contains(|c: char| c.is_control()) {
        let allowed: String =
            text.chars()
                .map(|c| {
                    if matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}') { '\u{fffd}' } else { c }
                })
                .collect();
        // A carriage return would come back as a line feed.
        out.push_str(&escape(allowed.as_str()).replace('\r', "&#13;"));
    } else {
        out.push_str(&escape(text));
    }
    close(out, name, "");
}

fn open_root(out: &mut String, name: &str, suffix: &str, namespace: &str) {
    out.push('<');
    out.push_str(name);
    out.push_str(suffix);
    if !namespace.is_empty() {
        out.push_str(" xmlns=\"");
        out.push_str(namespace);
        out.push('"');
    }
    out.push('>');
}

fn open(out: &mut String, name: &str, suffix: &str) {
    out.push('<');
    out.push_str(name);
    out.push_str(suffix);
    out.push('>');
}

fn close(out: &mut String, name: &str, suffix: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push_str(suffix);
    out.push('>');
}

fn empty(out: &mut String, name: &str) {
    out.push('<');
    out.push_str(name);
    out.push_str("/>");
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_default()
    }

    #[test]
    fn lists_are_items_in_ec2_and_members_elsewhere() {
        let value = Ok(json!({"aSet": [{"b": 1}, {"b": true}], "none": null, "empty": [], "text": ""}));
        let expected = "<XResponse xmlns=\"n\"><requestId>r</requestId><aSet><item><b>1</b></item><item><b>true</b></item></aSet><empty/><text/></XResponse>";
        assert_eq!(text(ec2("n", "X", "r", &value)), format!("{DECLARATION}{expected}"));
        let expected = "<XResponse xmlns=\"n\"><XResult><aSet><member><b>1</b></member><member><b>true</b></member></aSet><empty/><text/></XResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></XResponse>";
        assert_eq!(text(query("n", "X", "r", &value)), expected);
    }

    #[test]
    fn errors_have_the_form_of_their_protocol() {
        let error = Err(ServiceError::new("InvalidGroup.NotFound", "no <group>"));
        let expected = "<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>no &lt;group&gt;</Message></Error></Errors><RequestID>r</RequestID></Response>";
        assert_eq!(text(ec2("n", "X", "r", &error)), format!("{DECLARATION}{expected}"));
        let expected = "<ErrorResponse xmlns=\"n\"><Error><Type>Sender</Type><Code>InvalidGroup.NotFound</Code><Message>no &lt;group&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        assert_eq!(text(query("n", "X", "r", &error)), expected);
    }

    #[test]
    fn text_is_escaped_and_control_characters_are_replaced() {
        let value = Ok(json!({"t": "a<b>&\"'\u{1}\r\n\tü"}));
        let written = text(query("", "X", "r", &value));
        assert!(written.contains("<t>a&lt;b&gt;&amp;&quot;&apos;\u{fffd}&#13;\n\tü</t>"), "{written}");
    }
}
