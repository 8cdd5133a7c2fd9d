//! Sets up the world of one replay: the stack's callers, the member account's roles, the table and the topic, and the
//! account that the event is about.

use std::collections::{BTreeMap, BTreeSet};

use account::{Principal, Role, Setup, Timestamp, World};
use incident::Incident;
use serde_json::{Value, json};

use crate::deployment::{Caller, Deployment, role_policy};
use crate::scenario::Scenario;
use crate::table_items;
use template::project::{Project, ProjectError};
use template::{self, Surroundings};

/// What there is when the first event arrives.
pub struct InitialState<'a> {
    /// The project.
    pub project: &'a Project,
    /// The stack.
    pub deployment: &'a Deployment,
    /// The accounts that the events are about.
    pub accounts: &'a [InitialAccount],
    /// The scenario, which may put items into the incident table.
    pub scenario: Option<&'a Scenario>,
}

/// An account in one Region, when the first event arrives.
pub struct InitialAccount {
    account: String,
    region: String,
    partition: String,
    document: Value,
}

impl InitialAccount {
    /// The account of an incident, in the form of `account.json`.
    pub fn of(incident: &Incident, document: Value) -> InitialAccount {
        InitialAccount {
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
pub fn world(initial: &InitialState<'_>, started_at: Timestamp, seed: u64) -> Result<World, ProjectError> {
    let InitialState { project, deployment, accounts, scenario } = initial;
    let world = World::new(Setup { started_at, seed });
    for function in deployment.functions.values() {
        world.add_principal(principal(deployment, &function.caller, &function.package));
    }
    for machine in deployment.machines.values() {
        world.add_principal(principal(deployment, &machine.caller, &machine.playbook));
    }
    for (role, caller) in &deployment.rule_callers {
        world.add_principal(principal(deployment, caller, role));
    }
    let home = &deployment.surroundings;
    let mut members = BTreeSet::new();
    for member in accounts.iter().filter(|account| account.account != home.account) {
        if members.insert(&member.account) {
            add_member_roles(project, deployment, member, &world)?;
        }
    }
    let state = home_state(deployment, *scenario, started_at);
    world
        .load(&home.account, &home.region, &state)
        .map_err(|error| ProjectError::in_file(project.template_path(), error))?;
    for InitialAccount { account, region, document, .. } in *accounts {
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
    member: &InitialAccount,
    world: &World,
) -> Result<(), ProjectError> {
    let home = &deployment.surroundings;
    let mut parameters = BTreeMap::from([
        ("ResponseAccount".to_owned(), home.account.clone()),
        ("ResponseStackName".to_owned(), home.stack_name.clone()),
    ]);
    // Parameters that must have the same value in both templates.
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

/// The ARNs that a trust policy allows.
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

/// The table with the scenario's items, and the topics of the template.
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
    let items: Vec<Value> = scenario.map_or_else(Vec::new, |scenario| table_items::initial(scenario, now));
    let described = json!({"Tables": tables});
    let dynamodb = match deployment.template.tables.first() {
        Some(table) if !items.is_empty() => {
            json!({"describe-table": described, "scan": {"TableName": table.name, "Items": items}})
        }
        _ => json!({"describe-table": described}),
    };
    json!({"dynamodb": dynamodb, "sns": {"list-topics": {"Topics": topics}}})
}
