//! Snapshots as evidence: locks, copies, keys.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::time::Duration;

use serde_json::{Value, json};

use super::LockState;
use crate::ec2::ReadEc2;
use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const DONE: &str = "snap-0aaaaaaaaaaaaaaa1";
const PENDING: &str = "snap-0aaaaaaaaaaaaaaa2";
const FAILED: &str = "snap-0aaaaaaaaaaaaaaa3";
const EVIDENCE_KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/e1";
const DISABLED_KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/e2";

fn world() -> World {
    world_with(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))
}

fn world_with(policy: Value) -> World {
    let world = World::new(Setup { started_at: Timestamp::from_millis(1_772_362_800_000), seed: 1 });
    world.add_principal(Principal {
        access_key_id: "AKIATEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
        arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/evidence/evidence"),
        account: ACCOUNT.to_owned(),
        function: "evidence".to_owned(),
        policy: Policy::parse(&json!({"Statement": policy})).unwrap(),
        expires: None,
    });
    let default_key = "arn:aws:kms:eu-central-1:111122223333:key/d1";
    let account = json!({
        "ec2": {"describe-snapshots": {"Snapshots": [
            {"SnapshotId": DONE, "VolumeId": "vol-0fffffffffffffff1", "VolumeSize": 10, "Encrypted": true, "KmsKeyId": default_key,
                "Tags": [{"Key": "cordon:incident", "Value": "inc-1"}]},
            {"SnapshotId": PENDING, "VolumeId": "vol-0fffffffffffffff2", "VolumeSize": 10, "State": "pending"},
            {"SnapshotId": FAILED, "VolumeId": "vol-0fffffffffffffff3", "State": "error", "StateMessage": "an internal error"}]}},
        "kms": {
            "describe-key": [{"KeyMetadata": {"KeyId": "d1", "KeyManager": "AWS"}}, {"KeyMetadata": {"KeyId": "e1"}},
                {"KeyMetadata": {"KeyId": "e2", "KeyState": "Disabled"}}],
            "list-aliases": {"Aliases": [{"AliasName": "alias/aws/ebs", "TargetKeyId": "d1"}, {"AliasName": "alias/evidence", "TargetKeyId": "e1"}]},
        },
    });
    world.load(ACCOUNT, REGION, &account).unwrap();
    world
}

fn call(world: &World, operation: &str, parameters: Value) -> Result<Value, ServiceError> {
    world.integrate("AKIATEST", REGION, "ec2", operation, parameters).0
}

fn code(world: &World, operation: &str, parameters: Value) -> String {
    call(world, operation, parameters).map_or_else(|error| error.code, |_| "accepted".to_owned())
}

fn pass(world: &World, seconds: u64) {
    let clock = world.clock();
    clock.advance_to(clock.now().after(Duration::from_secs(seconds)));
}

fn lock(world: &World, id: &str, terms: Value) -> String {
    let mut parameters = json!({"SnapshotId": id});
    parameters.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    code(world, "LockSnapshot", parameters)
}

fn held(world: &World, id: &str) -> Option<LockState> {
    world.snapshots(ACCOUNT, REGION).into_iter().find(|it| it.id == id).unwrap().lock
}

fn governance(days: i64) -> Value {
    json!({"LockMode": "governance", "LockDuration": days})
}

fn copy(world: &World, source: &str, key: &str) -> Result<String, ServiceError> {
    let parameters = json!({"SourceSnapshotId": source, "SourceRegion": REGION, "Encrypted": true, "KmsKeyId": key});
    call(world, "CopySnapshot", parameters).map(|answer| answer["SnapshotId"].as_str().unwrap().to_owned())
}

/// State, message and key of a snapshot.
fn described(world: &World, id: &str) -> (Value, Value, Value) {
    let answer = call(world, "DescribeSnapshots", json!({"SnapshotIds": [id]})).unwrap();
    let it = &answer["Snapshots"][0];
    (it["State"].clone(), it["StateMessage"].clone(), it["KmsKeyId"].clone())
}

