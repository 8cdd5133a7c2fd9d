//! Isolates every network interface of an instance, each with the isolation group of its own VPC, proven empty; writes
//! each before-image first and reads everything back. The outcome is what was read, not what was asked.

mod isolation_group;

use std::collections::{BTreeMap, BTreeSet};

use incident::{BeforeImage, Control, ControlState, Incident, Interface, Outcome, Resource};
use responder::records::{Kept, keep_before_image};
use responder::{Clients, Environment, Error, ErrorName, Result, Target, attached_interfaces};
use serde::{Deserialize, Serialize};

use isolation_group::IsolationGroup;

/// Interfaces can be attached while containment runs; beyond this many rounds the instance is reported as unstable.
const MAX_ROUNDS: usize = 4;

/// What the function is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    table: String,
    isolation_group: String,
}

impl responder::Settings for Settings {
    fn read(environment: &Environment) -> Result<Settings> {
        Ok(Settings {
            table: environment.require("TABLE_NAME")?.to_owned(),
            isolation_group: environment.require("ISOLATION_GROUP_NAME")?.to_owned(),
        })
    }
}

/// The incident to contain.
#[derive(Debug, Deserialize)]
pub struct Input {
    incident: Incident,
    /// ARN of the execution.
    #[serde(default)]
    execution: String,
    /// Whether the definition will not retry any more: what a transient failure left open is then reported, not raised.
    #[serde(default)]
    last_attempt: bool,
}

/// What was read back.
#[derive(Debug, Serialize)]
pub struct Output {
    outcome: Outcome,
    controls: Vec<Control>,
    gaps: Vec<String>,
    residual_paths: Vec<String>,
}

/// Paths that no swap of groups closes (EC2 user guide, "Security group connection tracking"; VPC user guide, "Route 53
/// Resolver DNS Firewall": queries to the Resolver pass no security group).
const RESIDUAL_PATHS: [&str; 4] = [
    "connections that were tracked before the swap stay open until they end or idle out (up to 5 days for TCP)",
    "DNS through the Route 53 Resolver of the VPC is not filtered by security groups",
    "credentials of an instance profile that were already issued stay valid until they expire",
    "the EC2 serial console is not filtered by security groups",
];

/// Contains the instance of an incident.
///
/// # Errors
/// `Containment.Interrupted` when a transient failure left a control open and the definition can retry: every other
/// control was attempted, and a re-run is safe.
pub async fn handle(clients: &Clients, settings: &Settings, input: Input) -> Result<Output> {
    let incident = &input.incident;
    let Resource::Instance { id } = &incident.resource else {
        return Err(Error::new(
            ErrorName::InputInvalid,
            format!("the incident is about a {}, not an instance", incident.resource.kind()),
        ));
    };
    let target = clients.for_target(&incident.partition, &incident.account, &incident.region)?;
    let mut run = Run {
        clients,
        settings,
        incident,
        execution: &input.execution,
        target: &target,
        groups: BTreeMap::new(),
        failures: BTreeMap::new(),
        changed: BTreeSet::new(),
    };

    let mut interfaces = attached_interfaces(&target, id).await?;
    for _ in 0..MAX_ROUNDS {
        let open: Vec<Interface> = interfaces
            .iter()
            .filter(|interface| !interface.requester_managed && !run.failures.contains_key(&interface.id))
            .filter(|interface| !run.is_isolated(interface))
            .cloned()
            .collect();
        if open.is_empty() && run.every_group_is_known(&interfaces) {
            break;
        }
        run.prove_groups(&interfaces).await;
        for interface in open {
            if let Err(error) = Box::pin(run.isolate(&interface)).await {
                run.failures.insert(interface.id.clone(), error);
            }
        }
        interfaces = attached_interfaces(&target, id).await?;
    }
    run.prove_again().await;
    run.report(&interfaces, input.last_attempt)
}

/// One run over one instance.
struct Run<'a> {
    clients: &'a Clients,
    settings: &'a Settings,
    incident: &'a Incident,
    execution: &'a str,
    target: &'a Target,
    /// The isolation group of each VPC, or why there is none.
    groups: BTreeMap<String, Result<IsolationGroup>>,
    /// Why an interface could not be isolated.
    failures: BTreeMap<String, Error>,
    /// Interfaces whose groups this run changed.
    changed: BTreeSet<String>,
}

