//! Every operation takes what it declares, found by asking it for each parameter.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::authorize::{Identities, Policy, Principal};
use crate::base::{Ids, Timestamp};
use crate::protocol::Params;
use crate::service::{AnyService, Context, Row};
use crate::services;

/// The names that an operation asks for when it is called with some parameters, whatever it answers.
fn taken(service: &dyn AnyService, row: &Row<'_>, parameters: Value) -> BTreeSet<String> {
    let mut region = services::empty_region();
    let principal = Principal {
        access_key_id: String::new(),
        secret_access_key: String::new(),
        session_token: None,
        arn: "arn:aws:sts::111122223333:assumed-role/r/s".to_owned(),
        account: "111122223333".to_owned(),
        function: String::new(),
        policy: Policy::default(),
        expires: None,
    };
    let mut ids = Ids::new(1);
    let mut identities = Identities::default();
    let mut context = Context {
        account: "111122223333",
        region: "eu-central-1",
        partition: "aws",
        now: Timestamp::from_millis(0),
        sequence: 1,
        principal: Arc::new(principal),
        ids: &mut ids,
        identities: &mut identities,
        deferred_refusals: Vec::new(),
    };
    // Most operations of these look for the resource first.
    if let Some((command, output)) = resources(service.name()) {
        let (output, _) = Params::new(output, service.model().protocol, "");
        service.seed(&mut region, &mut context, command, output).unwrap();
    }
    let (params, unread) = Params::new(parameters, service.model().protocol, "");
    drop(row.run(&mut region, &mut context, params));
    unread.known()
}

const GROUP: &str = "sg-0aaaaaaaaaaaaaaa1";

/// What is there before the call: the name of a table is the one that an example has.
fn resources(service: &str) -> Option<(&'static str, Value)> {
    match service {
        "dynamodb" => Some((
            "describe-table",
            json!({"Table": {
                "TableName": "111", "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}}),
        )),
        "ec2" => Some((
            "describe-security-groups",
            json!({"SecurityGroups": [{"GroupId": GROUP, "GroupName": "g", "VpcId": "vpc-0aaaaaaaaaaaaaaa1"}]}),
        )),
        _ => None,
    }
}

/// Parameters of operations that look no further at the examples made from names.
fn samples(operation: &str) -> Vec<Value> {
    let specified = |kind: &str| json!([{"ResourceType": kind, "Tags": [{"Key": "k", "Value": "v"}]}]);
    let item = json!({"k": {"S": "1"}});
    match operation {
        "AuthorizeSecurityGroupEgress"
        | "AuthorizeSecurityGroupIngress"
        | "RevokeSecurityGroupEgress"
        | "RevokeSecurityGroupIngress" => {
            let permission = json!({
                "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [{"PrefixListId": "pl-1"}],
                "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "444455556666"}]});
            let tags = specified("security-group-rule");
            vec![
                json!({"GroupId": GROUP, "IpPermissions": [permission], "TagSpecifications": tags}),
                json!({"GroupId": GROUP, "CidrIp": "10.0.0.0/8", "IpProtocol": "tcp", "FromPort": 1, "ToPort": 1}),
            ]
        }
        "CopySnapshot" => vec![json!({
            "SourceRegion": "eu-central-1", "SourceSnapshotId": "snap-1", "TagSpecifications": specified("snapshot")})],
        "CreateSnapshots" => {
            vec![json!({"InstanceSpecification": {"InstanceId": "i-1"}, "TagSpecifications": specified("snapshot")})]
        }
        "CreateSecurityGroup" => vec![json!({
            "GroupName": "g", "Description": "d", "TagSpecifications": specified("security-group")})],
        "GetItem" | "DeleteItem" | "UpdateItem" => vec![json!({"TableName": "111", "Key": item})],
        "PutItem" => vec![json!({"TableName": "111", "Item": item})],
        "Query" => vec![
            json!({"TableName": "111", "KeyConditionExpression": "k = :k", "ExpressionAttributeValues": {":k": {"S": "1"}}}),
        ],
        "Scan" => vec![json!({"TableName": "111"})],
        "TransactWriteItems" => [
            json!({"Put": {"TableName": "111", "Item": item}}),
            json!({"Delete": {"TableName": "111", "Key": item}}),
            json!({"Update": {"TableName": "111", "Key": item, "UpdateExpression": "REMOVE a"}}),
            json!({"ConditionCheck": {"TableName": "111", "Key": item, "ConditionExpression": "attribute_exists(k)"}}),
        ]
        .into_iter()
        .map(|one| json!({"TransactItems": [one]}))
        .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_operation_takes_what_it_declares() {
    let mut wrong = Vec::new();
    for service in services::all() {
        let model = service.model();
        for operation in service.operations() {
            let Some(row) = service.find(operation) else { continue };
            let declared = service.support().iter().find(|support| support.operation == operation);
            let Some(support) = declared else {
                wrong.push(format!("{}:{operation} declares nothing", service.name()));
                continue;
            };
            let declared = support.names();
            let mut found = BTreeSet::new();
            for name in &declared {
                let related = |it: &&String| it.starts_with(name.as_str()) || name.starts_with(&format!("{it}."));
                let wanted = declared.iter().filter(related).cloned().collect();
                found.extend(taken(service, &row, model.example(row.name, &wanted)));
            }
            for sample in samples(row.name) {
                found.extend(taken(service, &row, sample));
            }
            let differences = declared.symmetric_difference(&found).cloned().collect::<Vec<_>>();
            if !differences.is_empty() {
                wrong.push(format!("{}:{}: {}", service.name(), row.name, differences.join(" ")));
            }
        }
        let rows = |name: &str| service.find(name).is_some();
        let declared = service.support().iter().map(|support| support.operation);
        wrong.extend(declared.filter(|name| !rows(name)).map(|name| format!("{name} has no row")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
