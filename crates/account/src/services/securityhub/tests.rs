#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use serde_json::{Value, json};

use crate::service::WRITE_LATENCY;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const PRODUCT: &str = "arn:aws:securityhub:eu-central-1::product/aws/guardduty";

fn id(index: usize) -> String {
    format!("arn:aws:guardduty:eu-central-1:111122223333:detector/d/finding/{index:03}")
}

fn world_with(policy: &Value, count: usize) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/hub/hub"),
        account: ACCOUNT.to_owned(),
        function: "update-security-hub".to_owned(),
        policy: Policy::parse(policy).unwrap(),
        expires: None,
    });
    let findings: Vec<Value> = (0..count)
        .map(|index| json!({"Id": id(index), "ProductArn": PRODUCT, "Severity": {"Label": "HIGH", "Original": "8"}, "UpdatedAt": "2026-03-01T10:00:00Z"}))
        .collect();
    let document = json!({"securityhub": {"get-findings": {"Findings": findings}}});
    world.load(ACCOUNT, REGION, &document).unwrap();
    world
}

fn world(count: usize) -> World {
    let hub = format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default");
    world_with(&json!({"Statement": {"Effect": "Allow", "Action": "securityhub:*", "Resource": hub}}), count)
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "securityhub", operation, parameters).0
}

fn update(world: &World, indexes: &[usize], fields: Value) -> Result<Value, ServiceError> {
    let identifiers: Vec<Value> = indexes.iter().map(|i| json!({"Id": id(*i), "ProductArn": PRODUCT})).collect();
    let mut parameters = json!({ "FindingIdentifiers": identifiers });
    parameters.as_object_mut().unwrap().extend(fields.as_object().cloned().unwrap());
    call(world, "BatchUpdateFindings", parameters)
}

fn wait(world: &World, time: Duration) {
    let clock = world.clock();
    clock.advance_to(clock.now().after(time));
}

fn codes(answer: &Value) -> Vec<&str> {
    let list = answer.get("UnprocessedFindings").and_then(Value::as_array).unwrap();
    list.iter().filter_map(|entry| entry.get("ErrorCode")?.as_str()).collect()
}

fn stored(world: &World, index: usize) -> Value {
    world
        .read(ACCOUNT, REGION, |region, _| {
            Value::Object(
                region.state::<crate::securityhub::State>().finding(&id(index), PRODUCT).unwrap().document.clone(),
            )
        })
        .unwrap()
}

#[test]
fn an_update_is_read_back() {
    let world = world(1);
    let answer = update(
        &world,
        &[0],
        json!({
            "Note": {"Text": "contained", "UpdatedBy": "cordon"}, "Workflow": {"Status": "NOTIFIED"},
            "Severity": {"Label": "CRITICAL"}, "UserDefinedFields": {"incident": "i-1"}
        }),
    )
    .unwrap();
    assert_eq!(answer, json!({"ProcessedFindings": [{"Id": id(0), "ProductArn": PRODUCT}], "UnprocessedFindings": []}));
    let filters = json!({"Filters": {"Id": [{"Value": id(0), "Comparison": "EQUALS"}], "WorkflowStatus": [{"Value": "NOTIFIED", "Comparison": "EQUALS"}]}});
    let found = call(&world, "GetFindings", filters).unwrap();
    let finding = found.pointer("/Findings/0").unwrap();
    assert_eq!(finding, &stored(&world, 0));
    assert_eq!(
        finding.get("Note"),
        Some(&json!({"Text": "contained", "UpdatedBy": "cordon", "UpdatedAt": "2026-03-01T11:00:00.000Z"}))
    );
    assert_eq!(finding.get("Severity"), Some(&json!({"Label": "CRITICAL", "Original": "8", "Normalized": 90})));
    assert_eq!(finding.get("UserDefinedFields"), Some(&json!({"incident": "i-1"})));
    assert_eq!(finding.get("UpdatedAt"), Some(&json!("2026-03-01T10:00:00Z")), "only the provider's update moves it");
}

#[test]
fn an_answer_of_200_can_hide_what_was_not_done() {
    let world = world(2);
    let note = json!({"Note": {"Text": "t", "UpdatedBy": "cordon"}});
    assert_eq!(codes(&update(&world, &[0, 7], note.clone()).unwrap()), ["FindingNotFound"]);
    assert_eq!(codes(&update(&world, &[1, 1], note).unwrap()), ["DuplicatedFindingIdentifier"; 2]);
    for fields in [
        json!({"Note": {"Text": "t".repeat(513), "UpdatedBy": "cordon"}}),
        json!({"UserDefinedFields": {"k".repeat(129): "v"}}),
        json!({"UserDefinedFields": {"k": "v".repeat(1025)}}),
        json!({"UserDefinedFields": (0..51).map(|i| (i.to_string(), json!("v"))).collect::<serde_json::Map<_, _>>()}),
    ] {
        assert_eq!(codes(&update(&world, &[1], fields).unwrap()), ["InvalidInput"]);
    }
    assert!(stored(&world, 1).get("Note").is_none());
}

