//! Values as XML, in the two dialects of the Query protocols.

use quick_xml::escape::escape;
use serde_json::Value;

use crate::base::ServiceError;
use crate::model::{Kind, Misfit, Model};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// A response of EC2: `<XResponse xmlns=…><requestId>…</requestId>…</XResponse>`, lists as `<item>`. The namespace has a
/// slash at its end (API reference, "Examples" of any operation), which the service model leaves out.
pub(super) fn ec2(namespace: &str, operation: &str, request_id: &str, response: &Value) -> Vec<u8> {
    let mut out = String::with_capacity(1024);
    out.push_str(DECLARATION);
    open_root(&mut out, operation, "Response", &format!("{namespace}/"));
    text_element(&mut out, "requestId", request_id);
    members(&mut out, response, "item");
    close(&mut out, operation, "Response");
    out.into_bytes()
}

/// An error of EC2.
pub(super) fn ec2_error(request_id: &str, error: &ServiceError) -> Vec<u8> {
    let mut out = String::with_capacity(512);
    out.push_str(DECLARATION);
    out.push_str("<Response><Errors><Error>");
    text_element(&mut out, "Code", &error.code);
    text_element(&mut out, "Message", &error.message);
    for (name, value) in error.fields.iter() {
        element(&mut out, name, value, "item");
    }
    out.push_str("</Error></Errors>");
    text_element(&mut out, "RequestID", request_id);
    out.push_str("</Response>");
    out.into_bytes()
}

/// A response of another Query service: `<XResponse><XResult>…</XResult><ResponseMetadata>…`, lists as `<member>`, maps as
/// `<entry>`.
pub(super) fn query(model: &Model, operation: &str, request_id: &str, response: &Value) -> Result<Vec<u8>, Misfit> {
    let mut out = String::with_capacity(512);
    open_root(&mut out, operation, "Response", model.namespace);
    // An operation without an output has no element for it.
    if let Some(output) = model.output(operation) {
        open(&mut out, operation, "Result");
        structure(&mut out, model, output, response)?;
        close(&mut out, operation, "Result");
    }
    out.push_str("<ResponseMetadata>");
    text_element(&mut out, "RequestId", request_id);
    out.push_str("</ResponseMetadata>");
    close(&mut out, operation, "Response");
    Ok(out.into_bytes())
}

/// An error of another Query service.
pub(super) fn query_error(namespace: &str, request_id: &str, error: &ServiceError) -> Vec<u8> {
    let mut out = String::with_capacity(512);
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
    out.into_bytes()
}

fn structure(out: &mut String, model: &Model, structure: usize, value: &Value) -> Result<(), Misfit> {
    let Value::Object(members) = value else { return Err(Misfit::of_type("a structure")) };
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let (response, kind) = model.member(structure, name).ok_or_else(|| Misfit::unknown(name))?;
        typed_element(out, model, response, kind, value).map_err(|misfit| misfit.within(name))?;
    }
    Ok(())
}

fn typed_element(out: &mut String, model: &Model, name: &str, kind: &Kind, value: &Value) -> Result<(), Misfit> {
    match (kind, value) {
        (Kind::Structure(index), value) => {
            open(out, name, "");
            structure(out, model, *index, value)?;
            close(out, name, "");
        }
        (Kind::List(..), Value::Array(elements)) if elements.is_empty() => empty(out, name),
        (Kind::List(kind, element), Value::Array(elements)) => {
            open(out, name, "");
            for (index, value) in elements.iter().enumerate() {
                typed_element(out, model, element.unwrap_or("member"), kind, value)
                    .map_err(|misfit| misfit.at(index))?;
            }
            close(out, name, "");
        }
        (Kind::Map(kind, key_name, value_name), Value::Object(entries)) => {
            open(out, name, "");
            for (key, value) in entries {
                open(out, "entry", "");
                text_element(out, key_name, key);
                typed_element(out, model, value_name, kind, value).map_err(|misfit| misfit.within(key))?;
                close(out, "entry", "");
            }
            close(out, name, "");
        }
        (_, Value::String(_) | Value::Bool(_) | Value::Number(_)) if kind.is_scalar() => {
            element(out, name, value, "member");
        }
        (kind, _) => return Err(Misfit::of_type(kind.described())),
    }
    Ok(())
}

/// Members that have the names of the response already.
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
    fn lists_are_items_in_ec2() {
        let value = json!({"aSet": [{"b": 1}, {"b": true}], "none": null, "empty": [], "text": ""});
        let expected = "<XResponse xmlns=\"n/\"><requestId>r</requestId><aSet><item><b>1</b></item><item><b>true</b></item></aSet><empty/><text/></XResponse>";
        assert_eq!(text(ec2("n", "X", "r", &value)), format!("{DECLARATION}{expected}"));
    }

    #[test]
    fn elsewhere_lists_and_maps_are_as_the_model_says() {
        let model = Model::read(crate::model::tests::TABLE);
        let value = json!({
            "Names": ["a", "b"], "Items": [{"Name": "i"}], "Tags": {"k": "v"}, "Deep": {"Size": 1}, "Flag": true});
        let result = "<Names><member>a</member><member>b</member></Names><Items><item><Name>i</Name></item></Items><Tags><entry><Key>k</Key><Value>v</Value></entry></Tags><deep><Size>1</Size></deep><Flag>true</Flag>";
        let metadata = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></XResponse>";
        let expected = format!("<XResponse xmlns=\"n\"><XResult>{result}</XResult>{metadata}");
        assert_eq!(query(&model, "X", "r", &value).map(text), Ok(expected));
        let nothing = format!("<YResponse xmlns=\"n\">{metadata}").replace("XResponse>", "YResponse>");
        assert_eq!(query(&model, "Y", "r", &json!(null)).map(text), Ok(nothing));
        let unknown = query(&model, "X", "r", &json!({"Deep": {"Color": 1}}));
        assert_eq!(unknown, Err(Misfit::unknown("Deep.Color")));
    }

    #[test]
    fn errors_have_the_form_of_their_protocol() {
        let error = ServiceError::new("InvalidGroup.NotFound", "no <group>");
        let expected = "<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>no &lt;group&gt;</Message></Error></Errors><RequestID>r</RequestID></Response>";
        assert_eq!(text(ec2_error("r", &error)), format!("{DECLARATION}{expected}"));
        let expected = "<ErrorResponse xmlns=\"n\"><Error><Type>Sender</Type><Code>InvalidGroup.NotFound</Code><Message>no &lt;group&gt;</Message></Error><RequestId>r</RequestId></ErrorResponse>";
        assert_eq!(text(query_error("n", "r", &error)), expected);
    }

    #[test]
    fn text_is_escaped_and_control_characters_are_replaced() {
        let value = json!({"t": "a<b>&\"'\u{1}\r\n\tü"});
        let written = text(ec2("", "X", "r", &value));
        assert!(written.contains("<t>a&lt;b&gt;&amp;&quot;&apos;\u{fffd}&#13;\n\tü</t>"), "{written}");
    }
}
