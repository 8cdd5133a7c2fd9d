//! One function per operation.
//!
//! Sources: the Elastic Load Balancing API reference, version 2015-12-01, and the Service Authorization Reference.

use serde_json::{Map, Value, json};

use super::health::{self, Health};
use super::state::{Key, Phase, State, Target, TargetGroup, TargetKind};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};
use crate::services::ec2;
use crate::state::Region;

/// The largest page of `DescribeTargetGroups`, and the usual one.
const PAGE: i64 = 400;

fn permissions(region: &Region, action: &str, params: &Params) -> Vec<RequiredPermission> {
    let arn = params.peek_string("TargetGroupArn").unwrap_or("*");
    let mut permission = RequiredPermission::new(format!("elasticloadbalancing:{action}"), arn);
    for (key, value) in region.state::<State>().tags.get(arn).into_iter().flatten() {
        permission = permission
            .key(format!("aws:ResourceTag/{key}"), value)
            .key(format!("elasticloadbalancing:ResourceTag/{key}"), value);
    }
    vec![permission]
}

pub(super) fn register_permissions(
    region: &Region,
    _context: &Context<'_>,
    params: &Params,
) -> Vec<RequiredPermission> {
    permissions(region, "RegisterTargets", params)
}

pub(super) fn deregister_permissions(
    region: &Region,
    _context: &Context<'_>,
    params: &Params,
) -> Vec<RequiredPermission> {
    permissions(region, "DeregisterTargets", params)
}

pub(super) fn describe_groups(
    region: &Region,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let balancer = params.take_string("LoadBalancerArn")?;
    let arns = params.take_strings("TargetGroupArns")?;
    let names = params.take_strings("Names")?;
    let marker = params.take_string("Marker")?.filter(|marker| !marker.is_empty());
    let size = params.take_integer("PageSize")?;
    if [balancer.is_some(), !arns.is_empty(), !names.is_empty()].into_iter().filter(|given| *given).count() > 1 {
        return Err(invalid(
            "Load balancer ARN, target group ARNs and target group names cannot be specified together",
        ));
    }
    if let Some(size) = size.filter(|size| !(1..=PAGE).contains(size)) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{size}' at 'pageSize' failed to satisfy constraint: Member must have value between 1 and {PAGE}"
        )));
    }
    let after = marker.map(|marker| key_of(&marker).ok_or_else(|| invalid("Invalid marker"))).transpose()?;
    let groups = &region.state::<State>().groups;
    if arns.iter().any(|arn| !groups.contains_key(arn))
        || names.iter().any(|name| groups.values().all(|it| it.name != *name))
    {
        return Err(no_group());
    }
    if let Some(arn) = &balancer
        && !groups.values().any(|it| it.load_balancers.contains(arn))
    {
        return Err(ServiceError::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found")));
    }
    let wanted = |arn: &String, it: &TargetGroup| {
        (arns.is_empty() || arns.contains(arn))
            && (names.is_empty() || names.contains(&it.name))
            && balancer.as_ref().is_none_or(|balancer| it.load_balancers.contains(balancer))
            && after.as_ref().is_none_or(|after| arn > after)
    };
    let size = usize::try_from(size.unwrap_or(PAGE))
        .map_err(|_| ServiceError::broken_invariant("the page size was checked to be between 1 and 400"))?;
    let found: Vec<(&String, &TargetGroup)> =
        groups.iter().filter(|(arn, it)| wanted(arn, it)).take(size + 1).collect();
    let page = found.get(..size).unwrap_or(&found);
    let next = page.last().filter(|_| found.len() > size).map(|(arn, _)| hex::encode(arn));
    let shown: Vec<Value> = page.iter().map(|(_, it)| Value::Object(it.document.clone())).collect();
    Ok(json!({"TargetGroups": shown, "NextMarker": next}))
}

/// The health of the targets that are asked for, or of all that are registered or draining. There are no pages.
pub(super) fn describe_health(
    region: &Region,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let arn = params.require_string("TargetGroupArn")?;
    let asked = take_targets(&mut params)?;
    let state: &State = region.state();
    let group = state.groups.get(&arn).ok_or_else(no_group)?;
    let targets = state.targets.get(&arn);
    let listed = || targets.into_iter().flatten().filter(|(_, target)| target.is_listed(context.now));
    let health = |key: &Key, target: &Target| health::of(group, key, target, region.state(), context.now);
    let shown: Vec<Value> = if asked.is_empty() {
        listed().map(|(key, target)| shown(group, key, target.zone.as_deref(), &health(key, target))).collect()
    } else {
        let one = |it: &Described| {
            let key = group.key(&it.id, it.port);
            let found = listed().find(|(other, _)| **other == key);
            let said = found.map_or_else(Health::not_registered, |(key, target)| health(key, target));
            let zone = found.and_then(|(_, target)| target.zone.as_deref());
            shown(group, &key, zone, &said)
        };
        asked.iter().map(one).collect()
    };
    Ok(json!({"TargetHealthDescriptions": shown}))
}

