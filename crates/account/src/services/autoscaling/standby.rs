//! Moving instances to standby, back, and out of their group.
//!
//! Sources: the Auto Scaling API reference, "Temporarily remove instances from your Auto Scaling group" and "Detach or
//! attach instances". The texts of refusals are those that users report; for going out of standby there is none on
//! record, it is worded like the others.

use std::time::Duration;

use serde_json::{Value, json};

use super::invalid;
use super::lifecycle::{MOVING, launch};
use super::state::{Group, Lifecycle, State};
use crate::base::{ServiceError, Timestamp};
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission};
use crate::services::elbv2;
use crate::state::Region;

/// Virtual latency of a move, in milliseconds. Another move of the same group that comes meanwhile is refused.
pub(super) const LATENCY: u64 = 600;
/// The most instances of one call.
const AT_ONCE: usize = 20;
/// How long a move takes that waits for no connection.
const AT_ONCE_DONE: Duration = Duration::from_secs(10);

fn permissions(region: &Region, context: &Context<'_>, action: &str, params: &Params) -> Vec<RequiredPermission> {
    let name = params.peek_string("AutoScalingGroupName").unwrap_or("*");
    let group = region.state::<State>().groups.get(name);
    let arn = group.map_or_else(
        || context.arn("autoscaling", &format!("autoScalingGroup:*:autoScalingGroupName/{name}")),
        |group| group.arn.clone(),
    );
    let mut permission = RequiredPermission::new(format!("autoscaling:{action}"), arn);
    for (key, value) in group.into_iter().flat_map(|group| &group.tags) {
        permission = permission
            .key(format!("aws:ResourceTag/{key}"), value)
            .key(format!("autoscaling:ResourceTag/{key}"), value);
    }
    vec![permission]
}

pub(super) fn enter_permissions(region: &Region, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    permissions(region, context, "EnterStandby", params)
}

pub(super) fn exit_permissions(region: &Region, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    permissions(region, context, "ExitStandby", params)
}

pub(super) fn detach_permissions(region: &Region, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    permissions(region, context, "DetachInstances", params)
}

pub(super) fn enter_standby(
    region: &mut Region,
    context: &mut Context<'_>,
    params: Params,
) -> Result<Value, ServiceError> {
    leave_service(region, context, params, Lifecycle::EnteringStandby)
}

pub(super) fn detach(region: &mut Region, context: &mut Context<'_>, params: Params) -> Result<Value, ServiceError> {
    leave_service(region, context, params, Lifecycle::Detaching)
}

/// Takes instances out of service: their target groups deregister them, and the group launches others unless the call lowers its
/// desired capacity.
fn leave_service(
    region: &mut Region,
    context: &mut Context<'_>,
    mut params: Params,
    towards: Lifecycle,
) -> Result<Value, ServiceError> {
    let name = params.require_string("AutoScalingGroupName")?;
    let ids = take_ids(&mut params)?;
    let decrement = params.take_bool("ShouldDecrementDesiredCapacity")?;
    let decrement = decrement.ok_or_else(|| params.missing("ShouldDecrementDesiredCapacity"))?;
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    region.detached(|state: &mut State, region| {
        let elbv2 = region.state_mut::<elbv2::State>();
        let group = state.groups.get_mut(&name).ok_or_else(|| absent(&name))?;
        check_members(group, &name, &ids, |lifecycle| match towards {
            Lifecycle::Detaching => matches!(lifecycle, Lifecycle::InService | Lifecycle::Standby),
            _ => lifecycle == Lifecycle::InService,
        })?;
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        if decrement && group.desired - count < group.min {
            let what = if towards == Lifecycle::Detaching { "detach" } else { "place into standby" };
            return Err(sizes(group, &name, what, ids.len()));
        }
        begin(group, context.now)?;
        let before = group.desired;
        if decrement {
            group.desired -= count;
        }
        let waits = group.target_groups.iter().map(|arn| elbv2.deregistration_delay(arn)).max();
        let until = context.now.after(waits.unwrap_or(AT_ONCE_DONE));
        let mut activities = Vec::with_capacity(ids.len());
        for id in &ids {
            for arn in &group.target_groups {
                elbv2.deregister(arn, id, context.now);
            }
            let was_in_service = match group.members.get_mut(id) {
                Some(member) => {
                    let was = member.lifecycle == Lifecycle::InService;
                    member.begin(towards, until);
                    was
                }
                None => return Err(ServiceError::broken_invariant(format!("{id} is no member of {name} any more"))),
            };
            if !decrement && was_in_service {
                launch(group, context.ids, context.now);
            }
            let (what, done) = match towards {
                Lifecycle::Detaching => ("Detaching EC2 instance", "was detached"),
                _ => ("Moving EC2 instance to Standby", "was moved to standby"),
            };
            let shrinking = format!(", shrinking the capacity from {before} to {}", group.desired);
            let cause = format!(
                "At {} instance {id} {done} in response to a user request{}.",
                context.now.iso_seconds(),
                if decrement { shrinking.as_str() } else { "" }
            );
            activities.push(activity(context, group, &name, id, what, &cause, ("InProgress", 50)));
        }
        Ok(json!({"Activities": activities}))
    })
}

