//! Instances: describing them, and their attributes.

use serde_json::{Map, Value, json};

use super::err::{Kind, combination, invalid};
use super::interfaces::{check_groups, set_groups};
use super::render::{self, Frame};
use super::request::{FilterTable, Selection, begin};
use super::state::{Instance, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;

/// `DescribeInstances`, "Filters".
const FILTERS: &FilterTable = &[
    ("instance-id", "instanceId"),
    ("image-id", "imageId"),
    ("instance-type", "instanceType"),
    ("instance-state-name", "instanceState.name"),
    ("instance-state-code", "instanceState.code"),
    ("instance-lifecycle", "instanceLifecycle"),
    ("vpc-id", "vpcId"),
    ("subnet-id", "subnetId"),
    ("availability-zone", "placement.availabilityZone"),
    ("private-ip-address", "privateIpAddress"),
    ("ip-address", "ipAddress"),
    ("dns-name", "dnsName"),
    ("private-dns-name", "privateDnsName"),
    ("key-name", "keyName"),
    ("platform", "platform"),
    ("architecture", "architecture"),
    ("launch-time", "launchTime"),
    ("iam-instance-profile.arn", "iamInstanceProfile.arn"),
    ("iam-instance-profile.id", "iamInstanceProfile.id"),
    ("instance.group-id", "groupSet.groupId"),
    ("instance.group-name", "groupSet.groupName"),
    ("group-id", "groupSet.groupId"),
    ("group-name", "groupSet.groupName"),
    ("root-device-type", "rootDeviceType"),
    ("root-device-name", "rootDeviceName"),
    ("source-dest-check", "sourceDestCheck"),
    ("tenancy", "placement.tenancy"),
    ("virtualization-type", "virtualizationType"),
    ("reservation-id", "reservationId"),
    ("owner-id", "ownerId"),
    ("block-device-mapping.volume-id", "blockDeviceMapping.ebs.volumeId"),
    ("block-device-mapping.device-name", "blockDeviceMapping.deviceName"),
    ("block-device-mapping.delete-on-termination", "blockDeviceMapping.ebs.deleteOnTermination"),
    ("network-interface.network-interface-id", "networkInterfaceSet.networkInterfaceId"),
    ("network-interface.vpc-id", "networkInterfaceSet.vpcId"),
    ("network-interface.subnet-id", "networkInterfaceSet.subnetId"),
    ("network-interface.group-id", "networkInterfaceSet.groupSet.groupId"),
    ("network-interface.private-dns-name", "networkInterfaceSet.privateDnsName"),
    ("network-interface.addresses.private-ip-address", "networkInterfaceSet.privateIpAddressesSet.privateIpAddress"),
    ("network-interface.ipv6-addresses.ipv6-address", "networkInterfaceSet.ipv6AddressesSet.ipv6Address"),
    ("network-interface.association.public-ip", "networkInterfaceSet.association.publicIp"),
];

pub(super) fn describe(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let selection = Selection::take(&mut params, "InstanceIds", 5)?;
    drop(params);
    let frame = Frame::of(context);
    let now = context.now;
    let all = state.instances.iter().filter(|(_, it)| it.forgotten_at.is_none_or(|end| now < end));
    let get =
        |id: &str| state.instances.get_key_value(id).filter(|(_, it)| it.forgotten_at.is_none_or(|end| now < end));
    let (found, next) = selection.page(Kind::Instance, all, get, FILTERS, |id, it| {
        let mut out = render::instance(state, &frame, id, it);
        // Members of the reservation, for filters; moved to it below.
        render::put(&mut out, json!({"reservationId": it.reservation, "ownerId": context.account}));
        out
    })?;
    let mut reservations: indexmap::IndexMap<String, Vec<Value>> = indexmap::IndexMap::new();
    for mut instance in found {
        if let Value::Object(members) = &mut instance {
            members.shift_remove("ownerId");
            if let Some(Value::String(reservation)) = members.shift_remove("reservationId") {
                reservations.entry(reservation).or_default().push(instance);
            }
        }
    }
    let set: Vec<Value> = reservations
        .into_iter()
        .map(|(id, instances)| {
            json!({"reservationId": id, "ownerId": context.account, "groupSet": [], "instancesSet": instances})
        })
        .collect();
    Ok(json!({"reservationSet": set, "nextToken": next}))
}

pub(super) fn attribute(state: &State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("InstanceId")?;
    let attribute = params.require_string("Attribute")?;
    let it = state.instance(&id, context.now).ok_or_else(|| Kind::Instance.absent(&id))?;
    let frame = Frame::of(context);
    let rendered = render::instance(state, &frame, &id, it);
    let boolean = |value: bool| json!({"value": value});
    let shown = |member: &str| json!({"value": rendered.get(member)});
    let value = match attribute.as_str() {
        "disableApiTermination" => boolean(it.termination_protected),
        "disableApiStop" => boolean(it.stop_protected),
        "instanceInitiatedShutdownBehavior" => json!({"value": it.shutdown_behavior}),
        "userData" => it.user_data.as_ref().map_or(json!({}), |data| json!({"value": data})),
        "blockDeviceMapping" => render::mappings(it),
        "groupSet" => rendered.get("groupSet").cloned().unwrap_or_default(),
        "sourceDestCheck" => match it.interfaces.as_slice() {
            [_] => shown("sourceDestCheck"),
            _ => return Err(several_interfaces(&id)),
        },
        "instanceType" | "rootDeviceName" | "ebsOptimized" | "enaSupport" | "sriovNetSupport" => shown(&attribute),
        "kernel" => json!({"value": rendered.get("kernelId")}),
        "ramdisk" => json!({"value": rendered.get("ramdiskId")}),
        "productCodes" => rendered.get("productCodes").cloned().unwrap_or(json!([])),
        "enclaveOptions" => rendered.get("enclaveOptions").cloned().unwrap_or(json!({"enabled": false})),
        other => {
            return Err(invalid(format!("Value ({other}) for parameter attribute is invalid. Unknown attribute.")));
        }
    };
    Ok(json!({"instanceId": id, attribute: value}))
}

/// The attributes that one call can change; one of them at a time.
enum Change {
    Groups(Vec<String>),
    TerminationProtection(bool),
    StopProtection(bool),
    ShutdownBehavior(String),
    SourceDestCheck(bool),
    Mappings(Vec<MappingChange>),
}

struct MappingChange {
    device: Option<String>,
    volume: Option<String>,
    delete_on_termination: Option<bool>,
}

pub(super) fn modify(state: &mut State, context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("InstanceId")?;
    let change = take_change(&mut params)?;
    if !params.names().is_empty() {
        return Err(ServiceError::unsupported(format!("attribute {}", params.names().join(", "))));
    }
    let it = state.instance(&id, context.now).ok_or_else(|| Kind::Instance.absent(&id))?;
    if it.is_terminated() {
        return Err(incorrect_state(&id, &it.state));
    }
    match change {
        Change::Groups(groups) => {
            let interface = only_interface(it, &id)?;
            let groups = check_groups(state, &interface, &groups)?;
            set_groups(state, &interface, groups);
        }
        Change::SourceDestCheck(value) => {
            let interface = only_interface(it, &id)?;
            if let Some(interface) = state.interfaces.get_mut(&interface) {
                interface.source_dest_check = value;
            }
        }
        Change::TerminationProtection(value) => {
            if is_spot(it) {
                return Err(unsupported_for_spot("disableApiTermination"));
            }
            edit(state, &id, |it| it.termination_protected = value);
        }
        Change::StopProtection(value) => {
            if is_spot(it) {
                return Err(unsupported_for_spot("disableApiStop"));
            }
            // EC2 User Guide, "Enable stop protection for your EC2 instances", limitations.
            if value && it.rest.get("rootDeviceType").and_then(Value::as_str) == Some("instance-store") {
                let text = "The instance does not have an 'ebs' root device type and cannot be stopped.";
                return Err(ServiceError::new("UnsupportedOperation", text));
            }
            edit(state, &id, |it| it.stop_protected = value);
        }
        Change::ShutdownBehavior(value) => {
            if !matches!(value.as_str(), "stop" | "terminate") {
                return Err(invalid(format!(
                    "Value ({value}) for parameter instanceInitiatedShutdownBehavior is invalid. Expected 'stop' or 'terminate'."
                )));
            }
            if is_spot(it) {
                return Err(unsupported_for_spot("instanceInitiatedShutdownBehavior"));
            }
            edit(state, &id, |it| it.shutdown_behavior = value);
        }
        Change::Mappings(changes) => change_mappings(state, &id, &changes)?,
    }
    Ok(json!({"return": true}))
}

fn take_change(params: &mut Params) -> Result<Change, ServiceError> {
    let mut changes = Vec::new();
    let groups = params.take_strings("Groups")?;
    if !groups.is_empty() {
        changes.push(Change::Groups(groups));
    }
    for (name, make) in [
        ("DisableApiTermination", Change::TerminationProtection as fn(bool) -> Change),
        ("DisableApiStop", Change::StopProtection),
        ("SourceDestCheck", Change::SourceDestCheck),
    ] {
        if let Some(mut wrapped) = params.take_params(name)? {
            let value = wrapped.take_bool("Value")?.ok_or_else(|| wrapped.missing(name))?;
            changes.push(make(value));
        }
    }
    if let Some(mut wrapped) = params.take_params("InstanceInitiatedShutdownBehavior")? {
        changes.push(Change::ShutdownBehavior(wrapped.require_string("Value")?));
    }
    let mappings = params
        .take_list("BlockDeviceMappings")?
        .into_iter()
        .map(|mut mapping| {
            let device = mapping.take_string("DeviceName")?;
            let ebs = mapping.take_params("Ebs")?;
            let (mut volume, mut delete_on_termination) = (None, None);
            if let Some(mut ebs) = ebs {
                volume = ebs.take_string("VolumeId")?;
                delete_on_termination = ebs.take_bool("DeleteOnTermination")?;
            }
            Ok(MappingChange { device, volume, delete_on_termination })
        })
        .collect::<Result<Vec<_>, ServiceError>>()?;
    if !mappings.is_empty() {
        changes.push(Change::Mappings(mappings));
    }
    // The older form names one attribute and its value.
    if let Some(attribute) = params.take_string("Attribute")? {
        let value = params.take_string("Value")?;
        if let Some(value) = value {
            let boolean = || match value.as_str() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err(invalid(format!("Value ({value}) for parameter value is invalid."))),
            };
            changes.push(match attribute.as_str() {
                "disableApiTermination" => Change::TerminationProtection(boolean()?),
                "disableApiStop" => Change::StopProtection(boolean()?),
                "sourceDestCheck" => Change::SourceDestCheck(boolean()?),
                "instanceInitiatedShutdownBehavior" => Change::ShutdownBehavior(value),
                other => return Err(ServiceError::unsupported(format!("attribute {other}"))),
            });
        }
    }
    if changes.len() > 1 {
        return Err(combination("Fields for multiple attribute types specified"));
    }
    changes.pop().ok_or_else(|| {
        let left = params.names();
        if left.is_empty() {
            combination("No attributes specified.")
        } else {
            ServiceError::unsupported(format!("attribute {}", left.join(", ")))
        }
    })
}