#[test]
fn a_governance_lock_lasts_its_days() {
    let world = world();
    for (terms, expected) in [
        (governance(0), "InvalidParameterValue"),
        (governance(36_501), "InvalidParameterValue"),
        (json!({"LockMode": "governance"}), "InvalidParameterCombination"),
        (json!({"LockMode": "governance", "LockDuration": 1, "CoolOffPeriod": 1}), "InvalidParameterCombination"),
        (json!({"LockMode": "compliance", "LockDuration": 1, "CoolOffPeriod": 73}), "InvalidParameterValue"),
        (json!({"LockMode": "strict", "LockDuration": 1}), "InvalidParameterValue"),
        (governance(30), "accepted"),
        (governance(1), "accepted"),
    ] {
        assert_eq!(lock(&world, DONE, terms.clone()), expected, "{terms}");
    }
    assert_eq!(lock(&world, "snap-0aaaaaaaaaaaaaaa9", governance(1)), "InvalidSnapshot.NotFound");
    let locked = call(&world, "DescribeLockedSnapshots", json!({"SnapshotIds": [DONE, PENDING]})).unwrap();
    assert_eq!(
        locked["Snapshots"],
        json!([{"SnapshotId": DONE, "OwnerId": ACCOUNT, "LockState": "governance", "LockDuration": 1,
        "LockCreatedOn": "2026-03-01T11:00:00.000Z", "LockDurationStartTime": "2026-03-01T11:00:00.000Z",
        "LockExpiresOn": "2026-03-02T11:00:00.000Z"}])
    );
    pass(&world, 86_400);
    assert_eq!(held(&world, DONE), Some(LockState::Expired));
    let filters = json!({"Filters": [{"Name": "lock-state", "Values": ["governance"]}]});
    assert_eq!(call(&world, "DescribeLockedSnapshots", filters).unwrap()["Snapshots"], json!([]));
    assert_eq!(
        code(&world, "DescribeLockedSnapshots", json!({"SnapshotIds": ["snap-0aaaaaaaaaaaaaaa9"]})),
        "InvalidSnapshot.NotFound"
    );
}

#[test]
fn a_compliance_lock_can_only_be_extended_once_it_has_cooled() {
    let world = world();
    let compliance = |days: i64| json!({"LockMode": "compliance", "LockDuration": days});
    assert_eq!(
        lock(&world, DONE, json!({"LockMode": "compliance", "LockDuration": 5, "CoolOffPeriod": 1})),
        "accepted"
    );
    assert_eq!(held(&world, DONE), Some(LockState::ComplianceCooloff));
    assert_eq!(
        lock(&world, DONE, json!({"LockMode": "compliance", "LockDuration": 3, "CoolOffPeriod": 1})),
        "accepted"
    );
    pass(&world, 3600);
    assert_eq!(held(&world, DONE), Some(LockState::Compliance));
    assert_eq!(lock(&world, DONE, governance(100)), "SnapshotLocked");
    assert_eq!(lock(&world, DONE, compliance(2)), "SnapshotLocked");
    assert_eq!(lock(&world, DONE, compliance(4)), "accepted");
}

#[test]
fn the_lock_of_a_pending_snapshot_runs_from_its_completion() {
    let world = world();
    assert_eq!(lock(&world, FAILED, governance(1)), "IncorrectState");
    assert_eq!(lock(&world, PENDING, governance(1)), "accepted");
    let locked = || call(&world, "DescribeLockedSnapshots", json!({})).unwrap()["Snapshots"][0].clone();
    assert_eq!((locked()["LockState"].as_str(), locked().get("LockExpiresOn")), (Some("governance"), None));
    // Half a minute and three seconds for each GiB.
    pass(&world, 60);
    assert_eq!(locked()["LockExpiresOn"], "2026-03-02T11:01:00.000Z");
}

