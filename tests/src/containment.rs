//! What containment must do that a single scenario cannot show.

use std::path::PathBuf;

use incident::Outcome;
use libtest_mimic::Trial;
use responder::{Clients, Function, kill_switch};
use serde_json::{Value, json};
use simulator::{Handlers, Replay, ReplayReport};

use crate::scenarios::{replay, run};
use crate::support::{self, Checked, ensure, equal, some, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("containment::isolation_waits_for_nothing_that_fails", patience),
        trial("containment::tracked_connections_are_flushed_once", flushed_once),
        trial("containment::nothing_is_opened_unless_asked", no_flush),
        trial("containment::an_open_flush_is_closed_though_the_kill_switch_is_engaged", closed_though_stopped),
        trial("containment::a_plan_has_every_control_in_the_order_of_containment", plan),
    ]
}

fn fixture(name: &str) -> PathBuf {
    support::root().join("fixtures/guardduty").join(name)
}

/// A copy of a scenario with another account and another `scenario.json`.
fn copy(name: &str, purpose: &str, account: &Value, scenario: &Value) -> Checked<PathBuf> {
    let folder = support::temporary(purpose)?;
    std::fs::copy(fixture(name).join("event.json"), folder.join("event.json"))?;
    std::fs::write(folder.join("account.json"), serde_json::to_vec(account)?)?;
    std::fs::write(folder.join("scenario.json"), serde_json::to_vec(scenario)?)?;
    Ok(folder)
}

fn first(report: &ReplayReport, operation: &str) -> Checked<f64> {
    let call = report.calls.iter().find(|call| call.operation == operation && call.function == "quarantine-instance");
    some(call.map(|call| call.at), operation)
}

/// Auto Scaling does not answer: the interfaces are isolated within seconds all the same, and what was interrupted is
/// done by the retry.
fn patience() -> Checked {
    let account = support::account_of(&fixture("auto-scaling-and-load-balancers"))?;
    for call in ["autoscaling:DescribeAutoScalingInstances", "autoscaling:EnterStandby"] {
        let fault = json!({"function": "quarantine-instance", "call": call, "kind": "timeout-before", "times": 3});
        let scenario = json!({
            "schema": 1, "docs": "Auto Scaling does not answer.", "faults": [fault], "expect": {"outcome": "contained"},
        });
        let folder = copy("auto-scaling-and-load-balancers", "patience", &account, &scenario)?;
        let report = run(&replay()?, &folder)?;
        equal(report.outcome, Outcome::Contained, call)?;
        let isolated = first(&report, "ModifyNetworkInterfaceAttribute")?;
        ensure(isolated < 13.0, format!("{call}: isolated after {isolated} s"))?;
    }
    Ok(())
}

fn flushed_once() -> Checked {
    for name in ["flush-connections", "flush-crash", "flush-crashes-for-good"] {
        let report = run(&replay()?, &fixture(name))?;
        let opened: Vec<usize> = places(&report, "AuthorizeSecurityGroupIngress");
        equal(opened.len(), 1, format!("{name}: openings"))?;
        let isolated = some(places(&report, "ModifyNetworkInterfaceAttribute").first().copied(), "an isolation")?;
        ensure(opened.first() > Some(&isolated), format!("{name}: opened before it was isolated"))?;
    }
    Ok(())
}

fn places(report: &ReplayReport, operation: &str) -> Vec<usize> {
    let calls = report.calls.iter().enumerate();
    calls.filter(|(_, call)| call.operation == operation).map(|(place, _)| place).collect()
}

fn no_flush() -> Checked {
    let report = run(&replay()?, &fixture("crypto-currency"))?;
    ensure(places(&report, "AuthorizeSecurityGroupIngress").is_empty(), "a group was opened")
}

/// Engages the kill switch, then does what the function does.
async fn engaged(
    clients: &Clients,
    settings: &quarantine_instance::Settings,
    input: Value,
) -> responder::Result<Value> {
    kill_switch::set(clients, "cordon-incidents", true, "a test", "stop").await?;
    let input = serde_json::from_value(input)
        .map_err(|error| responder::Error::new(responder::ErrorName::InputInvalid, error.to_string()))?;
    quarantine_instance::handle(clients, settings, input).await.map(|_| Value::Null)
}

