//! Who responds to an incident: one execution at a time, and for each episode one response.
//!
//! The claim of a resource is one record. Duplicates, updates and copies of findings are weighed against it: they take
//! it, wait for it, or are attached to what is done already. The rules are here, as a function of the record and what is
//! request; the writes, with the version as condition, are the function's.

use serde::{Deserialize, Serialize};

use crate::{Action, Outcome, Timestamp};

/// How long an execution holds the claim. A response takes minutes; one that was cut off must not hold it for long.
pub const LEASE_SECONDS: i64 = 15 * 60;

/// After so much quiet, what holds nothing in force is over: a new finding is a new episode.
pub const QUIET_SECONDS: i64 = 24 * 3600;

/// How the claim of a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// An execution responds.
    Open,
    /// The response ended.
    Settled,
    /// What it did was drifted, and the incident is closed.
    Released,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Open, Status::Settled, Status::Released];

    /// The name as it is recorded.
    pub fn name(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Settled => "settled",
            Status::Released => "released",
        }
    }
}

/// The claim of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Raised by every write that decides: the condition of the next one.
    pub version: u64,
    /// Which time the resource needs a response, from 1.
    pub episode: u32,
    /// How it stands.
    pub status: Status,
    /// ARN of the execution that holds or held it.
    pub execution: String,
    /// Until when an open claim is held.
    pub lease_until: Timestamp,
    /// What the execution does or did.
    pub action: Action,
    /// How it ended, once settled.
    pub outcome: Option<Outcome>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When a finding was last attached to it or took it.
    pub seen_at: Timestamp,
    /// How many findings were attached.
    pub updates: u64,
    /// The hour whose budget the episode was charged to, once it was.
    pub budget_hour: Option<String>,
}

/// What an execution wants the claim for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimRequest<'a> {
    /// ARN of the execution.
    pub execution: &'a str,
    /// What it would do.
    pub action: Action,
    /// Whether the resource was read and is not as a containment left it.
    pub drifted: bool,
    /// Whether the resource could not be read, so that nobody knows how it is.
    pub unreadable: bool,
    /// Now.
    pub now: Timestamp,
}

/// What the claim says to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is held: write this, on the condition that the record is as it was read.
    Take(Claim),
    /// It is held already, and the record stays as it is.
    Held(Claim),
    /// What is done covers it: attach the finding to this.
    Duplicate(Claim),
    /// Something lesser is being done: wait until that is settled.
    Busy(Claim),
}

/// How much an action does: a finding that calls for more than what is done is no duplicate.
pub fn rank(action: Action) -> u8 {
    match action {
        Action::Ignore | Action::Record => 0,
        Action::Notify | Action::Observe => 1,
        Action::RequestApproval | Action::Escalate => 2,
        Action::Contain | Action::Remediate => 3,
    }
}

/// Weighs what is request against the claim as it was read.
pub fn arbitrate(current: Option<&Claim>, request: ClaimRequest<'_>) -> Verdict {
    let Some(current) = current else { return Verdict::Take(open_episode(1, 0, request)) };
    let more = rank(request.action) > rank(current.action);
    match current.status {
        Status::Open if current.execution == request.execution => {
            if request.action == current.action {
                Verdict::Held(current.clone())
            } else {
                Verdict::Take(retake(current, request))
            }
        }
        Status::Open if current.lease_until <= request.now => Verdict::Take(retake(current, request)),
        Status::Open if more => Verdict::Busy(current.clone()),
        Status::Open => Verdict::Duplicate(current.clone()),
        Status::Released => Verdict::Take(open_episode(current.episode.saturating_add(1), current.version, request)),
        Status::Settled => settled(current, request, more),
    }
}

