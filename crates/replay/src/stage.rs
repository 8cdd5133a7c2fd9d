//! Sets the stage of one replay: a world of its own with the stack's callers, the member account's roles, the table and
//! the topic, and the account that the event is about.

use std::collections::BTreeMap;

use account::{Principal, Role, Setup, Timestamp, World};
use incident::Incident;
use serde_json::{Value, json};

use crate::deployment::{Caller, Deployment, role_policy};
use crate::project::{Project, ProjectError};
use crate::template::{self, Surroundings};

/// The world with everything that is there when the event arrives.
///
/// # Errors
/// When the account document or the member template cannot be read.
pub fn set(
    project: &Project,
    deployment: &Deployment,
    incident: &Incident,
    account: &Value,
    started_at: Timestamp,
    seed: u64,
) -> Result<World, ProjectError> {
    let world = World::new(Setup { started_at, seed });
    for function in deployment.functions.values() {
        world.add_principal(principal(deployment, &function.caller, &function.step));
    }
    for machine in deployment.machines.values() {
        world.add_principal(principal(deployment, &machine.caller, &machine.playbook));
    }
    let home = &deployment.surroundings;
    if incident.account != home.account {
        add_member_roles(project, deployment, incident, &world)?;
    }
    let state = home_state(deployment);
    world
        .load(&home.account, &home.region, &state)
        .map_err(|error| ProjectError::in_file(project.template_path(), error))?;
    world
        .load(&incident.account, &incident.region, account)
        .map_err(|error| ProjectError::in_file(std::path::Path::new("account.json"), error))?;
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

/// The roles that `infra/member.yaml` makes in the account of the incident.
fn add_member_roles(
    project: &Project,
    deployment: &Deployment,
    incident: &Incident,
    world: &World,
) -> Result<(), ProjectError> {
    let home = &deployment.surroundings;
    let mut parameters = BTreeMap::from([
        ("ResponseAccount".to_owned(), home.account.clone()),
        ("ResponseStackName".to_owned(), home.stack_name.clone()),
    ]);
    if let Some(prefix) = deployment.template.parameters.get("TargetRolePrefix") {
        parameters.insert("TargetRolePrefix".to_owned(), prefix.clone());
    }
    let there = Surroundings {
        account: incident.account.clone(),
        region: incident.region.clone(),
        partition: incident.partition.clone(),
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

/// The table and the topics of the template.
fn home_state(deployment: &Deployment) -> Value {
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
    json!({"dynamodb": {"describe-table": {"Tables": tables}}, "sns": {"list-topics": {"Topics": topics}}})
}
