//! Instances and what is attached to them.

use serde_json::{Value, json};

use super::{boolean, default, group, integer, list, moment, object, other, required, tags, text};
use crate::base::unique_id;
use crate::service::{Context, SeedError};
use crate::services::ec2::hosting::TERMINATED_SHOWN;
use crate::services::ec2::state::{
    Attachment, Console, Instance, Interface, Mapping, ProfileAssociation, Rest, State, Tags, Volume,
};

/// A reservation and its instances. Left out: a reservation id.
pub(super) fn reservation(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = text(&mut document, "reservationId").unwrap_or_else(|| context.ids.resource("r"));
    for (index, it) in list(&mut document, "instancesSet").unwrap_or_default().into_iter().enumerate() {
        instance(state, context, &id, it).map_err(|error| error.within(&format!("instancesSet[{index}]")))?;
    }
    Ok(())
}

/// An instance. Left out: running; one interface from its own address, VPC and groups.
fn instance(
    state: &mut State,
    context: &mut Context<'_>,
    reservation: &str,
    mut document: Rest,
) -> Result<(), SeedError> {
    let id = required(&mut document, "instanceId")?;
    let name = object(&mut document, "instanceState").and_then(|mut it| text(&mut it, "name"));
    let name = name.unwrap_or_else(|| "running".to_owned());
    if !matches!(name.as_str(), "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped") {
        return Err(SeedError::malformed("instanceState.name", format!("`{name}` is not a state of an instance")));
    }
    let terminated = name == "terminated";
    let interfaces = list(&mut document, "networkInterfaceSet");
    let groups = list(&mut document, "groupSet").unwrap_or_default();
    let mappings = list(&mut document, "blockDeviceMapping").unwrap_or_default();
    let profile = object(&mut document, "iamInstanceProfile");
    let tags = tags(&mut document);
    let source_dest_check = boolean(&mut document, "sourceDestCheck");
    default(
        &mut document,
        "placement",
        json!({"availabilityZone": format!("{}a", context.region), "tenancy": "default"}),
    );
    default(&mut document, "amiLaunchIndex", 0);
    let vpc = document.get("vpcId").and_then(Value::as_str).map(str::to_owned);
    let subnet = document.get("subnetId").and_then(Value::as_str).map(str::to_owned);
    let primary = Rest::from_iter(
        ["privateIpAddress", "privateDnsName"]
            .into_iter()
            .filter_map(|name| document.get(name).map(|value| (name.to_owned(), value.clone()))),
    );
    let known = state.instances.get(&id);
    let it = Instance {
        reservation: reservation.to_owned(),
        forgotten_at: terminated.then(|| context.now.after(TERMINATED_SHOWN)),
        state: name,
        interfaces: Vec::new(),
        mappings: Vec::new(),
        tags,
        termination_protected: known.is_some_and(|it| it.termination_protected),
        stop_protected: known.is_some_and(|it| it.stop_protected),
        shutdown_behavior: known.map_or_else(|| "stop".to_owned(), |it| it.shutdown_behavior.clone()),
        user_data: known.and_then(|it| it.user_data.clone()),
        console: known.and_then(|it| it.console.clone()),
        rest: document,
    };
    state.instances.insert(id.clone(), it);
    if terminated {
        return Ok(());
    }
    map_volumes(state, &id, mappings)?;
    if let Some(mut profile) = profile {
        let arn = required(&mut profile, "arn").map_err(|error| error.within("iamInstanceProfile"))?;
        ensure_profile(state, context, &id, &arn, text(&mut profile, "id"));
    }
    attach_waiting(state, &id);
    match interfaces {
        Some(interfaces) => {
            for (index, mut interface) in interfaces.into_iter().enumerate() {
                if let Some(vpc) = &vpc {
                    default(&mut interface, "vpcId", vpc.as_str());
                }
                place_on(&mut interface, &id, index);
                let path = format!("networkInterfaceSet[{index}]");
                put_interface(state, context, interface, true).map_err(|error| error.within(&path))?;
            }
        }
        None if state.instances.get(&id).is_some_and(|it| it.interfaces.is_empty()) => {
            let Some(vpc) = vpc else { return Ok(()) };
            let mut interface = primary;
            interface.insert("networkInterfaceId".to_owned(), context.ids.resource("eni").into());
            interface.insert("vpcId".to_owned(), vpc.into());
            interface.insert("groupSet".to_owned(), groups.into_iter().map(Value::Object).collect());
            if let Some(subnet) = subnet {
                interface.insert("subnetId".to_owned(), subnet.into());
            }
            if let Some(check) = source_dest_check {
                interface.insert("sourceDestCheck".to_owned(), check.into());
            }
            place_on(&mut interface, &id, 0);
            put_interface(state, context, interface, true)?;
        }
        None => {}
    }
    Ok(())
}

