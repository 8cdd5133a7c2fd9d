//! Describing groups and their instances.

use serde_json::{Map, Value, json};

use super::invalid;
use super::state::{Group, Member, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::Context;
use crate::state::Region;

/// The usual page of both operations, and the most instances that one call may name.
const PAGE: i64 = 50;
/// The largest page of `DescribeAutoScalingGroups`.
const LARGEST: i64 = 100;

pub(super) fn groups(region: &Region, _context: &mut Context<'_>, mut params: Params) -> Result<Value, ServiceError> {
    let names = params.take_strings("AutoScalingGroupNames")?;
    let filters = params
        .take_list("Filters")?
        .into_iter()
        .map(|mut it| Ok((it.require_string("Name")?, it.take_strings("Values")?)))
        .collect::<Result<Vec<_>, ServiceError>>()?;
    params.take_bool("IncludeInstances")?;
    params.take_bool("IncludeManagedResources")?;
    let page = Page::take(&mut params, LARGEST)?;
    let known = |name: &str| matches!(name, "tag-key" | "tag-value") || name.starts_with("tag:");
    if let Some((name, _)) = filters.iter().find(|(name, _)| !known(name)) {
        return Err(ServiceError::unsupported(format!("filter `{name}`")));
    }
    let passes = |group: &Group| {
        filters.iter().all(|(name, values)| match name.as_str() {
            "tag-key" => values.iter().any(|value| group.tags.contains_key(value)),
            "tag-value" => group.tags.values().any(|value| values.contains(value)),
            name => {
                let value = name.strip_prefix("tag:").and_then(|key| group.tags.get(key));
                value.is_some_and(|value| values.contains(value))
            }
        })
    };
    // A name of no group is ignored.
    let wanted = |name: &String, group: &Group| (names.is_empty() || names.contains(name)) && passes(group);
    let found = region.state::<State>().groups.iter().filter(|(name, group)| wanted(name, group));
    let (shown, next) = page.of(found, described);
    Ok(json!({"AutoScalingGroups": shown, "NextToken": next}))
}

pub(super) fn instances(
    region: &Region,
    _context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let ids = params.take_strings("InstanceIds")?;
    params.take_bool("IncludeManagedResources")?;
    let page = Page::take(&mut params, PAGE)?;
    if i64::try_from(ids.len()).is_ok_and(|count| count > PAGE) {
        return Err(invalid(format!("The number of instance ids that may be passed in is limited to {PAGE}")));
    }
    let groups = region.state::<State>().groups.iter();
    let members = groups.flat_map(|(name, group)| group.members.iter().map(move |(id, member)| (id, (name, member))));
    // An id of no instance of a group is ignored.
    let mut found: Vec<_> = members.filter(|(id, _)| ids.is_empty() || ids.contains(id)).collect();
    found.sort_by_key(|(id, _)| *id);
    let (shown, next) = page.of(found.into_iter(), |id, (name, member)| {
        let mut out = member_of(id, member);
        out.insert("AutoScalingGroupName".to_owned(), name.as_str().into());
        // Here alone the health is written in capitals.
        out.insert("HealthStatus".to_owned(), if member.healthy { "HEALTHY" } else { "UNHEALTHY" }.into());
        Value::Object(out)
    });
    Ok(json!({"AutoScalingInstances": shown, "NextToken": next}))
}

fn described(name: &str, group: &Group) -> Value {
    let mut out = group.rest.clone();
    let instances: Vec<Value> = group.members.iter().map(|(id, member)| Value::Object(member_of(id, member))).collect();
    let suspended: Vec<Value> =
        group.suspended.iter().map(|(name, reason)| json!({"ProcessName": name, "SuspensionReason": reason})).collect();
    for (member, value) in [
        ("AutoScalingGroupName", name.into()),
        ("AutoScalingGroupARN", group.arn.as_str().into()),
        ("MinSize", group.min.into()),
        ("MaxSize", group.max.into()),
        ("DesiredCapacity", group.desired.into()),
        ("HealthCheckGracePeriod", group.grace.as_secs().into()),
        ("TargetGroupARNs", group.target_groups.clone().into()),
        ("Instances", instances.into()),
        ("SuspendedProcesses", suspended.into()),
    ] {
        out.insert(member.to_owned(), value);
    }
    Value::Object(out)
}

fn member_of(id: &str, member: &Member) -> Map<String, Value> {
    let mut out = member.rest.clone();
    for (name, value) in [
        ("InstanceId", Value::from(id)),
        ("AvailabilityZone", member.zone.as_str().into()),
        ("LifecycleState", member.lifecycle.as_str().into()),
        ("HealthStatus", if member.healthy { "Healthy" } else { "Unhealthy" }.into()),
        ("ProtectedFromScaleIn", member.protected.into()),
    ] {
        out.insert(name.to_owned(), value);
    }
    out
}

/// A page of what is found: its size, and the key that it comes after.
struct Page {
    size: usize,
    after: Option<String>,
}

impl Page {
    fn take(params: &mut Params, largest: i64) -> Result<Self, ServiceError> {
        let size = params.take_integer("MaxRecords")?.unwrap_or(PAGE);
        if !(1..=largest).contains(&size) {
            return Err(invalid(format!("MaxRecords must be between 1 and {largest}.")));
        }
        let token = params.take_string("NextToken")?.filter(|token| !token.is_empty());
        let unreadable =
            |token: &str| ServiceError::new("InvalidNextToken", format!("The token '{token}' is invalid."));
        let after = token
            .map(|token| {
                let key = hex::decode(&token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                key.ok_or_else(|| unreadable(&token))
            })
            .transpose()?;
        let size = usize::try_from(size)
            .map_err(|_| ServiceError::broken_invariant("MaxRecords was checked to be positive"))?;
        Ok(Self { size, after })
    }

    /// The page of things in the order of their keys, and the token of the next one.
    fn of<'a, T>(
        &self,
        found: impl Iterator<Item = (&'a String, T)>,
        show: impl Fn(&str, T) -> Value,
    ) -> (Vec<Value>, Option<String>) {
        let mut rest = found.filter(|(key, _)| self.after.as_ref().is_none_or(|after| *key > after)).peekable();
        let mut shown = Vec::new();
        let mut last = None;
        while shown.len() < self.size
            && let Some((key, it)) = rest.next()
        {
            last = Some(key);
            shown.push(show(key, it));
        }
        let next = last.filter(|_| rest.peek().is_some()).map(hex::encode);
        (shown, next)
    }
}