#[test]
fn a_copy_has_the_key_that_it_was_asked_for() {
    let world = world();
    let made = copy(&world, DONE, "alias/evidence").unwrap();
    assert_eq!(described(&world, &made), (json!("pending"), Value::Null, json!(EVIDENCE_KEY)));
    pass(&world, 60);
    assert_eq!(described(&world, &made).0, "completed");
    assert!(copy(&world, PENDING, EVIDENCE_KEY).is_ok());
    assert_eq!(copy(&world, FAILED, EVIDENCE_KEY).unwrap_err().code, "IncorrectState");
    // Without a key it is the default one.
    let plain = call(&world, "CopySnapshot", json!({"SourceSnapshotId": DONE, "SourceRegion": REGION})).unwrap();
    let key = described(&world, plain["SnapshotId"].as_str().unwrap()).2;
    assert_eq!(key, "arn:aws:kms:eu-central-1:111122223333:key/d1");
    let unencrypted = json!({"SourceSnapshotId": DONE, "SourceRegion": REGION, "KmsKeyId": EVIDENCE_KEY});
    assert_eq!(code(&world, "CopySnapshot", unencrypted), "InvalidParameterDependency");
}

#[test]
fn a_pending_snapshot_is_not_copied_and_only_so_many_are_at_once() {
    let world = world();
    assert_eq!(copy(&world, PENDING, EVIDENCE_KEY).unwrap_err().code, "IncorrectState");
    for _ in 0..20 {
        copy(&world, DONE, EVIDENCE_KEY).unwrap();
    }
    assert_eq!(copy(&world, DONE, EVIDENCE_KEY).unwrap_err().code, "ResourceLimitExceeded");
    pass(&world, 60);
    assert!(copy(&world, DONE, EVIDENCE_KEY).is_ok());
}

#[test]
fn a_key_that_cannot_be_used_shows_late() {
    let failed = |world: &World, key: &str| {
        let made = copy(world, DONE, key).unwrap();
        assert_eq!(lock(world, &made, governance(1)), "accepted");
        assert_eq!(described(world, &made).0, "pending");
        pass(world, 20);
        assert_eq!(held(world, &made), None);
        described(world, &made)
    };
    let message = json!("Given key ID is not accessible");
    for key in [DISABLED_KEY, "arn:aws:kms:eu-central-1:111122223333:key/none"] {
        assert_eq!(failed(&world(), key), (json!("error"), message.clone(), json!(key)));
    }
    let without = |action: &str| {
        world_with(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": action, "Resource": EVIDENCE_KEY}]))
    };
    assert_eq!(failed(&without("kms:CreateGrant"), EVIDENCE_KEY).1, message);
    let foreign = copy(&world(), DONE, "arn:aws:kms:eu-central-1:999988887777:key/theirs");
    assert!(foreign.is_ok());
}

#[test]
fn a_copy_is_authorized_on_its_source_and_its_key() {
    let policy = |source_tag: &str| {
        json!([
            {"Effect": "Allow", "Action": "ec2:CopySnapshot", "Resource": "arn:aws:ec2:eu-central-1::snapshot/snap-*",
                "Condition": {"StringEquals": {"aws:ResourceTag/cordon:incident": source_tag}}},
            {"Effect": "Allow", "Action": "ec2:CopySnapshot", "Resource": "arn:aws:ec2:eu-central-1::snapshot/*",
                "Condition": {"Null": {"aws:ResourceTag/cordon:incident": "true"}}},
            {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
                "Resource": EVIDENCE_KEY, "Condition": {"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}},
            {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": EVIDENCE_KEY,
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}])
    };
    assert_eq!(copy(&world_with(policy("inc-2")), DONE, EVIDENCE_KEY).unwrap_err().code, "UnauthorizedOperation");
    let world = world_with(policy("inc-1"));
    let made = copy(&world, DONE, EVIDENCE_KEY).unwrap();
    pass(&world, 60);
    let copied = world.snapshots(ACCOUNT, REGION).into_iter().find(|it| it.id == made).unwrap();
    assert_eq!((copied.state.as_str(), copied.key.as_deref()), ("completed", Some(EVIDENCE_KEY)));
}
