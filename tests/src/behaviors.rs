//! What must hold however the rest changes: a handler that lies is found out, and a policy grants what is used and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use incident::Outcome;
use ingest::{InputEvent, Source};
use libtest_mimic::{Failed, Trial};
use responder::{Clients, Function};
use serde_json::{Value, json};
use simulator::{Handlers, Replay, ReplayReport};
use template::Project;

use crate::any_settings::AnySettings;
use crate::scenarios::{name, replay, reports, run};
use crate::support;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("behaviors::a_quarantine_that_only_claims_success_is_failed", lying_quarantine),
        Trial::test("behaviors::a_remediation_that_only_claims_success_is_failed", lying_remediation),
        Trial::test("behaviors::an_expectation_that_is_not_met_is_said", unmet_expectation),
        Trial::test("behaviors::a_missing_permission_is_missed", missing_permission),
        Trial::test("behaviors::every_permission_is_used_by_some_scenario", permissions_are_used),
        Trial::test("behaviors::member_roles_grant_what_the_functions_have", member_roles),
        Trial::test("behaviors::a_second_run_changes_nothing_it_must_not", second_run),
    ]
}

/// Claims that everything is contained and does nothing.
async fn claim_contained(_: &Clients, _: &AnySettings, _: Value) -> responder::Result<Value> {
    Ok(json!({
        "outcome": "contained",
        "controls": [{"name": "isolate-interface eni-1", "state": "done", "detail": "trust me"}],
        "gaps": [],
        "residual_paths": [],
    }))
}

async fn claim_remediated(_: &Clients, _: &AnySettings, _: Value) -> responder::Result<Value> {
    Ok(json!({"outcome": "remediated", "owner": null, "controls": [], "gaps": []}))
}

fn with_handler(step: &str, handler: Function, scenario: &str) -> Result<ReplayReport, Failed> {
    let mut handlers = Handlers::deployed();
    handlers.set(step, handler);
    let replay = Replay::new(Project::find(&support::root())?, handlers);
    run(&replay, &support::root().join("fixtures").join(scenario))
}

fn expect_failed(report: &ReplayReport) -> Result<(), Failed> {
    if report.outcome != Outcome::Failed || report.exit_code() != 2 {
        return Err(format!("outcome {} ({}), exit code {}", report.outcome, report.reason, report.exit_code()).into());
    }
    if !report.reason.contains("read back") {
        return Err(format!("the reason does not say what was read: {}", report.reason).into());
    }
    Ok(())
}

fn lying_quarantine() -> Result<(), Failed> {
    expect_failed(&with_handler("quarantine-instance", Function::new(claim_contained), "guardduty/crypto-currency")?)
}

fn lying_remediation() -> Result<(), Failed> {
    expect_failed(&with_handler("remediate-security-group", Function::new(claim_remediated), "config/open-to-ipv4")?)
}

/// A copy of a scenario with other expectations must differ: else the comparison compares nothing.
fn unmet_expectation() -> Result<(), Failed> {
    let folder = support::temporary("unmet-expectation")?;
    let from = support::root().join("fixtures/guardduty/crypto-currency");
    std::fs::copy(from.join("event.json"), folder.join("event.json"))?;
    std::fs::write(folder.join("account.json"), support::account_of(&from)?.to_string())?;
    let expect = json!({
        "rule": "none", "playbook": "remediate-config", "decision": "ignore", "outcome": "ignored",
        "groups": {"eni-none": ["isolation"]}, "rules": {"sg-none": ["sgr-none"]},
        "must_call": ["ec2:DescribeTags"], "must_not_call": ["ec2:ModifyNetworkInterfaceAttribute"],
        "snapshot_sets": 7, "before_images": 7, "notifications": 7, "gaps": ["no such gap"],
        "told": ["no such text"], "locked": 7, "copies": 7, "custody": ["no such entry"],
    });
    let fields = expect.as_object().map_or(0, serde_json::Map::len);
    let scenario = json!({"schema": 1, "docs": "Expects everything to be otherwise.", "expect": expect});
    std::fs::write(folder.join("scenario.json"), serde_json::to_vec(&scenario)?)?;
    let report = run(&replay()?, &folder)?;
    let differences = report.expectations.map(|expectations| expectations.differences).unwrap_or_default();
    if differences.len() != fields {
        return Err(format!("{} of {fields} differences found: {differences:#?}", differences.len()).into());
    }
    Ok(())
}

/// A copy of the project whose template is changed.
pub(crate) fn changed_project(purpose: &str, change: impl Fn(&str) -> String) -> Result<Project, Failed> {
    let root = support::temporary(purpose)?;
    support::copy(&support::root().join("statemachines"), &root.join("statemachines"))?;
    support::copy(&support::root().join("infra"), &root.join("infra"))?;
    let template = root.join("infra/template.yaml");
    let text = std::fs::read_to_string(&template)?;
    let changed = change(&text);
    if changed == text {
        return Err("the change did not change the template".into());
    }
    std::fs::write(&template, changed)?;
    Ok(Project::find(&root)?)
}

/// Without a permission the replay fails where AWS would, each by itself.
fn missing_permission() -> Result<(), Failed> {
    const REMOVED: [(&str, &str, &str); 2] = [
        ("                  - ec2:DescribeSecurityGroupRules\n", "", "DescribeSecurityGroupRules"),
        ("Action: ec2:ModifyNetworkInterfaceAttribute", "Action: ec2:DescribeTags", "ModifyNetworkInterfaceAttribute"),
    ];
    for (line, instead, operation) in REMOVED {
        let project = changed_project("missing-permission", |text| text.replace(line, instead))?;
        let replay = Replay::new(project, Handlers::deployed());
        let report = run(&replay, &support::root().join("fixtures/guardduty/crypto-currency"))?;
        if report.outcome != Outcome::Failed {
            return Err(format!("without {operation}: outcome {}: {}", report.outcome, report.reason).into());
        }
        let refused = |call: &simulator::report::CallReport| {
            call.operation == operation && call.error.as_deref() == Some("UnauthorizedOperation")
        };
        if !report.calls.iter().any(refused) {
            return Err(format!("no {operation} was refused").into());
        }
    }
    Ok(())
}

