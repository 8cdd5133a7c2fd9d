//! The intrinsic functions that the reader knows, in short and long form: `Ref`, `Fn::Sub`, `Fn::GetAtt`, `Fn::Join`.
//!
//! Everything else that CloudFormation knows is refused with its place, so that nothing is left unresolved in silence.

use std::collections::BTreeMap;

use super::Surroundings;
use super::err::{Place, TemplateError};
use super::identities::Identities;
use super::properties::{refuse, shape, text};
use super::yaml::{Entry, Kind, Node};

const KNOWN: &str = "the reader knows Ref, Fn::Sub, Fn::GetAtt and Fn::Join";

/// What names stand for.
pub(super) struct Scope<'a> {
    /// The effective parameters.
    pub(super) parameters: &'a BTreeMap<String, String>,
    /// Where the stack stands.
    pub(super) surroundings: &'a Surroundings,
    /// The resources; empty while their names are being read.
    pub(super) resources: &'a Identities,
}

/// The tree with every function replaced by its value.
///
/// # Errors
/// Unknown functions and names, and arguments of another shape.
pub(super) fn resolve(node: &Node, scope: &Scope<'_>) -> Result<Node, TemplateError> {
    if let Some(tag) = &node.tag {
        let function = match tag.as_str() {
            "Ref" => "Ref",
            "Sub" => "Fn::Sub",
            "GetAtt" => "Fn::GetAtt",
            "Join" => "Fn::Join",
            other => return Err(refuse(node.place, format!("`!{other}`"), KNOWN)),
        };
        let argument = Node { place: node.place, tag: None, kind: node.kind.clone() };
        return call(function, &argument, scope);
    }
    match &node.kind {
        Kind::Map(entries) => {
            if let Some(entry) = entries.iter().find(|entry| entry.key == "Ref" || entry.key.starts_with("Fn::")) {
                return match entries.as_slice() {
                    [only] => call(&only.key, &only.value, scope),
                    _ => Err(refuse(
                        entry.place,
                        format!("`{}` beside other keys", entry.key),
                        "a function stands alone",
                    )),
                };
            }
            let entries = entries
                .iter()
                .map(|entry| {
                    Ok(Entry { place: entry.place, key: entry.key.clone(), value: resolve(&entry.value, scope)? })
                })
                .collect::<Result<_, TemplateError>>()?;
            Ok(Node { place: node.place, tag: None, kind: Kind::Map(entries) })
        }
        Kind::List(items) => {
            let items = items.iter().map(|item| resolve(item, scope)).collect::<Result<_, _>>()?;
            Ok(Node { place: node.place, tag: None, kind: Kind::List(items) })
        }
        _ => Ok(node.clone()),
    }
}

fn call(function: &str, argument: &Node, scope: &Scope<'_>) -> Result<Node, TemplateError> {
    let value = match function {
        "Ref" => reference(&text(argument, "Ref")?, argument.place, scope)?,
        "Fn::Sub" => substitute(argument, scope)?,
        "Fn::GetAtt" => attribute(argument, scope)?,
        "Fn::Join" => join(argument, scope)?,
        other => return Err(refuse(argument.place, format!("`{other}`"), KNOWN)),
    };
    Ok(Node { place: argument.place, tag: None, kind: Kind::Text(value) })
}

fn reference(name: &str, place: Place, scope: &Scope<'_>) -> Result<String, TemplateError> {
    if let Some(pseudo) = name.strip_prefix("AWS::") {
        let Surroundings { account, region, partition, stack_name } = scope.surroundings;
        return match pseudo {
            "AccountId" => Ok(account.clone()),
            "Region" => Ok(region.clone()),
            "Partition" => Ok(partition.clone()),
            "StackName" => Ok(stack_name.clone()),
            "URLSuffix" => Ok(scope.surroundings.url_suffix().to_owned()),
            _ => Err(refuse(
                place,
                format!("`{name}`"),
                "the reader knows AWS::AccountId, AWS::Region, AWS::Partition, AWS::StackName and AWS::URLSuffix",
            )),
        };
    }
    if let Some(value) = scope.parameters.get(name) {
        return Ok(value.clone());
    }
    if let Some(identity) = scope.resources.get(name) {
        return Ok(identity.reference.clone());
    }
    if let Some((owner, property)) = name.split_once('.')
        && let Some(identity) = scope.resources.get(owner)
    {
        return identity.made.get(property).cloned().ok_or_else(|| TemplateError::UnknownAttribute {
            place,
            name: owner.to_owned(),
            attribute: property.to_owned(),
        });
    }
    Err(TemplateError::UnknownName { place, name: name.to_owned() })
}

