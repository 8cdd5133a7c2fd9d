//! The JSON protocols: bodies both ways, and the operation in `X-Amz-Target`.

use http::Request;
use serde_json::{Map, Value};

use super::Decoded;
use crate::base::ServiceError;

/// Reads `X-Amz-Target: Prefix.Operation` and the JSON body.
pub(super) fn decode(request: &Request<Vec<u8>>, prefix: &str) -> Result<Decoded, ServiceError> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let operation = target
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('.'))
        .ok_or_else(|| ServiceError::new("UnknownOperationException", format!("unknown target `{target}`")))?;
    Ok(Decoded { operation: operation.to_owned(), parameters: object(request.body())? })
}

/// The JSON object of a body; none for an empty body.
pub(super) fn object(body: &[u8]) -> Result<Value, ServiceError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let malformed = || ServiceError::new("SerializationException", "the body is not a JSON object");
    let value: Value = serde_json::from_slice(body).map_err(|_| malformed())?;
    if value.is_object() { Ok(value) } else { Err(malformed()) }
}

/// The body of a response.
#[expect(clippy::expect_used, reason = "the keys of a `Value` are texts, and its numbers are finite")]
pub(super) fn body(response: &Value) -> Vec<u8> {
    serde_json::to_vec(response).expect("a JSON text")
}

/// The body of an error. Its type has `namespace` and `#` before it where there is one (JSON 1.0).
pub(super) fn error(namespace: &str, error: ServiceError) -> Vec<u8> {
    let kind = match namespace {
        "" => error.code,
        namespace => format!("com.amazonaws.{}#{}", namespace.to_ascii_lowercase(), error.code),
    };
    let mut members = Map::new();
    members.insert("__type".to_owned(), kind.into());
    // AWS writes either spelling; clients read both.
    members.insert("message".to_owned(), error.message.into());
    members.extend(*error.fields);
    body(&Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(target: &'static str, body: &str) -> Request<Vec<u8>> {
        let mut request = Request::new(body.as_bytes().to_vec());
        request.headers_mut().insert("x-amz-target", http::HeaderValue::from_static(target));
        request
    }

    #[test]
    fn reads_target_and_body() -> Result<(), ServiceError> {
        let decoded = decode(&request("DynamoDB_20120810.PutItem", r#"{"TableName":"t"}"#), "DynamoDB_20120810")?;
        assert_eq!(decoded, Decoded { operation: "PutItem".to_owned(), parameters: json!({"TableName": "t"}) });
        assert_eq!(decode(&request("AmazonSSM.X", ""), "AmazonSSM")?.parameters, json!({}));
        Ok(())
    }

    #[test]
    fn refuses_another_target_and_what_is_no_object() {
        assert!(decode(&request("AmazonSSM.X", "{}"), "DynamoDB_20120810").is_err());
        let deep = "[".repeat(100_000);
        for body in ["[]", "{", "nonsense", deep.as_str()] {
            assert!(decode(&request("AmazonSSM.X", body), "AmazonSSM").is_err());
        }
    }

    #[test]
    fn an_error_has_its_type_its_message_and_its_members() -> Result<(), serde_json::Error> {
        let refusal = ServiceError::new("ConditionalCheckFailedException", "The conditional request failed")
            .field("Item", json!({"pk": {"S": "1"}}));
        let body: Value = serde_json::from_slice(&error("DynamoDB_20120810", refusal))?;
        let expected = json!({
            "__type": "com.amazonaws.dynamodb_20120810#ConditionalCheckFailedException",
            "message": "The conditional request failed",
            "Item": {"pk": {"S": "1"}},
        });
        assert_eq!(body, expected);
        Ok(())
    }
}