fn change_mappings(state: &mut State, id: &str, changes: &[MappingChange]) -> Result<(), ServiceError> {
    let Some(it) = state.instances.get_mut(id) else { return Err(Kind::Instance.absent(id)) };
    let mut edits = Vec::with_capacity(changes.len());
    for change in changes {
        let device = change.device.as_deref().unwrap_or_default();
        let found = it.mappings.iter().position(|mapping| mapping.device == device).filter(|index| {
            let volume = it.mappings.get(*index).map(|mapping| mapping.volume.as_str());
            change.volume.is_none() || change.volume.as_deref() == volume
        });
        let index = found.ok_or_else(|| {
            ServiceError::new("InvalidInstanceAttributeValue", format!("No device is currently mapped at {device}"))
        })?;
        edits.push((index, change.delete_on_termination));
    }
    for (index, value) in edits {
        if let (Some(mapping), Some(value)) = (it.mappings.get_mut(index), value) {
            mapping.delete_on_termination = value;
        }
    }
    Ok(())
}

fn edit(state: &mut State, id: &str, change: impl FnOnce(&mut Instance)) {
    if let Some(it) = state.instances.get_mut(id) {
        change(it);
    }
}

fn only_interface(it: &Instance, id: &str) -> Result<String, ServiceError> {
    match it.interfaces.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(several_interfaces(id)),
    }
}

