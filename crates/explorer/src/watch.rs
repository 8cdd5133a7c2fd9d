//! Watches a run while it goes on: the state of the interfaces and the records of the incident table after each call that
//! may have changed them. The state at the end does not show what it was in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use account::{Region, World, dynamodb, ec2};
use incident::contract::PURPOSE_FLUSH;
use serde_json::Value;

/// An account and a Region.
pub(super) type Place = (String, String);

/// The state of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InterfaceState {
    /// Its groups.
    pub(super) groups: Vec<String>,
    /// Whether none of them has a rule; an interface that a service manages never counts as isolated.
    pub(super) isolated: bool,
    /// Whether all of them are groups that are open for a moment while tracked connections are flushed.
    pub(super) flushing: bool,
}

/// Interfaces by id.
pub(super) type Network = BTreeMap<String, InterfaceState>;

/// Records of incidents by incident id and record key: their bodies.
pub(super) type Records = BTreeMap<(String, String), String>;

/// The state after a call that had an effect.
#[derive(Debug, Clone)]
pub(super) struct Observation {
    /// The number of the call.
    pub(super) seq: u64,
    /// The state that the call may have changed.
    pub(super) observed: Observed,
}

/// The observed state.
#[derive(Debug, Clone)]
pub(super) enum Observed {
    /// The interfaces of one place.
    Network(Place, Network),
    /// The records in the tables of the stack.
    Records(Records),
}

/// The part of a world that is watched.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// Where the resources are.
    pub(super) targets: BTreeSet<Place>,
    /// Where the stack is.
    pub(super) home: Place,
    /// The tables of the stack.
    pub(super) tables: Vec<String>,
}

/// The observations of a world from now on.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<Observation>>>);

impl Trace {
    /// Watches a world from now on.
    pub(super) fn of(world: &World, scope: Scope) -> Trace {
        let trace = Trace::default();
        let observations = Arc::clone(&trace.0);
        world.observe(move |call, region, _| {
            if call.read_only || call.error.is_some() {
                return;
            }
            let place = (call.account.clone(), call.region.clone());
            let observed = match call.service.as_str() {
                "ec2" if scope.targets.contains(&place) => {
                    let network = network(region);
                    Observed::Network(place, network)
                }
                "dynamodb" if place == scope.home => Observed::Records(records(region, &scope.tables)),
                _ => return,
            };
            observations.lock().unwrap_or_else(PoisonError::into_inner).push(Observation { seq: call.seq, observed });
        });
        trace
    }

    /// The observations so far.
    pub(super) fn observations(&self) -> Vec<Observation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The state of the interfaces of a Region.
pub(super) fn network(region: &Region) -> Network {
    let (mut empty, mut flush) = (BTreeSet::new(), BTreeSet::new());
    for group in region.state::<ec2::State>().security_groups() {
        if group.tags.get(responder::PURPOSE_TAG).is_some_and(|purpose| purpose == PURPOSE_FLUSH) {
            flush.insert(group.id.clone());
        }
        if group.ingress.is_empty() && group.egress.is_empty() {
            empty.insert(group.id);
        }
    }
    region
        .state::<ec2::State>()
        .interfaces()
        .map(|interface| {
            let all_among = |set: &BTreeSet<String>| {
                !interface.groups.is_empty() && interface.groups.iter().all(|group| set.contains(group))
            };
            let isolated = !interface.requester_managed && all_among(&empty);
            let flushing = all_among(&flush);
            (interface.id, InterfaceState { groups: interface.groups, isolated, flushing })
        })
        .collect()
}

/// The records of incidents in a Region.
pub(super) fn records(region: &Region, tables: &[String]) -> Records {
    let text =
        |item: &Value, name: &str| item.pointer(&format!("/{name}/S")).and_then(Value::as_str).map(str::to_owned);
    tables
        .iter()
        .flat_map(|table| region.state::<dynamodb::State>().items(table))
        .filter_map(|item| {
            let key = (text(&item, "incident_id")?, text(&item, "record")?);
            // A record without a body, such as a claim, is compared as an empty text.
            Some((key, text(&item, "body").unwrap_or_default()))
        })
        .collect()
}
