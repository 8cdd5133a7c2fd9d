//! The handlers through the real SDK and real HTTP against moto, a simulation that others wrote: what they do must be
//! right there too. The suspect is made and read back by boto3.
//!
//! moto has neither `DescribeInstanceInformation` nor `BatchUpdateFindings`, so `identify-instance` and
//! `update-security-hub` are not tried on it. It accepts groups of another VPC for an interface and checks no policy:
//! that a call succeeds proves nothing, so the tests look at what it holds afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use aws_credential_types::Credentials;
use aws_types::region::Region;
use incident::Incident;
use incident::finding::{self, Event};
use libtest_mimic::Trial;
use responder::{Clients, Environment, Function, Home, INCIDENT_TAG, PURPOSE_TAG};
use serde::Deserialize;
use serde_json::{Value, json};

use super::process::{Process, python};
use crate::support::{Checked, PYTHON, ensure, equal, failed, json_file, needing, root, some};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        needing(PYTHON, "wire::moto::quarantine_isolates_every_interface", quarantines),
        needing(PYTHON, "wire::moto::snapshots_are_one_set", snapshots),
    ]
}

/// A moto server with a suspect of two interfaces in two VPCs and two volumes, and a neighbor.
struct Moto {
    /// Ends with its standard input, so even a test that is killed leaves nothing behind.
    _server: Process,
    interpreter: std::path::PathBuf,
    endpoint: String,
    made: Made,
}

