//! Checks a run against the invariants.

mod before_image;
mod containment;
mod ending;
mod notification;
mod second_run;

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

/// The result of a scenario without explored faults.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    /// The outcomes of its incidents: with its own faults and, since an explored fault may replace one of them, without
    /// them.
    pub(super) outcomes: Vec<Vec<Outcome>>,
    /// Whether anything is changed in the account.
    pub(super) acts: bool,
    /// The before-images that it writes, by record.
    pub(super) images: BTreeMap<String, String>,
}

impl Baseline {
    /// From the runs without explored faults.
    pub(super) fn of(trials: &[&Trial]) -> Baseline {
        Baseline {
            outcomes: trials.iter().map(|trial| outcomes(&trial.first)).collect(),
            images: trials.iter().flat_map(|trial| before_image::written(trial)).collect(),
            acts: trials.iter().any(|trial| trial.first.calls.iter().any(|call| acts(trial, call))),
        }
    }
}

/// A run with its faults, and the result without them.
pub(super) struct Case<'a> {
    pub(super) trial: &'a Trial,
    pub(super) faults: &'a [Fault],
    pub(super) baseline: &'a Baseline,
}

/// Every broken invariant, with its first instance.
pub(super) fn check(trial: &Trial, faults: &[Fault], baseline: &Baseline) -> Vec<Broken> {
    let case = Case { trial, faults, baseline };
    let broken = |invariant| instance(invariant, &case).map(|detail| Broken { invariant, detail });
    Invariant::ALL.into_iter().filter_map(broken).collect()
}

/// The broken ones of those invariants that every single call must keep, whatever the outcome of the run is.
pub(super) fn during_run(trial: &Trial, faults: &[Fault], baseline: &Baseline) -> Vec<Broken> {
    const DURING_RUN: [Invariant; 6] = [
        Invariant::NeverUncontained,
        Invariant::NothingDestroyed,
        Invariant::BeforeImageFirst,
        Invariant::BeforeImageKept,
        Invariant::ActsOnlyWhenDecided,
        Invariant::OneSnapshotSet,
    ];
    let case = Case { trial, faults, baseline };
    let broken = |invariant| instance(invariant, &case).map(|detail| Broken { invariant, detail });
    DURING_RUN.into_iter().filter_map(broken).collect()
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
        Invariant::Told => notification::told(case),
        Invariant::ToldTruth => notification::truth(case),
        Invariant::OneTextPerKey => notification::one_text_per_key(case),
        Invariant::SecondRunChangesNothing => second_run::changes_nothing(case),
        Invariant::SecondRunNotWorse => second_run::not_worse(case),
        Invariant::TransientFaultHarmless => ending::transient_fault_harmless(case),
        Invariant::LastingFaultHonest => ending::lasting_fault_honest(case),
        Invariant::TerminalOutcome => ending::terminal_outcome(case),
        Invariant::NothingUnsupported => ending::nothing_unsupported(case),
    }
}

/// The outcomes of the incidents of a delivery, in order.
pub(super) fn outcomes(delivery: &Delivery) -> Vec<Outcome> {
    delivery
        .reports
        .iter()
        .flat_map(|report| {
            let of_incidents: Vec<Outcome> = report.incidents.iter().map(|incident| incident.outcome).collect();
            if of_incidents.is_empty() { vec![report.outcome] } else { of_incidents }
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