fn shown(group: &TargetGroup, key: &Key, zone: Option<&str>, health: &Health) -> Value {
    let mut target = Map::from_iter([("Id".to_owned(), Value::from(key.id.as_str()))]);
    if let Some(port) = key.port {
        target.insert("Port".to_owned(), port.into());
    }
    if let Some(zone) = zone {
        target.insert("AvailabilityZone".to_owned(), zone.into());
    }
    let port = group.check.port.or(key.port).map(|port| port.to_string());
    json!({
        "Target": target,
        "HealthCheckPort": port,
        "TargetHealth": {
            "State": health.state.as_str(),
            "Reason": health.reason,
            "Description": health.description,
        },
    })
}

/// A deregistered target drains for the group's delay. A target that is not registered like this is ignored.
pub(super) fn deregister(
    region: &mut Region,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let arn = params.require_string("TargetGroupArn")?;
    let asked = require_targets(&mut params)?;
    let State { groups, targets, .. } = region.state();
    let group = groups.get(&arn).ok_or_else(no_group)?;
    let keys: Vec<Key> = asked.iter().map(|it| group.key(&it.id, it.port)).collect();
    if !targets.contains_key(&arn) || !params.names().is_empty() {
        return Ok(json!({}));
    }
    let until = context.now.after(region.state::<State>().deregistration_delay(&arn));
    for (key, target) in region.state_mut::<State>().targets.get_mut(&arn).into_iter().flatten() {
        if keys.contains(key) && matches!(target.phase, Phase::Registered { .. }) {
            target.phase = Phase::Deregistered { until };
        }
    }
    Ok(json!({}))
}

pub(super) fn register(
    region: &mut Region,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let arn = params.require_string("TargetGroupArn")?;
    let asked = require_targets(&mut params)?;
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    let group = region.state::<State>().groups.get(&arn).ok_or_else(no_group)?;
    for it in &asked {
        check_new(group, &it.id, region, context)?;
    }
    let keys: Vec<(Key, Option<String>)> = asked.into_iter().map(|it| (group.key(&it.id, it.port), it.zone)).collect();
    let targets = region.state_mut::<State>().targets.entry(arn).or_default();
    for (key, zone) in keys {
        let is_there = targets.get(&key).is_some_and(|it| matches!(it.phase, Phase::Registered { .. }));
        if !is_there {
            targets.insert(key, Target::registered(zone, context.now));
        }
    }
    Ok(json!({}))
}

/// An instance must run, in the group's VPC; an address must not be of another VPC that is known.
fn check_new(group: &TargetGroup, id: &str, region: &Region, context: &Context<'_>) -> Result<(), ServiceError> {
    let refused = |text: String| Err(ServiceError::new("InvalidTarget", text));
    let elsewhere = group.vpc.is_some()
        && region.state::<ec2::State>().vpc_of(id).is_some_and(|vpc| group.vpc.as_deref() != Some(vpc));
    match group.kind {
        TargetKind::Instance => match region.state::<ec2::State>().instance_state(id, context.now) {
            Some("running") if !elsewhere => Ok(()),
            Some("running") => refused(format!(
                "The following targets are not in the target group VPC '{}': '{id}'",
                group.vpc.as_deref().unwrap_or_default()
            )),
            Some(_) => {
                refused(format!("The following targets are not in a running state and cannot be registered: '{id}'"))
            }
            None => refused(format!("Instance ID '{id}' is not valid")),
        },
        TargetKind::Address if id.parse::<std::net::IpAddr>().is_err() => {
            refused(format!("The IP address '{id}' is not a valid IPv4 or IPv6 address"))
        }
        TargetKind::Address | TargetKind::Function | TargetKind::LoadBalancer => Ok(()),
    }
}

/// A `TargetDescription`.
struct Described {
    id: String,
    port: Option<i64>,
    zone: Option<String>,
}

fn take_targets(params: &mut Params) -> Result<Vec<Described>, ServiceError> {
    let take = |mut it: Params| {
        Ok(Described {
            id: it.require_string("Id")?,
            port: it.take_integer("Port")?,
            zone: it.take_string("AvailabilityZone")?,
        })
    };
    params.take_list("Targets")?.into_iter().map(take).collect()
}

fn require_targets(params: &mut Params) -> Result<Vec<Described>, ServiceError> {
    let targets = take_targets(params)?;
    if targets.is_empty() { Err(invalid("At least one target must be specified")) } else { Ok(targets) }
}

fn key_of(marker: &str) -> Option<String> {
    String::from_utf8(hex::decode(marker).ok()?).ok()
}

fn invalid(text: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", text)
}

fn no_group() -> ServiceError {
    ServiceError::new("TargetGroupNotFound", "One or more target groups not found")
}