/// An empty moto server and its endpoint. It ends with its standard input.
pub(super) fn server(interpreter: &Path) -> Checked<(Process, String)> {
    let mut command = Command::new(interpreter);
    command.arg(root().join("tests/python/moto_server.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    let server = Process::start("moto", &mut command)?;
    let endpoint = format!("http://127.0.0.1:{}", server.next_line()?.trim());
    Ok((server, endpoint))
}

/// What `moto_account.py make` tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    account: String,
    region: String,
    table: String,
    suspect: String,
    neighbor: String,
}

/// What `moto_account.py read` tells.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    interfaces: BTreeMap<String, Interface>,
    groups: BTreeMap<String, Group>,
    /// The instances that each volume is attached to.
    volumes: BTreeMap<String, Vec<String>>,
    snapshots: BTreeMap<String, Snapshot>,
    items: Vec<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interface {
    instance: Option<String>,
    vpc: String,
    groups: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    vpc: String,
    tags: BTreeMap<String, String>,
    permissions: usize,
    rules: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    volume: String,
    tags: BTreeMap<String, String>,
}

impl Moto {
    fn start(interpreter: &Path) -> Checked<Moto> {
        let (server, endpoint) = server(interpreter)?;
        let made = python(interpreter, "moto_account.py", &["make", &endpoint], Vec::new())?;
        Ok(Moto { _server: server, interpreter: interpreter.to_owned(), endpoint, made: serde_json::from_str(&made)? })
    }

    /// Reads everything back by boto3.
    fn read(&self) -> Checked<Held> {
        let held = python(&self.interpreter, "moto_account.py", &["read", &self.endpoint], Vec::new())?;
        Ok(serde_json::from_str(&held)?)
    }

    /// A recorded finding, about the suspect.
    fn incident(&self) -> Checked<Incident> {
        let mut event = json_file(&root().join("fixtures/guardduty/crypto-currency/event.json"))?;
        for (place, value) in [
            ("/account", &self.made.account),
            ("/region", &self.made.region),
            ("/detail/accountId", &self.made.account),
            ("/detail/region", &self.made.region),
            ("/detail/resource/instanceDetails/instanceId", &self.made.suspect),
        ] {
            *some(event.pointer_mut(place), place)? = Value::from(value.as_str());
        }
        match finding::parse(&event)? {
            Event::GuardDuty(finding) => Ok(Incident::from_finding(&finding)),
            other => failed(format!("not a finding: {other:?}")),
        }
    }

    /// Invokes a handler as Lambda would, but for the source of credentials and the endpoint.
    fn invoke(&self, function: &Function, payload: Value) -> Checked<Value> {
        let environment: Environment =
            [("RESPONSE_ACCOUNT", self.made.account.as_str()), ("TABLE_NAME", self.made.table.as_str())]
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let output = runtime.block_on(async {
            let config = aws_config::defaults(responder::behavior())
                .timeout_config(responder::time_limits())
                .retry_config(responder::retries())
                .region(Region::new(self.made.region.clone()))
                .credentials_provider(Credentials::new("testing", "testing", None, None, "test"))
                .endpoint_url(&self.endpoint)
                .load()
                .await;
            let clients = Clients::new(config, Home::read(&environment)?);
            function.invoke(clients, environment, payload).await
        });
        output.map_err(|error| format!("{}: {error}", error.name.as_str()).into())
    }
}

impl Held {
    fn interfaces_of(&self, instance: &str) -> BTreeMap<&String, &Interface> {
        self.interfaces.iter().filter(|(_, it)| it.instance.as_deref() == Some(instance)).collect()
    }

    fn snapshots_of(&self, incident: &Incident) -> BTreeMap<&String, &Snapshot> {
        let of_incident = |it: &Snapshot| it.tags.get(INCIDENT_TAG).is_some_and(|id| *id == incident.id);
        self.snapshots.iter().filter(|(_, it)| of_incident(it)).collect()
    }
}

fn quarantines(interpreter: &Path) -> Checked {
    let moto = Moto::start(interpreter)?;
    let incident = moto.incident()?;
    let before = moto.read()?;
    let originals = before.interfaces_of(&moto.made.suspect);
    let vpcs: BTreeSet<&String> = originals.values().map(|it| &it.vpc).collect();
    equal((originals.len(), vpcs.len()), (2, 2), "interfaces and VPCs of the suspect")?;

    let function = Function::new(quarantine_instance::handle);
    let settings = json!({"isolation_group_name": "cordon-isolation"});
    let payload = json!({"settings": settings, "incident": incident, "last_attempt": true});
    let output = moto.invoke(&function, payload.clone())?;
    equal(output.get("outcome"), Some(&json!("contained")), &output)?;

    let after = moto.read()?;
    for (id, interface) in after.interfaces_of(&moto.made.suspect) {
        let [group] = interface.groups.as_slice() else {
            return failed(format!("{id} has the groups {:?}", interface.groups));
        };
        let group = some(after.groups.get(group), group)?;
        equal(&group.vpc, &interface.vpc, "the VPC of the isolation group")?;
        equal(group.name.as_str(), "cordon-isolation", "the name of the isolation group")?;
        equal(group.tags.get(PURPOSE_TAG).map(String::as_str), Some("isolation"), "the tag of the isolation group")?;
        equal((group.permissions, group.rules), (0, 0), "permissions and rules of the isolation group")?;
    }
    for (id, interface) in &originals {
        let image = after.items.iter().find(|item| item.get("body").is_some_and(|body| body.contains(id.as_str())));
        let image = some(image, format!("the before-image of {id}"))?;
        equal(image.get("incident_id"), Some(&incident.id), "the incident of the before-image")?;
        let body: Value = serde_json::from_str(image.get("body").map_or("", String::as_str))?;
        equal(body.get("groups"), Some(&json!(interface.groups)), "the groups of the before-image")?;
    }
    let of_interfaces = |item: &&BTreeMap<String, String>| {
        item.get("record").is_some_and(|record| record.starts_with("before-image#eni-"))
    };
    equal(after.items.iter().filter(of_interfaces).count(), originals.len(), "before-images of interfaces")?;
    let protection = after.items.iter().any(|item| item.get("record").is_some_and(|it| it.ends_with("#protection")));
    ensure(protection, "no before-image of the protection")?;
    let neighbor = &moto.made.neighbor;
    equal(after.interfaces_of(neighbor), before.interfaces_of(neighbor), "the interfaces of the neighbor")?;
    for (id, group) in &before.groups {
        equal(after.groups.get(id), Some(group), format!("the group {id}, which is not ours"))?;
    }

    // A second run finds everything done and overwrites nothing.
    let output = moto.invoke(&function, payload)?;
    equal(output.get("outcome"), Some(&json!("contained")), &output)?;
    let again = moto.read()?;
    equal(again.interfaces, after.interfaces, "interfaces after a second run")?;
    equal(again.groups, after.groups, "groups after a second run")?;
    equal(again.items, after.items, "before-images after a second run")
}

fn snapshots(interpreter: &Path) -> Checked {
    let moto = Moto::start(interpreter)?;
    let incident = moto.incident()?;
    let function = Function::new(snapshot_volumes::handle);
    let output = moto.invoke(&function, json!({"execution": "test", "incident": incident}))?;
    equal(output.get("gaps"), Some(&json!([])), &output)?;
    let held = moto.read()?;
    let set = held.snapshots_of(&incident);
    let kept: BTreeSet<&String> = set.values().map(|it| &it.volume).collect();
    let attached: BTreeSet<&String> = held
        .volumes
        .iter()
        .filter(|(_, instances)| instances.contains(&moto.made.suspect))
        .map(|(volume, _)| volume)
        .collect();
    equal(&kept, &attached, "the volumes of the snapshot set")?;
    equal(set.len(), 2, "snapshots of the set")?;
    let told = output.get("snapshots").and_then(Value::as_array);
    let told: BTreeSet<&str> = told.into_iter().flatten().filter_map(Value::as_str).collect();
    equal(told, set.keys().map(|id| id.as_str()).collect::<BTreeSet<&str>>(), "the snapshots that the handler tells")?;

    // There is no client token: a second run must find the set by its tag.
    moto.invoke(&function, json!({"execution": "test", "incident": incident}))?;
    let again = moto.read()?;
    ensure(again.snapshots_of(&incident) == set, "a second run makes another snapshot set")
}
