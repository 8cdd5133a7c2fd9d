#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";

fn world(actions: Value) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    let policy = json!({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}});
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/identify/identify"),
        account: ACCOUNT.to_owned(),
        function: "identify".to_owned(),
        policy: Policy::parse(&policy).unwrap(),
        expires: None,
    });
    world
}

fn with_nodes(count: usize) -> World {
    let world = world(json!("ssm:*"));
    let list: Vec<Value> = (0..count)
        .map(|index| {
            json!({
                "InstanceId": format!("i-{index:08}"), "PlatformType": if index % 2 == 0 { "Linux" } else { "Windows" },
                "LastPingDateTime": "2026-03-01T12:00:00+01:00"
            })
        })
        .collect();
    let document = json!({"ssm": {"describe-instance-information": {"InstanceInformationList": list}}});
    world.load(ACCOUNT, REGION, &document).unwrap();
    world
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "ssm", operation, parameters).0
}

fn describe(world: &World, parameters: Value) -> Result<Value, ServiceError> {
    call(world, "DescribeInstanceInformation", parameters)
}

fn ids(answer: &Value) -> Vec<String> {
    let list = answer.get("InstanceInformationList").and_then(Value::as_array).unwrap();
    list.iter().filter_map(|node| Some(node.get("InstanceId")?.as_str()?.to_owned())).collect()
}

#[test]
fn a_node_is_told_with_its_defaults() {
    let answer = describe(&with_nodes(1), json!({})).unwrap();
    assert_eq!(
        answer,
        json!({"InstanceInformationList": [{
            "InstanceId": "i-00000000", "PlatformType": "Linux", "LastPingDateTime": 1_772_362_800.0,
            "PingStatus": "Online", "ResourceType": "EC2Instance", "AgentVersion": "3.3.0.0"
        }]})
    );
}

#[test]
fn filters_are_alternatives_within_and_all_together() {
    let world = with_nodes(6);
    let filtered = |filters: Value| ids(&describe(&world, json!({ "Filters": filters })).unwrap());
    assert_eq!(
        filtered(json!([{"Key": "InstanceIds", "Values": ["i-00000001", "i-00000002", "i-0123456789abcdef0"]}])),
        ["i-00000001", "i-00000002"]
    );
    assert_eq!(
        filtered(
            json!([{"Key": "InstanceIds", "Values": ["i-00000001", "i-00000002"]}, {"Key": "PlatformTypes", "Values": ["Windows"]}])
        ),
        ["i-00000001"]
    );
    assert!(filtered(json!([{"Key": "InstanceIds", "Values": ["i-0123456789abcdef0"]}])).is_empty());
    let older = json!({"InstanceInformationFilterList": [{"key": "PingStatus", "valueSet": ["Online"]}]});
    assert_eq!(ids(&describe(&world, older).unwrap()).len(), 6);
    let code = |parameters: Value| describe(&world, parameters).unwrap_err().code;
    assert_eq!(code(json!({"Filters": [{"Key": "Color", "Values": ["x"]}]})), "InvalidFilterKey");
    assert_eq!(
        code(json!({"Filters": [{"Key": "InstanceIds", "Values": ["web-1"]}]})),
        "InvalidInstanceInformationFilterValue"
    );
    assert_eq!(
        code(json!({"Filters": [{"Key": "PingStatus", "Values": ["Up"]}]})),
        "InvalidInstanceInformationFilterValue"
    );
    assert_eq!(code(json!({"Filters": [{"Key": "PingStatus", "Values": []}]})), "ValidationException");
    assert!(describe(&world, json!({"Filters": [{"Key": "tag:Name", "Values": ["x"]}]})).unwrap_err().is_unsupported());
}

#[test]
fn pages_follow_each_other() {
    let world = with_nodes(23);
    let mut seen = Vec::new();
    let mut parameters = json!({});
    loop {
        let answer = describe(&world, parameters).unwrap();
        assert!(ids(&answer).len() <= 10);
        seen.extend(ids(&answer));
        match answer.get("NextToken") {
            Some(token) => parameters = json!({ "NextToken": token }),
            None => break,
        }
    }
    assert_eq!(seen.len(), 23);
    assert!(seen.is_sorted());
    assert_eq!(ids(&describe(&world, json!({"MaxResults": 50})).unwrap()).len(), 23);
    let code = |parameters: Value| describe(&world, parameters).unwrap_err().code;
    assert_eq!(code(json!({"MaxResults": 4})), "ValidationException");
    assert_eq!(code(json!({"NextToken": "nonsense"})), "InvalidNextToken");
}

#[test]
fn seeds_are_checked() {
    let world = world(json!("ssm:*"));
    let refused = |node: Value| {
        let document = json!({"ssm": {"describe-instance-information": {"InstanceInformationList": [node]}}});
        world.load(ACCOUNT, REGION, &document).unwrap_err().to_string()
    };
    assert!(refused(json!({"InstanceId": "web"})).contains("InstanceInformationList[0].InstanceId"));
    assert!(refused(json!({"InstanceId": "i-00000000", "PingStatus": "Up"})).contains("`Up` is none of"));
    assert!(refused(json!({"InstanceId": "i-00000000", "Color": "red"})).contains("Color"));
    assert!(refused(json!({"InstanceId": "i-00000000", "LastPingDateTime": "soon"})).contains("LastPingDateTime"));
}

#[test]
fn an_ops_item_is_created_once() {
    let world = world(json!("ssm:CreateOpsItem"));
    let parameters = json!({
        "Title": "i-1 contained", "Description": "text", "Source": "cordon", "Severity": "2",
        "OperationalData": {"/aws/dedup": {"Value": "{\"dedupString\":\"i-1\"}", "Type": "SearchableString"}}
    });
    let answer = call(&world, "CreateOpsItem", parameters.clone()).unwrap();
    let id = answer.get("OpsItemId").and_then(Value::as_str).unwrap();
    assert_eq!(answer.get("OpsItemArn"), Some(&json!(format!("arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem/{id}"))));
    let error = call(&world, "CreateOpsItem", parameters.clone()).unwrap_err();
    assert_eq!(error.code, "OpsItemAlreadyExistsException");
    assert_eq!(error.fields.get("OpsItemId"), Some(&json!(id)));
    let changed = |name: &str, value: Value| {
        let mut changed = parameters.clone();
        changed.as_object_mut().unwrap().insert(name.to_owned(), value);
        call(&world, "CreateOpsItem", changed).unwrap_err()
    };
    assert_eq!(changed("Source", json!("my-aws-tool")).code, "OpsItemInvalidParameterException");
    assert_eq!(changed("Severity", json!("9")).code, "OpsItemInvalidParameterException");
    assert_eq!(changed("Title", json!(" ")).code, "ValidationException");
    assert_eq!(changed("OperationalData", json!({"aws-x": {"Value": "v"}})).code, "OpsItemInvalidParameterException");
    let untagged = changed("Tags", json!([{"Key": "Incident", "Value": "i-1"}]));
    assert_eq!(untagged.code, "AccessDeniedException");
    assert!(untagged.message.contains("ssm:AddTagsToResource"));
    assert!(changed("PlannedStartTime", json!(1)).is_unsupported());
    assert_eq!(world.read(ACCOUNT, REGION, |region, _| region.state::<crate::ssm::State>().ops_items().len()), Some(1));
}
