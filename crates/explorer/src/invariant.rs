//! The invariants: properties that hold whatever fails in the account and the functions.

use serde::Serialize;

/// An invariant, in the order of importance; [`Invariant::sentence`] is the property. The names are stable: scripts and
/// issues quote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariant {
    /// Containment survives every later failure.
    NeverUncontained,
    /// Evidence and production stay.
    NothingDestroyed,
    /// A release needs the state before the change.
    BeforeImageFirst,
    /// A release restores the true state.
    BeforeImageTrue,
    /// A second run sees the quarantined state and must not record that.
    BeforeImageKept,
    /// A dry run stays a dry run.
    ActsOnlyWhenDecided,
    /// `CreateSnapshots` has no client token.
    OneSnapshotSet,
    /// Nothing ends silently.
    Told,
    /// People act on the outcome that they read.
    ToldTruth,
    /// A pager takes two texts for two incidents.
    OneTextPerKey,
    /// EventBridge delivers at least once.
    SecondRunChangesNothing,
    /// A second delivery after a run that failed does no harm.
    SecondRunNotWorse,
    /// Retries exist for this.
    TransientFaultHarmless,
    /// A fault that no retry can mend is reported.
    LastingFaultHonest,
    /// Each execution ends by itself.
    TerminalOutcome,
    /// The simulation answers only what it understands.
    NothingUnsupported,
}

impl Invariant {
    /// All of them, in the order of importance.
    pub const ALL: [Invariant; 16] = [
        Invariant::NeverUncontained,
        Invariant::NothingDestroyed,
        Invariant::BeforeImageFirst,
        Invariant::BeforeImageTrue,
        Invariant::BeforeImageKept,
        Invariant::ActsOnlyWhenDecided,
        Invariant::OneSnapshotSet,
        Invariant::Told,
        Invariant::ToldTruth,
        Invariant::OneTextPerKey,
        Invariant::SecondRunChangesNothing,
        Invariant::SecondRunNotWorse,
        Invariant::TransientFaultHarmless,
        Invariant::LastingFaultHonest,
        Invariant::TerminalOutcome,
        Invariant::NothingUnsupported,
    ];

    /// The name in output.
    pub fn name(self) -> &'static str {
        match self {
            Invariant::NeverUncontained => "never-uncontained",
            Invariant::NothingDestroyed => "nothing-destroyed",
            Invariant::BeforeImageFirst => "before-image-first",
            Invariant::BeforeImageTrue => "before-image-true",
            Invariant::BeforeImageKept => "before-image-kept",
            Invariant::ActsOnlyWhenDecided => "acts-only-when-decided",
            Invariant::OneSnapshotSet => "one-snapshot-set",
            Invariant::Told => "told",
            Invariant::ToldTruth => "told-truth",
            Invariant::OneTextPerKey => "one-text-per-key",
            Invariant::SecondRunChangesNothing => "second-run-changes-nothing",
            Invariant::SecondRunNotWorse => "second-run-not-worse",
            Invariant::TransientFaultHarmless => "transient-fault-harmless",
            Invariant::LastingFaultHonest => "lasting-fault-honest",
            Invariant::TerminalOutcome => "terminal-outcome",
            Invariant::NothingUnsupported => "nothing-unsupported",
        }
    }

    /// The property, in the words of `docs/fault-exploration.md`.
    pub fn sentence(self) -> &'static str {
        match self {
            Invariant::NeverUncontained => {
                "an isolated interface stays isolated after every later call, and no control is reverted"
            }
            Invariant::NothingDestroyed => "no call that destroys a resource or evidence is made; an attempt counts",
            Invariant::BeforeImageFirst => "a resource is changed only after its before-image is in the table",
            Invariant::BeforeImageTrue => "a before-image is the state of its resource before the first run",
            Invariant::BeforeImageKept => "no item that is written once is changed or removed",
            Invariant::ActsOnlyWhenDecided => "a fault never makes the response act where it would not act without it",
            Invariant::OneSnapshotSet => "no volume has two snapshots for one incident",
            Invariant::Told => {
                "the key of the outcome is published at least once, or the execution fails and the watchdog reports it"
            }
            Invariant::ToldTruth => "the published outcome is the one that the account shows",
            Invariant::OneTextPerKey => "notifications with the same key have the same text",
            Invariant::SecondRunChangesNothing => {
                "the same event once more changes nothing in the account if the first run ended as it should"
            }
            Invariant::SecondRunNotWorse => "the same event once more leaves nothing more open than the first run did",
            Invariant::TransientFaultHarmless => "a single transient fault leaves the outcome unchanged",
            Invariant::LastingFaultHonest => {
                "with a permanent fault or several faults, the outcome is unchanged or failed, escalated or partially-contained"
            }
            Invariant::TerminalOutcome => "every execution ends with a report, or in a state that says why not",
            Invariant::NothingUnsupported => "no call is made that the account does not simulate",
        }
    }
}