impl Run<'_> {
    fn is_isolated(&self, interface: &Interface) -> bool {
        matches!(self.groups.get(&interface.vpc_id), Some(Ok(group)) if interface.groups == [group.id.as_str()])
    }

    fn every_group_is_known(&self, interfaces: &[Interface]) -> bool {
        interfaces.iter().all(|interface| self.groups.contains_key(&interface.vpc_id))
    }

    /// Finds or makes the isolation group of each VPC that has an interface to isolate, and proves it empty.
    async fn prove_groups(&mut self, interfaces: &[Interface]) {
        for interface in interfaces.iter() {
            if !self.groups.contains_key(&interface.vpc_id) {
                let group = if interface.requester_managed
                    && !interfaces.iter().any(|other| !other.requester_managed && other.vpc_id == interface.vpc_id)
                {
                    Err(Error::new(ErrorName::AwsRefused, "no interface of this VPC can be changed"))
                } else {
                    isolation_group::proven_empty(
                        self.target,
                        &self.settings.isolation_group,
                        self.incident,
                        &interface.vpc_id,
                    )
                    .await
                };
                self.groups.insert(interface.vpc_id.clone(), group);
            }
        }
    }

    /// Writes the before-image, then swaps the groups.
    async fn isolate(&mut self, interface: &Interface) -> Result<()> {
        let group = match self.groups.get(&interface.vpc_id) {
            Some(Ok(group)) if interface.groups == [group.id.as_str()] => return Ok(()),
            Some(Ok(group)) => group.id.clone(),
            Some(Err(error)) => return Err(error.clone()),
            None => return Err(Error::new(ErrorName::AwsUnexpected, "the VPC appeared while containing")),
        };
        let image = BeforeImage::NetworkInterface {
            interface_id: interface.id.clone(),
            vpc_id: interface.vpc_id.clone(),
            groups: interface.groups.clone(),
        };
        let kept =
            keep_before_image(self.clients, &self.settings.table, &self.incident.id, self.execution, &image).await?;
        if kept == Kept::AlreadyThere {
            tracing::info!(interface = interface.id, "an earlier run wrote the before-image; it stays");
        }
        self.target
            .ec2()
            .modify_network_interface_attribute()
            .network_interface_id(&interface.id)
            .groups(&group)
            .send()
            .await
            .map_err(Error::of("ec2:ModifyNetworkInterfaceAttribute"))
            .map_err(isolation_group::not_visible_yet)?;
        self.changed.insert(interface.id.clone());
        Ok(())
    }

    /// Proves every group empty once more: a group that was edited since, or whose first rules were not visible yet
    /// when it was made, is no isolation.
    async fn prove_again(&mut self) {
        for group in self.groups.values_mut() {
            if let Ok(known) = group
                && let Err(error) = isolation_group::empty(self.target, known).await
            {
                *group = Err(error);
            }
        }
    }

    fn report(self, interfaces: &[Interface], last_attempt: bool) -> Result<Output> {
        let controls: Vec<Control> = interfaces.iter().map(|interface| self.control(interface)).collect();
        let transient: Vec<String> = self
            .failures
            .values()
            .chain(self.groups.values().filter_map(|group| group.as_ref().err()))
            .filter(|error| error.is_transient())
            .map(|error| error.message.clone())
            .collect();
        if !transient.is_empty() && !last_attempt {
            let held = controls.iter().filter(|control| control.state.holds()).count();
            return Err(Error::new(
                ErrorName::ContainmentInterrupted,
                format!("{held} of {} interfaces isolated; {}", controls.len(), transient.join("; ")),
            ));
        }
        let gaps: Vec<String> = controls
            .iter()
            .filter(|control| !control.state.holds())
            .map(|control| format!("{}: {}", control.name, control.detail))
            .collect();
        let held = controls.iter().filter(|control| control.state.holds()).count();
        let (outcome, gaps) = match (held, controls.len()) {
            (_, 0) => {
                (Outcome::NotFound, vec!["no network interface is attached any more: the instance is gone".to_owned()])
            }
            (held, all) if held == all => (Outcome::Contained, gaps),
            (0, _) => (Outcome::Failed, gaps),
            _ => (Outcome::PartiallyContained, gaps),
        };
        Ok(Output {
            outcome,
            controls,
            gaps,
            // Where nothing was isolated every path is open, not only these.
            residual_paths: if held > 0 {
                RESIDUAL_PATHS.iter().map(|path| (*path).to_owned()).collect()
            } else {
                Vec::new()
            },
        })
    }

    /// How an interface stands, as it was last read.
    fn control(&self, interface: &Interface) -> Control {
        let read = format!("read back: {}", interface.groups.join(" "));
        let (state, detail) = if interface.requester_managed {
            (ControlState::Gap, format!("managed by an AWS service: its groups cannot be changed; {read}"))
        } else {
            match (self.failures.get(&interface.id), self.groups.get(&interface.vpc_id)) {
                (_, Some(Ok(group))) if interface.groups == [group.id.as_str()] => {
                    let state = if self.changed.contains(&interface.id) {
                        ControlState::Done
                    } else {
                        ControlState::AlreadyDone
                    };
                    (state, format!("{read}, which is empty, in {}", interface.vpc_id))
                }
                (Some(error), _) => (ControlState::Failed, format!("{error}; {read}")),
                (None, Some(Err(error))) => (ControlState::Failed, format!("{error}; {read}")),
                (None, _) => (ControlState::Failed, format!("it did not stay isolated; {read}")),
            }
        };
        Control::new("isolate-interface", &interface.id, state, detail)
    }
}
