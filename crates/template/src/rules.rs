//! EventBridge rules: events at state machines, and rules of their own.

use super::err::{Place, TemplateError};
use super::identities::Identities;
use super::model::{Destination, Function, Machine, Queue, RetryPolicy, Role, Rule, Target, TargetInput, Topic};
use super::properties::{Section, object, refuse, shape};
use super::resources::made_id;
use super::yaml::Node;
use event_pattern::Pattern;

/// What targets can be.
pub(super) struct Destinations<'a> {
    /// The machines of the template.
    pub(super) machines: &'a [Machine],
    /// The functions.
    pub(super) functions: &'a [Function],
    /// The topics.
    pub(super) topics: &'a [Topic],
    /// The queues.
    pub(super) queues: &'a [Queue],
}

/// The rules at a state machine, and the roles that the SAM transform makes for them: each may start what the rule
/// starts and nothing else (`StateMachine.Events` and `EventBridgeRule` in the AWS SAM developer guide; the names are
/// those of the transform).
///
/// # Errors
/// Events that are no EventBridge rules, unknown properties, and patterns that EventBridge refuses.
pub(super) fn at_machine(
    machine: &Machine,
    properties: &Node,
    identities: &Identities,
) -> Result<Vec<(Rule, Role)>, TemplateError> {
    let section = Section::of(properties, format!("the properties of `{}`", machine.logical_id))?;
    let use_alias = section.flag("UseAliasAsEventTarget")?.unwrap_or(false);
    let (arn, alias) = match (use_alias, &machine.alias_arn) {
        (true, Some(arn)) => (arn.clone(), machine.alias.clone()),
        (true, None) => {
            let place = section.required("UseAliasAsEventTarget")?.place;
            return Err(refuse(place, "`UseAliasAsEventTarget`", "it needs `AutoPublishAlias`"));
        }
        (false, _) => (machine.arn.clone(), None),
    };
    let Some(events) = section.section("Events")? else { return Ok(Vec::new()) };
    let mut rules = Vec::new();
    for entry in events.entries() {
        let event = Section::of(&entry.value, format!("the event `{}`", entry.key))?;
        event.only(&["Type", "Properties"], &[])?;
        let kind = event.required_text("Type")?;
        // The two names stand for the same (AWS SAM developer guide, CloudWatchEvent).
        if kind != "EventBridgeRule" && kind != "CloudWatchEvent" {
            let place = event.required("Type")?.place;
            return Err(refuse(place, format!("the event type `{kind}`"), "the reader knows EventBridgeRule"));
        }
        event.required("Properties")?;
        let Some(inner) = event.section("Properties")? else { continue };
        inner.only(
            &[
                "DeadLetterConfig",
                "EventBusName",
                "Input",
                "InputPath",
                "InputTransformer",
                "Pattern",
                "RetryPolicy",
                "RuleName",
                "State",
                "Target",
            ],
            &[],
        )?;
        let id = made_id(&machine.logical_id, &entry.key);
        let role_id = format!("{id}Role");
        let target_id = match inner.section("Target")? {
            Some(target) => {
                target.only(&["Id"], &[])?;
                target.required_text("Id")?
            }
            None => target_id(&id),
        };
        let target = Target {
            id: target_id,
            arn: arn.clone(),
            destination: Destination::Machine { logical_id: machine.logical_id.clone(), alias: alias.clone() },
            role: Some(role_id.clone()),
            input: input(&inner)?,
            dead_letter: dead_letter(&inner)?,
            retry: retry(&inner)?,
        };
        let rule = Rule {
            label: entry.key.clone(),
            description: None,
            ..rule(&id, &inner, "Pattern", vec![target], identities, entry.place)?
        };
        rules.push((rule, start_role(&role_id, &arn, identities, entry.place)?));
    }
    Ok(rules)
}

/// Reads a rule of its own.
///
/// # Errors
/// Unknown properties, no pattern, and a pattern that EventBridge refuses.
pub(super) fn alone(
    logical_id: &str,
    properties: &Node,
    place: Place,
    identities: &Identities,
    destinations: &Destinations<'_>,
    roles: &[Role],
) -> Result<Rule, TemplateError> {
    let section = Section::of(properties, format!("the properties of `{logical_id}`"))?;
    section.only(
        &["Description", "EventBusName", "EventPattern", "Name", "State", "Tags", "Targets"],
        &[
            ("ScheduleExpression", "the reader knows rules with an event pattern"),
            ("RoleArn", "each target has a role of its own"),
        ],
    )?;
    let mut targets = Vec::new();
    for node in section.list("Targets")? {
        let target = Section::of(node, format!("a target of `{logical_id}`"))?;
        target.only(
            &["Arn", "DeadLetterConfig", "Id", "Input", "InputPath", "InputTransformer", "RetryPolicy", "RoleArn"],
            &[],
        )?;
        let arn = target.required_text("Arn")?;
        let role = match target.text("RoleArn")? {
            Some(arn) => {
                Some(roles.iter().find(|role| role.arn == arn).map(|role| role.logical_id.clone()).ok_or_else(
                    || refuse(node.place, format!("the role `{arn}`"), "the role of a target stands in the template"),
                )?)
            }
            None => None,
        };
        targets.push(Target {
            id: target.required_text("Id")?,
            destination: destination(&arn, destinations),
            arn,
            role,
            input: input(&target)?,
            dead_letter: dead_letter(&target)?,
            retry: retry(&target)?,
        });
    }
    let description = section.text("Description")?;
    Ok(Rule { description, ..rule(logical_id, &section, "EventPattern", targets, identities, place)? })
}

