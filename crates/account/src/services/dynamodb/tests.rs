#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";

fn world_with(policy: &Value) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/test/test"),
        account: ACCOUNT.to_owned(),
        function: "test".to_owned(),
        policy: Policy::parse(policy).unwrap(),
        expires: None,
    });
    let table = |name: &str, range: bool| {
        let mut definitions = vec![json!({"AttributeName": "pk", "AttributeType": "S"})];
        let mut schema = vec![json!({"AttributeName": "pk", "KeyType": "HASH"})];
        if range {
            definitions.push(json!({"AttributeName": "sk", "AttributeType": "N"}));
            schema.push(json!({"AttributeName": "sk", "KeyType": "RANGE"}));
        }
        json!({"TableName": name, "AttributeDefinitions": definitions, "KeySchema": schema})
    };
    let document =
        json!({"dynamodb": {"describe-table": {"Tables": [table("incidents", false), table("events", true)]}}});
    world.load(ACCOUNT, REGION, &document).unwrap();
    world
}

fn world() -> World {
    world_with(&json!({"Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}))
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "dynamodb", operation, parameters).0
}

fn message(result: Result<Value, ServiceError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code, error.message)
}

fn items(world: &World, table: &str) -> Vec<Value> {
    world.read(ACCOUNT, REGION, |region, _| region.state::<crate::dynamodb::State>().items(table)).unwrap()
}

#[test]
fn a_conditional_put_claims_an_incident_once() {
    let world = world();
    let claim = |owner: &str| {
        call(
            &world,
            "PutItem",
            json!({
                "TableName": "incidents",
                "Item": {"pk": {"S": "i-1"}, "owner": {"S": owner}},
                "ConditionExpression": "attribute_not_exists(pk)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"
            }),
        )
    };
    assert_eq!(claim("first").unwrap(), json!({}));
    let error = claim("second").unwrap_err();
    assert_eq!(error.code, "ConditionalCheckFailedException");
    assert_eq!(error.message, "The conditional request failed");
    assert_eq!(error.fields.get("Item").unwrap(), &json!({"owner": {"S": "first"}, "pk": {"S": "i-1"}}));
    assert_eq!(items(&world, "incidents"), [json!({"owner": {"S": "first"}, "pk": {"S": "i-1"}})]);
}

#[test]
fn a_budget_counter_stops_at_its_limit() {
    let world = world();
    let take = || {
        call(
            &world,
            "UpdateItem",
            json!({
                "TableName": "incidents",
                "Key": {"pk": {"S": "budget"}},
                "UpdateExpression": "ADD used :one",
                "ConditionExpression": "attribute_not_exists(used) OR used < :limit",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":limit": {"N": "5"}},
                "ReturnValues": "UPDATED_NEW"
            }),
        )
    };
    let granted: Vec<Value> = (0..50).filter_map(|_| take().ok()).collect();
    assert_eq!(granted.len(), 5);
    assert_eq!(granted.last().unwrap(), &json!({"Attributes": {"used": {"N": "5"}}}));
}

#[test]
fn update_returns_what_is_asked_for() {
    let world = world();
    let update = |wanted: &str, value: &str| {
        call(
            &world,
            "UpdateItem",
            json!({
                "TableName": "incidents", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET v = :v",
                "ExpressionAttributeValues": {":v": {"S": value}}, "ReturnValues": wanted
            }),
        )
        .unwrap()
    };
    assert_eq!(update("ALL_OLD", "1"), json!({}));
    assert_eq!(update("UPDATED_OLD", "2"), json!({"Attributes": {"v": {"S": "1"}}}));
    assert_eq!(update("ALL_NEW", "3"), json!({"Attributes": {"pk": {"S": "a"}, "v": {"S": "3"}}}));
    let deleted = call(
        &world,
        "DeleteItem",
        json!({
            "TableName": "incidents", "Key": {"pk": {"S": "a"}}, "ReturnValues": "ALL_OLD"
        }),
    );
    assert_eq!(deleted.unwrap(), json!({"Attributes": {"pk": {"S": "a"}, "v": {"S": "3"}}}));
    assert!(items(&world, "incidents").is_empty());
    let read = call(&world, "GetItem", json!({"TableName": "incidents", "Key": {"pk": {"S": "a"}}}));
    assert_eq!(read.unwrap(), json!({}));
}

