//! Moves every network interface into the isolation group of its VPC. `ModifyInstanceAttribute` fails for an instance with
//! several interfaces, so each interface is changed separately.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use incident::host::ISOLATE;
use incident::{BeforeImage, Control, ControlState, Interface};
use responder::{Assessment, Error, Result};

use crate::context::Context;
use crate::group::{self, GroupLookup};

/// The isolation of the interfaces of one instance.
#[derive(Default)]
pub(crate) struct Isolation {
    /// The search for the isolation group of each VPC.
    lookups: BTreeMap<String, Result<GroupLookup>>,
    /// The isolation group of each VPC, proven empty.
    proven: BTreeMap<String, Result<String>>,
    /// Why an interface could not be isolated, by interface id.
    failures: BTreeMap<String, Error>,
    /// Interfaces whose groups this run changed.
    changed: BTreeSet<String>,
}

impl Isolation {
    /// Finds the isolation group of every VPC with a changeable interface.
    pub(crate) async fn find_groups(&mut self, context: &Context<'_>, interfaces: &[Interface]) {
        let vpcs: BTreeSet<&String> = interfaces
            .iter()
            .filter(|interface| !interface.requester_managed && !self.lookups.contains_key(&interface.vpc_id))
            .map(|interface| &interface.vpc_id)
            .collect();
        let looks = vpcs.into_iter().map(|vpc| Box::pin(async move { (vpc.clone(), group::find(context, vpc).await) }));
        self.lookups.extend(join_all(looks).await);
    }

    /// The before-images of the interfaces that are about to be changed.
    pub(crate) fn before_images(&self, interfaces: &[Interface]) -> Vec<BeforeImage> {
        self.open(interfaces)
            .filter(|interface| matches!(self.lookups.get(&interface.vpc_id), Some(Ok(_))))
            .map(image)
            .collect()
    }

    /// Creates the isolation groups where they are missing and proves them empty, for interfaces whose before-image is
    /// stored. Without it an interface is not changed, and a VPC without changeable interfaces gets no group.
    pub(crate) async fn prove(
        &mut self,
        context: &Context<'_>,
        interfaces: &[Interface],
        kept: impl Fn(&BeforeImage) -> Result<()>,
    ) {
        let mut wanted: BTreeMap<String, GroupLookup> = BTreeMap::new();
        for interface in interfaces.iter().filter(|interface| !interface.requester_managed) {
            let lookups = match self.lookups.get(&interface.vpc_id) {
                Some(Ok(lookups)) => lookups.clone(),
                Some(Err(error)) => {
                    self.failures.insert(interface.id.clone(), error.clone());
                    continue;
                }
                None => continue,
            };
            match kept(&image(interface)) {
                Err(error) if !self.is_isolated(interface) => {
                    self.failures.entry(interface.id.clone()).or_insert(error);
                }
                _ if self.proven.contains_key(&interface.vpc_id) => {}
                _ => drop(wanted.insert(interface.vpc_id.clone(), lookups)),
            }
        }
        let proofs = wanted.into_iter().map(|(vpc, lookups)| {
            Box::pin(async move {
                let proven = group::proven_empty(context, &vpc, lookups).await;
                (vpc, proven)
            })
        });
        self.proven.extend(join_all(proofs).await);
    }

    /// Moves every open interface into its isolation group, concurrently.
    pub(crate) async fn swap(&mut self, context: &Context<'_>, interfaces: &[Interface]) {
        let mut swaps = Vec::new();
        for interface in self.open(interfaces) {
            match self.proven.get(&interface.vpc_id) {
                Some(Ok(group)) => swaps.push((interface.id.clone(), Ok(group.clone()))),
                Some(Err(error)) => swaps.push((interface.id.clone(), Err(error.clone()))),
                None => {}
            }
        }
        let swaps = swaps.into_iter().map(|(interface, group)| {
            Box::pin(async move {
                let swapped = match group {
                    Ok(group) => move_to_group(context, &interface, &group).await,
                    Err(error) => Err(error),
                };
                (interface, swapped)
            })
        });
        for (interface, swapped) in join_all(swaps).await {
            match swapped {
                Ok(()) => drop(self.changed.insert(interface)),
                Err(error) => drop(self.failures.insert(interface, error)),
            }
        }
    }