fn several_interfaces(id: &str) -> ServiceError {
    ServiceError::new(
        "InvalidInstanceID",
        format!(
            "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
        ),
    )
}

pub(super) fn incorrect_state(id: &str, state: &str) -> ServiceError {
    ServiceError::new(
        "IncorrectInstanceState",
        format!("The instance '{id}' is in the '{state}' state, which this operation does not allow."),
    )
}

fn is_spot(it: &Instance) -> bool {
    it.rest.get("instanceLifecycle").and_then(Value::as_str) == Some("spot")
}

fn unsupported_for_spot(attribute: &str) -> ServiceError {
    ServiceError::new("UnsupportedOperation", format!("Modifying '{attribute}' is not supported for spot instances."))
}

pub(super) fn console_output(
    state: &State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    begin(&mut params)?;
    let id = params.require_string("InstanceId")?;
    let latest = params.take_bool("Latest")?.unwrap_or(false);
    let it = state.instance(&id, context.now).ok_or_else(|| Kind::Instance.absent(&id))?;
    let kind = it.rest.get("instanceType").and_then(Value::as_str).unwrap_or_default();
    if latest && !is_nitro(kind) {
        let text = "This instance type does not support retrieving the latest console logs.";
        return Err(ServiceError::new("UnsupportedOperation", text));
    }
    let mut out = Map::from_iter([("instanceId".to_owned(), Value::from(id))]);
    if let Some(console) = &it.console {
        render::put(&mut out, json!({"timestamp": console.at, "output": console.output}));
    }
    Ok(Value::Object(out))
}

/// The families on Xen (EC2 User Guide, "Instances built on the AWS Nitro System"); every other one is on Nitro.
fn is_nitro(instance_type: &str) -> bool {
    const XEN: [&str; 30] = [
        "t1", "t2", "m1", "m2", "m3", "m4", "c1", "c3", "c4", "cc1", "cc2", "cg1", "cr1", "r3", "r4", "x1", "x1e",
        "d2", "h1", "hi1", "hs1", "i2", "i3", "f1", "g2", "g3", "g3s", "p2", "p3", "i3p",
    ];
    let family = instance_type.split('.').next().unwrap_or_default();
    instance_type.ends_with(".metal") || !XEN.contains(&family)
}
