//! A parameter of the template takes effect with the deployment: it changes a definition, or a resource that CloudFormation
//! replaces or updates, and never the environment of a function. SAM publishes a new version of a state machine when its
//! definition changes, and a new version of a function only when its code or the unresolved text of its properties does.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::Trial;
use serde_json::{Map, Value};
use template::substitution::substitute;
use template::{Machine, Project, Surroundings, Template};

use crate::support::{Checked, ensure, equal, failed, root, some, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("settings::every_parameter_takes_effect_with_the_deployment", every_parameter_takes_effect)]
}

/// The settings that the definitions pass to a function, by name; the same wherever it is invoked.
///
/// # Errors
/// When no state invokes the function, or two states pass it different settings.
pub(crate) fn passed_to(project: &Project, template: &Template, alias_arn: &str) -> Checked<Value> {
    let mut found: Option<Value> = None;
    for machine in &template.machines {
        let definition: Value = serde_json::from_str(&definition(project, machine)?)?;
        let mut payloads = Vec::new();
        collect_payloads(&definition, alias_arn, &mut payloads);
        for payload in payloads {
            let settings = payload.get("settings").cloned().unwrap_or_else(|| Value::Object(Map::new()));
            match &found {
                Some(other) => equal(&settings, other, format!("the settings of {alias_arn} in {}", machine.name))?,
                None => found = Some(settings),
            }
        }
    }
    some(found, format!("a state that invokes {alias_arn}"))
}

fn collect_payloads<'a>(value: &'a Value, alias_arn: &str, payloads: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            if fields.get("FunctionName").and_then(Value::as_str) == Some(alias_arn) {
                payloads.extend(fields.get("Payload"));
            }
            fields.values().for_each(|value| collect_payloads(value, alias_arn, payloads));
        }
        Value::Array(items) => items.iter().for_each(|value| collect_payloads(value, alias_arn, payloads)),
        _ => {}
    }
}

fn definition(project: &Project, machine: &Machine) -> Checked<String> {
    Ok(substitute(&project.definition(&machine.definition_uri, None)?.text, &machine.substitutions)?)
}

fn surroundings() -> Surroundings {
    Surroundings {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        partition: "aws".to_owned(),
        stack_name: "cordon".to_owned(),
    }
}

/// A value of each parameter other than its default. A parameter without a row fails the test.
const OTHER_VALUES: [(&str, &str); 16] = [
    ("Mode", "contain-confirmed"),
    ("SuspectedSeverity", "5"),
    ("ConfirmedSeverity", "8"),
    ("BudgetPerAccount", "21"),
    ("BudgetPerRegion", "11"),
    ("BudgetPerVpc", "12"),
    ("BudgetPerAutoScalingGroup", "4"),
    ("ResponseAccountIsDedicated", "yes"),
    ("IsolationGroupName", "quarantine"),
    ("NotificationFormat", "chat"),
    ("OpsCenter", "enabled"),
    ("LockDays", "30"),
    ("EvidenceKeyArn", "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d"),
    ("TargetRolePrefix", "responder"),
    ("BreakGlassRolePath", "/emergency/"),
    ("FlushConnections", "true"),
];

fn every_parameter_takes_effect() -> Checked {
    let project = Project::find(&root())?;
    let read = |parameters: &BTreeMap<String, String>| {
        template::read(project.template(), parameters, &surroundings()).map_err(|error| error.to_string())
    };
    let before = read(&BTreeMap::new())?;
    let known: BTreeSet<&str> = OTHER_VALUES.iter().map(|(name, _)| *name).collect();
    let declared: BTreeSet<&str> = before.parameters.keys().map(String::as_str).collect();
    equal(&declared, &known, "the parameters of infra/template.yaml")?;
    for (name, value) in OTHER_VALUES {
        let after = read(&BTreeMap::from([(name.to_owned(), value.to_owned())]))?;
        for (one, other) in before.functions.iter().zip(&after.functions) {
            equal(&other.environment, &one.environment, format!("{name} changes the environment of {}", one.name))?;
        }
        let mut changed = Vec::new();
        for (one, other) in before.machines.iter().zip(&after.machines) {
            if definition(&project, one)? != definition(&project, other)? {
                changed.push(one.name.as_str());
            }
        }
        ensure(!changed.is_empty(), format!("{name} changes no definition: it would not reach a deployed function"))?;
        // A machine that shares a setting must not keep the old value: whoever substitutes it has changed.
        for (one, other) in before.machines.iter().zip(&after.machines) {
            let substitutes = one.substitutions != other.substitutions;
            let is_changed = changed.contains(&one.name.as_str());
            if substitutes != is_changed {
                return failed(format!("{}: {name} is substituted and not used, or used unsubstituted", one.name));
            }
        }
    }
    Ok(())
}