    /// Repeats all phases for interfaces that were attached or opened since.
    pub(crate) async fn repeat(&mut self, context: &Context<'_>, interfaces: &[Interface]) {
        self.find_groups(context, interfaces).await;
        let images = self.before_images(interfaces);
        let kept = crate::write_all(context, images).await;
        self.prove(context, interfaces, |image| kept.allows(image)).await;
        self.swap(context, interfaces).await;
    }

    /// Whether no interface is left to isolate.
    pub(crate) fn is_stable(&self, interfaces: &[Interface]) -> bool {
        self.open(interfaces).next().is_none()
    }

    /// Proves every group empty again: someone may have edited it since, or the default rules of a new group may not have
    /// been visible yet.
    pub(crate) async fn prove_again(&mut self, context: &Context<'_>) {
        let known: Vec<(String, String)> =
            self.proven.iter().filter_map(|(vpc, group)| Some((vpc.clone(), group.clone().ok()?))).collect();
        let proofs = known.into_iter().map(|(vpc, group)| {
            Box::pin(async move { (vpc, group::empty(context.target, &group).await.map(|()| group)) })
        });
        self.proven.extend(join_all(proofs).await);
    }

    /// The isolation group of each isolated interface.
    pub(crate) fn isolated<'a>(
        &'a self,
        interfaces: &'a [Interface],
    ) -> impl Iterator<Item = (&'a Interface, &'a str)> {
        interfaces.iter().filter(|interface| self.is_isolated(interface)).filter_map(|interface| {
            let group = self.proven.get(&interface.vpc_id)?.as_ref().ok()?;
            Some((interface, group.as_str()))
        })
    }

    fn open<'a>(&'a self, interfaces: &'a [Interface]) -> impl Iterator<Item = &'a Interface> {
        interfaces.iter().filter(|interface| {
            !interface.requester_managed && !self.failures.contains_key(&interface.id) && !self.is_isolated(interface)
        })
    }

    fn is_isolated(&self, interface: &Interface) -> bool {
        let group = match (self.proven.get(&interface.vpc_id), self.lookups.get(&interface.vpc_id)) {
            (Some(Ok(group)), _) => group,
            (None, Some(Ok(GroupLookup::Found(group)))) => group,
            _ => return false,
        };
        interface.groups == [group.as_str()]
    }

    /// Assesses the interfaces by what was read last.
    pub(crate) fn assess(&self, interfaces: &[Interface]) -> Vec<Assessment> {
        interfaces.iter().map(|interface| self.assess_one(interface)).collect()
    }

    fn assess_one(&self, interface: &Interface) -> Assessment {
        let read = format!("read back: {}", interface.groups.join(" "));
        let failed = |error: &Error| (ControlState::Failed, format!("{error}; {read}"), Some(error.clone()));
        let proven = self.proven.get(&interface.vpc_id);
        let (state, detail, error) = if interface.requester_managed {
            (ControlState::Gap, format!("managed by an AWS service: its groups cannot be changed; {read}"), None)
        } else {
            match (self.failures.get(&interface.id), proven) {
                (_, Some(Ok(group))) if interface.groups == [group.as_str()] => {
                    let changed = self.changed.contains(&interface.id);
                    let state = if changed { ControlState::Done } else { ControlState::AlreadyDone };
                    (state, format!("{read}, which is empty, in {}", interface.vpc_id), None)
                }
                (Some(error), _) | (None, Some(Err(error))) => failed(error),
                (None, _) => (ControlState::Failed, format!("the isolation did not persist; {read}"), None),
            }
        };
        Assessment {
            control: Control::new(ISOLATE, &interface.id, state, detail),
            transient: error.filter(Error::is_transient).map(|error| format!("{}: {}", interface.id, error.message)),
        }
    }
}

fn image(interface: &Interface) -> BeforeImage {
    BeforeImage::NetworkInterface {
        interface_id: interface.id.clone(),
        vpc_id: interface.vpc_id.clone(),
        groups: interface.groups.clone(),
    }
}

/// Moves an interface into one group and out of every other.
pub(crate) async fn move_to_group(context: &Context<'_>, interface_id: &str, group: &str) -> Result<()> {
    let call = context.target.ec2().modify_network_interface_attribute();
    call.network_interface_id(interface_id)
        .groups(group)
        .send()
        .await
        .map(|_| ())
        .map_err(Error::from_sdk("ec2:ModifyNetworkInterfaceAttribute"))
        .map_err(group::not_visible_yet)
}