fn place_on(interface: &mut Rest, instance: &str, index: usize) {
    let attachment = interface.entry("attachment").or_insert_with(|| json!({}));
    if let Value::Object(attachment) = attachment {
        attachment.insert("instanceId".to_owned(), instance.into());
        default(attachment, "deviceIndex", index);
    }
}

/// What was described before its instance.
fn attach_waiting(state: &mut State, id: &str) {
    let waiting = state
        .interfaces
        .iter()
        .filter(|(_, it)| it.attachment.as_ref().and_then(|attachment| attachment.instance.as_deref()) == Some(id));
    let waiting: Vec<String> = waiting.map(|(interface, _)| interface.clone()).collect();
    for interface in waiting {
        attach(state, id, &interface);
    }
    let volumes = state.volumes.iter().filter(|(_, it)| it.instances.iter().any(|other| other == id));
    let volumes: Vec<(String, Vec<Rest>)> = volumes
        .map(|(volume, it)| (volume.clone(), list(&mut it.rest.clone(), "attachmentSet").unwrap_or_default()))
        .collect();
    for (volume, attachments) in volumes {
        for attachment in attachments {
            map_attached(state, &volume, attachment);
        }
    }
}

fn attach(state: &mut State, instance: &str, interface: &str) {
    let State { instances, interfaces, .. } = state;
    let Some(it) = instances.get_mut(instance) else { return };
    if it.forgotten_at.is_some() {
        return;
    }
    if !it.interfaces.iter().any(|other| other == interface) {
        it.interfaces.push(interface.to_owned());
    }
    let index =
        |id: &String| interfaces.get(id).and_then(|it| it.attachment.as_ref()).map_or(i64::MAX, |it| it.device_index);
    it.interfaces.sort_by_key(|id| (index(id), id.clone()));
}

/// An interface of its own command. Left out: not requester-managed, its check on, attached to nothing.
pub(super) fn interface(state: &mut State, context: &mut Context<'_>, document: Rest) -> Result<(), SeedError> {
    put_interface(state, context, document, false)
}

fn put_interface(
    state: &mut State,
    context: &mut Context<'_>,
    mut document: Rest,
    inferred: bool,
) -> Result<(), SeedError> {
    let id = required(&mut document, "networkInterfaceId")?;
    let attachment = object(&mut document, "attachment").map(|mut it| Attachment {
        id: text(&mut it, "attachmentId").unwrap_or_else(|| context.ids.resource("eni-attach")),
        instance: text(&mut it, "instanceId"),
        device_index: integer(&mut it, "deviceIndex").unwrap_or(0),
        delete_on_termination: boolean(&mut it, "deleteOnTermination").unwrap_or(true),
        rest: it,
    });
    let instance = attachment.as_ref().and_then(|attachment| attachment.instance.clone());
    // The interface's own document says more than its instance's.
    if !(inferred && state.interfaces.get(&id).is_some_and(|present| !present.inferred)) {
        let vpc = required(&mut document, "vpcId")?;
        let subnet =
            text(&mut document, "subnetId").unwrap_or_else(|| format!("subnet-{}", id.trim_start_matches("eni-")));
        let mut groups = Vec::new();
        for mut it in list(&mut document, "groupSet").unwrap_or_default() {
            let group = required(&mut it, "groupId").map_err(|error| error.within("groupSet"))?;
            group::ensure(state, context, &group, text(&mut it, "groupName").as_deref(), &vpc);
            groups.push(group);
        }
        other::ensure_vpc(state, &vpc);
        other::ensure_subnet(state, context, &subnet, &vpc);
        complete_addresses(&mut document);
        other::ensure_address(state, &id, instance.as_deref(), document.get("association"));
        for name in ["status", "networkInterfaceId"] {
            document.shift_remove(name);
        }
        default(&mut document, "interfaceType", "interface");
        default(&mut document, "availabilityZone", format!("{}a", context.region));
        let it = Interface {
            vpc,
            subnet,
            groups,
            requester_managed: boolean(&mut document, "requesterManaged").unwrap_or(false),
            source_dest_check: boolean(&mut document, "sourceDestCheck").unwrap_or(true),
            description: text(&mut document, "description").unwrap_or_default(),
            attachment,
            tags: tags(&mut document),
            rest: document,
            inferred,
        };
        state.interfaces.insert(id.clone(), it);
    }
    if let Some(instance) = instance {
        attach(state, &instance, &id);
    }
    Ok(())
}

