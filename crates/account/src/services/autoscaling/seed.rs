//! Auto Scaling from the output of `describe-auto-scaling-groups`, which describes the instances too.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value};

use super::state::{Group, Lifecycle, Member, State};
use crate::base::Timestamp;
use crate::protocol::Params;
use crate::service::{Context, SeedError};
use crate::state::Region;

/// Members of a group that are only shown (API reference, `AutoScalingGroup`).
const SHOWN: [&str; 31] = [
    "LaunchConfigurationName",
    "LaunchTemplate",
    "MixedInstancesPolicy",
    "PredictedCapacity",
    "DefaultCooldown",
    "AvailabilityZones",
    "AvailabilityZoneIds",
    "LoadBalancerNames",
    "HealthCheckType",
    "CreatedTime",
    "PlacementGroup",
    "VPCZoneIdentifier",
    "EnabledMetrics",
    "Status",
    "TerminationPolicies",
    "NewInstancesProtectedFromScaleIn",
    "ServiceLinkedRoleARN",
    "MaxInstanceLifetime",
    "CapacityRebalance",
    "WarmPoolConfiguration",
    "WarmPoolSize",
    "Context",
    "DesiredCapacityType",
    "DefaultInstanceWarmup",
    "TrafficSources",
    "InstanceMaintenancePolicy",
    "DeletionProtection",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityReservationSpecification",
    "InstanceLifecyclePolicy",
];

/// Members of an instance that are only shown (API reference, `Instance`).
const SHOWN_OF_MEMBER: [&str; 6] =
    ["InstanceType", "AvailabilityZoneId", "LaunchConfigurationName", "LaunchTemplate", "ImageId", "WeightedCapacity"];

pub(super) fn load(
    region: &mut Region,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    if command != "describe-auto-scaling-groups" {
        return Err(SeedError::unknown_command("autoscaling", command));
    }
    for group in document.take_list("AutoScalingGroups")? {
        let (name, made) = self::group(context, group)?;
        region.state_mut::<State>().groups.insert(name, made);
    }
    Ok(())
}

/// A group. Left out: as many instances as it lists (and none less, one more), the health checks of EC2 with no grace
/// period, no target groups, its ARN.
fn group(context: &mut Context<'_>, mut it: Params) -> Result<(String, Group), SeedError> {
    let name = it.require_string("AutoScalingGroupName")?;
    let arn = it.take_string("AutoScalingGroupARN")?.unwrap_or_else(|| {
        let id = context.ids.uuid();
        context.arn("autoscaling", &format!("autoScalingGroup:{id}:autoScalingGroupName/{name}"))
    });
    let mut members = BTreeMap::new();
    for instance in it.take_list("Instances")? {
        let (id, made) = member(context, instance)?;
        members.insert(id, made);
    }
    let in_service = members.values().filter(|member| member.lifecycle == Lifecycle::InService).count();
    let in_service = i64::try_from(in_service).unwrap_or(i64::MAX);
    let desired = it.take_integer("DesiredCapacity")?.unwrap_or(in_service);
    let min = it.take_integer("MinSize")?.unwrap_or(0);
    let max = it.take_integer("MaxSize")?.unwrap_or(desired + 1);
    let grace = it.take_integer("HealthCheckGracePeriod")?.unwrap_or(0);
    let target_groups = it.take_strings("TargetGroupARNs")?;
    let mut suspended = BTreeMap::new();
    for mut process in it.take_list("SuspendedProcesses")? {
        let reason = process.take_string("SuspensionReason")?.unwrap_or_default();
        suspended.insert(process.require_string("ProcessName")?, reason);
    }
    let (tags, shown_tags) = tags(&mut it, &name)?;
    let mut rest = shown(&mut it, &SHOWN);
    rest.insert("Tags".to_owned(), shown_tags);
    rest.entry("DefaultCooldown").or_insert_with(|| 300.into());
    rest.entry("AvailabilityZones").or_insert_with(|| vec![format!("{}a", context.region)].into());
    let kind = rest.entry("HealthCheckType").or_insert_with(|| "EC2".into());
    let asks_load_balancer = kind.as_str().is_some_and(|kinds| kinds.split(',').any(|kind| kind.trim() == "ELB"));
    let created = rest.get("CreatedTime").and_then(Value::as_str).map(Timestamp::parse);
    let created = created
        .transpose()
        .map_err(|error| SeedError::malformed(format!("{}.CreatedTime", it.path()), error.to_string()))?;
    rest.insert("CreatedTime".to_owned(), created.unwrap_or(context.now).iso_millis().into());
    let group = Group {
        arn,
        min,
        max,
        desired,
        asks_load_balancer,
        grace: Duration::from_secs(grace.max(0).unsigned_abs()),
        target_groups,
        suspended,
        members,
        tags,
        changing_until: None,
        rest,
    };
    Ok((name, group))
}

/// An instance. Left out: in service, healthy, in the first zone, not protected.
fn member(context: &Context<'_>, mut it: Params) -> Result<(String, Member), SeedError> {
    let id = it.require_string("InstanceId")?;
    let state = it.take_string("LifecycleState")?.unwrap_or_else(|| "InService".to_owned());
    let lifecycle = Lifecycle::parse(&state).ok_or_else(|| {
        SeedError::malformed(format!("{}.LifecycleState", it.path()), format!("`{state}` is not simulated"))
    })?;
    let health = it.take_string("HealthStatus")?.unwrap_or_else(|| "Healthy".to_owned());
    let zone = it.take_string("AvailabilityZone")?.unwrap_or_else(|| format!("{}a", context.region));
    let protected = it.take_bool("ProtectedFromScaleIn")?.unwrap_or(false);
    let rest = shown(&mut it, &SHOWN_OF_MEMBER);
    let mut made = Member {
        lifecycle,
        changes_at: None,
        in_service_since: None,
        down_since: None,
        healthy: health.eq_ignore_ascii_case("healthy"),
        protected,
        zone,
        rest,
    };
    if lifecycle.next().is_some() {
        made.begin(lifecycle, context.now.after(super::lifecycle::MOVING));
    }
    Ok((id, made))
}

fn tags(it: &mut Params, group: &str) -> Result<(BTreeMap<String, String>, Value), SeedError> {
    let mut tags = BTreeMap::new();
    let mut shown = Vec::new();
    for mut tag in it.take_list("Tags")? {
        let (key, value) = (tag.require_string("Key")?, tag.take_string("Value")?.unwrap_or_default());
        tag.ignore(&["ResourceId", "ResourceType"]);
        let propagates = tag.take_bool("PropagateAtLaunch")?.unwrap_or(false);
        shown.push(serde_json::json!({
            "ResourceId": group,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": propagates,
        }));
        tags.insert(key, value);
    }
    Ok((tags, shown.into()))
}

fn shown(it: &mut Params, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| Some(((*name).to_owned(), it.take_value(name)?))).collect()
}
