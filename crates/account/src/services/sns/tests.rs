#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use super::Published;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:alerts";

fn world() -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    let policy = json!({"Statement": {"Effect": "Allow", "Action": "sns:*", "Resource": "*"}});
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/notify/notify"),
        account: ACCOUNT.to_owned(),
        function: "notify".to_owned(),
        policy: Policy::parse(&policy).unwrap(),
        expires: None,
    });
    world.load(ACCOUNT, REGION, &json!({"sns": {"list-topics": {"Topics": [{"TopicArn": TOPIC}]}}})).unwrap();
    world
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "sns", operation, parameters).0
}

fn published(world: &World) -> Vec<Published> {
    world.read(ACCOUNT, REGION, |region, _| region.state::<crate::sns::State>().published().to_vec()).unwrap()
}

fn refusal(world: &World, parameters: Value) -> (String, String) {
    let error = call(world, "Publish", parameters).unwrap_err();
    (error.code, error.message)
}

#[test]
fn an_accepted_message_is_kept_whole() {
    let world = world();
    let answer = call(
        &world,
        "Publish",
        json!({
            "TopicArn": TOPIC, "Subject": "i-1 contained – é", "Message": "text",
            "MessageAttributes": {"severity": {"DataType": "Number", "StringValue": "8.5"}}
        }),
    )
    .unwrap();
    let messages = published(&world);
    let [message] = messages.as_slice() else { unreachable!("one message") };
    assert_eq!(answer, json!({"MessageId": message.message_id}));
    assert_eq!(message.subject.as_deref(), Some("i-1 contained – é"));
    assert_eq!((message.message.as_str(), message.function.as_str(), message.by_protocol), ("text", "notify", false));
    assert_eq!(message.attributes.get("severity").unwrap().value, "8.5");
}

#[test]
fn subjects_have_rules() {
    let world = world();
    let subject =
        |subject: &str| call(&world, "Publish", json!({"TopicArn": TOPIC, "Message": "m", "Subject": subject}));
    for bad in ["", &"s".repeat(100), "two\nlines", "carriage\r", "tab\there", "nul\0", "\u{2028}", "\u{85}"] {
        let error = subject(bad).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("InvalidParameter", "Invalid parameter: Subject"),
            "{bad:?}"
        );
    }
    assert!(subject(&"ä".repeat(99)).is_ok());
    assert_eq!(published(&world).len(), 1);
}

