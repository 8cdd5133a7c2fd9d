//! Auto Scaling, target groups, keys, and what EC2 does for evidence: through the real SDK against the service models, and
//! through boto3 against moto, from whose descriptions the simulated account is filled as from a real one.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime};

use account::{Policy, Principal, Setup, Timestamp, World};
use libtest_mimic::Trial;
use responder::{Clients, Home};
use serde::Deserialize;
use serde_json::{Value, json};

use super::checker;
use super::moto;
use super::process::python;
use super::recorder::{Recorder, drive};
use crate::support::{Checked, PYTHON, ensure, equal, needing};

const REGION: &str = "eu-central-1";
/// The account of a moto server.
const ACCOUNT: &str = "123456789012";
const HOST: &str = "i-0ddddddddddddddd1";
const SNAPSHOT: &str = "snap-0aaaaaaaaaaaaaaa1";
const TARGETS: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web/50dc6c495c0c9188";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        needing(PYTHON, "wire::services::requests_and_responses_are_as_the_models_say", agrees),
        needing(PYTHON, "wire::services::answers_are_those_of_moto", compares),
    ]
}

/// A world with a caller who may do everything with the key `testing`.
fn world(started_at: Timestamp, account: &Value) -> Checked<World> {
    let world = World::new(Setup { started_at, seed: 1 });
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
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
    world.load(ACCOUNT, REGION, account)?;
    Ok(world)
}

/// An instance in a group behind a target group, a snapshot, a key.
fn seeds() -> Value {
    let instance = json!({"InstanceId": HOST, "InstanceType": "m5.large", "VpcId": "vpc-0aaaaaaaaaaaaaaa1"});
    json!({
        "ec2": {
            "describe-instances": {"Reservations": [{"Instances": [instance]}]},
            "get-console-output": {"InstanceId": HOST, "Output": "Ym9vdA=="},
            "describe-snapshots": {"Snapshots": [{"SnapshotId": SNAPSHOT, "VolumeId": "vol-0fffffffffffffff1"}]},
        },
        "autoscaling": {"describe-auto-scaling-groups": {"AutoScalingGroups": [{"AutoScalingGroupName": "web",
            "Instances": [{"InstanceId": HOST}], "TargetGroupARNs": [TARGETS], "Tags": [{"Key": "team", "Value": "shop"}]}]}},
        "elbv2": {
            "describe-target-groups": {"TargetGroups": [{"TargetGroupArn": TARGETS, "Port": 80, "VpcId": "vpc-0aaaaaaaaaaaaaaa1"}]},
            "describe-target-health": {TARGETS: {"TargetHealthDescriptions": [{"Target": {"Id": HOST, "Port": 80}}]}},
        },
        "kms": {"describe-key": {"KeyMetadata": {"KeyId": KEY.rsplit('/').next()}}},
    })
}

