//! The deployed stack: the template with its parameters, the definitions with their substitutions, the handlers behind the
//! functions. Replay has no other wiring.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use account::Policy;
use responder::{Environment, Function};
use serde_json::Value;

use crate::handlers::Handlers;
use template::project::{Project, ProjectError};
use template::substitution::{substitute, unreplaced};
use template::{self, Destination, Surroundings, TargetInput, Template};

/// The stack in one account and Region with one set of parameters.
pub struct Deployment {
    /// The template as it was read.
    pub template: Template,
    /// The machines by logical id.
    pub machines: BTreeMap<String, Arc<Machine>>,
    /// The roles with which EventBridge starts the targets of rules, by logical id.
    pub rule_callers: BTreeMap<String, Caller>,
    /// The functions by the ARN of their alias.
    pub functions: BTreeMap<String, DeployedFunction>,
    /// Where the stack is.
    pub surroundings: Surroundings,
    /// What CloudFormation accepts and is probably a mistake, each with its file.
    pub warnings: Vec<String>,
}

/// A state machine at a version.
pub struct Machine {
    /// Name of the playbook: the folder of its definitions.
    pub playbook: String,
    /// Version: the name of the file, for example `v1`.
    pub version: String,
    /// ARN of the machine.
    pub arn: String,
    /// ARN of its alias, where it has one.
    pub alias_arn: Option<String>,
    /// Physical name.
    pub name: String,
    /// The definition.
    pub definition: Arc<asl::Definition>,
    /// The caller that its integrations are.
    pub caller: Caller,
}

/// A function and the handler behind it.
pub struct DeployedFunction {
    /// The name of its crate; calls and invocations are reported under it.
    pub package: String,
    /// Physical name.
    pub name: String,
    /// ARN without qualifier.
    pub arn: String,
    /// The handler.
    pub handler: Arc<Function>,
    /// Its environment.
    pub environment: Environment,
    /// Its time limit.
    pub timeout: Duration,
    /// The caller that it is.
    pub caller: Caller,
}

/// A role as a caller.
#[derive(Clone)]
pub struct Caller {
    /// Access key id of its credentials, unique in the deployment.
    pub access_key_id: String,
    /// Session ARN.
    pub arn: String,
    /// Role ARN.
    pub role_arn: String,
    /// What it may do.
    pub policy: Policy,
}

