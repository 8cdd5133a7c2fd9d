//! The operations of IAM, which more functions will need than call them today: through the real SDK against the service
//! models, and through boto3 against moto.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use account::{Policy, Principal, Setup, Timestamp, World};
use libtest_mimic::Trial;
use responder::{Clients, Home};
use serde_json::{Value, json};

use super::checker;
use super::moto;
use super::process::python;
use super::recorder::{Recorder, drive};
use crate::support::{Checked, PYTHON, ensure, equal, needing};

const REGION: &str = "eu-central-1";
/// The account of a moto server.
const ACCOUNT: &str = "123456789012";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        needing(PYTHON, "wire::iam::requests_and_responses_are_as_the_model_says", agrees),
        needing(PYTHON, "wire::iam::answers_are_those_of_moto", compares),
    ]
}

/// The role `web` with its profile and an attached policy, and a caller who may do everything with the key `testing`.
fn world() -> Checked<World> {
    let world = World::new(Setup { started_at: Timestamp::parse("2026-03-01T12:00:00Z")?, seed: 1 });
    let everything =
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}});
    world.add_principal(Principal {
        access_key_id: "testing".to_owned(),
        secret_access_key: "testing".to_owned(),
        session_token: None,
        arn: format!("arn:aws:iam::{ACCOUNT}:user/test"),
        account: ACCOUNT.to_owned(),
        function: "test".to_owned(),
        policy: Policy::parse(&everything)?,
        expires: None,
    });
    let policy = json!({"PolicyName": "read", "PolicyArn": format!("arn:aws:iam::{ACCOUNT}:policy/team/read")});
    let iam = json!({
        "get-instance-profile": {"InstanceProfile": {"InstanceProfileName": "web", "Roles": [{"RoleName": "web"}]}},
        "get-role": {"Role": {"RoleName": "web", "Description": "web servers", "Tags": []}},
        "list-attached-role-policies": {"RoleName": "web", "AttachedPolicies": [policy]},
    });
    world.load(ACCOUNT, REGION, &json!({"iam": iam}))?;
    Ok(world)
}

/// Every operation, with an answer and with a refusal, as the model says.
fn agrees(interpreter: &Path) -> Checked {
    let world = world()?;
    let recorder = Recorder::default();
    let home = Home { account: ACCOUNT.to_owned() };
    let clients = Clients::new(recorder.config(&world, REGION, "testing"), home);
    let target = clients.for_target("aws", ACCOUNT, REGION)?;
    let iam = target.iam();
    let document = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    let failures = drive(&world.clock(), async {
        let mut failed = Vec::new();
        for role in ["web", "gone"] {
            let put = iam.put_role_policy().role_name(role).policy_name("cordon").policy_document(document);
            failed.push(put.send().await.is_err());
            failed.push(iam.get_role_policy().role_name(role).policy_name("cordon").send().await.is_err());
            failed.push(iam.get_instance_profile().instance_profile_name(role).send().await.is_err());
            failed.push(iam.get_role().role_name(role).send().await.is_err());
            failed.push(iam.list_role_policies().role_name(role).max_items(1).send().await.is_err());
            failed.push(iam.list_attached_role_policies().role_name(role).path_prefix("/").send().await.is_err());
            failed.push(iam.list_instance_profiles_for_role().role_name(role).send().await.is_err());
            failed.push(iam.delete_role_policy().role_name(role).policy_name("cordon").send().await.is_err());
        }
        failed
    })?;
    equal(failures, [[false; 8], [true; 8]].concat(), "calls that failed")?;
    let exchanges = recorder.exchanges();
    let verdicts = checker::check(interpreter, &exchanges)?;
    let operations: BTreeSet<&str> = verdicts.iter().filter_map(|verdict| verdict.operation.as_deref()).collect();
    equal((verdicts.len(), operations.len()), (16, 8), "exchanges and operations")?;
    let problems: Vec<String> = verdicts
        .iter()
        .flat_map(|verdict| verdict.problems.iter().map(|problem| format!("{:?}: {problem}", verdict.operation)))
        .collect();
    ensure(problems.is_empty(), problems.join("\n"))
}

/// The same calls of an independent client have the same answers from an independent server.
fn compares(interpreter: &Path) -> Checked {
    let world = world()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let ours = format!("http://{}", listener.local_addr()?);
    // It serves until the process ends.
    thread::spawn(move || account::serve(&world, &listener));
    let (_server, theirs) = moto::server(interpreter)?;
    let called = |endpoint: &str| -> Checked<Vec<Value>> {
        let output = python(interpreter, "iam_operations.py", &["call", endpoint], Vec::new())?;
        Ok(output.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
    };
    python(interpreter, "iam_operations.py", &["make", &theirs], Vec::new())?;
    let (ours, theirs) = (called(&ours)?, called(&theirs)?);
    ensure(ours.len() > 20, "hardly a call was made")?;
    let differences: Vec<String> = ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, theirs)| ours != theirs)
        .map(|(ours, theirs)| format!("ours {ours}\nmoto {theirs}"))
        .collect();
    ensure(differences.is_empty(), differences.join("\n"))?;
    equal(ours.len(), theirs.len(), "answers")
}