#[test]
fn updates_at_one_moment_are_concurrent() {
    let world = world(1);
    let status = |status: &str| update(&world, &[0], json!({"Workflow": {"Status": status}})).unwrap();
    assert!(codes(&status("NOTIFIED")).is_empty());
    assert_eq!(codes(&status("RESOLVED")), ["ConcurrentUpdateError"]);
    assert_eq!(stored(&world, 0).pointer("/Workflow/Status"), Some(&json!("NOTIFIED")));
    wait(&world, WRITE_LATENCY);
    assert!(codes(&status("RESOLVED")).is_empty());
}

#[test]
fn malformed_requests_are_refused() {
    let world = world(1);
    let refused = |indexes: &[usize], fields: Value| update(&world, indexes, fields).unwrap_err();
    let note = json!({"Note": {"Text": "t", "UpdatedBy": "cordon"}});
    assert_eq!(refused(&[], note.clone()).code, "InvalidInputException");
    assert_eq!(refused(&(0..101).collect::<Vec<_>>(), note).code, "InvalidInputException");
    assert_eq!(refused(&[0], json!({})).code, "InvalidInputException");
    assert_eq!(refused(&[0], json!({"Workflow": {"Status": "DONE"}})).code, "InvalidInputException");
    assert_eq!(refused(&[0], json!({"Note": {"Text": " ", "UpdatedBy": "x"}})).code, "InvalidInputException");
    assert_eq!(refused(&[0], json!({"Confidence": 101})).code, "InvalidInputException");
    assert!(refused(&[0], json!({"Note": {"Text": "t", "UpdatedBy": "x"}, "Color": "red"})).is_unsupported());
    assert!(stored(&world, 0).get("Note").is_none());
}

#[test]
fn findings_come_in_pages_and_by_filter() {
    let world = world(25);
    let get = |parameters: Value| call(&world, "GetFindings", parameters);
    let count = |answer: &Value| answer.get("Findings").and_then(Value::as_array).unwrap().len();
    let mut token = Value::Null;
    let mut seen = 0;
    for _ in 0..3 {
        let answer = get(json!({"MaxResults": 10, "NextToken": token})).unwrap();
        seen += count(&answer);
        token = answer.get("NextToken").cloned().unwrap_or_default();
    }
    assert_eq!((seen, token), (25, Value::Null));
    let by = |comparison: &str, value: &str| {
        count(&get(json!({"Filters": {"Id": [{"Value": value, "Comparison": comparison}]}})).unwrap())
    };
    assert_eq!(by("PREFIX", "arn:aws:guardduty"), 25);
    assert_eq!(by("NOT_EQUALS", &id(3)), 24);
    assert_eq!(by("CONTAINS", "finding/00"), 10);
    assert_eq!(get(json!({"MaxResults": 0})).unwrap_err().code, "InvalidInputException");
    assert_eq!(get(json!({"NextToken": "x"})).unwrap_err().code, "InvalidInputException");
    let severity = json!({"Filters": {"SeverityNormalized": [{"Gte": 70}]}});
    assert!(get(severity).unwrap_err().is_unsupported());
}

#[test]
fn a_policy_can_forbid_a_field_value() {
    let world = world_with(
        &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "securityhub:BatchUpdateFindings", "Resource": "*"},
            {"Effect": "Deny", "Action": "securityhub:BatchUpdateFindings", "Resource": "*",
             "Condition": {"StringEquals": {"securityhub:ASFFSyntaxPath/Workflow.Status": "SUPPRESSED"}}}
        ]}),
        1,
    );
    assert!(update(&world, &[0], json!({"Workflow": {"Status": "NOTIFIED"}})).is_ok());
    let error = update(&world, &[0], json!({"Workflow": {"Status": "SUPPRESSED"}})).unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("AccessDeniedException", 403));
}

#[test]
fn the_wire_form_is_that_of_the_rest_protocol() {
    let world = world(1);
    let send = |method: &str, path: &str, body: Value| {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://securityhub.eu-central-1.amazonaws.com{path}"))
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIATEST/20260301/eu-central-1/securityhub/aws4_request, SignedHeaders=host, Signature=00",
            )
            .body(body.to_string().into_bytes())
            .unwrap();
        let response = world.respond(&request).response;
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (response.status().as_u16(), body)
    };
    let identifier = json!({"Id": id(0), "ProductArn": PRODUCT});
    let (status, body) = send(
        "PATCH",
        "/findings/batchupdate",
        json!({"FindingIdentifiers": [identifier], "Workflow": {"Status": "NOTIFIED"}}),
    );
    assert_eq!((status, body.get("ProcessedFindings")), (200, Some(&json!([identifier]))));
    let (status, body) = send("POST", "/findings", json!({"MaxResults": 1}));
    assert_eq!((status, body.pointer("/Findings/0/Workflow/Status")), (200, Some(&json!("NOTIFIED"))));
    let (status, _) = send("PATCH", "/findings/batchupdate", json!({"FindingIdentifiers": []}));
    assert_eq!(status, 400);
}