impl Deployment {
    /// Reads the project's template and definitions for a place.
    ///
    /// # Errors
    /// Every problem with its file and place.
    pub fn new(
        project: &Project,
        handlers: &Handlers,
        surroundings: &Surroundings,
        parameters: &BTreeMap<String, String>,
        version: Option<&str>,
    ) -> Result<Deployment, ProjectError> {
        let template = template::read(project.template(), parameters, surroundings)
            .map_err(|error| ProjectError::in_file(project.template_path(), error))?;
        let policies = policies(project, &template)?;
        let caller = |role: &str, session: &str| -> Result<Caller, ProjectError> {
            let found = template.roles.iter().find(|found| found.logical_id == role);
            let (role, policy) = found.zip(policies.get(role)).ok_or_else(|| {
                ProjectError::in_file(
                    project.template_path(),
                    format!("{session}: its role `{role}` is not in the template"),
                )
            })?;
            Ok(Caller {
                access_key_id: access_key_id(&role.arn),
                arn: session_arn(&role.arn, session),
                role_arn: role.arn.clone(),
                policy: policy.clone(),
            })
        };
        let mut functions = BTreeMap::new();
        for function in &template.functions {
            let package = function.package.clone();
            let handler = handlers.get(&package).ok_or_else(|| {
                ProjectError::in_file(
                    project.template_path(),
                    format!("{}: no handler is built for its code `{}`", function.logical_id, function.code_uri),
                )
            })?;
            let alias_arn = function.alias_arn.clone().ok_or_else(|| {
                ProjectError::in_file(
                    project.template_path(),
                    format!("{}: it has no alias; definitions call aliases only", function.logical_id),
                )
            })?;
            functions.insert(
                alias_arn,
                DeployedFunction {
                    handler,
                    name: function.name.clone(),
                    arn: function.arn.clone(),
                    environment: function.environment.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
                    timeout: Duration::from_secs(u64::from(function.timeout_seconds)),
                    caller: caller(&function.role, &function.name)?,
                    package,
                },
            );
        }
        let mut machines = BTreeMap::new();
        let mut warnings = Vec::new();
        for machine in &template.machines {
            let file = project.definition(&machine.definition_uri, version)?;
            let in_file = |problem: &dyn std::fmt::Display| ProjectError::in_file(&file.path, problem);
            let text = substitute(&file.text, &machine.substitutions).map_err(|error| in_file(&error))?;
            let left: Vec<String> =
                unreplaced(&file.text, &machine.substitutions).iter().map(|left| in_file(left).to_string()).collect();
            let definition = asl::Definition::parse(&text).map_err(|error| match left.first() {
                Some(left) => in_file(&format!("{error} ({left})")),
                None => in_file(&error),
            })?;
            warnings.extend(left);
            machines.insert(
                machine.logical_id.clone(),
                Arc::new(Machine {
                    playbook: file.playbook,
                    version: file.version,
                    arn: machine.arn.clone(),
                    alias_arn: machine.alias_arn.clone(),
                    name: machine.name.clone(),
                    definition: Arc::new(definition),
                    caller: caller(&machine.role, &machine.name)?,
                }),
            );
        }
        check_inputs(project, &template)?;
        let mut rule_callers = BTreeMap::new();
        for rule in &template.rules {
            for role in rule.targets.iter().filter_map(|target| target.role.as_ref()) {
                rule_callers.insert(role.clone(), caller(role, &rule.name)?);
            }
        }
        Ok(Deployment { machines, rule_callers, functions, surroundings: surroundings.clone(), template, warnings })
    }
}

/// A playbook is started with the unchanged event. Replay starts it in no other way, so a target that transforms its input
/// is refused.
fn check_inputs(project: &Project, template: &Template) -> Result<(), ProjectError> {
    for rule in &template.rules {
        let starts_machine = |target: &&template::Target| matches!(target.destination, Destination::Machine { .. });
        for target in rule.targets.iter().filter(starts_machine) {
            if target.input != TargetInput::Event {
                let problem = format!(
                    "{}: the target `{}` transforms the event, which a playbook does not expect",
                    rule.label, target.id
                );
                return Err(ProjectError::in_file(project.template_path(), problem));
            }
        }
    }
    Ok(())
}

fn policies(project: &Project, template: &Template) -> Result<BTreeMap<String, Policy>, ProjectError> {
    template
        .roles
        .iter()
        .map(|role| {
            let policy = role_policy(&role.policies).map_err(|error| {
                ProjectError::in_file(project.template_path(), format!("{}: {error}", role.logical_id))
            })?;
            Ok((role.logical_id.clone(), policy))
        })
        .collect()
}

/// The inline policies of a role together.
pub(crate) fn role_policy(policies: &[(String, Value)]) -> Result<Policy, account::authorize::PolicyError> {
    policies
        .iter()
        .map(|(name, document)| Policy::parse_named(name, document))
        .try_fold(Policy::default(), |all, policy| Ok(all.and(policy?)))
}

fn access_key_id(role_arn: &str) -> String {
    format!("ASIA{}", incident::text::short_hash(&[role_arn]).to_uppercase())
}

/// `arn:aws:iam::111122223333:role/name` → `arn:aws:sts::111122223333:assumed-role/name/session`.
fn session_arn(role_arn: &str, session: &str) -> String {
    let arn = role_arn.replacen(":iam:", ":sts:", 1).replacen(":role/", ":assumed-role/", 1);
    format!("{arn}/{session}")
}
