//! The wiring as JSON, for the comparison with what the SAM transform makes of the same template.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{MachineKind, RetryPolicy, Target, TargetInput, Template};

/// The wiring of a template: functions, state machines, rules and roles by logical id, every reference resolved.
///
/// Keys are sorted. Values that the template leaves to a default are written out. The order of the statements of a
/// policy and of the targets of a rule is that of the text.
pub fn summary(template: &Template) -> Value {
    let arn_of_role = |id: &str| template.role(id).map_or(Value::Null, |role| Value::from(role.arn.as_str()));
    let functions = template.functions.iter().map(|function| {
        let value = json!({
            "name": function.name,
            "arn": function.arn,
            "alias": function.alias,
            "alias_arn": function.alias_arn,
            "architecture": function.architecture,
            "code": function.code_uri,
            "environment": function.environment,
            "handler": function.handler,
            "memory": function.memory_mb,
            "role": arn_of_role(&function.role),
            "runtime": function.runtime,
            "timeout": function.timeout_seconds,
        });
        (function.logical_id.as_str(), value)
    });
    let machines = template.machines.iter().map(|machine| {
        let value = json!({
            "name": machine.name,
            "arn": machine.arn,
            "alias": machine.alias,
            "alias_arn": machine.alias_arn,
            "definition": machine.definition_uri,
            "role": arn_of_role(&machine.role),
            "substitutions": machine.substitutions,
            "type": match machine.kind {
                MachineKind::Standard => "STANDARD",
                MachineKind::Express => "EXPRESS",
            },
        });
        (machine.logical_id.as_str(), value)
    });
    let rules = template.rules.iter().map(|rule| {
        let value = json!({
            "event_bus": rule.event_bus,
            "enabled": rule.enabled,
            "pattern": rule.pattern_source,
            "targets": rule.targets.iter().map(|one| target(one, &arn_of_role)).collect::<Vec<_>>(),
        });
        (rule.logical_id.as_str(), value)
    });
    let roles = template.roles.iter().map(|role| {
        let policies: Vec<Value> =
            role.policies.iter().map(|(name, document)| json!({"name": name, "document": document})).collect();
        let value = json!({
            "name": role.name,
            "arn": role.arn,
            "managed_policies": role.managed_policy_arns,
            "policies": policies,
            "trust": role.trust,
        });
        (role.logical_id.as_str(), value)
    });
    sorted(json!({
        "functions": by_id(functions),
        "machines": by_id(machines),
        "parameters": template.parameters,
        "roles": by_id(roles),
        "rules": by_id(rules),
    }))
}

fn target(target: &Target, arn_of_role: &impl Fn(&str) -> Value) -> Value {
    let RetryPolicy { maximum_event_age_seconds, maximum_attempts } = target.retry;
    let input = match &target.input {
        TargetInput::Event => Value::Null,
        TargetInput::Constant(text) => json!({"constant": text}),
        TargetInput::Path(path) => json!({"path": path}),
        TargetInput::Transformer { paths, template } => json!({"paths": paths, "template": template}),
    };
    json!({
        "id": target.id,
        "arn": target.arn,
        "dead_letter": target.dead_letter,
        "input": input,
        "maximum_attempts": maximum_attempts,
        "maximum_event_age": maximum_event_age_seconds,
        "role": target.role.as_deref().map_or(Value::Null, arn_of_role),
    })
}

fn by_id<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Value {
    let entries: BTreeMap<&str, Value> = entries.collect();
    Value::Object(entries.into_iter().map(|(id, value)| (id.to_owned(), value)).collect())
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<String, Value> = map.into_iter().collect();
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
