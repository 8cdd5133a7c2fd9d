//! `cordon kill-switch` as a person runs it: a process of its own whose SDK calls the simulated account answers over
//! HTTP, and what the functions make of the record it writes.

use std::path::Path;
use std::process::Command;

use account::{Policy, Principal};
use aws_credential_types::Credentials;
use aws_types::region::Region;
use libtest_mimic::Trial;
use responder::{Clients, Error, ErrorName, Home, kill_switch};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::support::{Checked, ensure, equal, some, text, trial};

const TABLE: &str = "cordon-incidents";
const ANALYST: &str = "arn:aws:iam::111122223333:user/analyst";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("wire::kill_switch::stops_and_lets_go", stops_and_lets_go),
        trial("wire::kill_switch::says_what_to_do_when_it_cannot", cannot),
        trial("wire::kill_switch::a_record_that_does_not_say_counts_as_engaged", unreadable),
    ]
}

/// A world with the table, and someone who may use it.
struct Place {
    scene: Scene,
    endpoint: String,
}

impl Place {
    fn new(allowed: &[&str]) -> Checked<Place> {
        let scene = some(Scene::of(Path::new("guardduty/crypto-currency"))?, "an incident about an instance")?;
        let policy =
            json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": allowed, "Resource": "*"}});
        scene.world.add_principal(Principal {
            access_key_id: "AKIAANALYST".to_owned(),
            secret_access_key: "any".to_owned(),
            session_token: None,
            arn: ANALYST.to_owned(),
            account: "111122223333".to_owned(),
            function: "analyst".to_owned(),
            policy: Policy::parse(&policy)?,
            expires: None,
        });
        let endpoint = super::serve(&scene.world)?;
        Ok(Place { scene, endpoint })
    }

    /// Exit code, stdout and stderr of `cordon kill-switch …`.
    fn run(&self, arguments: &[&str]) -> Checked<(i32, String, String)> {
        command(&self.endpoint, arguments)
    }

    /// What a function would hear.
    fn check(&self) -> Checked<Result<(), Error>> {
        let credentials = Credentials::new("AKIAANALYST", "any", None, None, "test");
        let home = Home { account: "111122223333".to_owned() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(runtime.block_on(async {
            let config = aws_config::defaults(responder::behavior())
                .region(Region::new("eu-central-1"))
                .endpoint_url(&self.endpoint)
                .credentials_provider(credentials)
                .load()
                .await;
            let clients = Clients::new(config, home);
            kill_switch::check(&clients, TABLE).await
        }))
    }
}

fn command(endpoint: &str, arguments: &[&str]) -> Checked<(i32, String, String)> {
    let output = Command::new(std::env::current_exe()?)
        .arg(crate::AS_CORDON)
        .arg("kill-switch")
        .args(arguments)
        .args(["--endpoint-url", endpoint])
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", "AKIAANALYST")
        .env("AWS_SECRET_ACCESS_KEY", "any")
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()?;
    Ok((
        some(output.status.code(), "an exit code")?,
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}

fn stops_and_lets_go() -> Checked {
    let place = Place::new(&["dynamodb:GetItem", "dynamodb:PutItem"])?;
    let (code, out, _) = place.run(&["status", "--table", TABLE])?;
    equal(code, 0, "the exit code before anyone set it")?;
    ensure(out.starts_with("released:") && out.contains("was never engaged"), &out)?;
    equal(place.check()?, Ok(()), "the check before anyone set it")?;

    let (code, out, err) = place.run(&["engage", "--table", TABLE, "--reason", "a bad\r\nrelease"])?;
    equal((code, err.as_str()), (0, ""), "engaging")?;
    ensure(out.starts_with("engaged") && out.contains(ANALYST) && out.contains("a bad release"), &out)?;
    match place.check()? {
        Err(error) if error.name == ErrorName::ResponseStopped => {
            ensure(error.message.contains(ANALYST) && error.message.contains("a bad release"), &error.message)?;
        }
        other => return crate::support::failed(format!("the functions go on: {other:?}")),
    }
    let (code, out, _) = place.run(&["status", "--table", TABLE, "--format", "json"])?;
    equal(code, 2, "the exit code while it is engaged")?;
    let status: Value = serde_json::from_str(&out)?;
    equal(status.get("engaged"), Some(&json!(true)), &out)?;
    equal(text(&status, "/by")?, ANALYST, "who engaged it")?;

    let (code, out, _) = place.run(&["release", "--table", TABLE, "--reason", "fixed", "--format", "json"])?;
    equal(code, 0, "releasing")?;
    let status: Value = serde_json::from_str(&out)?;
    equal(status.get("engaged"), Some(&json!(false)), &out)?;
    equal(place.check()?, Ok(()), "the check after the release")
}

fn cannot() -> Checked {
    let place = Place::new(&["dynamodb:GetItem"])?;
    let (code, out, err) = place.run(&["engage", "--table", TABLE, "--reason", "stop"])?;
    equal((code, out.as_str()), (1, ""), "without permission")?;
    ensure(err.contains("dynamodb:PutItem") && err.lines().count() == 1, &err)?;
    equal(place.run(&["status", "--table", TABLE])?.0, 0, "the status after an engagement that was refused")?;

    let (code, _, err) = place.run(&["status", "--table", "another"])?;
    equal(code, 3, "a table that does not exist")?;
    ensure(err.contains("`another`") && err.contains("TableName"), &err)?;
    let (code, _, err) = place.run(&["engage", "--table", TABLE])?;
    equal(code, 3, "without a reason")?;
    ensure(err.contains("--reason"), &err)?;
    equal(place.run(&["engage", "--table", TABLE, "--reason", " \n"])?.0, 3, "with an empty reason")?;

    // A port that nobody listens on any more.
    let closed = format!("http://{}", std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?);
    let (code, out, err) = command(&closed, &["status", "--table", TABLE])?;
    equal((code, out.as_str()), (1, ""), "unreachable")?;
    ensure(err.contains("could not be reached") && err.contains("try again"), &err)
}

fn unreadable() -> Checked {
    let place = Place::new(&["dynamodb:GetItem", "dynamodb:PutItem"])?;
    for engaged in [json!({"S": "false"}), json!({"N": "0"}), json!({"NULL": true})] {
        let item = json!({"incident_id": {"S": "control"}, "record": {"S": "kill-switch"}, "engaged": engaged});
        let records = json!({"dynamodb": {"scan": {"TableName": TABLE, "Items": [item]}}});
        place.scene.world.load("111122223333", "eu-central-1", &records)?;
        let (code, _, err) = place.run(&["status", "--table", TABLE])?;
        equal(code, 2, &err)?;
        ensure(
            matches!(place.check()?, Err(error) if error.name == ErrorName::ResponseStopped),
            "the functions go on",
        )?;
    }
    // Setting it again mends the record.
    equal(place.run(&["release", "--table", TABLE, "--reason", "mended"])?.0, 0, "releasing")?;
    equal(place.check()?, Ok(()), "the check after mending")
}