pub(super) fn exit_standby(
    region: &mut Region,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let name = params.require_string("AutoScalingGroupName")?;
    let ids = take_ids(&mut params)?;
    if !params.names().is_empty() {
        return Ok(Value::Null);
    }
    let group = region.state_mut::<State>().groups.get_mut(&name).ok_or_else(|| absent(&name))?;
    check_members(group, &name, &ids, |lifecycle| lifecycle == Lifecycle::Standby)?;
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    if group.desired + count > group.max {
        return Err(sizes(group, &name, "take out of standby", ids.len()));
    }
    begin(group, context.now)?;
    let before = group.desired;
    group.desired += count;
    let mut activities = Vec::with_capacity(ids.len());
    for id in &ids {
        let Some(member) = group.members.get_mut(id) else {
            return Err(ServiceError::broken_invariant(format!("{id} is no member of {name} any more")));
        };
        member.begin(Lifecycle::Pending, context.now.after(MOVING));
        let cause = format!(
            "At {} instance {id} was moved out of standby in response to a user request, increasing the capacity from {before} to {}.",
            context.now.iso_seconds(),
            group.desired
        );
        let what = "Moving EC2 instance out of Standby";
        activities.push(activity(context, group, &name, id, what, &cause, ("PreInService", 30)));
    }
    Ok(json!({"Activities": activities}))
}

fn take_ids(params: &mut Params) -> Result<Vec<String>, ServiceError> {
    let ids = params.take_strings("InstanceIds")?;
    match ids.len() {
        0 => Err(invalid("You must specify at least one instance id.")),
        count if count > AT_ONCE => Err(invalid(format!("You may specify at most {AT_ONCE} instance ids."))),
        _ => Ok(ids),
    }
}

fn check_members(
    group: &Group,
    name: &str,
    ids: &[String],
    fits: impl Fn(Lifecycle) -> bool,
) -> Result<(), ServiceError> {
    for id in ids {
        let member = group
            .members
            .get(id)
            .ok_or_else(|| invalid(format!("The instance {id} is not part of Auto Scaling group {name}.")))?;
        if !fits(member.lifecycle) {
            let wanted = if fits(Lifecycle::InService) { "InService" } else { "Standby" };
            return Err(invalid(format!("The instance {id} is not in {wanted}.")));
        }
    }
    Ok(())
}

/// Refuses a change while another one is under way, and is under way itself from now on.
fn begin(group: &mut Group, now: Timestamp) -> Result<(), ServiceError> {
    if group.changing_until.is_some_and(|until| now < until) {
        let text = "You already have a pending update to an Auto Scaling resource.";
        return Err(ServiceError::new("ResourceContention", text).status(500));
    }
    group.changing_until = Some(now.after(Duration::from_millis(LATENCY)));
    Ok(())
}

fn sizes(group: &Group, name: &str, what: &str, count: usize) -> ServiceError {
    let plural = if count == 1 { "" } else { "s" };
    invalid(format!(
        "AutoScalingGroup {name} has min-size={}, max-size={}, and desired-size={}. To {what} {count} instance{plural}, please update the AutoScalingGroup sizes appropriately.",
        group.min, group.max, group.desired
    ))
}

fn absent(name: &str) -> ServiceError {
    invalid(format!("AutoScalingGroup name not found - AutoScalingGroup {name} not found"))
}

fn activity(
    context: &mut Context<'_>,
    group: &Group,
    name: &str,
    id: &str,
    what: &str,
    cause: &str,
    (status, progress): (&str, u8),
) -> Value {
    let zone = group.members.get(id).map(|member| member.zone.as_str());
    json!({
        "ActivityId": context.ids.uuid(),
        "AutoScalingGroupName": name,
        "Description": format!("{what}: {id}"),
        "Cause": cause,
        "StartTime": context.now.iso_millis(),
        "StatusCode": status,
        "Progress": progress,
        "Details": json!({"Availability Zone": zone}).to_string(),
        "AutoScalingGroupARN": group.arn,
    })
}