/// Permissions that the simulated account cannot see the use of: logs are written by the runtime.
const UNSEEN: [&str; 3] = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

fn permissions_are_used() -> Result<(), Failed> {
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, report) in reports()? {
        for permission in &report.permissions {
            let all = if permission.used { &mut used } else { &mut granted };
            // Scenarios play in several accounts and partitions; the role is the same one.
            let role = permission.role.rsplit('/').next().unwrap_or_default().to_owned();
            all.entry(role).or_default().insert(permission.permission.clone());
        }
    }
    let unused: Vec<String> = granted
        .iter()
        .flat_map(|(role, permissions)| permissions.iter().map(move |permission| (role, permission)))
        .filter(|(role, permission)| !used.get(*role).is_some_and(|used| used.contains(*permission)))
        .filter(|(_, permission)| !UNSEEN.iter().any(|unseen| permission.ends_with(unseen)))
        .map(|(role, permission)| format!("{role}: {permission}"))
        .collect();
    if used.is_empty() {
        return Err("no permission was seen in use at all".into());
    }
    if !unused.is_empty() {
        return Err(format!("no scenario uses\n{}", unused.join("\n")).into());
    }
    Ok(())
}

/// Statements about a member account are the same as those about the response account, for each function that acts
/// there: what is replayed against one account is what happens in the other.
fn member_roles() -> Result<(), Failed> {
    let project = Project::find(&support::root())?;
    let place = |account: &str| template::Surroundings {
        account: account.into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        stack_name: "cordon".into(),
    };
    let home = template::read(project.template(), &BTreeMap::new(), &place("111122223333"))?;
    let parameters = BTreeMap::from([("ResponseAccount".to_owned(), "111122223333".to_owned())]);
    let member = template::read(project.member_template(), &parameters, &place("111122223333"))?;
    let statements = |policies: &[(String, Value)]| -> BTreeSet<String> {
        policies
            .iter()
            .flat_map(|(_, document)| {
                document.pointer("/Statement").and_then(Value::as_array).cloned().unwrap_or_default()
            })
            .filter(|statement| {
                let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default();
                // What stays at home: logs, the table, and becoming the member role.
                let resource = statement.get("Resource").and_then(Value::as_str).unwrap_or_default();
                !["WriteLogs", "ActInMemberAccounts"].contains(&sid) && !resource.contains(":table/")
            })
            .map(|statement| statement.to_string())
            .collect()
    };
    let acting: Vec<_> = home
        .roles
        .iter()
        .filter(|role| role.policies.iter().any(|(_, document)| document.to_string().contains("ActInMemberAccounts")))
        .collect();
    if acting.len() != member.roles.len() || acting.is_empty() {
        return Err(format!(
            "{} functions act in member accounts, {} roles are there",
            acting.len(),
            member.roles.len()
        )
        .into());
    }
    for role in acting {
        let there = member.roles.iter().find(|other| other.logical_id == role.logical_id);
        let there = there.ok_or_else(|| format!("{} has no role in infra/member.yaml", role.logical_id))?;
        if statements(&role.policies) != statements(&there.policies) {
            return Err(format!(
                "{}: here {:#?}, there {:#?}",
                role.logical_id,
                statements(&role.policies),
                statements(&there.policies)
            )
            .into());
        }
    }
    Ok(())
}

/// The same event again on the account that the first run left: groups stay, before-images stay, one snapshot set. What
/// is contained is a duplicate; what is contained in part is tried again.
fn second_run() -> Result<(), Failed> {
    let replay = replay()?;
    for scenario in
        ["guardduty/interfaces-over-two-vpcs", "guardduty/crypto-currency", "guardduty/tampered-isolation-group"]
    {
        let folder: PathBuf = support::root().join("fixtures").join(scenario);
        let source = Source { path: folder.join("event.json").display().to_string(), line: None };
        let event = serde_json::from_slice(&std::fs::read(&source.path)?)?;
        let reports = replay.repeated(InputEvent { source, event: Ok(event) }, 2);
        let [first, second] = reports.as_slice() else { return Err("two runs give two records".into()) };
        let images = |report: &ReplayReport| report.before_images.clone();
        if images(first).is_empty() || images(first) != images(second) {
            return Err(
                format!("{scenario}: the before-images changed: {:#?} {:#?}", images(first), images(second)).into()
            );
        }
        let expected = if first.outcome == Outcome::Contained { Outcome::Duplicate } else { first.outcome };
        if first.read_back != second.read_back || second.outcome != expected {
            return Err(format!("{scenario}: {} then {}", first.outcome, second.outcome).into());
        }
        if first.notifications.len() != 1 || !second.notifications.is_empty() {
            let told = |report: &ReplayReport| report.notifications.len();
            return Err(format!("{scenario}: told {} times, then {}", told(first), told(second)).into());
        }
        for operation in ["ModifyNetworkInterfaceAttribute", "CreateSnapshots", "CreateSecurityGroup", "PutItem"] {
            // A conditional write that is refused changes nothing.
            let changes = |call: &&simulator::report::CallReport| call.operation == operation && call.error.is_none();
            if second.calls.iter().any(|call| changes(&call)) {
                return Err(format!("{scenario}: the second run calls {operation} in {}", name(&folder)).into());
            }
        }
    }
    Ok(())
}