#[test]
fn keys_and_sizes_are_checked() {
    let world = world();
    let put = |table: &str, item: Value| message(call(&world, "PutItem", json!({"TableName": table, "Item": item})));
    let validation = |text: &str| ("ValidationException".to_owned(), text.to_owned());
    assert_eq!(
        put("incidents", json!({"x": {"S": "a"}})),
        validation("One or more parameter values were invalid: Missing the key pk in the item")
    );
    assert_eq!(
        put("incidents", json!({"pk": {"N": "1"}})),
        validation("One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N")
    );
    assert!(put("incidents", json!({"pk": {"S": ""}})).1.ends_with("cannot contain an empty string value. Key: pk"));
    assert!(put("incidents", json!({"pk": {"S": "k".repeat(2049)}})).1.contains("Size of hashkey"));
    assert_eq!(
        put("incidents", json!({"pk": {"S": "a"}, "v": {"S": "v".repeat(400 * 1024 - 3)}})),
        validation("Item size has exceeded the maximum allowed size")
    );
    assert!(
        call(
            &world,
            "PutItem",
            json!({"TableName": "incidents", "Item": {"pk": {"S": "a"}, "v": {"S": "v".repeat(400 * 1024 - 4)}}})
        )
        .is_ok()
    );
    let grow = call(
        &world,
        "UpdateItem",
        json!({
            "TableName": "incidents", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET w = :w",
            "ExpressionAttributeValues": {":w": {"S": "w"}}
        }),
    );
    assert_eq!(message(grow), validation("Item size to update has exceeded the maximum allowed size"));
    assert_eq!(
        put("nothing", json!({"pk": {"S": "a"}})),
        ("ResourceNotFoundException".to_owned(), "Requested resource not found".to_owned())
    );
    let get = message(call(&world, "GetItem", json!({"TableName": "events", "Key": {"pk": {"S": "a"}}})));
    assert_eq!(get, validation("The provided key element does not match the schema"));
    let key = call(
        &world,
        "UpdateItem",
        json!({
            "TableName": "incidents", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET pk = :w",
            "ExpressionAttributeValues": {":w": {"S": "w"}}
        }),
    );
    assert!(message(key).1.ends_with("Cannot update attribute pk. This attribute is part of the key"));
}

#[test]
fn expressions_and_placeholders_must_fit_together() {
    let world = world();
    let put = |mut extra: Value| {
        let fields = extra.as_object_mut().unwrap();
        fields.insert("TableName".to_owned(), "incidents".into());
        fields.insert("Item".to_owned(), json!({"pk": {"S": "a"}}));
        message(call(&world, "PutItem", extra)).1
    };
    assert_eq!(
        put(json!({"ConditionExpression": "status = :s", "ExpressionAttributeValues": {":s": {"S": "x"}}})),
        "Invalid ConditionExpression: Attribute name is a reserved keyword; reserved keyword: status"
    );
    assert_eq!(
        put(json!({"ExpressionAttributeValues": {":s": {"S": "x"}}})),
        "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"
    );
    assert_eq!(
        put(json!({"ExpressionAttributeNames": {"#s": "x"}})),
        "ExpressionAttributeNames can only be specified when using expressions"
    );
    assert_eq!(
        put(json!({"ConditionExpression": "a = :s", "ExpressionAttributeValues": {"s": {"S": "x"}}})),
        "ExpressionAttributeValues contains invalid key: Syntax error; key: \"s\""
    );
    assert_eq!(
        put(json!({"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeValues": {":s": {"S": "x"}}})),
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:s}"
    );
}

#[test]
fn unknown_parameters_fail_loudly_and_without_effect() {
    let world = world();
    let put = call(
        &world,
        "PutItem",
        json!({
            "TableName": "incidents", "Item": {"pk": {"S": "a"}}, "Expected": {"pk": {"Exists": false}}
        }),
    );
    assert!(put.unwrap_err().is_unsupported());
    let transact = call(
        &world,
        "TransactWriteItems",
        json!({"TransactItems": [
            {"Put": {"TableName": "incidents", "Item": {"pk": {"S": "a"}}, "Frobnicate": 1}}
        ]}),
    );
    assert!(transact.unwrap_err().is_unsupported());
    assert!(items(&world, "incidents").is_empty());
    assert_eq!(world.unsupported().len(), 2);
}

