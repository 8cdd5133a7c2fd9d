//! The unmodified release binary of `quarantine-instance`: invoked through the Lambda Runtime API, its SDK calls answered
//! by the simulated account over HTTP.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use account::Timestamp;
use account::dynamodb::ReadDynamoDb;
use account::ec2::ReadEc2;
use incident::Resource;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::process::Process;
use super::runtime_api::{Answer, RuntimeApi};
use super::scene::Scene;
use super::serve;
use crate::support::{Checked, LAMBDA_BINARIES, ensure, equal, failed, needing, some, text};

const STEP: &str = "quarantine-instance";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        needing(LAMBDA_BINARIES, "wire::lambda::contains_a_recorded_instance", contains),
        needing(LAMBDA_BINARIES, "wire::lambda::names_its_errors_and_lives_on", names_errors),
        needing(LAMBDA_BINARIES, "wire::lambda::does_not_start_without_its_settings", needs_settings),
    ]
}

/// The binary as Lambda starts it: nothing in its environment but what the template and Lambda set.
fn command(binaries: &Path, scene: &Scene, runtime_api: &str, endpoint: &str) -> Checked<Command> {
    let function = scene.function(STEP)?;
    let template = &scene.deployment.template;
    let template =
        some(template.functions.iter().find(|found| found.name == function.name), "the function's resource")?;
    let mut command = Command::new(binaries.join(STEP).join("bootstrap"));
    command
        .env_clear()
        .envs(&template.environment)
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", function.name))
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/02/11/[1]f3c1")
        .env("AWS_REGION", &scene.deployment.surroundings.region)
        .env("AWS_ACCESS_KEY_ID", &function.caller.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", "simulated")
        .env("AWS_ENDPOINT_URL", endpoint);
    Ok(command)
}

fn scene() -> Checked<Scene> {
    some(Scene::of(Path::new("guardduty/crypto-currency"))?, "an incident about an instance")
}

fn response(answer: Answer) -> Checked<Value> {
    match answer {
        Answer::Response(body) => Ok(body),
        Answer::Error(body) => failed(format!("the function failed: {body}")),
    }
}

fn contains(binaries: &Path) -> Checked {
    let scene = scene()?;
    let Resource::Instance { id } = &scene.incident.resource else { return failed("not an instance") };
    let (account, region) = (scene.incident.account.as_str(), scene.incident.region.as_str());
    let before = some(scene.world.instance(account, region, id), "the instance")?;

    let mut api = RuntimeApi::start(&scene.function(STEP)?.arn)?;
    let endpoint = serve(&scene.world)?;
    let process = Process::start(STEP, &mut command(binaries, &scene, &api.address, &endpoint)?)?;
    let execution = "arn:aws:states:eu-central-1:111122223333:execution:cordon-respond-ec2:8f2c";
    let payload = json!({"execution": execution, "incident": scene.incident, "last_attempt": true});
    let payload = scene.with_settings(STEP, payload)?;
    let output = response(api.invoke(payload).map_err(|error| with_complaint(error, &process))?)?;
    equal(text(&output, "/outcome")?, "contained", "the outcome that the function read back")?;

    // What is in the account, whatever the function says.
    let after = some(scene.world.instance(account, region, id), "the instance")?;
    equal(after.interfaces.len(), before.interfaces.len(), "interfaces")?;
    for interface in &after.interfaces {
        let [group] = interface.groups.as_slice() else {
            return failed(format!("{} has the groups {:?}", interface.id, interface.groups));
        };
        let group = some(scene.world.security_group(account, region, group), group)?;
        equal(group.vpc.as_str(), interface.vpc.as_str(), "the isolation group's VPC")?;
        equal(group.name.as_str(), "cordon-isolation", "the isolation group's name")?;
        ensure(group.ingress.is_empty() && group.egress.is_empty(), "the isolation group has rules")?;
    }
    let table = scene.deployment.template.tables.first().map(|table| table.name.as_str());
    let items = scene.world.items(account, region, some(table, "the table")?);
    let image_of = |resource: &str| {
        let key = format!("before-image#{resource}");
        some(items.iter().find(|item| item.pointer("/record/S") == Some(&json!(key))), &key)
    };
    for interface in &before.interfaces {
        check_before_image(image_of(&interface.id)?, &scene.incident.id, &interface.id, &interface.groups)?;
    }
    check_before_image(image_of(&format!("{id}#protection"))?, &scene.incident.id, id, &[])?;
    equal(items.len(), before.interfaces.len() + 1, "before-images of the interfaces and of the protection")?;
    equal(scene.world.unsupported(), Vec::<String>::new(), "calls that the simulated account does not know")?;
    check_log(&process.kill()?, &scene.incident.id, execution)
}

fn check_before_image(item: &Value, incident: &str, resource: &str, groups: &[String]) -> Checked {
    equal(text(item, "/incident_id/S")?, incident, "the incident of the before-image")?;
    let body: Value = serde_json::from_str(text(item, "/body/S")?)?;
    ensure(body.to_string().contains(resource), format!("the before-image is not of {resource}: {body}"))?;
    for group in groups {
        ensure(body.to_string().contains(group.as_str()), format!("the before-image lacks {group}: {body}"))?;
    }
    let taken_at = Timestamp::parse(text(item, "/taken_at/S")?)?.as_millis();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let age = i64::try_from(now.as_millis())?.abs_diff(taken_at);
    ensure(Duration::from_millis(age) < Duration::from_secs(600), format!("taken {age} ms from now"))
}

/// Every line is JSON; those of an invocation carry the incident and the execution.
fn check_log(lines: &[String], incident: &str, execution: &str) -> Checked {
    ensure(!lines.is_empty(), "the function logs nothing")?;
    for line in lines {
        let entry: Value = serde_json::from_str(line).map_err(|error| format!("not JSON: {error}: {line}"))?;
        if entry.get("span").is_some() {
            equal(text(&entry, "/span/incident")?, incident, "the incident in the log")?;
            equal(text(&entry, "/span/execution")?, execution, "the execution in the log")?;
        }
    }
    let ended = lines.iter().any(|line| line.contains("\"done\"") && line.contains(incident));
    ensure(ended, format!("no line tells the end of the invocation: {}", lines.join("\n")))
}

fn names_errors(binaries: &Path) -> Checked {
    let scene = scene()?;
    let mut api = RuntimeApi::start(&scene.function(STEP)?.arn)?;
    let endpoint = serve(&scene.world)?;
    let process = Process::start(STEP, &mut command(binaries, &scene, &api.address, &endpoint)?)?;
    let mut not_an_instance = serde_json::to_value(&scene.incident)?;
    if let Some(incident) = not_an_instance.as_object_mut() {
        incident.insert("resource".to_owned(), json!({"kind": "security-group", "id": "sg-0a43b6e8d7f6ef6d6"}));
    }
    for (payload, told) in [
        (json!({"incident": 5}), "the input of the function"),
        (json!({"incident": not_an_instance}), "the incident is about a security group"),
    ] {
        match api.invoke(scene.with_settings(STEP, payload)?).map_err(|error| with_complaint(error, &process))? {
            Answer::Error(body) => {
                // Step Functions matches on this member of the payload.
                equal(text(&body, "/errorType")?, "Input.Invalid", "the name of the error")?;
                ensure(text(&body, "/errorMessage")?.contains(told), format!("not `{told}`: {body}"))?;
            }
            Answer::Response(body) => return failed(format!("not refused: {body}")),
        }
    }
    equal(scene.world.calls().len(), 0, "calls for inputs that cannot be read")?;
    let good = scene.with_settings(STEP, json!({"incident": scene.incident, "last_attempt": true}))?;
    let output = response(api.invoke(good).map_err(|error| with_complaint(error, &process))?)?;
    equal(text(&output, "/outcome")?, "contained", "the outcome after two failures")
}

/// A setting that is missing, from the environment or from the payload, and one that the function does not know.
fn needs_settings(binaries: &Path) -> Checked {
    let scene = scene()?;
    let good = scene.with_settings(STEP, json!({"incident": scene.incident, "last_attempt": true}))?;
    let mut bare = good.clone();
    *some(bare.pointer_mut("/settings"), "the settings")? = json!({});
    let mut unknown = good.clone();
    *some(unknown.pointer_mut("/settings"), "the settings")? =
        json!({"isolation_group_name": "cordon-isolation", "isolation_group": "typo"});
    for (variable, payload, expected) in [
        (Some("TABLE_NAME"), &good, "TABLE_NAME is not set"),
        (None, &bare, "lacks the setting `isolation_group_name`"),
        (None, &unknown, "the setting `isolation_group`, which this function does not know"),
    ] {
        let mut api = RuntimeApi::start(&scene.function(STEP)?.arn)?;
        let mut command = command(binaries, &scene, &api.address, "http://127.0.0.1:9")?;
        if let Some(variable) = variable {
            command.env_remove(variable);
        }
        let process = Process::start(STEP, &mut command)?;
        match api.invoke(payload.clone()).map_err(|error| with_complaint(error, &process))? {
            Answer::Error(body) => {
                equal(text(&body, "/errorType")?, "Settings.Invalid", "the name of the error")?;
                ensure(text(&body, "/errorMessage")?.contains(expected), format!("not `{expected}`: {body}"))?;
            }
            Answer::Response(body) => return failed(format!("not refused: {body}")),
        }
    }
    Ok(())
}

fn with_complaint(error: libtest_mimic::Failed, process: &Process) -> String {
    format!("{}\n{}", error.message().unwrap_or_default(), process.complaint())
}