fn rule(
    id: &str,
    section: &Section<'_>,
    pattern: &'static str,
    targets: Vec<Target>,
    identities: &Identities,
    place: Place,
) -> Result<Rule, TemplateError> {
    let node = section.required(pattern)?;
    let pattern_source = object(node, pattern)?;
    let pattern = Pattern::parse(&pattern_source).map_err(|source| TemplateError::Pattern {
        place: node.place,
        rule: id.to_owned(),
        source,
    })?;
    let enabled = match section.text("State")?.as_deref() {
        None | Some("ENABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") => true,
        Some("DISABLED") => false,
        Some(_) => return Err(shape(section.required("State")?, "State", "`ENABLED` or `DISABLED`")),
    };
    let identity = identities.get(id).ok_or_else(|| TemplateError::UnknownName { place, name: id.to_owned() })?;
    Ok(Rule {
        logical_id: id.to_owned(),
        label: id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        description: None,
        event_bus: section.text("EventBusName")?.unwrap_or_else(|| "default".to_owned()),
        pattern_source,
        pattern,
        enabled,
        targets,
    })
}

fn start_role(id: &str, arn: &str, identities: &Identities, place: Place) -> Result<Role, TemplateError> {
    let identity = identities.get(id).ok_or_else(|| TemplateError::UnknownName { place, name: id.to_owned() })?;
    Ok(Role {
        logical_id: id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        trust: serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Action": ["sts:AssumeRole"],
                "Effect": "Allow",
                "Principal": {"Service": ["events.amazonaws.com"]},
            }],
        }),
        policies: vec![(
            format!("{id}StartExecutionPolicy"),
            serde_json::json!({
                "Statement": [{"Action": "states:StartExecution", "Effect": "Allow", "Resource": arn}],
            }),
        )],
        managed_policy_arns: Vec::new(),
        made_by_transform: true,
    })
}

/// The id that the transform gives a target: EventBridge takes 64 characters at most.
fn target_id(rule: &str) -> String {
    const SUFFIX: &str = "StepFunctionsTarget";
    let kept: String = rule.chars().take(64 - SUFFIX.len()).collect();
    format!("{kept}{SUFFIX}")
}

fn destination(arn: &str, known: &Destinations<'_>) -> Destination {
    if let Some(machine) = known.machines.iter().find(|machine| machine.alias_arn.as_deref() == Some(arn)) {
        return Destination::Machine { logical_id: machine.logical_id.clone(), alias: machine.alias.clone() };
    }
    if let Some(machine) = known.machines.iter().find(|machine| machine.arn == arn) {
        return Destination::Machine { logical_id: machine.logical_id.clone(), alias: None };
    }
    let function =
        known.functions.iter().find(|function| function.arn == arn || function.alias_arn.as_deref() == Some(arn));
    if let Some(function) = function {
        return Destination::Function { logical_id: function.logical_id.clone() };
    }
    if let Some(topic) = known.topics.iter().find(|topic| topic.arn == arn) {
        return Destination::Topic { logical_id: topic.logical_id.clone() };
    }
    if let Some(queue) = known.queues.iter().find(|queue| queue.arn == arn) {
        return Destination::Queue { logical_id: queue.logical_id.clone() };
    }
    Destination::Elsewhere
}

fn input(section: &Section<'_>) -> Result<TargetInput, TemplateError> {
    let mut inputs = Vec::new();
    if let Some(constant) = section.text("Input")? {
        inputs.push(TargetInput::Constant(constant));
    }
    if let Some(path) = section.text("InputPath")? {
        inputs.push(TargetInput::Path(path));
    }
    if let Some(transformer) = section.section("InputTransformer")? {
        transformer.only(&["InputPathsMap", "InputTemplate"], &[])?;
        inputs.push(TargetInput::Transformer {
            paths: transformer.text_map("InputPathsMap")?,
            template: transformer.required_text("InputTemplate")?,
        });
    }
    match inputs.len() {
        0 => Ok(TargetInput::Event),
        1 => Ok(inputs.swap_remove(0)),
        _ => Err(refuse(section.place, format!("more than one input in {}", section.owner), "a target takes one")),
    }
}

fn dead_letter(section: &Section<'_>) -> Result<Option<String>, TemplateError> {
    let Some(config) = section.section("DeadLetterConfig")? else { return Ok(None) };
    config.only(
        &["Arn"],
        &[("Type", "the queue stands in the template"), ("QueueLogicalId", "the queue stands in the template")],
    )?;
    config.required_text("Arn").map(Some)
}

/// The bounds are those of `RetryPolicy` in the EventBridge API.
fn retry(section: &Section<'_>) -> Result<RetryPolicy, TemplateError> {
    let default = RetryPolicy::default();
    let Some(policy) = section.section("RetryPolicy")? else { return Ok(default) };
    policy.only(&["MaximumEventAgeInSeconds", "MaximumRetryAttempts"], &[])?;
    let age = policy.whole_number("MaximumEventAgeInSeconds")?.unwrap_or(default.maximum_event_age_seconds);
    let attempts = policy.whole_number("MaximumRetryAttempts")?.unwrap_or(default.maximum_attempts);
    if !(60..=86_400).contains(&age) {
        let node = policy.required("MaximumEventAgeInSeconds")?;
        return Err(shape(node, "MaximumEventAgeInSeconds", "60 to 86400"));
    }
    if attempts > 185 {
        let node = policy.required("MaximumRetryAttempts")?;
        return Err(shape(node, "MaximumRetryAttempts", "0 to 185"));
    }
    Ok(RetryPolicy { maximum_event_age_seconds: age, maximum_attempts: attempts })
}
