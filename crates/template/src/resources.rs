//! The `Resources` section: types, attributes and names, before the properties are read.

use std::collections::BTreeMap;

use super::Surroundings;
use super::err::{Place, TemplateError};
use super::globals::Globals;
use super::identities::{self, Identities, Identity, TYPES, Type};
use super::intrinsics::{self, Scope};
use super::properties::{Section, refuse, shape, text};
use super::yaml::{Kind, Node};

/// A resource with its properties, globals applied.
pub(super) struct Resource {
    /// The logical id.
    pub(super) logical_id: String,
    /// Where it starts.
    pub(super) place: Place,
    /// Its type.
    pub(super) kind: Type,
    /// Its properties.
    pub(super) properties: Node,
}

/// Reads the section. The properties still hold intrinsic functions.
///
/// # Errors
/// Unknown types and attributes, and dependencies on nothing.
pub(super) fn read(section: &Node, globals: &Globals<'_>, is_sam: bool) -> Result<Vec<Resource>, TemplateError> {
    let section = Section::of(section, "`Resources`")?;
    let mut resources = Vec::new();
    for entry in section.entries() {
        let id = &entry.key;
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(refuse(
                entry.place,
                format!("the logical id `{id}`"),
                "a logical id has letters and digits only",
            ));
        }
        let attributes = Section::of(&entry.value, format!("the resource `{id}`"))?;
        attributes.only(
            &["Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"],
            &[("Condition", "the reader knows no conditions: what is deployed must not depend on them")],
        )?;
        let name = attributes.required_text("Type")?;
        let Some((_, kind, _)) = TYPES.iter().find(|(known, _, _)| *known == name) else {
            let known: Vec<&str> = TYPES.iter().map(|(known, _, _)| *known).collect();
            let place = attributes.required("Type")?.place;
            return Err(refuse(place, format!("the type `{name}`"), format!("the reader knows {}", known.join(", "))));
        };
        if matches!(kind, Type::Function | Type::StateMachine) && !is_sam {
            let place = attributes.required("Type")?.place;
            return Err(refuse(
                place,
                format!("the type `{name}`"),
                "it needs `Transform: AWS::Serverless-2016-10-31`",
            ));
        }
        for dependency in dependencies(&attributes)? {
            if section.get(&dependency).is_none() {
                return Err(TemplateError::UnknownName { place: entry.place, name: dependency });
            }
        }
        let nothing = Node { place: entry.place, tag: None, kind: Kind::Map(Vec::new()) };
        let own = attributes.get("Properties").unwrap_or(&nothing);
        if !matches!(own, Node { tag: None, kind: Kind::Map(_), .. }) {
            return Err(shape(own, "Properties", "a mapping"));
        }
        let properties = match kind {
            Type::Function => globals.function(own),
            Type::StateMachine => globals.machine(own),
            _ => own.clone(),
        };
        resources.push(Resource { logical_id: id.clone(), place: entry.place, kind: *kind, properties });
    }
    Ok(resources)
}

fn dependencies(attributes: &Section<'_>) -> Result<Vec<String>, TemplateError> {
    match attributes.get("DependsOn") {
        Some(Node { tag: None, kind: Kind::Text(one), .. }) => Ok(vec![one.clone()]),
        _ => attributes.texts("DependsOn"),
    }
}

/// What each resource is called, with the aliases, rules and roles that the SAM transform makes.
///
/// # Errors
/// Names that depend on other resources, and two resources with one logical id.
pub(super) fn identities(
    resources: &[Resource],
    parameters: &BTreeMap<String, String>,
    surroundings: &Surroundings,
) -> Result<Identities, TemplateError> {
    let nothing = Identities::new();
    let scope = Scope { parameters, surroundings, resources: &nothing };
    let mut known = Identities::new();
    for resource in resources {
        let properties = Section::of(&resource.properties, format!("the properties of `{}`", resource.logical_id))?;
        let early = |key: &str| -> Result<Option<String>, TemplateError> {
            properties.get(key).map(|node| text(&intrinsics::resolve(node, &scope)?, key)).transpose()
        };
        let property = TYPES.iter().find(|(_, kind, _)| *kind == resource.kind).and_then(|(_, _, property)| *property);
        let own = property.map(&early).transpose()?.flatten();
        let name = own.unwrap_or_else(|| unnamed(surroundings, &resource.logical_id));
        let within = match resource.kind {
            Type::Role => early("Path")?,
            Type::Rule => early("EventBusName")?,
            _ => None,
        };
        let mut identity = identities::identity(resource.kind, name, within.as_deref(), surroundings);
        if matches!(resource.kind, Type::Function | Type::StateMachine)
            && let Some(alias) = early("AutoPublishAlias")?
        {
            let made = identities::alias(&identity, &alias);
            if resource.kind == Type::Function {
                identity.made.insert("Alias", made.reference.clone());
            }
            add(&mut known, format!("{}Alias{alias}", resource.logical_id), made, resource.place)?;
        }
        add(&mut known, resource.logical_id.clone(), identity, resource.place)?;
        if resource.kind == Type::StateMachine
            && let Some(events) = properties.section("Events")?
        {
            for event in events.entries() {
                let (rule, role) = of_event(&resource.logical_id, &event.key, &event.value, &scope)?;
                let id = made_id(&resource.logical_id, &event.key);
                add(&mut known, format!("{id}Role"), role, event.place)?;
                add(&mut known, id, rule, event.place)?;
            }
        }
    }
    Ok(known)
}

/// The logical id of the rule that the SAM transform makes for an event of a state machine.
pub(super) fn made_id(machine: &str, event: &str) -> String {
    format!("{machine}{event}")
}

fn of_event(machine: &str, event: &str, node: &Node, scope: &Scope<'_>) -> Result<(Identity, Identity), TemplateError> {
    let id = made_id(machine, event);
    let section = Section::of(node, format!("the event `{event}`"))?;
    let properties = section.section("Properties")?;
    let early = |key: &str| -> Result<Option<String>, TemplateError> {
        let node = properties.as_ref().and_then(|properties| properties.get(key));
        node.map(|node| text(&intrinsics::resolve(node, scope)?, key)).transpose()
    };
    let name = early("RuleName")?.unwrap_or_else(|| unnamed(scope.surroundings, &id));
    let rule = identities::identity(Type::Rule, name, early("EventBusName")?.as_deref(), scope.surroundings);
    let role_name = unnamed(scope.surroundings, &format!("{id}Role"));
    let role = identities::identity(Type::Role, role_name, None, scope.surroundings);
    Ok((rule, role))
}

fn unnamed(surroundings: &Surroundings, logical_id: &str) -> String {
    format!("{}-{logical_id}", surroundings.stack_name)
}

fn add(known: &mut Identities, id: String, identity: Identity, place: Place) -> Result<(), TemplateError> {
    if known.contains_key(&id) {
        return Err(refuse(place, format!("a second resource `{id}`"), "the SAM transform makes one of that name"));
    }
    known.insert(id, identity);
    Ok(())
}
