#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use crate::{Policy, Principal, ServiceError, Setup, Timestamp, World};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
const DEFAULT: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn world(policy: Value) -> World {
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
    let account = json!({"kms": {
        "describe-key": [
            {"KeyMetadata": {"KeyId": DEFAULT, "KeyManager": "AWS", "CreationDate": "2025-01-01T00:00:00+01:00"}},
            {"KeyMetadata": {"KeyId": "mrk-1", "KeyState": "PendingDeletion", "DeletionDate": "2026-04-01T00:00:00Z"}}],
        "list-aliases": {"Aliases": [{"AliasName": "alias/aws/ebs", "TargetKeyId": DEFAULT}]},
    }});
    world.load(ACCOUNT, REGION, &account).unwrap();
    world
}

fn describe(world: &World, key: &str) -> Result<Value, ServiceError> {
    let answer = world.integrate("AKIATEST", REGION, "kms", "DescribeKey", json!({"KeyId": key})).0;
    answer.map(|mut answer| answer.get_mut("KeyMetadata").unwrap().take())
}

#[test]
fn a_key_is_found_by_each_of_its_names() {
    let world = world(json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let arn = format!("arn:aws:kms:eu-central-1:111122223333:key/{DEFAULT}");
    for name in [DEFAULT, arn.as_str(), "alias/aws/ebs", "arn:aws:kms:eu-central-1:111122223333:alias/aws/ebs"] {
        let key = describe(&world, name).unwrap();
        assert_eq!(key.get("Arn"), Some(&json!(arn)), "{name}");
        assert_eq!(key.get("KeyManager"), Some(&json!("AWS")));
        assert_eq!(key.get("CreationDate"), Some(&json!(1_735_686_000.0)));
    }
    let gone = describe(&world, "mrk-1").unwrap();
    assert_eq!((gone.get("Enabled"), gone.get("KeyManager")), (Some(&json!(false)), Some(&json!("CUSTOMER"))));
    let unknown = describe(&world, "alias/other").unwrap_err();
    assert_eq!(unknown.code, "NotFoundException");
    assert_eq!(describe(&world, "0000").unwrap_err().code, "NotFoundException");
    assert_eq!(describe(&world, "arn:aws:kms:eu-central-1:999988887777:key/1").unwrap_err().code, "NotSimulated");
}

#[test]
fn an_alias_is_authorized_as_its_key() {
    let tried = |resource: &str| {
        let world = world(json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": resource}));
        describe(&world, "alias/aws/ebs").map_or_else(|error| error.code, |_| "accepted".to_owned())
    };
    assert_eq!(tried("arn:aws:kms:*:*:key/*"), "accepted");
    assert_eq!(tried("arn:aws:kms:*:*:alias/*"), "AccessDeniedException");
}
