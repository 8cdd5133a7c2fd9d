//! Sets the stage of one replay: a world of its own with the stack's callers, the member account's roles, the table and
//! the topic, and the account that the event is about.

use std::collections::{BTreeMap, BTreeSet};

use account::{Principal, Role, Setup, Timestamp, World};
use incident::Incident;
use serde_json::{Value, json};

use crate::deployment::{Caller, Deployment, role_policy};
use crate::records;
use crate::scenario::Scenario;
use template::project::{Project, ProjectError};
use template::{self, Surroundings};

/// What is set up.
pub struct Set<'a> {
    /// The project.
    pub project: &'a Project,
    /// The stack.
    pub deployment: &'a Deployment,
    /// The accounts that the events are about.
    pub seeds: &'a [Seed],
    /// Records of the incident table that a scenario puts there.
    pub scenario: Option<&'a Scenario>,
}

/// An account in one Region, when the first event arrives.
pub struct Seed {
    account: String,
    region: String,
    partition: String,
    document: Value,
}

impl Seed {
    /// The account of an incident, in the form of `account.json`.
    pub fn of(incident: &Incident, document: Value) -> Seed {
        Seed {
            account: incident.account.clone(),
            region: incident.region.clone(),
            partition: incident.partition.clone(),
            document,
        }
    }
}

/// The world with everything that is there when the first event arrives.
///
/// # Errors
/// When an account document or the member template cannot be read.
pub fn set(set: &Set<'_>, started_at: Timestamp, seed: u64) -> Result<World, ProjectError> {
    let Set { project, deployment, seeds, scenario } = set;
    let world = World::new(Setup { started_at, seed });
    for function in deployment.functions.values() {
        world.add_principal(principal(deployment, &function.caller, &function.step));
    }
    for machine in deployment.machines.values() {
        world.add_principal(principal(deployment, &machine.caller, &machine.playbook));
    }
    for (role, caller) in &deployment.rule_callers {
        world.add_principal(principal(deployment, caller, role));
    }
    let home = &deployment.surroundings;
    let mut members = BTreeSet::new();
    for seed in seeds.iter().filter(|seed| seed.account != home.account) {
        if members.insert(&seed.account) {
            add_member_roles(project, deployment, seed, &world)?;
        }
    }
    let state = home_state(deployment, *scenario, started_at);
    world
        .load(&home.account, &home.region, &state)
        .map_err(|error| ProjectError::in_file(project.template_path(), error))?;
    for Seed { account, region, document, .. } in *seeds {
        world
            .load(account, region, document)
            .map_err(|error| ProjectError::in_file(std::path::Path::new("account.json"), error))?;
    }
    Ok(world)
}

fn principal(deployment: &Deployment, caller: &Caller, function: &str) -> Principal {
    Principal {
        access_key_id: caller.access_key_id.clone(),
        secret_access_key: "simulated".to_owned(),
        session_token: None,
        arn: caller.arn.clone(),
        account: deployment.surroundings.account.clone(),
        function: function.to_owned(),
        policy: caller.policy.clone(),
        expires: None,
    }
}

/// The roles that `infra/member.yaml` makes in the account of an incident.
fn add_member_roles(
    project: &Project,
    deployment: &Deployment,
    member: &Seed,
    world: &World,
) -> Result<(), ProjectError> {
    let home = &deployment.surroundings;
    let mut parameters = BTreeMap::from([
        ("ResponseAccount".to_owned(), home.account.clone()),
        ("ResponseStackName".to_owned(), home.stack_name.clone()),
    ]);
    // What both templates must be given alike.
    for name in ["TargetRolePrefix", "BreakGlassRolePath"] {
        if let Some(value) = deployment.template.parameters.get(name) {
            parameters.insert(name.to_owned(), value.clone());
        }
    }
    let there = Surroundings {
        account: member.account.clone(),
        region: member.region.clone(),
        partition: member.partition.clone(),
        stack_name: home.stack_name.clone(),
    };
    let path = project.member_template_path();
    let member = template::read(project.member_template(), &parameters, &there)
        .map_err(|error| ProjectError::in_file(path, error))?;
    for role in &member.roles {
        let policy = role_policy(&role.policies)
            .map_err(|error| ProjectError::in_file(path, format!("{}: {error}", role.logical_id)))?;
        world.add_role(Role { arn: role.arn.clone(), trusted: trusted(&role.trust), policy });
    }
    Ok(())
}

/// The ARNs that a trust policy lets in.
fn trusted(trust: &Value) -> Vec<String> {
    let statements = match trust.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    statements
        .iter()
        .filter(|statement| statement.get("Effect").and_then(Value::as_str) == Some("Allow"))
        .flat_map(|statement| match statement.pointer("/Principal/AWS") {
            Some(Value::String(arn)) => vec![arn.clone()],
            Some(Value::Array(arns)) => arns.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// The table with the scenario's records, and the topics of the template.
fn home_state(deployment: &Deployment, scenario: Option<&Scenario>, now: Timestamp) -> Value {
    let tables: Vec<Value> = deployment
        .template
        .tables
        .iter()
        .map(|table| json!({
                "TableName": table.name,
                "KeySchema": table.key.iter().map(|key| json!({"AttributeName": key.name, "KeyType": key.key_type})).collect::<Vec<_>>(),
                "AttributeDefinitions": table.key.iter().map(|key| json!({"AttributeName": key.name, "AttributeType": key.attribute_type})).collect::<Vec<_>>(),
            }))
        .collect();
    let topics: Vec<Value> = deployment.template.topics.iter().map(|topic| json!({"TopicArn": topic.arn})).collect();
    let mut dynamodb = json!({"describe-table": {"Tables": tables}});
    let items: Vec<Value> = scenario.map(|scenario| records::items(scenario, now)).unwrap_or_default();
    if let (Some(table), false) = (deployment.template.tables.first(), items.is_empty())
        && let Some(commands) = dynamodb.as_object_mut()
    {
        commands.insert("scan".to_owned(), json!({"TableName": table.name, "Items": items}));
    }
    json!({"dynamodb": dynamodb, "sns": {"list-topics": {"Topics": topics}}})
}
