//! Networks, addresses and snapshots.

use serde_json::{Value, json};

use super::{boolean, default, integer, moment, required, tags, text};
use crate::service::{Context, SeedError};
use crate::services::ec2::snapshots::duration_of;
use crate::services::ec2::state::{Failure, Plain, Rest, Snapshot, State};

/// A VPC. Left out: available, not the default one.
pub(super) fn vpc(state: &mut State, _context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "vpcId")?;
    default(&mut document, "state", "available");
    default(&mut document, "isDefault", false);
    default(&mut document, "instanceTenancy", "default");
    let tags = tags(&mut document);
    state.vpcs.insert(id, Plain { tags, rest: document, inferred: false });
    Ok(())
}

/// A subnet. Left out: available, no addresses of its own.
pub(super) fn subnet(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "subnetId")?;
    let vpc = document.get("vpcId").and_then(Value::as_str).map(str::to_owned);
    let vpc = vpc.ok_or_else(|| SeedError::malformed("vpcId", "is missing"))?;
    ensure_vpc(state, &vpc);
    default(&mut document, "state", "available");
    default(&mut document, "availabilityZone", format!("{}a", context.region));
    let tags = tags(&mut document);
    state.subnets.insert(id, Plain { tags, rest: document, inferred: false });
    Ok(())
}

/// An Elastic IP address.
pub(super) fn address(state: &mut State, _context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "allocationId")?;
    default(&mut document, "domain", "vpc");
    let tags = tags(&mut document);
    state.addresses.insert(id, Plain { tags, rest: document, inferred: false });
    Ok(())
}

/// A snapshot. Left out: completed, started now.
pub(super) fn snapshot(state: &mut State, context: &mut Context<'_>, mut document: Rest) -> Result<(), SeedError> {
    let id = required(&mut document, "snapshotId")?;
    let volume = required(&mut document, "volumeId")?;
    let size = integer(&mut document, "volumeSize").unwrap_or(8);
    let started = moment(&mut document, "startTime")?.unwrap_or(context.now);
    let completed = moment(&mut document, "completionTime")?;
    let message = text(&mut document, "statusMessage").unwrap_or_default();
    let mut failure = None;
    let completes = match text(&mut document, "status").as_deref() {
        None | Some("completed") => completed.unwrap_or(started),
        Some("pending") => context.now.after(duration_of(size)),
        Some("error") => {
            failure = Some(Failure { at: started, message });
            started
        }
        Some(other) => return Err(SeedError::malformed("status", format!("`{other}` is not simulated"))),
    };
    document.shift_remove("progress");
    let it = Snapshot {
        volume,
        size,
        started,
        completes,
        failure,
        description: text(&mut document, "description").unwrap_or_default(),
        encrypted: boolean(&mut document, "encrypted").unwrap_or(false),
        key_request: None,
        lock: None,
        tags: tags(&mut document),
        rest: document,
    };
    state.snapshots.insert(id, it);
    Ok(())
}

/// Makes up a VPC that something refers to.
pub(super) fn ensure_vpc(state: &mut State, id: &str) {
    state.vpcs.entry(id.to_owned()).or_insert_with(|| {
        let rest =
            json!({"state": "available", "isDefault": false, "cidrBlock": "10.0.0.0/16", "instanceTenancy": "default"});
        inferred(rest)
    });
}

/// Makes up a subnet that something refers to.
pub(super) fn ensure_subnet(state: &mut State, context: &Context<'_>, id: &str, vpc: &str) {
    state.subnets.entry(id.to_owned()).or_insert_with(|| {
        inferred(json!({"state": "available", "vpcId": vpc, "availabilityZone": format!("{}a", context.region)}))
    });
}

/// Makes up the address behind an interface's association.
pub(super) fn ensure_address(state: &mut State, interface: &str, instance: Option<&str>, association: Option<&Value>) {
    let member = |name: &str| association.and_then(|it| it.get(name)).and_then(Value::as_str);
    let Some(allocation) = member("allocationId") else { return };
    if state.addresses.get(allocation).is_some_and(|it| !it.inferred) {
        return;
    }
    let rest = json!({
        "publicIp": member("publicIp"),
        "associationId": member("associationId"),
        "domain": "vpc",
        "networkInterfaceId": interface,
        "instanceId": instance,
    });
    state.addresses.insert(allocation.to_owned(), inferred(rest));
}

fn inferred(rest: Value) -> Plain {
    let rest = match rest {
        Value::Object(members) => members.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Rest::new(),
    };
    Plain { rest, inferred: true, ..Plain::default() }
}

/// An address that is associated with an interface shows there too.
pub(super) fn link_addresses(state: &mut State, context: &Context<'_>) {
    for (allocation, address) in &state.addresses {
        let member = |name: &str| address.rest.get(name).and_then(Value::as_str);
        let Some(interface) = member("networkInterfaceId").and_then(|id| state.interfaces.get_mut(id)) else {
            continue;
        };
        let Some(association) = member("associationId") else { continue };
        let shown = json!({
            "publicIp": member("publicIp"),
            "ipOwnerId": context.account,
            "publicDnsName": "",
            "allocationId": allocation,
            "associationId": association,
        });
        let private = member("privateIpAddress").map(str::to_owned);
        let addresses = interface.rest.get_mut("privateIpAddressesSet").and_then(Value::as_array_mut);
        let mut of_primary = private.is_none();
        for (index, own) in addresses.into_iter().flatten().filter_map(Value::as_object_mut).enumerate() {
            let ip = own.get("privateIpAddress").and_then(Value::as_str);
            if ip == private.as_deref() || (private.is_none() && index == 0) {
                of_primary = of_primary || index == 0;
                own.insert("association".to_owned(), shown.clone());
            }
        }
        if of_primary {
            interface.rest.insert("association".to_owned(), shown);
        }
    }
}
