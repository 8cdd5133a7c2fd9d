//! Elastic Load Balancing from the outputs of CLI commands, in any order.
//!
//! `describe-target-groups` is the command's output. The outputs of `describe-target-health` and
//! `describe-target-group-attributes` do not name their group: they are given for each group, by its ARN.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};

use super::health::{Health, TargetState};
use super::state::{Check, Key, Phase, State, Target, TargetGroup, TargetKind};
use crate::protocol::Params;
use crate::service::{Context, SeedError};
use crate::state::Region;

/// Members of a target group that are only shown (API reference, `TargetGroup`).
const SHOWN: [&str; 10] = [
    "Protocol",
    "HealthCheckProtocol",
    "HealthCheckPath",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "ProtocolVersion",
    "IpAddressType",
    "TargetControlPort",
    "VpcId",
];

pub(super) fn load(
    region: &mut Region,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    let state = region.state_mut();
    match command {
        "describe-target-groups" => {
            document.take_list("TargetGroups")?.into_iter().try_for_each(|it| group(state, context, it))
        }
        "describe-target-health" => each_group(document, |arn, it| health(state, context, arn, it)),
        "describe-target-group-attributes" => each_group(document, |arn, it| attributes(state, arn, it)),
        "describe-tags" => document.take_list("TagDescriptions")?.into_iter().try_for_each(|it| tags(state, it)),
        other => Err(SeedError::unknown_command("elbv2", other)),
    }
}

fn each_group(
    mut document: Params,
    mut load: impl FnMut(&str, Params) -> Result<(), SeedError>,
) -> Result<(), SeedError> {
    for arn in document.names() {
        if let Some(output) = document.take_params(arn.as_str())? {
            load(&arn, output)?;
        }
    }
    Ok(())
}

/// A target group. Left out: instances over HTTP on port 80, checked on their own port every 30 seconds (over TCP where
/// the group is not of HTTP), unhealthy after two failures, used by no load balancer.
fn group(state: &mut State, context: &Context<'_>, mut it: Params) -> Result<(), SeedError> {
    let arn = it.require_string("TargetGroupArn")?;
    let prefix = context.arn("elasticloadbalancing", "targetgroup/");
    let place = format!("{}.TargetGroupArn", it.path());
    let name = arn.strip_prefix(&prefix).and_then(|rest| rest.split_once('/')).map(|(name, _)| name.to_owned());
    let named = name.ok_or_else(|| SeedError::malformed(place, format!("`{arn}` is not `{prefix}<name>/<id>`")))?;
    let name = it.take_string("TargetGroupName")?.unwrap_or(named);
    let kind = it.take_string("TargetType")?.unwrap_or_else(|| "instance".to_owned());
    let port = it.take_integer("Port")?;
    let load_balancers = it.take_strings("LoadBalancerArns")?;
    let check_port = it.take_string("HealthCheckPort")?.unwrap_or_else(|| "traffic-port".to_owned());
    let enabled = it.take_bool("HealthCheckEnabled")?;
    let interval = it.take_integer("HealthCheckIntervalSeconds")?.unwrap_or(30);
    let failures = it.take_integer("UnhealthyThresholdCount")?.unwrap_or(2);
    let mut shown: Map<String, Value> = Map::new();
    for name in SHOWN {
        if let Some(value) = it.take_value(name) {
            shown.insert(name.to_owned(), value);
        }
    }
    let place = |member: &str| format!("{}.{member}", it.path());
    let parsed = TargetKind::parse(&kind);
    let parsed =
        parsed.ok_or_else(|| SeedError::malformed(place("TargetType"), format!("`{kind}` is no type of target")))?;
    let is_function = parsed == TargetKind::Function;
    let port = if is_function { None } else { Some(port.unwrap_or(80)) };
    if !is_function {
        let protocol = shown.entry("Protocol").or_insert_with(|| "HTTP".into());
        let is_http = matches!(protocol.as_str(), Some("HTTP" | "HTTPS"));
        shown.entry("HealthCheckProtocol").or_insert_with(|| if is_http { "HTTP" } else { "TCP" }.into());
    }
    let enabled = enabled.unwrap_or(!is_function);
    let check = Check {
        enabled,
        port: match check_port.as_str() {
            "traffic-port" => None,
            number => Some(number.parse().map_err(|_| {
                SeedError::malformed(place("HealthCheckPort"), format!("`{number}` is neither a port nor traffic-port"))
            })?),
        },
        interval: Duration::from_secs(interval.max(0).unsigned_abs()),
        unhealthy_after: u32::try_from(failures.max(0)).unwrap_or(u32::MAX),
        network: shown.get("HealthCheckProtocol").and_then(Value::as_str) == Some("TCP"),
    };
    let vpc = shown.get("VpcId").and_then(Value::as_str).map(str::to_owned);
    for (member, value) in [
        ("TargetGroupArn", Value::from(arn.as_str())),
        ("TargetGroupName", Value::from(name.as_str())),
        ("TargetType", Value::from(kind)),
        ("Port", Value::from(port)),
        ("LoadBalancerArns", Value::from(load_balancers.clone())),
        ("HealthCheckEnabled", Value::from(enabled)),
        ("HealthCheckPort", Value::from(check_port)),
        ("HealthCheckIntervalSeconds", Value::from(interval)),
        ("UnhealthyThresholdCount", Value::from(failures)),
    ] {
        if !value.is_null() {
            shown.insert(member.to_owned(), value);
        }
    }
    let made = TargetGroup { name, kind: parsed, port, vpc, check, load_balancers, document: shown };
    state.groups.insert(arn, made);
    Ok(())
}

