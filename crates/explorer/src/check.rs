//! Holds a run against the invariants.

mod again;
mod before_image;
mod containment;
mod ending;
mod telling;

use std::collections::BTreeMap;

use account::Call;
use incident::Outcome;

use super::fault::Fault;
use super::invariant::Invariant;
use super::trial::{Delivery, Trial};

/// An invariant that a run broke, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) invariant: Invariant,
    pub(super) detail: String,
}

/// What a scenario comes to without explored faults.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    /// The outcomes of its incidents: with its own faults and, since an explored fault may strike in their place,
    /// without them.
    pub(super) outcomes: Vec<Vec<Outcome>>,
    /// Whether anything is changed in the account.
    pub(super) acts: bool,
    /// The before-images that it writes, by record.
    pub(super) images: BTreeMap<String, String>,
}

impl Baseline {
    /// Of the runs without explored faults.
    pub(super) fn of(trials: &[&Trial]) -> Baseline {
        Baseline {
            outcomes: trials.iter().map(|trial| outcomes(&trial.first)).collect(),
            images: trials.iter().flat_map(|trial| before_image::written(trial)).collect(),
            acts: trials.iter().any(|trial| trial.first.calls.iter().any(|call| acts(trial, call))),
        }
    }
}

/// A run with the faults that it had, and what it is without.
pub(super) struct Case<'a> {
    pub(super) trial: &'a Trial,
    pub(super) faults: &'a [Fault],
    pub(super) baseline: &'a Baseline,
}

/// Every broken invariant; each at most once, with its first instance.
pub(super) fn check(trial: &Trial, faults: &[Fault], baseline: &Baseline) -> Vec<Broken> {
    let case = Case { trial, faults, baseline };
    let broken = |invariant| instance(invariant, &case).map(|detail| Broken { invariant, detail });
    Invariant::ALL.into_iter().filter_map(broken).collect()
}

/// The broken ones of those that say what must not happen on the way, whatever comes of it.
pub(super) fn on_the_way(trial: &Trial, faults: &[Fault], baseline: &Baseline) -> Vec<Broken> {
    const ON_THE_WAY: [Invariant; 6] = [
        Invariant::NeverUncontained,
        Invariant::NothingDestroyed,
        Invariant::BeforeImageFirst,
        Invariant::BeforeImageKept,
        Invariant::ActsOnlyWhenDecided,
        Invariant::OneSnapshotSet,
    ];
    let case = Case { trial, faults, baseline };
    let broken = |invariant| instance(invariant, &case).map(|detail| Broken { invariant, detail });
    ON_THE_WAY.into_iter().filter_map(broken).collect()
}

/// The first instance of a broken invariant, in a sentence.
fn instance(invariant: Invariant, case: &Case<'_>) -> Option<String> {
    match invariant {
        Invariant::NeverUncontained => containment::never_uncontained(case),
        Invariant::NothingDestroyed => containment::nothing_destroyed(case),
        Invariant::BeforeImageFirst => before_image::first(case),
        Invariant::BeforeImageTrue => before_image::truth(case),
        Invariant::BeforeImageKept => before_image::kept(case),
        Invariant::ActsOnlyWhenDecided => ending::acts_only_when_decided(case),
        Invariant::OneSnapshotSet => containment::one_snapshot_set(case),
        Invariant::Told => telling::told(case),
        Invariant::ToldTruth => telling::truth(case),
        Invariant::OneTextPerKey => telling::one_text_per_key(case),
        Invariant::SecondRunChangesNothing => again::changes_nothing(case),
        Invariant::SecondRunNotWorse => again::not_worse(case),
        Invariant::TransientFaultHarmless => ending::transient_fault_harmless(case),
        Invariant::LastingFaultHonest => ending::lasting_fault_honest(case),
        Invariant::TerminalOutcome => ending::terminal_outcome(case),
        Invariant::NothingUnsupported => ending::nothing_unsupported(case),
    }
}

/// The outcomes of the incidents of a delivery, in order.
pub(super) fn outcomes(delivery: &Delivery) -> Vec<Outcome> {
    delivery
        .records
        .iter()
        .flat_map(|record| {
            let of_incidents: Vec<Outcome> = record.incidents.iter().map(|incident| incident.outcome).collect();
            if of_incidents.is_empty() { vec![record.outcome] } else { of_incidents }
        })
        .collect()
}

/// The services whose resources a response contains.
const CONTAINED: [&str; 4] = ["ec2", "autoscaling", "elasticloadbalancing", "iam"];

/// Whether a call changed something in the account that an event is about.
fn acts(trial: &Trial, call: &Call) -> bool {
    CONTAINED.contains(&call.service.as_str())
        && !call.read_only
        && call.error.is_none()
        && trial.targets.iter().any(|(account, _)| *account == call.account)
}

/// A call in words.
fn named(call: &Call) -> String {
    format!("{}/{}:{}", call.function, call.service, call.operation)
}

/// Outcomes in words.
fn listed(outcomes: &[Outcome]) -> String {
    outcomes.iter().map(|outcome| outcome.name()).collect::<Vec<_>>().join(", ")
}