#[test]
fn size_counts_bytes_and_attributes() {
    let world = world();
    let full = "m".repeat(262_144);
    assert!(call(&world, "Publish", json!({"TopicArn": TOPIC, "Message": full})).is_ok());
    let too_long = ("InvalidParameter".to_owned(), "Invalid parameter: Message too long".to_owned());
    assert_eq!(refusal(&world, json!({"TopicArn": TOPIC, "Message": format!("{full}m")})), too_long);
    assert_eq!(refusal(&world, json!({"TopicArn": TOPIC, "Message": "ä".repeat(131_073)})), too_long);
    let with_attribute = json!({"TopicArn": TOPIC, "Message": full, "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}}});
    assert_eq!(refusal(&world, with_attribute), too_long);
}

#[test]
fn topics_must_exist_here() {
    let world = world();
    let at = |arn: &str| {
        let error = call(&world, "Publish", json!({"TopicArn": arn, "Message": "m"})).unwrap_err();
        (error.code, error.status)
    };
    assert_eq!(at("arn:aws:sns:eu-central-1:111122223333:other"), ("NotFound".to_owned(), 404));
    assert_eq!(at("arn:aws:sns:eu-central-1:444455556666:alerts"), ("AuthorizationError".to_owned(), 403));
    assert_eq!(at("arn:aws:sns:us-east-1:111122223333:alerts"), ("InvalidParameter".to_owned(), 400));
    assert_eq!(
        refusal(&world, json!({"TopicArn": "alerts", "Message": "m"})).1,
        "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
    );
    assert_eq!(
        refusal(&world, json!({"Message": "m"})).1,
        "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"
    );
    assert!(call(&world, "Publish", json!({"PhoneNumber": "+1", "Message": "m"})).unwrap_err().is_unsupported());
}

#[test]
fn a_message_per_protocol_needs_a_default() {
    let world = world();
    let publish = |message: &str| json!({"TopicArn": TOPIC, "MessageStructure": "json", "Message": message});
    assert!(call(&world, "Publish", publish(r#"{"default": "d", "email": "e"}"#)).is_ok());
    assert!(refusal(&world, publish(r#"{"email": "e"}"#)).1.contains("No default entry"));
    assert!(refusal(&world, publish(r#"{"default": 1}"#)).1.contains("No default entry"));
    assert!(refusal(&world, publish("text")).1.contains("failed to parse"));
    assert_eq!(published(&world).len(), 1);
}

#[test]
fn attributes_are_checked() {
    let world = world();
    let with = |name: &str, value: Value| {
        refusal(&world, json!({"TopicArn": TOPIC, "Message": "m", "MessageAttributes": {name: value}}))
    };
    assert_eq!(with("a", json!({"DataType": "Text", "StringValue": "x"})).0, "ParameterValueInvalid");
    assert!(with("a", json!({"DataType": "Number", "StringValue": "x"})).1.contains("Could not cast"));
    assert!(with("a", json!({"DataType": "String", "StringValue": ""})).1.contains("non-empty"));
    assert!(with("a", json!({"DataType": "String"})).1.contains("non-empty"));
    assert!(with("aws.a", json!({"DataType": "String", "StringValue": "x"})).1.contains("is invalid"));
}

#[test]
fn a_batch_reports_each_entry() {
    let world = world();
    let batch = |entries: Value| {
        call(&world, "PublishBatch", json!({"TopicArn": TOPIC, "PublishBatchRequestEntries": entries}))
    };
    let answer = batch(json!([{"Id": "a", "Message": "m"}, {"Id": "b", "Message": "m", "Subject": "x\ny"}])).unwrap();
    assert_eq!(answer.pointer("/Successful/0/Id"), Some(&json!("a")));
    assert_eq!(
        answer.pointer("/Failed"),
        Some(
            &json!([{"Id": "b", "Code": "InvalidParameter", "Message": "Invalid parameter: Subject", "SenderFault": true}])
        )
    );
    assert_eq!(published(&world).len(), 1);
    let code = |entries: Value| batch(entries).unwrap_err().code;
    assert_eq!(code(json!([])), "EmptyBatchRequest");
    assert_eq!(code(json!(vec![json!({"Id": "a", "Message": "m"}); 11])), "TooManyEntriesInBatchRequest");
    assert_eq!(code(json!(vec![json!({"Id": "a", "Message": "m"}); 2])), "BatchEntryIdsNotDistinct");
    assert_eq!(code(json!([{"Id": "a b", "Message": "m"}])), "InvalidBatchEntryId");
    let half = "m".repeat(140_000);
    assert_eq!(code(json!([{"Id": "a", "Message": half}, {"Id": "b", "Message": half}])), "BatchRequestTooLong");
}

#[test]
fn attributes_of_a_topic_are_a_map() {
    let world = world();
    let answer = call(&world, "GetTopicAttributes", json!({"TopicArn": TOPIC})).unwrap();
    assert_eq!(answer.pointer("/Attributes/TopicArn"), Some(&json!(TOPIC)));
    assert_eq!(answer.pointer("/Attributes/Owner"), Some(&json!(ACCOUNT)));
    let fifo = json!({"sns": {"list-topics": {"Topics": [{"TopicArn": format!("{TOPIC}.fifo")}]}}});
    assert!(world.load(ACCOUNT, REGION, &fifo).unwrap_err().to_string().contains("FIFO"));
}

/// A request of an SDK client, as bytes.
fn answered(world: &World, form: &str) -> (u16, String) {
    let request = http::Request::builder()
        .method("POST")
        .uri("https://sns.eu-central-1.amazonaws.com/")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIATEST/20260301/eu-central-1/sns/aws4_request, SignedHeaders=host, Signature=00",
        )
        .body(format!("{form}&Version=2010-03-31").into_bytes())
        .unwrap();
    let response = world.respond(&request).response;
    (response.status().as_u16(), String::from_utf8(response.into_body()).unwrap())
}

#[test]
fn the_wire_form_is_that_of_the_query_protocol() {
    let world = world();
    let topic = TOPIC.replace(':', "%3A");
    let (status, body) = answered(
        &world,
        &format!(
            "Action=Publish&TopicArn={topic}&Message=two%0Alines&Subject=s&MessageAttributes.entry.1.Name=severity&MessageAttributes.entry.1.Value.DataType=Number&MessageAttributes.entry.1.Value.StringValue=8"
        ),
    );
    let messages = published(&world);
    let [message] = messages.as_slice() else { unreachable!("one message") };
    assert_eq!((status, message.message.as_str()), (200, "two\nlines"));
    assert_eq!(message.attributes.get("severity").unwrap().value, "8");
    let expected = format!("<PublishResult><MessageId>{}</MessageId></PublishResult>", message.message_id);
    assert!(body.contains(&expected), "{body}");
    let (status, body) = answered(
        &world,
        &format!(
            "Action=PublishBatch&TopicArn={topic}&PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m"
        ),
    );
    assert_eq!(status, 200);
    assert!(body.contains("<Successful><member><Id>a</Id>"), "{body}");
    let (status, body) = answered(&world, "Action=Publish&TopicArn=alerts&Message=m");
    assert_eq!(status, 400);
    assert!(body.contains("<Code>InvalidParameter</Code>"), "{body}");
}