fn attribute(argument: &Node, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let wanted = "`Resource.Attribute` or a list of the two";
    let (name, attribute) = match &argument.kind {
        Kind::Text(both) => both.split_once('.').ok_or_else(|| shape(argument, "Fn::GetAtt", wanted))?,
        Kind::List(items) => match items.as_slice() {
            [Node { tag: None, kind: Kind::Text(name), .. }, Node { tag: None, kind: Kind::Text(attribute), .. }] => {
                (name.as_str(), attribute.as_str())
            }
            _ => return Err(shape(argument, "Fn::GetAtt", wanted)),
        },
        _ => return Err(shape(argument, "Fn::GetAtt", wanted)),
    };
    get_attribute(name, attribute, argument.place, scope)
}

fn get_attribute(name: &str, attribute: &str, place: Place, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let identity =
        scope.resources.get(name).ok_or_else(|| TemplateError::UnknownName { place, name: name.to_owned() })?;
    identity.attributes.get(attribute).cloned().ok_or_else(|| TemplateError::UnknownAttribute {
        place,
        name: name.to_owned(),
        attribute: attribute.to_owned(),
    })
}

fn join(argument: &Node, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let wanted = "a list of a delimiter and a list of texts";
    let Kind::List(items) = &argument.kind else { return Err(shape(argument, "Fn::Join", wanted)) };
    let [delimiter, Node { tag: None, kind: Kind::List(parts), .. }] = items.as_slice() else {
        return Err(shape(argument, "Fn::Join", wanted));
    };
    let delimiter = text(delimiter, "the delimiter of Fn::Join")?;
    let parts = parts.iter().map(|part| scalar(part, "a part of Fn::Join", scope)).collect::<Result<Vec<_>, _>>()?;
    Ok(parts.join(&delimiter))
}

fn substitute(argument: &Node, scope: &Scope<'_>) -> Result<String, TemplateError> {
    let wanted = "text, or a list of text and a mapping";
    let mut variables = BTreeMap::new();
    let template = match &argument.kind {
        Kind::Text(template) => template,
        Kind::List(items) => match items.as_slice() {
            [Node { tag: None, kind: Kind::Text(template), .. }, Node { tag: None, kind: Kind::Map(entries), .. }] => {
                for entry in entries {
                    variables.insert(entry.key.clone(), scalar(&entry.value, "a variable of Fn::Sub", scope)?);
                }
                template
            }
            _ => return Err(shape(argument, "Fn::Sub", wanted)),
        },
        _ => return Err(shape(argument, "Fn::Sub", wanted)),
    };
    let mut written = String::with_capacity(template.len());
    let mut rest = template.as_str();
    while let Some((before, after)) = rest.split_once("${") {
        written.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return Err(refuse(argument.place, "`${` without `}`", "close it, or write `${!…}` for the characters"));
        };
        rest = after;
        if let Some(literal) = name.strip_prefix('!') {
            written.push_str("${");
            written.push_str(literal);
            written.push('}');
        } else if let Some(value) = variables.get(name) {
            written.push_str(value);
        } else {
            written.push_str(&placeholder(name, argument.place, scope)?);
        }
    }
    written.push_str(rest);
    Ok(written)
}

/// `${Name}` is as `Ref`, `${Name.Attribute}` as `Fn::GetAtt`, but for the resources that the SAM transform makes.
fn placeholder(name: &str, place: Place, scope: &Scope<'_>) -> Result<String, TemplateError> {
    match name.split_once('.') {
        Some((owner, property))
            if scope.resources.get(owner).is_some_and(|identity| !identity.made.contains_key(property)) =>
        {
            get_attribute(owner, property, place, scope)
        }
        _ => reference(name, place, scope),
    }
}

fn scalar(node: &Node, what: &str, scope: &Scope<'_>) -> Result<String, TemplateError> {
    resolve(node, scope)?.as_text().ok_or_else(|| shape(node, what, "text"))
}