/// An earlier run left the host open to the world; then somebody stops the response. What Cordon opened is closed, and
/// nothing else is changed.
fn closed_though_stopped() -> Checked {
    let name = "flush-connections";
    let usual = run(&replay()?, &fixture(name))?;
    let incident = some(usual.incidents.first().and_then(|incident| incident.id.clone()), "the incident's id")?;
    let mut account = support::account_of(&fixture(name))?;
    let interface = some(account.pointer("/ec2/describe-network-interfaces/NetworkInterfaces/0"), "an interface")?;
    let (vpc, owner) = (interface["VpcId"].clone(), interface["OwnerId"].clone());
    let group = "sg-0f1a5f0000000000f";
    some(account.pointer_mut("/ec2/describe-security-groups/SecurityGroups").and_then(Value::as_array_mut), "groups")?
        .push(json!({
            "GroupId": group, "GroupName": format!("cordon-isolation-flush-{incident}"), "VpcId": vpc, "OwnerId": owner,
            "Description": "Cordon flush", "Tags": [{"Key": "cordon:purpose", "Value": "flush"}],
        }));
    some(
        account.pointer_mut("/ec2/describe-security-group-rules/SecurityGroupRules").and_then(Value::as_array_mut),
        "",
    )?
    .push(json!({
        "SecurityGroupRuleId": "sgr-0f1a5f0000000000f", "GroupId": group, "IsEgress": false, "IpProtocol": "-1",
        "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0",
    }));
    for path in [
        "/ec2/describe-network-interfaces/NetworkInterfaces/0/Groups",
        "/ec2/describe-instances/Reservations/0/Instances/0/NetworkInterfaces/0/Groups",
        "/ec2/describe-instances/Reservations/0/Instances/0/SecurityGroups",
    ] {
        *some(account.pointer_mut(path), path)? = json!([{"GroupId": group, "GroupName": "flush"}]);
    }
    let opened = json!({"scan": {"Items": [
        {"incident_id": {"S": incident}, "record": {"S": "flush#opened"}, "schema": {"N": "1"}, "body": {"S": "{}"}},
    ]}});
    some(account.as_object_mut(), "an account")?.insert("dynamodb".to_owned(), opened);
    let scenario = json!({"schema": 1, "docs": "A flush is open and the kill switch engaged.", "expect": {"outcome": "escalated"}});
    let folder = copy(name, "closed-though-stopped", &account, &scenario)?;
    let mut handlers = Handlers::deployed();
    handlers.set("quarantine-instance", Function::new(engaged));
    // The role of no function may write the kill switch, which the handler of this test does in the place of a person.
    let project = support::project_without("kill-switch", "dynamodb:LeadingKeys")?;
    let report = run(&Replay::new(project, handlers), &folder)?;
    equal(report.outcome, Outcome::Escalated, &report.reason)?;
    let closed: Vec<bool> = report
        .read_back
        .iter()
        .filter(|read| read.resource.starts_with("eni-") || read.resource.starts_with("close-flush"))
        .map(|read| read.holds == Some(true))
        .collect();
    ensure(closed.len() == 2 && closed.iter().all(|closed| *closed), format!("{:#?}", report.read_back))?;
    for operation in ["ModifyInstanceAttribute", "EnterStandby", "DisassociateAddress"] {
        ensure(places(&report, operation).is_empty(), format!("{operation} though the kill switch is engaged"))?;
    }
    Ok(())
}

/// The plan that observe mode tells names what containment does, in its order.
fn plan() -> Checked {
    let mut names: Vec<Vec<String>> = Vec::new();
    for mode in ["contain-suspected", "observe"] {
        let mut controls = Vec::new();
        for name in ["auto-scaling-and-load-balancers", "elastic-address"] {
            let parameters = [("Mode".to_owned(), mode.to_owned())].into();
            let report = run(&replay()?.parameters(parameters), &fixture(name))?;
            let incident = some(report.incidents.first(), "an incident")?;
            let of_host = incident.controls.iter().map(|control| control.name.clone());
            controls.extend(of_host.filter(|name| !name.starts_with("update-security-hub")));
        }
        names.push(controls);
    }
    let [contained, planned] = names.as_slice() else { return support::failed("two modes") };
    equal(planned, contained, "the plan")
}
