//! The reader of `infra/template.yaml`: the one source of the wiring, for the deployment and for the replay.
//!
//! The text goes through three stages. YAML becomes a tree of nodes with their places, the intrinsic functions of the
//! tree are resolved for one stack, and the tree becomes a typed [`Template`]. Whatever a stage does not know is an
//! error with its line and column: a property that was skipped in silence would make the replay tell something else
//! than the deployment does.

mod allowed_pattern;
mod compute;
mod err;
mod globals;
mod identities;
mod intrinsics;
mod model;
mod parameters;
pub mod project;
mod properties;
mod resources;
pub mod routing;
mod rules;
mod state;
pub mod substitution;
mod summary;
#[cfg(test)]
mod tests;
mod yaml;

use std::collections::BTreeMap;

pub use err::{Place, TemplateError};
pub use model::{
    Alarm, Destination, Function, KeyAttribute, Machine, MachineKind, Queue, ResourcePolicy, RetryPolicy, Role, Rule,
    Surroundings, Table, Target, TargetInput, Template, Topic,
};
pub use project::{Project, ProjectError};
pub use summary::summary;

use identities::{Identities, Identity, Type};
use intrinsics::Scope;
use properties::{Section, refuse, shape};
use resources::Resource;
use yaml::{Kind, Node};

/// The only transform that is taken, as the AWS SAM specification names it.
const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// Reads a template for one stack. `parameters` are values in place of the defaults.
///
/// # Errors
/// Everything that the reader does not know or that does not fit, with its place; values for parameters that the
/// template does not have or does not allow.
pub fn read(
    text: &str,
    parameters: &BTreeMap<String, String>,
    surroundings: &Surroundings,
) -> Result<Template, TemplateError> {
    let document = yaml::read(text)?;
    let sections = Section::of(&document, "the template")?;
    sections.only(
        &[
            "AWSTemplateFormatVersion",
            "Description",
            "Globals",
            "Metadata",
            "Outputs",
            "Parameters",
            "Resources",
            "Transform",
        ],
        &[
            ("Conditions", "what is deployed must not depend on conditions"),
            ("Mappings", "a value stands where it is used"),
            ("Rules", "a parameter says itself what it allows"),
        ],
    )?;
    if let Some(version) = sections.text("AWSTemplateFormatVersion")?
        && version != "2010-09-09"
    {
        let node = sections.required("AWSTemplateFormatVersion")?;
        return Err(shape(node, "AWSTemplateFormatVersion", "`2010-09-09`, the only version there is"));
    }
    let transform = sections.text("Transform")?;
    if let Some(name) = transform.as_ref().filter(|name| name.as_str() != TRANSFORM) {
        let place = sections.required("Transform")?.place;
        return Err(refuse(place, format!("the transform `{name}`"), format!("the reader knows {TRANSFORM}")));
    }
    if let (None, Some(node)) = (&transform, sections.get("Globals")) {
        return Err(refuse(node.place, "`Globals`", format!("it needs `Transform: {TRANSFORM}`")));
    }

    let parameters = parameters::read(sections.get("Parameters"), parameters)?;
    let globals = globals::read(sections.get("Globals"))?;
    let mut resources = resources::read(sections.required("Resources")?, &globals, transform.is_some())?;
    let identities = resources::identities(&resources, &parameters, surroundings)?;
    let scope = Scope { parameters: &parameters, surroundings, resources: &identities };
    for resource in &mut resources {
        resource.properties = intrinsics::resolve(&resource.properties, &scope)?;
    }
    let outputs = outputs(sections.get("Outputs"), &scope)?;
    assemble(&resources, &identities, parameters, outputs)
}

/// Makes the typed template. What others refer to comes first.
fn assemble(
    resources: &[Resource],
    identities: &Identities,
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
) -> Result<Template, TemplateError> {
    let mut template = Template {
        parameters,
        functions: Vec::new(),
        machines: Vec::new(),
        rules: Vec::new(),
        roles: Vec::new(),
        tables: Vec::new(),
        topics: Vec::new(),
        queues: Vec::new(),
        resource_policies: Vec::new(),
        alarms: Vec::new(),
        outputs,
    };
    for (id, resource, identity) in of_types(resources, identities) {
        let properties = &resource.properties;
        match resource.kind {
            Type::Role => template.roles.push(state::role(id, properties, identity)?),
            Type::Table => template.tables.push(state::table(id, properties, identity)?),
            Type::Topic => template.topics.push(state::topic(id, properties, identity)?),
            Type::Queue => template.queues.push(state::queue(id, properties, identity)?),
            Type::Alarm => template.alarms.push(state::alarm(id, properties, identity)?),
            Type::TopicPolicy => template.resource_policies.push(state::resource_policy(id, properties, "Topics")?),
            Type::QueuePolicy => template.resource_policies.push(state::resource_policy(id, properties, "Queues")?),
            Type::Function | Type::StateMachine | Type::Rule => {}
        }
    }
    for (id, resource, identity) in of_types(resources, identities) {
        let properties = &resource.properties;
        match resource.kind {
            Type::Function => template.functions.push(compute::function(id, properties, identity, &template.roles)?),
            Type::StateMachine => template.machines.push(compute::machine(id, properties, identity, &template.roles)?),
            _ => {}
        }
    }
    let mut made = Vec::new();
    for (id, resource, _) in of_types(resources, identities) {
        let properties = &resource.properties;
        if let Some(machine) = template.machine(id) {
            for (rule, role) in rules::at_machine(machine, properties, identities)? {
                template.rules.push(rule);
                made.push(role);
            }
        } else if resource.kind == Type::Rule {
            let destinations = rules::Destinations {
                machines: &template.machines,
                functions: &template.functions,
                topics: &template.topics,
                queues: &template.queues,
            };
            let rule = rules::alone(id, properties, resource.place, identities, &destinations, &template.roles)?;
            template.rules.push(rule);
        }
    }
    template.roles.extend(made);
    Ok(template)
}

fn of_types<'a>(
    resources: &'a [Resource],
    identities: &'a Identities,
) -> impl Iterator<Item = (&'a str, &'a Resource, &'a Identity)> {
    resources.iter().filter_map(|resource| {
        let identity = identities.get(&resource.logical_id)?;
        Some((resource.logical_id.as_str(), resource, identity))
    })
}

fn outputs(section: Option<&Node>, scope: &Scope<'_>) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut outputs = BTreeMap::new();
    let Some(node) = section else { return Ok(outputs) };
    for entry in Section::of(node, "`Outputs`")?.entries() {
        let output = Section::of(&entry.value, format!("the output `{}`", entry.key))?;
        output.only(
            &["Description", "Export", "Value"],
            &[("Condition", "what is deployed must not depend on conditions")],
        )?;
        let value = intrinsics::resolve(output.required("Value")?, scope)?;
        let value = match value.kind {
            Kind::List(_) | Kind::Map(_) | Kind::Null => return Err(shape(&value, "Value", "text")),
            _ => value.as_text().unwrap_or_default(),
        };
        outputs.insert(entry.key.clone(), value);
    }
    Ok(outputs)
}
