//! Looks on while an exploration's run goes on: how the interfaces stand and what is recorded after each call that may
//! have changed it. The state at the end does not tell what it was in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use account::{Region, World, dynamodb, ec2};
use serde_json::Value;

/// An account and a Region.
pub(super) type Place = (String, String);

/// How an interface stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// Its groups.
    pub(super) groups: Vec<String>,
    /// Whether none of them has a rule; an interface that a service manages never counts as isolated.
    pub(super) isolated: bool,
    /// Whether all of them are there to be opened for a moment, in which tracked connections are flushed.
    pub(super) flushing: bool,
}

/// Interfaces by id.
pub(super) type Network = BTreeMap<String, Standing>;

/// Records of incidents by incident id and record key: their bodies.
pub(super) type Records = BTreeMap<(String, String), String>;

/// What was seen after a call that had an effect.
#[derive(Debug, Clone)]
pub(super) struct Moment {
    /// The number of the call.
    pub(super) seq: u64,
    /// What it may have changed, as it then was.
    pub(super) seen: Seen,
}

/// What was seen.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// The interfaces of one place.
    Network(Place, Network),
    /// The records in the tables of the stack.
    Records(Records),
}

/// What a world is watched for.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    /// Where the resources are.
    pub(super) targets: BTreeSet<Place>,
    /// Where the stack is.
    pub(super) home: Place,
    /// The tables of the stack.
    pub(super) tables: Vec<String>,
}

/// The moments of a world from now on.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<Moment>>>);

impl Trace {
    /// Watches a world from now on.
    pub(super) fn of(world: &World, scope: Scope) -> Trace {
        let trace = Trace::default();
        let moments = Arc::clone(&trace.0);
        world.observe(move |call, region, _| {
            if call.read_only || call.error.is_some() {
                return;
            }
            let place = (call.account.clone(), call.region.clone());
            let seen = match call.service.as_str() {
                "ec2" if scope.targets.contains(&place) => {
                    let network = network(region);
                    Seen::Network(place, network)
                }
                "dynamodb" if place == scope.home => Seen::Records(records(region, &scope.tables)),
                _ => return,
            };
            moments.lock().unwrap_or_else(PoisonError::into_inner).push(Moment { seq: call.seq, seen });
        });
        trace
    }

    /// The moments so far.
    pub(super) fn moments(&self) -> Vec<Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Value of [`responder::PURPOSE_TAG`] on a group that is open while tracked connections are flushed.
const FLUSH: &str = "flush";

/// How the interfaces of a Region stand.
pub(super) fn network(region: &Region) -> Network {
    let (mut empty, mut flush) = (BTreeSet::new(), BTreeSet::new());
    for group in region.state::<ec2::State>().security_groups() {
        if group.tags.get(responder::PURPOSE_TAG).is_some_and(|purpose| purpose == FLUSH) {
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
            (interface.id, Standing { groups: interface.groups, isolated, flushing })
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
            Some((key, text(&item, "body").unwrap_or_default()))
        })
        .collect()
}