/// The list of addresses and the primary one say the same.
fn complete_addresses(document: &mut Rest) {
    let first = document.get("privateIpAddressesSet").and_then(Value::as_array).and_then(|all| all.first()).cloned();
    match (document.get("privateIpAddress").cloned(), first) {
        (Some(address), None) => {
            let mut only =
                Rest::from_iter([("primary".to_owned(), true.into()), ("privateIpAddress".to_owned(), address)]);
            if let Some(association) = document.get("association") {
                only.insert("association".to_owned(), association.clone());
            }
            document.insert("privateIpAddressesSet".to_owned(), json!([only]));
        }
        (None, Some(first)) => {
            if let Some(address) = first.get("privateIpAddress") {
                document.insert("privateIpAddress".to_owned(), address.clone());
            }
        }
        _ => {}
    }
}

fn map_volumes(state: &mut State, id: &str, mappings: Vec<Rest>) -> Result<(), SeedError> {
    for (index, mut mapping) in mappings.into_iter().enumerate() {
        let path = format!("blockDeviceMapping[{index}]");
        let device = required(&mut mapping, "deviceName").map_err(|error| error.within(&path))?;
        let mut ebs = object(&mut mapping, "ebs").unwrap_or_default();
        let volume = required(&mut ebs, "volumeId").map_err(|error| error.within(&path))?;
        let delete_on_termination = boolean(&mut ebs, "deleteOnTermination").unwrap_or(false);
        default(&mut ebs, "status", "attached");
        let zone = state.instances.get(id).and_then(|it| it.rest.get("placement")?.get("availabilityZone").cloned());
        let it = state.volumes.entry(volume.clone()).or_insert_with(|| {
            let mut rest = Rest::from_iter([("encrypted".to_owned(), false.into())]);
            if let Some(zone) = zone {
                rest.insert("availabilityZone".to_owned(), zone);
            }
            Volume {
                size: 8,
                kind: "gp3".to_owned(),
                instances: Vec::new(),
                last_snapshot: None,
                tags: Tags::new(),
                rest,
            }
        });
        if !it.instances.iter().any(|other| other == id) {
            it.instances.push(id.to_owned());
        }
        if let Some(instance) = state.instances.get_mut(id) {
            if instance.mappings.is_empty() {
                default(&mut instance.rest, "rootDeviceName", device.as_str());
            }
            instance.mappings.push(Mapping { device, volume, delete_on_termination, rest: ebs });
        }
    }
    Ok(())
}

/// A volume. Left out: 8 GiB, gp3, not encrypted.
pub(super) fn volume(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "volumeId")?;
    let attachments = document.get("attachmentSet").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut instances = state.volumes.get(&id).map(|it| it.instances.clone()).unwrap_or_default();
    for attachment in &attachments {
        if let Some(instance) = attachment.get("instanceId").and_then(Value::as_str)
            && !instances.iter().any(|other| other == instance)
        {
            instances.push(instance.to_owned());
        }
    }
    document.shift_remove("status");
    default(&mut document, "encrypted", false);
    default(&mut document, "availabilityZone", format!("{}a", context.region));
    let it = Volume {
        size: integer(&mut document, "size").unwrap_or(8),
        kind: text(&mut document, "volumeType").unwrap_or_else(|| "gp3".to_owned()),
        instances,
        last_snapshot: None,
        tags: tags(&mut document),
        rest: document,
    };
    state.volumes.insert(id.clone(), it);
    for attachment in attachments {
        if let Value::Object(attachment) = attachment {
            map_attached(state, &id, attachment);
        }
    }
    Ok(())
}