/// The targets of a group. Left out: a healthy one.
fn health(state: &mut State, context: &Context<'_>, arn: &str, mut output: Params) -> Result<(), SeedError> {
    let delay = state.deregistration_delay(arn);
    let targets = state.targets.entry(arn.to_owned()).or_default();
    for mut it in output.take_list("TargetHealthDescriptions")? {
        // The group and the target repeat these.
        it.ignore(&["HealthCheckPort", "AnomalyDetection", "AdministrativeOverride"]);
        let place = format!("{}.TargetHealth.State", it.path());
        let mut target = it.take_params("Target")?.ok_or_else(|| it.missing("Target"))?;
        let key = Key { id: target.require_string("Id")?, port: target.take_integer("Port")? };
        let zone = target.take_string("AvailabilityZone")?;
        let mut given_health = it.take_params("TargetHealth")?;
        let mut text = |name: &str| given_health.as_mut().map_or(Ok(None), |it| it.take_string(name));
        let (name, reason, description) = (text("State")?, text("Reason")?, text("Description")?);
        let name = name.unwrap_or_else(|| "healthy".to_owned());
        let parsed = TargetState::parse(&name);
        let parsed = parsed.ok_or_else(|| SeedError::malformed(place, format!("`{name}` is no state of a target")))?;
        let (phase, given) = match parsed {
            TargetState::Healthy => (Phase::Registered { since: None }, None),
            TargetState::Initial => (Phase::Registered { since: Some(context.now) }, None),
            TargetState::Draining => (Phase::Deregistered { until: context.now.after(delay) }, None),
            state => {
                let given = Health { state, reason: reason.map(Cow::Owned), description: description.map(Cow::Owned) };
                (Phase::Registered { since: None }, Some(given))
            }
        };
        targets.insert(key, Target { zone, phase, given, was_checked: false, failing_since: None });
    }
    Ok(())
}

/// The attributes of a group: its deregistration delay counts here.
fn attributes(state: &mut State, arn: &str, mut output: Params) -> Result<(), SeedError> {
    for mut it in output.take_list("Attributes")? {
        let (key, value) = (it.require_string("Key")?, it.take_string("Value")?.unwrap_or_default());
        if key == "deregistration_delay.timeout_seconds" {
            let seconds: u64 = value.parse().map_err(|_| {
                SeedError::malformed(format!("{}.Value", it.path()), format!("`{value}` is no number of seconds"))
            })?;
            state.delays.insert(arn.to_owned(), Duration::from_secs(seconds));
        }
    }
    Ok(())
}

/// The tags of a group.
fn tags(state: &mut State, mut it: Params) -> Result<(), SeedError> {
    let arn = it.require_string("ResourceArn")?;
    let own = state.tags.entry(arn).or_default();
    for mut tag in it.take_list("Tags")? {
        own.insert(tag.require_string("Key")?, tag.take_string("Value")?.unwrap_or_default());
    }
    Ok(())
}
