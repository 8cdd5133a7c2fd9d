#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use crate::{Setup, Timestamp, World};

fn loaded(document: Value) -> Result<(), String> {
    let world = World::new(Setup { started_at: Timestamp::from_millis(0), seed: 1 });
    world.load("111122223333", "eu-central-1", &document).map_err(|error| error.to_string())
}

fn instance(id: &str, interfaces: &[&str]) -> Value {
    let interfaces: Vec<Value> = interfaces.iter().map(|id| json!({"NetworkInterfaceId": id})).collect();
    json!({"InstanceId": id, "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "NetworkInterfaces": interfaces})
}

fn instances(all: &[Value]) -> Value {
    json!({"Reservations": [{"Instances": all}]})
}

fn interface(id: &str, attachment: &Value) -> Value {
    json!({"NetworkInterfaceId": id, "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "Attachment": attachment})
}

const A: &str = "i-0ddddddddddddddd1";
const B: &str = "i-0ddddddddddddddd2";
const X: &str = "eni-0111111111111111a";

#[test]
fn what_is_described_twice_is_refused() {
    let eni = interface(X, &Value::Null);
    for (ec2, message) in [
        (
            json!({"describe-network-interfaces": {"NetworkInterfaces": [eni, eni]}}),
            "`ec2.describe-network-interfaces.NetworkInterfaces`: `eni-0111111111111111a` is described twice",
        ),
        (
            json!({"describe-network-interfaces": [{"NetworkInterfaces": [eni]}, {"NetworkInterfaces": [eni]}]}),
            "`ec2.describe-network-interfaces.NetworkInterfaces`: `eni-0111111111111111a` is described twice",
        ),
        (
            json!({"describe-instances": instances(&[instance(A, &[X]), instance(B, &[X])])}),
            "`ec2.describe-instances.Reservations.Instances.NetworkInterfaces`: `eni-0111111111111111a` is described twice",
        ),
        (
            json!({"describe-instances": instances(&[instance(A, &[]), instance(A, &[])])}),
            "`ec2.describe-instances.Reservations.Instances`: `i-0ddddddddddddddd1` is described twice",
        ),
    ] {
        assert_eq!(loaded(json!({"ec2": ec2})).unwrap_err(), message);
    }
    // An instance describes its interfaces as well, and then they are the same.
    let own = json!({"describe-instances": instances(&[instance(A, &[X])]),
        "describe-network-interfaces": {"NetworkInterfaces": [interface(X, &json!({"InstanceId": A}))]}});
    assert_eq!(loaded(json!({"ec2": own})), Ok(()));
}

#[test]
fn attachments_lead_to_what_is_there() {
    let attached = |to: &str| json!({"NetworkInterfaces": [interface(X, &json!({"InstanceId": to}))]});
    let terminated = json!({"InstanceId": A, "State": {"Name": "terminated"}});
    for (ec2, message) in [
        (
            json!({"describe-network-interfaces": attached(A), "describe-instances": instances(&[instance(B, &[])])}),
            "`ec2.describe-network-interfaces`: `eni-0111111111111111a` is attached to `i-0ddddddddddddddd1`, which no describe-instances shows: add the instance, or leave out what it has",
        ),
        (
            json!({"describe-network-interfaces": attached(A), "describe-instances": instances(&[terminated])}),
            "`ec2.describe-network-interfaces`: `eni-0111111111111111a` is attached to `i-0ddddddddddddddd1`, which is terminated: nothing is attached to it any more",
        ),
        (
            json!({"describe-network-interfaces": attached(B),
                "describe-instances": instances(&[instance(A, &[X]), instance(B, &[])])}),
            "`ec2.describe-instances`: `i-0ddddddddddddddd1` has the interface `eni-0111111111111111a`, which by its own description is attached to `i-0ddddddddddddddd2`",
        ),
        (
            json!({"describe-instances": instances(&[instance(A, &[X])]),
                "describe-network-interfaces": {"NetworkInterfaces": [interface(X, &Value::Null)]}}),
            "`ec2.describe-instances`: `i-0ddddddddddddddd1` has the interface `eni-0111111111111111a`, which by its own description is attached to no instance",
        ),
        (
            json!({"describe-volumes": {"Volumes": [{"VolumeId": "vol-0fffffffffffffff1", "Attachments": [{"InstanceId": A}]}]}}),
            "`ec2.describe-volumes`: `vol-0fffffffffffffff1` is attached to `i-0ddddddddddddddd1`, which no describe-instances shows: add the instance, or leave out what it has",
        ),
    ] {
        assert_eq!(loaded(json!({"ec2": ec2})).unwrap_err(), message);
    }
    // What a service manages is attached to no instance.
    let managed = json!({"NetworkInterfaces": [interface(X, &json!({"InstanceOwnerId": "amazon-elb"}))]});
    assert_eq!(loaded(json!({"ec2": {"describe-network-interfaces": managed}})), Ok(()));
}

#[test]
fn half_an_account_is_refused() {
    let page = |token: Value| json!({"Vpcs": [], "NextToken": token});
    let message = "`ec2.describe-vpcs.NextToken`: the output is cut off here: run the command without `--max-items` and `--no-paginate`, or add the other pages as a list of outputs";
    assert_eq!(loaded(json!({"ec2": {"describe-vpcs": page(json!("t"))}})).unwrap_err(), message);
    assert_eq!(loaded(json!({"ec2": {"describe-vpcs": [page(Value::Null), page(json!("t"))]}})).unwrap_err(), message);
    // All pages, the last of them last.
    assert_eq!(loaded(json!({"ec2": {"describe-vpcs": [page(json!("t")), page(Value::Null)]}})), Ok(()));
    assert_eq!(loaded(json!({"ec2": {"describe-vpcs": page(json!(""))}})), Ok(()));
    let roles = |truncated: bool, marker: Value| json!({"iam": {"list-roles": {"Roles": [], "IsTruncated": truncated, "Marker": marker}}});
    assert_eq!(loaded(roles(false, Value::Null)), Ok(()));
    assert!(
        loaded(roles(true, json!("m"))).unwrap_err().starts_with("`iam.list-roles.Marker`: the output is cut off here")
    );
    assert!(loaded(roles(true, Value::Null)).unwrap_err().starts_with("`iam.list-roles.IsTruncated`"));
    assert!(
        loaded(json!({"ec2": {"describe-vpcs": ["x"]}}))
            .unwrap_err()
            .contains("expected the command's output, an object")
    );
}
