//! Reads the live facts of an instance: state, network interfaces with VPC and security groups, volumes and their
//! attachment flags, profile, Auto Scaling group, platform and Systems Manager status. It changes nothing.

mod read;

use incident::{Control, Incident, InstanceFacts, Interface};
use responder::{Clients, Result, attached_interfaces, host};
use serde::{Deserialize, Serialize};

/// The incident to identify the instance of.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
}

/// What was read, and what containment would do.
#[derive(Debug, Serialize)]
pub struct Output {
    found: bool,
    facts: Option<InstanceFacts>,
    plan: Vec<Control>,
    gaps: Vec<String>,
}

/// Identifies the instance of an incident. An instance that no longer exists is a result, not an error.
///
/// # Errors
/// As EC2 answers. A failure of Systems Manager is a gap, because containment needs nothing from the host.
pub async fn handle(clients: &Clients, _: &(), input: Input) -> Result<Output> {
    let incident = &input.incident;
    let (target, id) = clients.for_instance(incident)?;
    let Some((mut facts, described)) = read::instance(&target, id).await? else {
        return Ok(gone(format!("the instance {id} does not exist in account {} any more", incident.account)));
    };
    if facts.is_gone() {
        return Ok(gone(format!("the instance {id} is {}", facts.state)));
    }
    let (interfaces, volumes, node, host) = tokio::join!(
        Box::pin(attached_interfaces(&target, id)),
        Box::pin(read::volumes(&target, id)),
        Box::pin(read::managed_node(&target, id)),
        Box::pin(host::start_reads(&target, id, &described)),
    );
    facts.interfaces = interfaces?;
    facts.volumes = volumes?;
    let (host, mut gaps) = host.finish(&target, id, &facts.interfaces).await;
    facts.host = host;
    match read::isolation_groups(&target, &facts.interfaces).await {
        Ok(groups) => facts.isolated = is_isolated(&facts.interfaces, &groups),
        Err(error) => gaps.push(format!("whether the instance is already isolated is unknown: {error}")),
    }
    match node {
        Ok(node) => facts.managed_node = node,
        Err(error) => gaps.push(format!("Systems Manager status is unknown: {error}")),
    }
    if facts.root_device_type.as_deref() == Some("instance-store") {
        gaps.push(
            "instance-store volumes cannot be captured: their content is lost when the instance stops".to_owned(),
        );
    }
    Ok(Output { found: true, plan: facts.plan(), facts: Some(facts), gaps })
}

/// Whether every changeable interface has exactly one group, and that is an isolation group.
fn is_isolated(interfaces: &[Interface], isolation_groups: &[String]) -> bool {
    let mut ours = interfaces.iter().filter(|interface| !interface.requester_managed).peekable();
    ours.peek().is_some()
        && ours.all(|interface| matches!(interface.groups.as_slice(), [group] if isolation_groups.contains(group)))
}

fn gone(gap: String) -> Output {
    Output { found: false, facts: None, plan: Vec::new(), gaps: vec![gap] }
}
