//! EC2 from the outputs of CLI commands.
//!
//! Commands may come in any order. What a document refers to and nothing describes is made up, until its own document
//! comes: a VPC (`10.0.0.0/16`, not the default one), a subnet, a group (no ingress, all egress), a volume (8 GiB, gp3,
//! not encrypted), an Elastic IP address, a profile association.

mod contradiction;
mod group;
mod host;
mod other;

pub(super) use contradiction::complete;

use serde_json::Value;

use super::MODEL;
use super::state::{Rest, State, Tags};
use crate::base::Timestamp;
use crate::model::{Misfit, Why};
use crate::protocol::Params;
use crate::service::{Context, SeedError};

/// Reads one command's output.
pub(super) fn load(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    let (operation, member, load): (&str, &str, Loader) = match command {
        "describe-instances" => ("DescribeInstances", "reservationSet", host::reservation),
        "describe-network-interfaces" => ("DescribeNetworkInterfaces", "networkInterfaceSet", host::interface),
        "describe-volumes" => ("DescribeVolumes", "volumeSet", host::volume),
        "describe-instance-attribute" => ("DescribeInstanceAttribute", "", host::attribute),
        "get-console-output" => ("GetConsoleOutput", "", host::console),
        "describe-iam-instance-profile-associations" => {
            ("DescribeIamInstanceProfileAssociations", "iamInstanceProfileAssociationSet", host::profile)
        }
        "describe-security-groups" => ("DescribeSecurityGroups", "securityGroupInfo", group::group),
        "describe-security-group-rules" => ("DescribeSecurityGroupRules", "securityGroupRuleSet", group::rule),
        "describe-vpcs" => ("DescribeVpcs", "vpcSet", other::vpc),
        "describe-subnets" => ("DescribeSubnets", "subnetSet", other::subnet),
        "describe-addresses" => ("DescribeAddresses", "addressesSet", other::address),
        "describe-snapshots" => ("DescribeSnapshots", "snapshotSet", other::snapshot),
        "get-managed-prefix-list-entries" => return super::prefix_lists::seed(state, document.take_all()),
        other => return Err(SeedError::unknown_command("ec2", other)),
    };
    let converted = MODEL.response_form(operation, document.take_all()).map_err(misfit)?;
    let Value::Object(mut converted) = converted else {
        return Err(SeedError::malformed("", "expected the command's output, an object"));
    };
    if member.is_empty() {
        load(state, context, converted)?;
    } else if let Some(Value::Array(elements)) = converted.remove(member) {
        for (index, element) in elements.into_iter().enumerate() {
            let Value::Object(element) = element else {
                return Err(SeedError::malformed(format!("{member}[{index}]"), "expected an object"));
            };
            load(state, context, element).map_err(|error| error.within(&format!("{member}[{index}]")))?;
        }
    } else {
        return Err(SeedError::malformed("", "the command's list is missing"));
    }
    other::link_addresses(state, context);
    Ok(())
}

type Loader = fn(&mut State, &mut Context<'_>, Rest) -> Result<(), SeedError>;

fn misfit(misfit: Misfit) -> SeedError {
    let Misfit { path, why } = misfit;
    match why {
        Why::Unknown => SeedError::UnknownFields { path: String::new(), fields: path },
        Why::Type(expected) => SeedError::malformed(path, format!("expected {expected}")),
        Why::Value(value, known) => SeedError::malformed(path, format!("`{value}` is none of {}", known.join(", "))),
        Why::Missing => SeedError::malformed(path, "is missing"),
    }
}

/// Takes a text out of a document whose types the model has checked.
fn text(document: &mut Rest, name: &str) -> Option<String> {
    match document.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn required(document: &mut Rest, name: &str) -> Result<String, SeedError> {
    text(document, name).filter(|text| !text.is_empty()).ok_or_else(|| SeedError::malformed(name, "is missing"))
}

fn boolean(document: &mut Rest, name: &str) -> Option<bool> {
    document.shift_remove(name).and_then(|value| value.as_bool())
}

fn integer(document: &mut Rest, name: &str) -> Option<i64> {
    document.shift_remove(name).and_then(|value| value.as_i64())
}

fn object(document: &mut Rest, name: &str) -> Option<Rest> {
    match document.shift_remove(name) {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn list(document: &mut Rest, name: &str) -> Option<Vec<Rest>> {
    let Some(Value::Array(elements)) = document.shift_remove(name) else { return None };
    let members = elements.into_iter().filter_map(|element| match element {
        Value::Object(members) => Some(members),
        _ => None,
    });
    Some(members.collect())
}

fn tags(document: &mut Rest) -> Tags {
    let tags = list(document, "tagSet").unwrap_or_default().into_iter();
    let pairs = tags.filter_map(|mut tag| Some((text(&mut tag, "key")?, text(&mut tag, "value").unwrap_or_default())));
    pairs.collect()
}

fn moment(document: &mut Rest, name: &str) -> Result<Option<Timestamp>, SeedError> {
    match document.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => match Timestamp::parse(&text) {
            Ok(moment) => Ok(Some(moment)),
            Err(error) => Err(SeedError::malformed(name, error.to_string())),
        },
        Some(_) => Err(SeedError::malformed(name, "expected an ISO 8601 moment")),
    }
}

/// Sets a member that the document left out.
fn default(document: &mut Rest, name: &str, value: impl Into<Value>) {
    document.entry(name).or_insert_with(|| value.into());
}