/// Maps an attached volume on its instance, if that does not say so itself.
fn map_attached(state: &mut State, volume: &str, mut attachment: Rest) {
    let instance = text(&mut attachment, "instanceId").and_then(|id| state.instances.get_mut(&id));
    let Some(instance) = instance.filter(|it| it.forgotten_at.is_none()) else { return };
    if instance.mappings.iter().any(|mapping| mapping.volume == volume) {
        return;
    }
    let mut rest = Rest::from_iter([("status".to_owned(), Value::from("attached"))]);
    if let Some(at) = attachment.shift_remove("attachTime") {
        rest.insert("attachTime".to_owned(), at);
    }
    let device = text(&mut attachment, "device").unwrap_or_else(|| "/dev/xvda".to_owned());
    if instance.mappings.is_empty() {
        default(&mut instance.rest, "rootDeviceName", device.as_str());
    }
    instance.mappings.push(Mapping {
        device,
        volume: volume.to_owned(),
        delete_on_termination: boolean(&mut attachment, "deleteOnTermination").unwrap_or(false),
        rest,
    });
}

/// Attributes that `describe-instances` does not show.
pub(super) fn attribute(state: &mut State, _context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "instanceId")?;
    let it = state.instances.get_mut(&id);
    let it =
        it.ok_or_else(|| SeedError::malformed("instanceId", format!("`{id}` is in no describe-instances before")))?;
    for (name, value) in document {
        let Value::Object(mut value) = value else { continue };
        match name.as_str() {
            "disableApiTermination" => it.termination_protected = boolean(&mut value, "value").unwrap_or(false),
            "disableApiStop" => it.stop_protected = boolean(&mut value, "value").unwrap_or(false),
            "instanceInitiatedShutdownBehavior" => it.shutdown_behavior = required(&mut value, "value")?,
            "userData" => it.user_data = text(&mut value, "value"),
            other => return Err(SeedError::malformed(other, "is not an attribute that is seeded")),
        }
    }
    Ok(())
}

/// What the serial console printed, in base64.
pub(super) fn console(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "instanceId")?;
    let it = state.instances.get_mut(&id);
    let it =
        it.ok_or_else(|| SeedError::malformed("instanceId", format!("`{id}` is in no describe-instances before")))?;
    let at = moment(&mut document, "timestamp")?.unwrap_or(context.now).iso_millis();
    it.console = Some(Console { output: text(&mut document, "output").unwrap_or_default(), at });
    Ok(())
}

/// A profile association. Left out: associated, since now.
pub(super) fn profile(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "associationId")?;
    let instance = required(&mut document, "instanceId")?;
    let mut profile = object(&mut document, "iamInstanceProfile").unwrap_or_default();
    let arn = required(&mut profile, "arn").map_err(|error| error.within("iamInstanceProfile"))?;
    let profile_id = text(&mut profile, "id");
    let association_state = text(&mut document, "state").unwrap_or_else(|| "associated".to_owned());
    let since = moment(&mut document, "timestamp")?.unwrap_or(context.now);
    if matches!(association_state.as_str(), "associating" | "associated")
        && let Some(old) = state.profile_in_force.insert(instance.clone(), id.clone())
    {
        state.profiles.remove(&old);
    }
    let profile = profile_members(&arn, profile_id);
    state
        .profiles
        .insert(id, ProfileAssociation { instance, profile, state: association_state, since, inferred: false });
    Ok(())
}

fn ensure_profile(state: &mut State, context: &mut Context<'_>, instance: &str, arn: &str, id: Option<String>) {
    if let Some(present) = state.profile_in_force.get(instance) {
        if state.profiles.get(present).is_some_and(|it| !it.inferred) {
            return;
        }
        state.profiles.remove(present);
    }
    let association = context.ids.resource("iip-assoc");
    state.profile_in_force.insert(instance.to_owned(), association.clone());
    let it = ProfileAssociation {
        instance: instance.to_owned(),
        profile: profile_members(arn, id),
        state: "associated".to_owned(),
        since: context.now,
        inferred: true,
    };
    state.profiles.insert(association, it);
}

fn profile_members(arn: &str, id: Option<String>) -> Rest {
    let id = id.unwrap_or_else(|| unique_id("AIPA", arn));
    Rest::from_iter([("arn".to_owned(), arn.into()), ("id".to_owned(), id.into())])
}
