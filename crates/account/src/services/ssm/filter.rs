//! The filters of `DescribeInstanceInformation`.

use super::node::{Node, is_node_id};
use crate::base::ServiceError;
use crate::protocol::Params;

/// One filter: a node passes if the member has one of the values.
#[derive(Debug)]
pub(super) struct Filter {
    member: &'static str,
    values: Vec<String>,
}

/// Reads `Filters`, or `InstanceInformationFilterList`, which is older and has fewer keys.
pub(super) fn take(params: &mut Params) -> Result<Vec<Filter>, ServiceError> {
    let mut filters = Vec::new();
    for mut given in params.take_list("Filters")? {
        let key = given.require_string("Key")?;
        filters.push(filter(&key, given.take_strings("Values")?, "filters")?);
    }
    let older = params.take_list("InstanceInformationFilterList")?;
    if !older.is_empty() && !filters.is_empty() {
        return Err(ServiceError::new(
            "ValidationException",
            "Filters and InstanceInformationFilterList cannot be used together",
        ));
    }
    for mut given in older {
        let key = given.require_string("key")?;
        if key.starts_with("Source") || key.starts_with("tag") {
            return Err(ServiceError::new("InvalidFilterKey", format!("Invalid filter key: {key}")));
        }
        filters.push(filter(&key, given.take_strings("valueSet")?, "instanceInformationFilterList")?);
    }
    Ok(filters)
}

/// Whether a node passes all filters.
pub(super) fn passes(node: &Node, filters: &[Filter]) -> bool {
    filters.iter().all(|filter| node.text(filter.member).is_some_and(|text| filter.values.iter().any(|v| v == text)))
}

fn filter(key: &str, values: Vec<String>, parameter: &str) -> Result<Filter, ServiceError> {
    let (member, words): (&'static str, &[&str]) = match key {
        "InstanceIds" => ("InstanceId", &[]),
        "AgentVersion" => ("AgentVersion", &[]),
        "PingStatus" => ("PingStatus", &["Online", "ConnectionLost", "Inactive"]),
        "PlatformTypes" => ("PlatformType", &["Windows", "Linux", "MacOS"]),
        "ActivationIds" => ("ActivationId", &[]),
        "IamRole" => ("IamRole", &[]),
        "ResourceType" => ("ResourceType", &["EC2Instance", "ManagedInstance"]),
        "AssociationStatus" => ("AssociationStatus", &["Success", "Pending", "Failed"]),
        "SourceIds" => ("SourceId", &[]),
        "SourceTypes" => ("SourceType", &[]),
        tag if tag == "tag-key" || tag.starts_with("tag:") => {
            return Err(ServiceError::unsupported(format!("filter {tag}")));
        }
        other => return Err(ServiceError::new("InvalidFilterKey", format!("Invalid filter key: {other}"))),
    };
    if values.is_empty() || values.len() > 100 {
        let bound = if values.is_empty() { "greater than or equal to 1" } else { "less than or equal to 100" };
        return Err(ServiceError::new(
            "ValidationException",
            format!(
                "1 validation error detected: Value at '{parameter}' failed to satisfy constraint: Member must have length {bound}"
            ),
        ));
    }
    for value in &values {
        let known = if member == "InstanceId" {
            is_node_id(value)
        } else {
            !value.is_empty() && (words.is_empty() || words.contains(&value.as_str()))
        };
        if !known {
            return Err(ServiceError::new(
                "InvalidInstanceInformationFilterValue",
                format!("Invalid value for the filter {key}: {value}"),
            ));
        }
    }
    Ok(Filter { member, values })
}
