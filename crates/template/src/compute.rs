//! Functions and state machines.

use super::err::{Place, TemplateError};
use super::identities::Identity;
use super::model::{Function, Machine, MachineKind, Role};
use super::properties::{Section, refuse, shape};
use super::yaml::Node;

const EXPLICIT_ROLES: &str = "each function and machine has a role of its own in the template, with inline statements";

/// Reads a function.
///
/// # Errors
/// Unknown and refused properties, and a role that is not in the template.
pub(super) fn function(
    logical_id: &str,
    properties: &Node,
    identity: &Identity,
    roles: &[Role],
) -> Result<Function, TemplateError> {
    let section = Section::of(properties, format!("the properties of `{logical_id}`"))?;
    section.only(
        &[
            "Architectures",
            "AutoPublishAlias",
            "CodeUri",
            "DeadLetterQueue",
            "Description",
            "Environment",
            "EphemeralStorage",
            "FunctionName",
            "Handler",
            "LoggingConfig",
            "MemorySize",
            "PropagateTags",
            "ReservedConcurrentExecutions",
            "Role",
            "Runtime",
            "Tags",
            "Timeout",
            "Tracing",
        ],
        &[
            ("Policies", EXPLICIT_ROLES),
            ("AssumeRolePolicyDocument", EXPLICIT_ROLES),
            ("PermissionsBoundary", EXPLICIT_ROLES),
            ("Events", "what starts a function is a state machine"),
            ("InlineCode", "the code is a crate"),
            ("ImageUri", "the code is a crate"),
            ("DeploymentPreference", "a replay could not tell which version runs"),
        ],
    )?;
    let code = section.required("CodeUri")?;
    let code_uri = section.required_text("CodeUri")?;
    let package = relative(&code_uri)
        .then(|| code_uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
        .filter(|package| !package.is_empty() && *package != "." && *package != "..")
        .ok_or_else(|| shape(code, "CodeUri", "a path that ends in the name of a crate"))?
        .to_owned();
    let architectures = section.texts("Architectures")?;
    let architecture = match architectures.as_slice() {
        [] => "x86_64".to_owned(),
        [one] => one.clone(),
        _ => return Err(shape(properties, "Architectures", "a list of one architecture")),
    };
    let environment = match section.section("Environment")? {
        Some(environment) => {
            environment.only(&["Variables"], &[])?;
            environment.text_map("Variables")?
        }
        None => Default::default(),
    };
    let dead_letter = match section.section("DeadLetterQueue")? {
        Some(queue) => {
            queue.only(&["Type", "TargetArn"], &[])?;
            Some(queue.required_text("TargetArn")?)
        }
        None => None,
    };
    Ok(Function {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        alias: section.text("AutoPublishAlias")?,
        alias_arn: identity.made.get("Alias").cloned(),
        code_uri,
        package,
        handler: section.required_text("Handler")?,
        runtime: section.required_text("Runtime")?,
        architecture,
        environment,
        timeout_seconds: section.whole_number("Timeout")?.unwrap_or(3),
        memory_mb: section.whole_number("MemorySize")?.unwrap_or(128),
        role: role_of(&section, "Role", roles)?,
        dead_letter,
    })
}

/// Reads a state machine. Its events are rules and read there.
///
/// # Errors
/// Unknown and refused properties, and a role that is not in the template.
pub(super) fn machine(
    logical_id: &str,
    properties: &Node,
    identity: &Identity,
    roles: &[Role],
) -> Result<Machine, TemplateError> {
    let section = Section::of(properties, format!("the properties of `{logical_id}`"))?;
    section.only(
        &[
            "AutoPublishAlias",
            "DefinitionSubstitutions",
            "DefinitionUri",
            "Events",
            "Logging",
            "Name",
            "PropagateTags",
            "Role",
            "Tags",
            "Tracing",
            "Type",
            "UseAliasAsEventTarget",
        ],
        &[
            ("Policies", EXPLICIT_ROLES),
            ("PermissionsBoundary", EXPLICIT_ROLES),
            ("Definition", "a definition is a file that is versioned and reviewed"),
            ("DeploymentPreference", "a replay could not tell which version runs"),
        ],
    )?;
    let definition = section.required("DefinitionUri")?;
    let definition_uri = section.required_text("DefinitionUri")?;
    if !relative(&definition_uri) {
        return Err(shape(definition, "DefinitionUri", "a path relative to the template"));
    }
    let kind = match section.text("Type")?.as_deref() {
        None | Some("STANDARD") => MachineKind::Standard,
        Some("EXPRESS") => MachineKind::Express,
        Some(_) => return Err(shape(section.required("Type")?, "Type", "`STANDARD` or `EXPRESS`")),
    };
    let alias = section.text("AutoPublishAlias")?;
    let tracing = match section.section("Tracing")? {
        Some(tracing) => {
            tracing.only(&["Enabled"], &[])?;
            tracing.flag("Enabled")?.unwrap_or(false)
        }
        None => false,
    };
    let log_level = match section.section("Logging")? {
        Some(logging) => {
            logging.only(&["Level", "IncludeExecutionData", "Destinations"], &[])?;
            logging.text("Level")?.unwrap_or_else(|| "OFF".to_owned())
        }
        None => "OFF".to_owned(),
    };
    let arn = identity.arn.clone().unwrap_or_default();
    Ok(Machine {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        alias_arn: alias.as_ref().map(|alias| format!("{arn}:{alias}")),
        arn,
        alias,
        definition_uri,
        substitutions: section.text_map("DefinitionSubstitutions")?,
        role: role_of(&section, "Role", roles)?,
        kind,
        tracing,
        log_level,
    })
}

/// The logical id of the role whose ARN a property holds.
fn role_of(section: &Section<'_>, key: &'static str, roles: &[Role]) -> Result<String, TemplateError> {
    let arn = section.required_text(key)?;
    let place: Place = section.required(key)?.place;
    roles
        .iter()
        .find(|role| role.arn == arn)
        .map(|role| role.logical_id.clone())
        .ok_or_else(|| refuse(place, format!("the role `{arn}`"), EXPLICIT_ROLES))
}

/// Whether a location is a path on disk.
fn relative(location: &str) -> bool {
    !location.is_empty() && !location.starts_with('/') && !location.contains("://")
}