fn with_events() -> World {
    let world = world();
    for (pk, sk) in [("a", 10), ("a", 9), ("a", -1), ("a", 100), ("b", 1)] {
        let item = json!({"pk": {"S": pk}, "sk": {"N": sk.to_string()}, "even": {"BOOL": sk % 2 == 0}});
        call(&world, "PutItem", json!({"TableName": "events", "Item": item})).unwrap();
    }
    world
}

fn sort_keys(answer: &Value) -> Vec<&str> {
    let items = answer.get("Items").and_then(Value::as_array).unwrap();
    items.iter().filter_map(|item| item.pointer("/sk/N")?.as_str()).collect()
}

#[test]
fn queries_come_in_numeric_order_page_by_page() {
    let world = with_events();
    let query = |extra: Value| {
        let mut parameters = json!({
            "TableName": "events", "KeyConditionExpression": "pk = :a",
            "ExpressionAttributeValues": {":a": {"S": "a"}}
        });
        parameters.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap());
        call(&world, "Query", parameters).unwrap()
    };
    assert_eq!(sort_keys(&query(json!({}))), ["-1", "9", "10", "100"]);
    assert_eq!(sort_keys(&query(json!({"ScanIndexForward": false}))), ["100", "10", "9", "-1"]);
    let first = query(json!({"Limit": 3}));
    assert_eq!(sort_keys(&first), ["-1", "9", "10"]);
    let next = query(json!({"Limit": 3, "ExclusiveStartKey": first.get("LastEvaluatedKey")}));
    assert_eq!(sort_keys(&next), ["100"]);
    assert!(next.get("LastEvaluatedKey").is_none());
    let ranged = query(json!({
        "KeyConditionExpression": "pk = :a AND sk BETWEEN :low AND :high",
        "FilterExpression": "even = :even", "ProjectionExpression": "sk",
        "ExpressionAttributeValues": {":a": {"S": "a"}, ":low": {"N": "0"}, ":high": {"N": "50"}, ":even": {"BOOL": true}}
    }));
    assert_eq!(ranged, json!({"Count": 1, "ScannedCount": 2, "Items": [{"sk": {"N": "10"}}]}));
    assert_eq!(query(json!({"Select": "COUNT"})), json!({"Count": 4, "ScannedCount": 4}));
    let filter_on_key = call(
        &world,
        "Query",
        json!({
            "TableName": "events", "KeyConditionExpression": "pk = :a", "FilterExpression": "sk > :n",
            "ExpressionAttributeValues": {":a": {"S": "a"}, ":n": {"N": "1"}}
        }),
    );
    assert!(message(filter_on_key).1.ends_with("Primary key attribute: sk"));
}

#[test]
fn a_scan_sees_everything() {
    let world = with_events();
    let all = call(&world, "Scan", json!({"TableName": "events", "ReturnConsumedCapacity": "TOTAL"})).unwrap();
    assert_eq!(all.get("Count"), Some(&json!(5)));
    assert_eq!(all.pointer("/ConsumedCapacity/CapacityUnits"), Some(&json!(0.5)));
    let described = call(&world, "DescribeTable", json!({"TableName": "events"})).unwrap();
    assert_eq!(described.pointer("/Table/ItemCount"), Some(&json!(5)));
    assert_eq!(
        described.pointer("/Table/TableArn"),
        Some(&json!("arn:aws:dynamodb:eu-central-1:111122223333:table/events"))
    );
    let missing = message(call(&world, "DescribeTable", json!({"TableName": "nothing"})));
    assert_eq!(missing.1, "Requested resource not found: Table: nothing not found");
}

