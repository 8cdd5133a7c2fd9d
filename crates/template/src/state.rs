//! Roles, tables, topics, queues, their policies, and alarms.

use std::collections::BTreeMap;

use super::err::TemplateError;
use super::identities::Identity;
use super::model::{Alarm, KeyAttribute, Queue, ResourcePolicy, Role, Table, Topic};
use super::properties::{Section, refuse, shape};
use super::yaml::Node;

fn properties_of<'a>(logical_id: &str, properties: &'a Node) -> Result<Section<'a>, TemplateError> {
    Section::of(properties, format!("the properties of `{logical_id}`"))
}

/// Reads a role.
///
/// # Errors
/// Unknown properties, and a permissions boundary, which the simulated account would not enforce.
pub(super) fn role(logical_id: &str, properties: &Node, identity: &Identity) -> Result<Role, TemplateError> {
    let section = properties_of(logical_id, properties)?;
    section.only(
        &[
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "Policies",
            "RoleName",
            "Tags",
        ],
        &[("PermissionsBoundary", "the reader knows inline and managed policies only")],
    )?;
    let mut policies = Vec::new();
    for node in section.list("Policies")? {
        let policy = Section::of(node, format!("a policy of `{logical_id}`"))?;
        policy.only(&["PolicyName", "PolicyDocument"], &[])?;
        let name = policy.required_text("PolicyName")?;
        if policies.iter().any(|(other, _)| *other == name) {
            return Err(refuse(node.place, format!("a second policy `{name}` of `{logical_id}`"), "names are unique"));
        }
        policies.push((name, policy.required_object("PolicyDocument")?));
    }
    Ok(Role {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        trust: section.required_object("AssumeRolePolicyDocument")?,
        policies,
        managed_policy_arns: section.texts("ManagedPolicyArns")?,
        made_by_transform: false,
    })
}

/// Reads a table.
///
/// # Errors
/// Unknown properties, and a key that is not defined.
pub(super) fn table(logical_id: &str, properties: &Node, identity: &Identity) -> Result<Table, TemplateError> {
    let section = properties_of(logical_id, properties)?;
    section.only(
        &[
            "AttributeDefinitions",
            "BillingMode",
            "DeletionProtectionEnabled",
            "KeySchema",
            "PointInTimeRecoverySpecification",
            "SSESpecification",
            "TableName",
            "Tags",
            "TimeToLiveSpecification",
        ],
        &[],
    )?;
    let mut types = BTreeMap::new();
    for node in section.list("AttributeDefinitions")? {
        let attribute = Section::of(node, format!("an attribute of `{logical_id}`"))?;
        attribute.only(&["AttributeName", "AttributeType"], &[])?;
        types.insert(attribute.required_text("AttributeName")?, attribute.required_text("AttributeType")?);
    }
    let mut key = Vec::new();
    for node in section.list("KeySchema")? {
        let element = Section::of(node, format!("the key of `{logical_id}`"))?;
        element.only(&["AttributeName", "KeyType"], &[])?;
        let name = element.required_text("AttributeName")?;
        let attribute_type = types.remove(&name).ok_or_else(|| shape(node, &name, "an attribute that is defined"))?;
        key.push(KeyAttribute { name, attribute_type, key_type: element.required_text("KeyType")? });
    }
    let kinds: Vec<&str> = key.iter().map(|attribute| attribute.key_type.as_str()).collect();
    if kinds != ["HASH"] && kinds != ["HASH", "RANGE"] {
        return Err(shape(section.required("KeySchema")?, "KeySchema", "a `HASH` key and at most one `RANGE` key"));
    }
    if let Some(name) = types.keys().next() {
        let place = section.required("AttributeDefinitions")?.place;
        return Err(refuse(place, format!("the attribute `{name}`"), "only attributes of the key are defined"));
    }
    let time_to_live = match section.section("TimeToLiveSpecification")? {
        Some(specification) => {
            specification.only(&["AttributeName", "Enabled"], &[])?;
            specification.text("AttributeName")?.filter(|_| !matches!(specification.flag("Enabled"), Ok(Some(false))))
        }
        None => None,
    };
    Ok(Table {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        key,
        time_to_live,
    })
}

/// Reads a topic.
///
/// # Errors
/// Unknown properties.
pub(super) fn topic(logical_id: &str, properties: &Node, identity: &Identity) -> Result<Topic, TemplateError> {
    properties_of(logical_id, properties)?.only(&["DisplayName", "KmsMasterKeyId", "Tags", "TopicName"], &[])?;
    Ok(Topic {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
    })
}

/// Reads a queue.
///
/// # Errors
/// Unknown properties.
pub(super) fn queue(logical_id: &str, properties: &Node, identity: &Identity) -> Result<Queue, TemplateError> {
    properties_of(logical_id, properties)?.only(
        &["KmsMasterKeyId", "MessageRetentionPeriod", "QueueName", "SqsManagedSseEnabled", "Tags", "VisibilityTimeout"],
        &[],
    )?;
    Ok(Queue {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone().unwrap_or_default(),
        url: identity.reference.clone(),
    })
}

/// Reads the policy of topics (`key` is `Topics`) or queues (`Queues`).
///
/// # Errors
/// Unknown properties.
pub(super) fn resource_policy(
    logical_id: &str,
    properties: &Node,
    key: &'static str,
) -> Result<ResourcePolicy, TemplateError> {
    let section = properties_of(logical_id, properties)?;
    section.only(&["PolicyDocument", key], &[])?;
    section.required(key)?;
    Ok(ResourcePolicy {
        logical_id: logical_id.to_owned(),
        resources: section.texts(key)?,
        document: section.required_object("PolicyDocument")?,
    })
}

/// Reads an alarm.
///
/// # Errors
/// Unknown properties.
pub(super) fn alarm(logical_id: &str, properties: &Node, identity: &Identity) -> Result<Alarm, TemplateError> {
    let section = properties_of(logical_id, properties)?;
    section.only(
        &[
            "ActionsEnabled",
            "AlarmActions",
            "AlarmDescription",
            "AlarmName",
            "ComparisonOperator",
            "DatapointsToAlarm",
            "Dimensions",
            "EvaluationPeriods",
            "MetricName",
            "Namespace",
            "OKActions",
            "Period",
            "Statistic",
            "Tags",
            "Threshold",
            "TreatMissingData",
            "Unit",
        ],
        &[],
    )?;
    let mut dimensions = BTreeMap::new();
    for node in section.list("Dimensions")? {
        let dimension = Section::of(node, format!("a dimension of `{logical_id}`"))?;
        dimension.only(&["Name", "Value"], &[])?;
        dimensions.insert(dimension.required_text("Name")?, dimension.required_text("Value")?);
    }
    Ok(Alarm {
        logical_id: logical_id.to_owned(),
        name: identity.name.clone(),
        namespace: section.required_text("Namespace")?,
        metric: section.required_text("MetricName")?,
        dimensions,
        actions: section.texts("AlarmActions")?,
    })
}