/// Every operation, with an answer and with a refusal, as the models say.
fn agrees(interpreter: &Path) -> Checked {
    let world = world(Timestamp::parse("2026-03-01T12:00:00Z")?, &seeds())?;
    let recorder = Recorder::default();
    let home = Home { account: ACCOUNT.to_owned() };
    let clients = Clients::new(recorder.config(&world, REGION, "testing"), home);
    let target = clients.for_target("aws", ACCOUNT, REGION)?;
    let (scaling, balancing, ec2) = (target.auto_scaling(), target.load_balancing(), target.ec2());
    let failures: Vec<bool> = drive(&world.clock(), async {
        let mut failed = Vec::new();
        let listed = balancing.describe_target_health().target_group_arn(TARGETS).send().await;
        let listed = listed.ok().and_then(|health| health.target_health_descriptions?.pop()?.target);
        for (known, group, arn, snapshot, key) in [
            (true, "web", TARGETS, SNAPSHOT, KEY),
            (false, "db", &TARGETS.replace("/web/", "/db/"), "snap-0aaaaaaaaaaaaaaa9", "alias/none"),
        ] {
            let ids = if known { HOST } else { "i-0ddddddddddddddd9" };
            failed.push(
                scaling.describe_auto_scaling_groups().max_records(if known { 1 } else { 101 }).send().await.is_err(),
            );
            let page = scaling.describe_auto_scaling_instances().instance_ids(ids);
            let page = if known { page } else { page.next_token("none") };
            failed.push(page.send().await.is_err());
            let standby = scaling.enter_standby().auto_scaling_group_name(group).instance_ids(ids);
            failed.push(standby.should_decrement_desired_capacity(false).send().await.is_err());
            clients.pause(Duration::from_secs(400)).await;
            failed.push(scaling.exit_standby().auto_scaling_group_name(group).instance_ids(ids).send().await.is_err());
            clients.pause(Duration::from_secs(100)).await;
            let detached = scaling.detach_instances().auto_scaling_group_name(group).instance_ids(ids);
            failed.push(detached.should_decrement_desired_capacity(true).send().await.is_err());
            failed.push(balancing.describe_target_groups().target_group_arns(arn).page_size(1).send().await.is_err());
            failed.push(balancing.describe_target_health().target_group_arn(arn).send().await.is_err());
            let register =
                balancing.register_targets().target_group_arn(arn).set_targets(listed.clone().map(|it| vec![it]));
            failed.push(register.send().await.is_err());
            let deregister = balancing.deregister_targets().target_group_arn(arn);
            failed.push(deregister.set_targets(listed.clone().map(|it| vec![it])).send().await.is_err());
            let lock = ec2.lock_snapshot().snapshot_id(snapshot).lock_mode("governance".into()).lock_duration(30);
            failed.push(lock.send().await.is_err());
            failed.push(ec2.describe_locked_snapshots().snapshot_ids(snapshot).send().await.is_err());
            let copy = ec2.copy_snapshot().source_snapshot_id(snapshot).source_region(REGION);
            failed.push(copy.encrypted(true).kms_key_id(KEY).send().await.is_err());
            failed.push(ec2.describe_snapshots().snapshot_ids(snapshot).send().await.is_err());
            failed.push(ec2.get_console_output().instance_id(ids).latest(true).send().await.is_err());
            failed.push(target.kms().describe_key().key_id(key).send().await.is_err());
        }
        failed
    })?;
    equal(failures, [[false; 15], [true; 15]].concat(), "calls that failed")?;
    let verdicts = checker::check(interpreter, &recorder.exchanges())?;
    let operations: BTreeSet<&str> = verdicts.iter().filter_map(|verdict| verdict.operation.as_deref()).collect();
    equal((verdicts.len(), operations.len()), (31, 15), "exchanges and operations")?;
    let problems: Vec<String> = verdicts
        .iter()
        .flat_map(|verdict| verdict.problems.iter().map(|problem| format!("{:?}: {problem}", verdict.operation)))
        .collect();
    ensure(problems.is_empty(), problems.join("\n"))
}

/// What `account_like_moto.py compare` tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Compared {
    calls: usize,
    differences: Vec<String>,
    /// Known differences that did not show.
    gone: Vec<String>,
}

/// The same calls of an independent client have the same answers from an independent server.
fn compares(interpreter: &Path) -> Checked {
    const SCRIPT: &str = "account_like_moto.py";
    let (_server, theirs) = moto::server(interpreter)?;
    let account = python(interpreter, SCRIPT, &["make", &theirs], Vec::new())?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let started_at = Timestamp::from_millis(i64::try_from(now.as_millis())?);
    let world = world(started_at, &serde_json::from_str(&account)?)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let ours = format!("http://{}", listener.local_addr()?);
    let served = world.clone();
    // It serves until the process ends.
    thread::spawn(move || account::serve(&served, &listener));
    let compared = python(interpreter, SCRIPT, &["compare", &theirs, &ours], Vec::new())?;
    let compared: Compared = serde_json::from_str(&compared)?;
    ensure(compared.calls > 50, "hardly a call was made")?;
    ensure(compared.differences.is_empty(), compared.differences.join("\n"))?;
    ensure(compared.gone.is_empty(), format!("no difference any more: {}", compared.gone.join(", ")))?;
    equal(world.unsupported(), Vec::<String>::new(), "calls that the simulated account does not know")
}
