#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use crate::{Policy, Principal, Role, ServiceError, Setup, Timestamp, World};

const CALLER: &str = "arn:aws:sts::111122223333:assumed-role/identify/run";
const ROLE: &str = "arn:aws:iam::444455556666:role/cordon/responder";

fn world(trusted: &str) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    let policy = |action: &str, resource: &str| {
        Policy::parse(&json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})).unwrap()
    };
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: CALLER.to_owned(),
        account: "111122223333".to_owned(),
        function: "identify".to_owned(),
        policy: policy("sts:AssumeRole", "arn:aws:iam::*:role/cordon/*"),
        expires: None,
    });
    let topic = policy("sns:GetTopicAttributes", "*");
    world.add_role(Role { arn: ROLE.to_owned(), trusted: vec![trusted.to_owned()], policy: topic });
    world
}

fn call(world: &World, key: &str, service: &str, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate(key, "eu-central-1", service, operation, parameters).0
}

fn assume(world: &World, extra: Value) -> Result<Value, ServiceError> {
    let mut parameters = json!({"RoleArn": ROLE, "RoleSessionName": "incident-1"});
    parameters.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
    call(world, "AKIATEST", "sts", "AssumeRole", parameters)
}

#[test]
fn a_session_has_the_roles_account_policy_and_the_callers_function() {
    let world = world("arn:aws:iam::111122223333:role/identify");
    let answer = assume(&world, json!({})).unwrap();
    assert_eq!(
        answer.pointer("/AssumedRoleUser/Arn"),
        Some(&json!("arn:aws:sts::444455556666:assumed-role/responder/incident-1"))
    );
    assert_eq!(answer.pointer("/Credentials/Expiration"), Some(&json!("2026-03-01T12:00:00Z")));
    let key = answer.pointer("/Credentials/AccessKeyId").and_then(Value::as_str).unwrap();
    let identity = call(&world, key, "sts", "GetCallerIdentity", json!({})).unwrap();
    assert_eq!(identity.get("Account"), Some(&json!("444455556666")));
    assert_eq!(identity.get("Arn"), answer.pointer("/AssumedRoleUser/Arn"));
    let topic = json!({"TopicArn": "arn:aws:sns:eu-central-1:444455556666:x"});
    assert_eq!(call(&world, key, "sns", "GetTopicAttributes", topic.clone()).unwrap_err().code, "NotFound");
    assert_eq!(call(&world, "AKIATEST", "sns", "GetTopicAttributes", topic).unwrap_err().code, "AuthorizationError");
    let calls = world.calls();
    let as_role = calls.iter().find(|call| call.service == "sns").unwrap();
    assert_eq!((as_role.account.as_str(), as_role.function.as_str()), ("444455556666", "identify"));
    world.clock().advance_to(Timestamp::parse("2026-03-01T12:00:01Z").unwrap());
    assert_eq!(call(&world, key, "sts", "GetCallerIdentity", json!({})).unwrap_err().code, "ExpiredToken");
}

#[test]
fn trust_decides() {
    for trusted in [
        CALLER,
        "arn:aws:iam::111122223333:role/identify",
        "arn:aws:iam::111122223333:role/some/path/identify",
        "arn:aws:iam::111122223333:root",
        "111122223333",
        "*",
        "arn:aws:iam::111122223333:role/ident?f*",
    ] {
        assert!(assume(&world(trusted), json!({})).is_ok(), "{trusted}");
    }
    for stranger in [
        "arn:aws:iam::111122223333:role/other",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::999999999999:role/identify",
        "lambda.amazonaws.com",
    ] {
        let error = assume(&world(stranger), json!({})).unwrap_err();
        assert_eq!((error.code.as_str(), error.status), ("AccessDenied", 403), "{stranger}");
    }
}

#[test]
fn what_the_caller_may_not_ask_is_denied() {
    let world = world("*");
    let role = |arn: &str| assume(&world, json!({"RoleArn": arn})).unwrap_err();
    let error = role("arn:aws:iam::444455556666:role/admin");
    assert!(error.message.contains("sts:AssumeRole on resource: arn:aws:iam::444455556666:role/admin"));
    assert_eq!(role("arn:aws:iam::444455556666:role/cordon/none").code, "AccessDenied");
}

#[test]
fn names_and_durations_have_rules() {
    let world = world("*");
    let message = |extra: Value| {
        let error = assume(&world, extra).unwrap_err();
        assert_eq!(error.code, "ValidationError");
        error.message
    };
    assert!(message(json!({"RoleSessionName": "a"})).ends_with("greater than or equal to 2"));
    assert!(message(json!({"RoleSessionName": "a".repeat(65)})).ends_with("less than or equal to 64"));
    assert!(message(json!({"RoleSessionName": "GuardDuty finding"})).contains("regular expression pattern"));
    assert!(message(json!({"DurationSeconds": 899})).ends_with("greater than or equal to 900"));
    assert!(message(json!({"DurationSeconds": 3601})).contains("role chaining"));
    assert!(message(json!({"ExternalId": "a b"})).contains("externalId"));
    assert!(assume(&world, json!({"DurationSeconds": 900, "ExternalId": "cordon:1"})).is_ok());
    assert!(assume(&world, json!({"Policy": "{}"})).unwrap_err().is_unsupported());
}

#[test]
fn the_wire_form_is_that_of_the_query_protocol() {
    let world = world("*");
    let form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=incident-1&RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fcordon%2Fresponder";
    let request = http::Request::builder()
        .method("POST")
        .uri("https://sts.eu-central-1.amazonaws.com/")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIATEST/20260301/eu-central-1/sts/aws4_request, SignedHeaders=host, Signature=00",
        )
        .body(form.as_bytes().to_vec())
        .unwrap();
    let response = world.respond(&request).response;
    assert_eq!(response.status().as_u16(), 200);
    let body = String::from_utf8(response.into_body()).unwrap();
    assert!(body.contains("<AssumeRoleResult><Credentials><AccessKeyId>ASIA"), "{body}");
    assert!(body.contains("<Expiration>2026-03-01T12:00:00Z</Expiration>"), "{body}");
}
