//! Reads the account back after the execution, independently of the functions: the outcome is what the account shows, not
//! what they claim.

mod host;

use account::World;
use account::ec2::ReadEc2;
use account::ec2::{GroupView, InstanceView, RuleView};
use incident::remediation::{self, Remediation};
use incident::security_group::{Peer, Rule};
use incident::{Control, ControlState, Incident, Outcome, Resource};

use crate::report::ReadBackReport;

/// What was read, and the outcome that follows from it.
pub(crate) struct Verdict {
    /// What was read.
    pub(crate) read: Vec<ReadBackReport>,
    /// The outcome that the account confirms.
    pub(crate) outcome: Outcome,
    /// Why it differs from the claim.
    pub(crate) contradiction: Option<String>,
}

/// Reads the resource of an incident and compares the claimed outcome with it.
///
/// A claim of `contained` needs every interface isolated. The other controls must hold too, or be among the claimed
/// controls as a gap of the same name: what cannot be done is no failure where the report says so.
pub(crate) fn outcome(world: &World, incident: &Incident, claimed: Outcome, controls: &[Control]) -> Verdict {
    let (read, beside) = match &incident.resource {
        Resource::Instance { id } => {
            let instance = world.instance(&incident.account, &incident.region, id);
            let interfaces = instance.as_ref().map(|it| interfaces(world, incident, it)).unwrap_or_default();
            (interfaces, instance.map(|it| host::read(world, incident, &it)).unwrap_or_default())
        }
        Resource::SecurityGroup { id } => (group(world, incident, id), Vec::new()),
        Resource::Other { .. } => (Vec::new(), Vec::new()),
    };
    let is_reported = |read: &ReadBackReport| {
        controls.iter().any(|control| control.name == read.resource && control.state == ControlState::Gap)
    };
    let unreported = beside.iter().filter(|read| read.holds == Some(false) && !is_reported(read));
    let unreported: Vec<&str> = unreported.map(|read| read.resource.as_str()).collect();
    let changeable: Vec<&ReadBackReport> = read.iter().filter(|read| read.holds.is_some()).collect();
    let mut open: Vec<&str> =
        changeable.iter().filter(|read| read.holds == Some(false)).map(|read| read.resource.as_str()).collect();
    let confirmed = match claimed {
        Outcome::Contained => {
            open.extend(unreported);
            open.is_empty() && !read.is_empty() && changeable.len() == read.len()
        }
        // An instance may be replaced once it is out of service: then there is nothing to read.
        Outcome::PartiallyContained => read.is_empty() || changeable.iter().any(|read| read.holds == Some(true)),
        Outcome::Remediated | Outcome::AlreadyCompliant => open.is_empty() && !read.is_empty(),
        _ => true,
    };
    let contradiction = (!confirmed).then(|| {
        let what = if open.is_empty() {
            "nothing can be read there".to_owned()
        } else {
            format!("{} is open", open.join(", "))
        };
        format!("the playbook claims {claimed}, but read back from the account {what}")
    });
    let outcome = if contradiction.is_some() { Outcome::Failed } else { claimed };
    Verdict { read: read.into_iter().chain(beside).collect(), outcome, contradiction }
}

fn is_empty(group: &GroupView) -> bool {
    group.ingress.is_empty() && group.egress.is_empty()
}

/// Each interface, isolated when every group it has is without rules.
fn interfaces(world: &World, incident: &Incident, instance: &InstanceView) -> Vec<ReadBackReport> {
    instance
        .interfaces
        .iter()
        .map(|interface| {
            let groups: Vec<(String, bool)> = interface
                .groups
                .iter()
                .map(|id| {
                    let group = world.security_group(&incident.account, &incident.region, id);
                    (id.clone(), group.as_ref().is_some_and(is_empty))
                })
                .collect();
            let described: Vec<String> = groups
                .iter()
                .map(|(id, empty)| if *empty { format!("{id} (no rule)") } else { format!("{id} (has rules)") })
                .collect();
            let managed = if interface.requester_managed { ", managed by an AWS service" } else { "" };
            ReadBackReport {
                resource: interface.id.clone(),
                state: format!("{} in {}{managed}", described.join(" "), interface.vpc),
                holds: (!interface.requester_managed)
                    .then(|| !groups.is_empty() && groups.iter().all(|(_, empty)| *empty)),
            }
        })
        .collect()
}

fn group(world: &World, incident: &Incident, id: &str) -> Vec<ReadBackReport> {
    let Some(group) = world.security_group(&incident.account, &incident.region, id) else { return Vec::new() };
    let offending: Vec<String> = match remediation::for_rule(&incident.finding.finding_type) {
        Some(Remediation::CloseTcpPort(port)) => group
            .ingress
            .iter()
            .map(|rule| read_rule(world, incident, rule))
            .filter(|rule| rule.opens_to_the_internet(port))
            .map(|rule| rule.id)
            .collect(),
        None => Vec::new(),
    };
    let state = if offending.is_empty() {
        format!("{} ingress rules, none opens the port to the internet", group.ingress.len())
    } else {
        format!(
            "{} of {} ingress rules open the port to the internet: {}",
            offending.len(),
            group.ingress.len(),
            offending.join(" ")
        )
    };
    vec![ReadBackReport { resource: id.to_owned(), state, holds: Some(offending.is_empty()) }]
}

/// An ingress rule in the terms of the remediation.
fn read_rule(world: &World, incident: &Incident, rule: &RuleView) -> Rule {
    let peer = if rule.peer.starts_with("pl-") {
        let cidrs = world.prefix_list(&incident.account, &incident.region, &rule.peer).unwrap_or_default();
        Peer::PrefixList { id: rule.peer.clone(), cidrs }
    } else if rule.peer.starts_with("sg-") {
        Peer::Group { id: rule.peer.clone() }
    } else if rule.peer.contains(':') {
        Peer::Ipv6 { cidr: rule.peer.clone() }
    } else {
        Peer::Ipv4 { cidr: rule.peer.clone() }
    };
    Rule {
        id: rule.id.clone(),
        egress: false,
        protocol: rule.protocol.clone(),
        from_port: i32::try_from(rule.ports.0).ok(),
        to_port: i32::try_from(rule.ports.1).ok(),
        peer,
        description: None,
    }
}