#[test]
fn a_transaction_is_all_or_nothing_and_says_why() {
    let world = world();
    call(&world, "PutItem", json!({"TableName": "incidents", "Item": {"pk": {"S": "held"}, "v": {"S": "x"}}})).unwrap();
    let parameters = |condition: &str| {
        json!({"ClientRequestToken": condition, "TransactItems": [
            {"Put": {"TableName": "incidents", "Item": {"pk": {"S": "new"}}}},
            {"Update": {"TableName": "incidents", "Key": {"pk": {"S": "held"}}, "UpdateExpression": "SET n = :n",
                "ConditionExpression": condition, "ExpressionAttributeValues": {":n": {"N": "1"}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
            {"ConditionCheck": {"TableName": "incidents", "Key": {"pk": {"S": "other"}}, "ConditionExpression": "attribute_not_exists(pk)"}}
        ]})
    };
    let error = call(&world, "TransactWriteItems", parameters("attribute_not_exists(v)")).unwrap_err();
    assert_eq!(error.code, "TransactionCanceledException");
    assert!(error.message.ends_with("[None, ConditionalCheckFailed, None]"));
    assert_eq!(
        error.fields.get("CancellationReasons").unwrap(),
        &json!([
            {"Code": "None"},
            {"Item": {"pk": {"S": "held"}, "v": {"S": "x"}}, "Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
            {"Code": "None"}
        ])
    );
    assert_eq!(items(&world, "incidents").len(), 1);
    assert_eq!(call(&world, "TransactWriteItems", parameters("attribute_exists(v)")).unwrap(), json!({}));
    assert_eq!(items(&world, "incidents").len(), 2);
    // The same token again is the same transaction: its put is not repeated.
    call(&world, "DeleteItem", json!({"TableName": "incidents", "Key": {"pk": {"S": "new"}}})).unwrap();
    call(&world, "TransactWriteItems", parameters("attribute_exists(v)")).unwrap();
    assert_eq!(items(&world, "incidents").len(), 1);
    let mut other = parameters("attribute_exists(v)");
    other.pointer_mut("/TransactItems").and_then(Value::as_array_mut).unwrap().truncate(1);
    assert_eq!(message(call(&world, "TransactWriteItems", other)).0, "IdempotentParameterMismatchException");
    let twice = json!({"TransactItems": [
        {"Put": {"TableName": "incidents", "Item": {"pk": {"S": "x"}}}},
        {"Delete": {"TableName": "incidents", "Key": {"pk": {"S": "x"}}}}
    ]});
    assert_eq!(
        message(call(&world, "TransactWriteItems", twice)).1,
        "Transaction request cannot include multiple operations on one item"
    );
}

#[test]
fn policies_can_bind_to_the_partition_key() {
    let world = world_with(&json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Action": ["dynamodb:PutItem", "dynamodb:Query"],
        "Resource": "arn:aws:dynamodb:eu-central-1:111122223333:table/*",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "mine-*"}, "Null": {"dynamodb:LeadingKeys": "false"}}
    }}));
    let put = |pk: &str| call(&world, "PutItem", json!({"TableName": "incidents", "Item": {"pk": {"S": pk}}}));
    assert!(put("mine-1").is_ok());
    let error = put("yours-1").unwrap_err();
    assert_eq!(error.code, "AccessDeniedException");
    assert!(
        error
            .message
            .contains("dynamodb:PutItem on resource: arn:aws:dynamodb:eu-central-1:111122223333:table/incidents")
    );
    let query = |pk: &str| {
        call(
            &world,
            "Query",
            json!({
                "TableName": "incidents", "KeyConditionExpression": "#pk = :pk",
                "ExpressionAttributeNames": {"#pk": "pk"}, "ExpressionAttributeValues": {":pk": {"S": pk}}
            }),
        )
    };
    assert!(query("mine-1").is_ok());
    assert!(query("yours-1").is_err());
    let through_transaction = call(
        &world,
        "TransactWriteItems",
        json!({"TransactItems": [
            {"Delete": {"TableName": "incidents", "Key": {"pk": {"S": "mine-1"}}}}
        ]}),
    );
    assert!(through_transaction.unwrap_err().message.contains("dynamodb:DeleteItem"));
}

#[test]
fn account_json_declares_and_fills_tables() {
    let world = world();
    let load = |document: Value| world.load(ACCOUNT, REGION, &json!({ "dynamodb": document }));
    load(json!({"batch-get-item": {"Responses": {"incidents": [{"pk": {"S": "x"}}]}}})).unwrap();
    load(json!({"scan": {"TableName": "events", "Items": [{"pk": {"S": "x"}, "sk": {"N": "1"}}], "Count": 1}}))
        .unwrap();
    assert_eq!(items(&world, "incidents").len() + items(&world, "events").len(), 2);
    let refused = |document: Value| load(document).unwrap_err().to_string();
    assert!(refused(json!({"scan": {"Items": []}})).contains("not exactly one table"));
    assert!(refused(json!({"batch-get-item": {"Responses": {"none": []}}})).contains("there is no table `none`"));
    assert!(
        refused(json!({"batch-get-item": {"Responses": {"events": [{"pk": {"S": "x"}}]}}}))
            .contains("Responses.events[0]")
    );
    assert!(refused(json!({"describe-table": {"Table": {"TableName": "t12", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}})).contains("not in AttributeDefinitions"));
    assert!(refused(json!({"list-tables": {}})).contains("list-tables"));
}
