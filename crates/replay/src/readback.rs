//! Reads the account back after the execution, without asking the functions: what they claim counts for nothing.

use account::World;
use account::ec2::{GroupView, RuleView};
use incident::remediation::{self, Remediation};
use incident::security_group::{Peer, Rule};
use incident::{Incident, Outcome, Resource};

use crate::record::ReadBack;

/// What was read, and what it makes of the outcome that the execution claims.
pub struct Verdict {
    /// What was read.
    pub read: Vec<ReadBack>,
    /// The outcome that the account bears out.
    pub outcome: Outcome,
    /// Why it differs from the claim.
    pub contradiction: Option<String>,
}

/// Reads the resource of an incident and weighs the claimed outcome against it.
pub fn weigh(world: &World, incident: &Incident, claimed: Outcome) -> Verdict {
    let read = match &incident.resource {
        Resource::Instance { id } => interfaces(world, incident, id),
        Resource::SecurityGroup { id } => group(world, incident, id),
        Resource::Other { .. } => Vec::new(),
    };
    let changeable: Vec<&ReadBack> = read.iter().filter(|read| read.holds.is_some()).collect();
    let open: Vec<&str> =
        changeable.iter().filter(|read| read.holds == Some(false)).map(|read| read.resource.as_str()).collect();
    let borne_out = match claimed {
        Outcome::Contained => open.is_empty() && !read.is_empty() && changeable.len() == read.len(),
        Outcome::PartiallyContained => changeable.iter().any(|read| read.holds == Some(true)),
        Outcome::Remediated | Outcome::AlreadyCompliant => open.is_empty() && !read.is_empty(),
        _ => true,
    };
    if borne_out {
        return Verdict { read, outcome: claimed, contradiction: None };
    }
    let what =
        if open.is_empty() { "nothing can be read there".to_owned() } else { format!("{} is open", open.join(", ")) };
    let contradiction = format!("the playbook claims {claimed}, but read back from the account {what}");
    Verdict { read, outcome: Outcome::Failed, contradiction: Some(contradiction) }
}

fn is_empty(group: &GroupView) -> bool {
    group.ingress.is_empty() && group.egress.is_empty()
}

/// Each interface, isolated when every group it has is without rules.
fn interfaces(world: &World, incident: &Incident, id: &str) -> Vec<ReadBack> {
    let Some(instance) = world.instance(&incident.account, &incident.region, id) else { return Vec::new() };
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
            ReadBack {
                resource: interface.id.clone(),
                state: format!("{} in {}{managed}", described.join(" "), interface.vpc),
                holds: (!interface.requester_managed)
                    .then(|| !groups.is_empty() && groups.iter().all(|(_, empty)| *empty)),
            }
        })
        .collect()
}

fn group(world: &World, incident: &Incident, id: &str) -> Vec<ReadBack> {
    let Some(group) = world.security_group(&incident.account, &incident.region, id) else { return Vec::new() };
    let offending: Vec<String> = match remediation::of_rule(&incident.finding.finding_type) {
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
    vec![ReadBack { resource: id.to_owned(), state, holds: Some(offending.is_empty()) }]
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
