//! The controls of an instance beside its interfaces, read from the account.

use account::World;
use account::autoscaling::Lifecycle;
use account::autoscaling::ReadAutoScaling;
use account::ec2::ReadEc2;
use account::ec2::{InstanceView, InterfaceView};
use account::elbv2::ReadElbv2;
use account::elbv2::TargetState;
use account::iam::ReadIam;
use account::iam::Session;
use incident::Incident;
use incident::contract::PURPOSE_FLUSH;
use incident::host::{
    DENY_SESSIONS, DEREGISTER, DISASSOCIATE_ADDRESS, DISASSOCIATE_PROFILE, Guard, Protection, Registration, STANDBY,
    VolumeMapping,
};

use crate::report::ReadBackReport;

/// Each control under its name. A control that does not apply is left out.
pub(super) fn read(world: &World, incident: &Incident, instance: &InstanceView) -> Vec<ReadBackReport> {
    let mut read = guards(instance);
    read.extend(scaling(world, incident, instance));
    read.extend(targets(world, incident, instance));
    read.extend(instance.interfaces.iter().flat_map(addresses));
    read.extend(sessions(world, incident, instance));
    read.extend(flush_groups(world, incident));
    read
}

fn about(measure: &str, subject: &str, state: String, holds: Option<bool>) -> ReadBackReport {
    ReadBackReport { resource: format!("{measure} {subject}"), state, holds }
}

/// Whether the instance and its volumes are protected. Most protections do not exist for a Spot Instance.
fn guards(instance: &InstanceView) -> Vec<ReadBackReport> {
    let volumes = instance.volumes.iter().map(|volume| VolumeMapping {
        device: String::new(),
        volume_id: volume.clone(),
        delete_on_termination: instance.dying_volumes.contains(volume),
    });
    let protection = Protection {
        termination_disabled: instance.termination_protected,
        stop_disabled: instance.stop_protected,
        shutdown_behavior: instance.shutdown_behavior.clone(),
        volumes: volumes.collect(),
        spot: instance.spot,
    };
    let guards = Guard::ALL.iter().map(|guard| {
        let holds = guard.applies(&protection).then(|| guard.holds(&protection));
        about(guard.measure(), &instance.id, guard.state(&protection), holds)
    });
    guards.collect()
}

/// Whether the instance is out of the service of its Auto Scaling group.
fn scaling(world: &World, incident: &Incident, instance: &InstanceView) -> Option<ReadBackReport> {
    let group = world.auto_scaling_group_of(&incident.account, &incident.region, &instance.id)?;
    let member = group.members.iter().find(|member| member.instance == instance.id)?;
    let out = matches!(
        member.lifecycle,
        Lifecycle::Standby | Lifecycle::EnteringStandby | Lifecycle::Detaching | Lifecycle::Detached
    );
    let others = group.members.len().saturating_sub(1);
    let state =
        format!("{:?} in {}, which wants {} and has {others} others", member.lifecycle, group.name, group.sizes.1);
    Some(about(STANDBY, &instance.id, state, Some(out)))
}

/// Where load balancers still send new traffic to the instance.
fn targets(world: &World, incident: &Incident, instance: &InstanceView) -> Vec<ReadBackReport> {
    let is_it = |id: &str| {
        let has = |interface: &InterfaceView| interface.private_ips.iter().chain(&interface.ipv6).any(|ip| ip == id);
        id == instance.id || instance.interfaces.iter().any(has)
    };
    let targets = world.targets(&incident.account, &incident.region).into_iter();
    let ours = targets.filter(|target| is_it(&target.id)).map(|target| {
        let registration = Registration {
            target_group: target.group,
            target: target.id,
            port: target.port.and_then(|port| i32::try_from(port).ok()),
            availability_zone: None,
        };
        let gone = target.state == TargetState::Draining;
        about(DEREGISTER, &registration.describe(), format!("{:?}", target.state), Some(gone))
    });
    ours.collect()
}

fn addresses(interface: &InterfaceView) -> Vec<ReadBackReport> {
    let addresses = interface.elastic_addresses.iter().map(|(allocation, public)| {
        let holds = (!interface.requester_managed).then_some(false);
        about(DISASSOCIATE_ADDRESS, allocation, format!("{public} is on {}", interface.id), holds)
    });
    addresses.collect()
}

/// Name of the reading of an instance that shares the role: it must keep its permissions.
const SPARE: &str = "spare-sibling";

/// Actions that are tried in the name of a session. A role that is of use to an instance, or to a thief, permits one.
const PROBES: [&str; 4] = ["s3:GetObject", "ec2:DescribeInstances", "ssm:UpdateInstanceInformation", "iam:ListRoles"];

/// Whether the instance has a profile, and whether its sessions permit anything: those that it had through a profile that
/// was disassociated, and one that is issued now, which shows whether future sessions are denied too.
fn sessions(world: &World, incident: &Incident, instance: &InstanceView) -> Vec<ReadBackReport> {
    let (account, region) = (incident.account.as_str(), incident.region.as_str());
    let mut read = Vec::new();
    if let Some(profile) = &instance.profile_arn {
        read.push(about(DISASSOCIATE_PROFILE, &instance.id, format!("{profile} is associated"), Some(false)));
    }
    let has_power =
        |session: &Session| PROBES.iter().any(|action| world.session_permits(account, region, session, action, "*"));
    let words = |power: bool| if power { "has power" } else { "has no power" };
    let sessions = world.former_sessions(account, region, &instance.id).into_iter();
    for session in sessions.chain(world.instance_session(account, region, &instance.id)) {
        let power = has_power(&session);
        let state = format!("a session of {} {}", session.role, words(power));
        read.push(about(DENY_SESSIONS, &instance.id, state, Some(!power)));
        for sibling in world.instances(account, region).iter().filter(|sibling| sibling.id != instance.id) {
            if let Some(other) = world.instance_session(account, region, &sibling.id)
                && other.role_id == session.role_id
            {
                let power = has_power(&other);
                let state = format!("its session of {} {}", other.role, words(power));
                read.push(about(SPARE, &sibling.id, state, power.then_some(true)));
            }
        }
    }
    read
}

/// The groups that were open while tracked connections were flushed: none may keep a rule.
fn flush_groups(world: &World, incident: &Incident) -> Vec<ReadBackReport> {
    let groups = world.security_groups(&incident.account, &incident.region).into_iter();
    let flush =
        groups.filter(|group| group.tags.get(responder::PURPOSE_TAG).is_some_and(|purpose| purpose == PURPOSE_FLUSH));
    let read = flush.map(|group| {
        let rules = group.ingress.len() + group.egress.len();
        about("close-flush", &group.vpc, format!("{} has {rules} rules", group.id), Some(rules == 0))
    });
    read.collect()
}