fn settled(current: &Claim, request: ClaimRequest<'_>, more: bool) -> Verdict {
    let unfinished = matches!(
        current.outcome,
        None | Some(Outcome::Failed | Outcome::Escalated | Outcome::PartiallyContained | Outcome::PartiallyReleased)
    );
    match settled_effect(current.outcome) {
        SettledEffect::InForce if request.drifted && request.action.mutates() => {
            Verdict::Take(retake(current, request))
        }
        // What does not hold any more, or cannot be seen to hold, is for a person where it is not for the response.
        SettledEffect::InForce if (request.drifted || request.unreadable) && rank(request.action) > 1 => {
            Verdict::Take(retake(current, request))
        }
        SettledEffect::InForce => Verdict::Duplicate(current.clone()),
        SettledEffect::Nothing if is_quiet(current, request.now) => {
            Verdict::Take(open_episode(current.episode.saturating_add(1), current.version, request))
        }
        SettledEffect::Incomplete | SettledEffect::Nothing if unfinished && request.action.mutates() => {
            Verdict::Take(retake(current, request))
        }
        SettledEffect::Nothing if more => Verdict::Take(retake(current, request)),
        SettledEffect::Incomplete | SettledEffect::Nothing => Verdict::Duplicate(current.clone()),
    }
}

/// What a settled outcome leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SettledEffect {
    /// What was done holds: there is nothing to add.
    InForce,
    /// What should hold does not, or not whole.
    Incomplete,
    /// Nothing was done to the resource.
    Nothing,
}

/// An end that nobody recorded counts as broken: another try does no harm, none could.
fn settled_effect(outcome: Option<Outcome>) -> SettledEffect {
    match outcome {
        Some(Outcome::Contained | Outcome::Remediated | Outcome::AlreadyCompliant) => SettledEffect::InForce,
        None
        | Some(Outcome::Failed | Outcome::PartiallyContained | Outcome::ReleaseRefused | Outcome::PartiallyReleased) => {
            SettledEffect::Incomplete
        }
        Some(
            Outcome::Escalated
            | Outcome::AwaitingApproval
            | Outcome::Declined
            | Outcome::Released
            | Outcome::NotFound
            | Outcome::Observed
            | Outcome::Notified
            | Outcome::Recorded
            | Outcome::Duplicate
            | Outcome::Ignored
            | Outcome::Unmatched
            | Outcome::Invalid,
        ) => SettledEffect::Nothing,
    }
}

fn is_quiet(current: &Claim, now: Timestamp) -> bool {
    let last = current.settled_at.map_or(current.seen_at, |settled| settled.max(current.seen_at));
    last.plus_seconds(QUIET_SECONDS) <= now
}

/// A new episode; the version goes on, so that two executions cannot both open it.
fn open_episode(number: u32, version: u64, request: ClaimRequest<'_>) -> Claim {
    Claim {
        version: version.saturating_add(1),
        episode: number,
        status: Status::Open,
        execution: request.execution.to_owned(),
        lease_until: request.now.plus_seconds(LEASE_SECONDS),
        action: request.action,
        outcome: None,
        settled_at: None,
        seen_at: request.now,
        updates: 0,
        budget_hour: None,
    }
}

/// The same episode once more.
fn retake(current: &Claim, request: ClaimRequest<'_>) -> Claim {
    Claim {
        updates: current.updates,
        budget_hour: current.budget_hour.clone(),
        ..open_episode(current.episode, current.version, request)
    }
}

