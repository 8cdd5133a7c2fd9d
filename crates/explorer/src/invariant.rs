//! What must hold however the account and the functions fail.

use serde::Serialize;

/// An invariant, the worst to lose first; [`Invariant::sentence`] says what it is. The names are stable: scripts and
/// issues quote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invariant {
    /// A failure on the way is no reason to let go.
    NeverUncontained,
    /// Evidence and production stay.
    NothingDestroyed,
    /// A release needs what was there.
    BeforeImageFirst,
    /// A release restores what it says.
    BeforeImageTrue,
    /// A re-run sees quarantined state.
    BeforeImageKept,
    /// A dry run stays one.
    ActsOnlyWhenDecided,
    /// `CreateSnapshots` has no client token.
    OneSnapshotSet,
    /// Nothing ends silently.
    Told,
    /// People act on what they are told.
    ToldTruth,
    /// A pager takes two texts for two incidents.
    OneTextPerKey,
    /// EventBridge delivers at least once.
    SecondRunChangesNothing,
    /// The same after a run that did not end well.
    SecondRunNotWorse,
    /// Retries are there for this.
    TransientFaultHarmless,
    /// What cannot be retried away is said.
    LastingFaultHonest,
    /// Each execution ends by itself.
    TerminalOutcome,
    /// Nothing was answered that was not understood.
    NothingUnsupported,
}

impl Invariant {
    /// All of them, the worst to lose first.
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

    /// What it says.
    pub fn sentence(self) -> &'static str {
        match self {
            Invariant::NeverUncontained => {
                "an interface that was isolated stays isolated after every later call, and no control is taken back"
            }
            Invariant::NothingDestroyed => "no call is made that destroys a resource or evidence",
            Invariant::BeforeImageFirst => "a resource is changed only when its before-image is in the table",
            Invariant::BeforeImageTrue => "a before-image is the state of its resource before the first run",
            Invariant::BeforeImageKept => "no record that is written once is changed or removed",
            Invariant::ActsOnlyWhenDecided => "a fault never makes the response act where it would not act without",
            Invariant::OneSnapshotSet => "no volume has two snapshots for one incident",
            Invariant::Told => {
                "the key of the outcome is told at least once, or the execution fails for the watchdog to tell"
            }
            Invariant::ToldTruth => "the outcome that is told is the one that the account bears out",
            Invariant::OneTextPerKey => "messages with the same key have the same text",
            Invariant::SecondRunChangesNothing => {
                "the same event once more changes nothing in the account when the first run ended as it should"
            }
            Invariant::SecondRunNotWorse => "the same event once more leaves nothing more open than the first run did",
            Invariant::TransientFaultHarmless => "a single fault that passes leaves the outcome as it is without",
            Invariant::LastingFaultHonest => {
                "a fault that lasts, and several faults, end as without or in failed, escalated or partially-contained"
            }
            Invariant::TerminalOutcome => "every execution ends with a report, or in a state that says why not",
            Invariant::NothingUnsupported => "nothing is called that the account does not simulate",
        }
    }
}
