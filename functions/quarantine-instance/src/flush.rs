//! The flush of tracked connections, an option: after isolation each interface is put into a group that is open both ways
//! and then back. A flow that a rule for all addresses covers in both directions is not tracked (EC2 user guide,
//! "Security group connection tracking"), so the empty group cuts it. Best effort: flows through a NAT gateway, a Network
//! Load Balancer, PrivateLink or a Transit Gateway are always tracked, and nothing is claimed on the strength of this.
//!
//! While it runs the host is reachable from everywhere. So it runs at most once per incident, a note is written first,
//! and whoever finds the note without its counterpart closes what was opened.

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

/// Sort keys of both notes begin with this.
pub(crate) const MARKERS: &str = "flush#";
const OPENED: &str = "flush#opened";
const CLOSED: &str = "flush#closed";

/// How long the group stays open: changes of groups take effect within seconds.
const OPEN_TIME: Duration = Duration::from_secs(2);

/// How often closing is tried here; the interfaces are then isolated again like any open one.
const CLOSE_ATTEMPTS: usize = 3;

/// Whether something was opened and never closed.
pub(crate) fn is_open(record: &EarlierRuns) -> bool {
    let noted = |note: &str| earlier.markers.iter().any(|found| found == note);
    noted(OPENED) && !noted(CLOSED)
}

/// Opens and closes each isolated interface, unless that was done before. What goes wrong is a sentence, not an error:
/// the interfaces are read and isolated again afterwards in any case.
pub(crate) async fn flush(context: &Context<'_>, isolation: &Isolation, interfaces: &[Interface]) -> Flushed {
    let targets: Vec<(&Interface, &str)> = isolation.isolated(interfaces).collect();
    let vpcs: BTreeSet<&str> = targets.iter().map(|(interface, _)| interface.vpc_id.as_str()).collect();
    match note(context, OPENED).await {
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

/// What came of a flush.
#[derive(Default)]
pub(crate) struct Flushed {
    /// Why it is incomplete, in a sentence.
    pub(crate) problem: Option<String>,
    /// What it may have left open.
    pub(crate) left_open: Option<Assessment>,
}

/// A group that may still have the rules of a flush: nothing is in it, and it must not stay.
pub(crate) fn left_open(context: &Context<'_>, error: &Error) -> Assessment {
    Assessment::failed("close-flush", context.instance_id, error)
}

/// Takes the rules from every group that a flush opened and notes it: the counterpart of opening.
///
/// # Errors
/// As EC2 and the table answer.
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
    note(context, CLOSED).await?;
    tracing::info!("the groups of the flush have no rule");
    Ok(())
}

async fn note(context: &Context<'_>, record: &str) -> Result<PutOutcome> {
    let table = &context.settings.table;
    put_marker(context.clients, table, &context.incident.id, record, context.execution).await
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

/// The group that is open both ways, made where it is missing.
async fn open_group(context: &Context<'_>, vpc_id: &str) -> Result<String> {
    let name = name(context);
    let found = group::named(context.target, &[&name], vpc_id).await?;
    let known = found.iter().find(|found| group::has_purpose(found, Purpose::Flush)).and_then(|found| found.group_id());
    let id = match known {
        Some(id) => id.to_owned(),
        None => group::create(context.target, &name, vpc_id, Purpose::Flush).await?,
    };
    let ingress = context.target.ec2().authorize_security_group_ingress().group_id(&id).ip_permissions(everything());
    already(ingress.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:AuthorizeSecurityGroupIngress")))?;
    // A new group allows all egress to IPv4; and to IPv6 in a VPC that has it.
    for permission in [ipv4(), ipv6()] {
        let egress = context.target.ec2().authorize_security_group_egress().group_id(&id).ip_permissions(permission);
        already(egress.send().await.map(|_| ()).map_err(Error::from_sdk("ec2:AuthorizeSecurityGroupEgress")))?;
    }
    Ok(id)
}

fn already(result: Result<()>) -> Result<()> {
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