/// The id of an episode of a resource: that of the resource for the first, with the number after it from the second.
pub fn incident_id(base: &str, episode: u32) -> String {
    if episode <= 1 { base.to_owned() } else { format!("{base}-{episode}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_770_000_000;

    fn claim(status: Status, action: Action, outcome: Option<Outcome>, ago: i64) -> Claim {
        let then = Timestamp::from_unix_seconds(NOW - ago);
        Claim {
            version: 4,
            episode: 2,
            status,
            execution: "first".to_owned(),
            lease_until: then.plus_seconds(LEASE_SECONDS),
            action,
            outcome,
            settled_at: (status != Status::Open).then_some(then),
            seen_at: then,
            updates: 1,
            budget_hour: Some("2026-02-02T02".to_owned()),
        }
    }

    fn request(execution: &str, action: Action) -> ClaimRequest<'_> {
        ClaimRequest { execution, action, drifted: false, unreadable: false, now: Timestamp::from_unix_seconds(NOW) }
    }

    /// What the claim says, in a word, and with what episode.
    fn said(verdict: &Verdict) -> (&'static str, u32) {
        match verdict {
            Verdict::Take(claim) => ("take", claim.episode),
            Verdict::Held(claim) => ("held", claim.episode),
            Verdict::Duplicate(claim) => ("duplicate", claim.episode),
            Verdict::Busy(claim) => ("busy", claim.episode),
        }
    }

    #[test]
    fn rules() {
        use Action::{Contain, Escalate, Notify, Observe, RequestApproval};
        use Status::{Open, Released, Settled};
        const MINUTE: i64 = 60;
        const DAY: i64 = QUIET_SECONDS;
        let settled = |action, outcome, ago| Some(claim(Settled, action, Some(outcome), ago));
        type Row = (&'static str, Option<Claim>, Action, (&'static str, u32));
        let table: Vec<Row> = vec![
            ("nothing is known of it", None, Notify, ("take", 1)),
            ("more waits for less", Some(claim(Open, Notify, None, MINUTE)), Contain, ("busy", 2)),
            ("approval waits for telling", Some(claim(Open, Observe, None, MINUTE)), RequestApproval, ("busy", 2)),
            ("the same is covered", Some(claim(Open, Contain, None, MINUTE)), Contain, ("duplicate", 2)),
            ("less is covered", Some(claim(Open, Contain, None, MINUTE)), Notify, ("duplicate", 2)),
            (
                "the last second of a lease",
                Some(claim(Open, Contain, None, LEASE_SECONDS - 1)),
                Contain,
                ("duplicate", 2),
            ),
            ("a lease that ended", Some(claim(Open, Contain, None, LEASE_SECONDS)), Contain, ("take", 2)),
            ("a lease that ended, for less", Some(claim(Open, Contain, None, LEASE_SECONDS)), Notify, ("take", 2)),
            ("contained", settled(Contain, Outcome::Contained, MINUTE), Contain, ("duplicate", 2)),
            ("contained long ago", settled(Contain, Outcome::Contained, 90 * DAY), Contain, ("duplicate", 2)),
            ("contained, and told of", settled(Contain, Outcome::Contained, 90 * DAY), Notify, ("duplicate", 2)),
            ("remediated", settled(Contain, Outcome::Remediated, MINUTE), Contain, ("duplicate", 2)),
            ("failed", settled(Contain, Outcome::Failed, MINUTE), Contain, ("take", 2)),
            ("failed, and told of", settled(Contain, Outcome::Failed, MINUTE), Notify, ("duplicate", 2)),
            ("partial", settled(Contain, Outcome::PartiallyContained, 2 * DAY), Contain, ("take", 2)),
            ("partial, and told of", settled(Contain, Outcome::PartiallyContained, 2 * DAY), Notify, ("duplicate", 2)),
            ("escalated while containing", settled(Contain, Outcome::Escalated, MINUTE), Contain, ("take", 2)),
            ("escalated, and stopped again", settled(Escalate, Outcome::Escalated, MINUTE), Escalate, ("duplicate", 2)),
            ("escalated a day ago", settled(Escalate, Outcome::Escalated, DAY), Escalate, ("take", 3)),
            ("waiting", settled(RequestApproval, Outcome::AwaitingApproval, MINUTE), RequestApproval, ("duplicate", 2)),
            (
                "waiting, and confirmed",
                settled(RequestApproval, Outcome::AwaitingApproval, MINUTE),
                Contain,
                ("take", 2),
            ),
            ("told, and suspected", settled(Notify, Outcome::Notified, MINUTE), RequestApproval, ("take", 2)),
            ("told, and confirmed", settled(Notify, Outcome::Notified, MINUTE), Contain, ("take", 2)),
            ("told twice", settled(Notify, Outcome::Notified, DAY - 1), Notify, ("duplicate", 2)),
            ("told a day ago", settled(Notify, Outcome::Notified, DAY), Notify, ("take", 3)),
            ("told a day ago, and confirmed", settled(Notify, Outcome::Notified, DAY), Contain, ("take", 3)),
            ("observed", settled(Observe, Outcome::Observed, MINUTE), Notify, ("duplicate", 2)),
            ("observed, and the mode changed", settled(Observe, Outcome::Observed, MINUTE), Contain, ("take", 2)),
            ("gone", settled(Contain, Outcome::NotFound, MINUTE), Contain, ("duplicate", 2)),
            ("gone a day ago", settled(Contain, Outcome::NotFound, DAY), Contain, ("take", 3)),
            ("released", Some(claim(Released, Contain, Some(Outcome::Released), MINUTE)), Notify, ("take", 3)),
            ("an end nobody recorded", Some(claim(Settled, Contain, None, MINUTE)), Contain, ("take", 2)),
        ];
        for (name, current, action, expected) in table {
            assert_eq!(said(&arbitrate(current.as_ref(), request("second", action))), expected, "{name}");
        }
    }

    #[test]
    fn what_was_contained_and_undone_is_contained_again() {
        let contained = claim(Status::Settled, Action::Contain, Some(Outcome::Contained), 60);
        let drifted = |action| ClaimRequest { drifted: true, ..request("second", action) };
        assert_eq!(said(&arbitrate(Some(&contained), drifted(Action::Contain))), ("take", 2));
        assert_eq!(said(&arbitrate(Some(&contained), drifted(Action::Notify))), ("duplicate", 2));
        assert_eq!(said(&arbitrate(Some(&contained), drifted(Action::Escalate))), ("take", 2));
        let unreadable = ClaimRequest { unreadable: true, ..request("second", Action::Escalate) };
        assert_eq!(said(&arbitrate(Some(&contained), unreadable)), ("take", 2));
        assert_eq!(said(&arbitrate(Some(&contained), request("second", Action::Escalate))), ("duplicate", 2));
    }

    #[test]
    fn updates_keep_an_episode_going() {
        let mut told = claim(Status::Settled, Action::Notify, Some(Outcome::Notified), 3 * QUIET_SECONDS);
        told.seen_at = Timestamp::from_unix_seconds(NOW - 60);
        assert_eq!(said(&arbitrate(Some(&told), request("second", Action::Notify))), ("duplicate", 2));
    }

    #[test]
    fn an_execution_keeps_what_it_holds() {
        let held = claim(Status::Open, Action::Contain, None, 2 * LEASE_SECONDS);
        assert_eq!(arbitrate(Some(&held), request("first", Action::Contain)), Verdict::Held(held.clone()));
        // It asked for more before a budget lowered it, or for less since: the record says what it does.
        assert_eq!(said(&arbitrate(Some(&held), request("first", Action::RequestApproval))), ("take", 2));
    }

    #[test]
    fn every_write_raises_the_version_and_a_new_episode_forgets_the_old_one() {
        for status in Status::ALL {
            for outcome in Outcome::ALL {
                for action in [Action::Notify, Action::RequestApproval, Action::Contain] {
                    for ago in [60, QUIET_SECONDS] {
                        let current = claim(status, Action::Notify, Some(outcome), ago);
                        let Verdict::Take(taken) = arbitrate(Some(&current), request("second", action)) else {
                            continue;
                        };
                        assert_eq!(taken.version, current.version + 1);
                        assert_eq!((taken.status, taken.outcome, taken.settled_at), (Status::Open, None, None));
                        assert_eq!(taken.execution, "second");
                        let same = taken.episode == current.episode;
                        assert_eq!(taken.budget_hour.is_some(), same, "{status:?} {outcome:?}");
                        assert!(same || taken.episode == current.episode + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn ids() {
        assert_eq!(incident_id("inc-0123456789ab", 1), "inc-0123456789ab");
        assert_eq!(incident_id("inc-0123456789ab", 2), "inc-0123456789ab-2");
    }
}
