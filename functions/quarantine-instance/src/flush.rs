//! The optional flush of tracked connections: after isolation each interface is moved into a group that is open in both
//! directions, and back. A flow that rules for all addresses cover in both directions is not tracked (EC2 user guide,
//! "Security group connection tracking"), so the empty group then cuts it. The flush is best effort: flows through a NAT
//! gateway, Network Load Balancer, PrivateLink or Transit Gateway are always tracked, and no outcome depends on it.
//!
//! While it runs the host is reachable from everywhere. So it runs at most once per incident and writes a marker first. A
//! run that finds the marker without its counterpart closes what was opened.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range};
use futures_util::future::join_all;
use incident::Interface;
use responder::incident_store::{EarlierRuns, PutOutcome, put_marker};
use responder::{Assessment, Error, Result};

use crate::context::Context;
use crate::group::{self, Purpose};
use crate::interfaces::{Isolation, move_to_group};

/// How the sort keys of both markers begin.
pub(crate) const MARKERS: &str = "flush#";
const OPENED: &str = "flush#opened";
const CLOSED: &str = "flush#closed";

/// How long the interfaces stay in the open group: changes of groups take effect within seconds.
const OPEN_TIME: Duration = Duration::from_secs(2);

/// How often closing is attempted here. An interface that stays open is isolated again like any other.
const CLOSE_ATTEMPTS: usize = 3;

/// Whether a flush was started and never closed.
pub(crate) fn is_open(earlier: &EarlierRuns) -> bool {
    let has = |marker: &str| earlier.markers.iter().any(|found| found == marker);
    has(OPENED) && !has(CLOSED)
}

/// Opens and closes each isolated interface, unless an earlier run did. A failure is reported in a sentence instead of an
/// error, because the interfaces are read and isolated again afterwards in any case.
pub(crate) async fn flush(context: &Context<'_>, isolation: &Isolation, interfaces: &[Interface]) -> Flushed {
    let targets: Vec<(&Interface, &str)> = isolation.isolated(interfaces).collect();
    let vpcs: BTreeSet<&str> = targets.iter().map(|(interface, _)| interface.vpc_id.as_str()).collect();
    match mark(context, OPENED).await {
        Ok(PutOutcome::Written) => {}
        Ok(PutOutcome::AlreadyExists) => return Flushed::default(),
        Err(error) => {
            let problem = Some(format!("tracked connections were not flushed: {error}"));
            return Flushed { problem, left_open: None };
        }
    }
    let mut problem = None;
    for vpc in vpcs {
        match open_group(context, vpc).await {
            Ok(open) => {
                let here: Vec<&(&Interface, &str)> =
                    targets.iter().filter(|(interface, _)| interface.vpc_id == vpc).collect();
                tracing::warn!(vpc, group = open, interfaces = here.len(), "open for the flush of tracked connections");
                let opened =
                    join_all(here.iter().map(|(interface, _)| Box::pin(move_to_group(context, &interface.id, &open))));
                if let Some(error) = opened.await.into_iter().find_map(Result::err) {
                    problem = Some(format!("the flush of tracked connections is incomplete: {error}"));
                }
                context.clients.pause(OPEN_TIME).await;
                join_all(here.iter().map(|(interface, group)| Box::pin(close(context, &interface.id, group)))).await;
            }
            Err(error) => problem = Some(format!("tracked connections in {vpc} were not flushed: {error}")),
        }
    }
    Flushed {
        problem,
        left_open: close_groups(context, interfaces).await.err().map(|error| left_open(context, &error)),
    }
}

/// The result of a flush.
#[derive(Default)]
pub(crate) struct Flushed {
    /// Why the flush is incomplete, in a sentence.
    pub(crate) problem: Option<String>,
    /// The control for a group that the flush may have left open.
    pub(crate) left_open: Option<Assessment>,
}

/// The failed control for a flush group that may still have rules. No interface is in it, but the rules must not stay.
pub(crate) fn left_open(context: &Context<'_>, error: &Error) -> Assessment {
    Assessment::failed("close-flush", context.instance_id, error)
}

/// Revokes the rules of every group that a flush opened, and marks the flush as closed.
///
/// # Errors
/// As EC2 and DynamoDB answer.
pub(crate) async fn close_groups(context: &Context<'_>, interfaces: &[Interface]) -> Result<()> {
    let vpcs: BTreeSet<&str> = interfaces.iter().map(|interface| interface.vpc_id.as_str()).collect();
    for vpc in vpcs {
        for found in group::named(context.target, &[&name(context)], vpc).await? {
            if group::has_purpose(&found, Purpose::Flush)
                && let Some(id) = found.group_id()
            {
                group::empty(context.target, id).await?;
            }
        }
    }
    mark(context, CLOSED).await?;
    tracing::info!("the flush groups have no rules");
    Ok(())
}

async fn mark(context: &Context<'_>, sort_key: &str) -> Result<PutOutcome> {
    let table = &context.settings.table;
    put_marker(context.clients, table, &context.incident.id, sort_key, context.execution).await
}

fn name(context: &Context<'_>) -> String {
    format!("{}-flush-{}", context.settings.isolation_group, context.incident.id)
}

async fn close(context: &Context<'_>, interface_id: &str, group: &str) {
    for _ in 0..CLOSE_ATTEMPTS {
        match move_to_group(context, interface_id, group).await {
            Ok(()) => return,
            Err(error) => tracing::error!(interface = interface_id, %error, "not closed yet"),
        }
    }
}

/// The group that is open in both directions, created if it is missing.
async fn open_group(context: &Context<'_>, vpc_id: &str) -> Result<String> {
    let name = name(context);
    let found = group::named(context.target, &[&name], vpc_id).await?;
    let known = found.iter().find(|found| group::has_purpose(found, Purpose::Flush)).and_then(|found| found.group_id());
    let id = match known {
        Some(id) => id.to_owned(),
        None => group::create(context.target, &name, vpc_id, Purpose::Flush).await?,
    };
    let ingress = context.target.ec2().authorize_security_group_ingress().group_id(&id).ip_permissions(everything());
    ignore_duplicate(ingress.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:AuthorizeSecurityGroupIngress")))?;
    // A new group already allows all egress to IPv4, and to IPv6 if the VPC has an IPv6 block.
    for permission in [ipv4(), ipv6()] {
        let egress = context.target.ec2().authorize_security_group_egress().group_id(&id).ip_permissions(permission);
        ignore_duplicate(egress.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:AuthorizeSecurityGroupEgress")))?;
    }
    Ok(id)
}

fn ignore_duplicate(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.has_code("InvalidPermission.Duplicate") => Ok(()),
        result => result,
    }
}

fn ipv4() -> IpPermission {
    IpPermission::builder().ip_protocol("-1").ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build()).build()
}

fn ipv6() -> IpPermission {
    IpPermission::builder().ip_protocol("-1").ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build()).build()
}

fn everything() -> IpPermission {
    IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build())
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
        .build()
}
