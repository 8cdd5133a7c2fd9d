//! Claims: one execution at a time responds to a resource, and each episode has one response.
//!
//! The claim of a resource is one item. A finding, its updates and its copies are arbitrated against it: they take the
//! claim, wait for it, or are attached to the earlier response. The rules are here, as a function of the claim and the
//! request; the function `authorize-response` writes the result with the version as condition.

use serde::{Deserialize, Serialize};

use crate::{Action, Outcome, Timestamp};

/// How long an execution holds the claim. A response takes minutes, and an interrupted one must not hold it for long.
pub const LEASE_SECONDS: i64 = 15 * 60;

/// After this long without findings, a response that changed nothing is over: the next finding opens a new episode.
pub const QUIET_SECONDS: i64 = 24 * 3600;

/// The status of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// An execution responds.
    Open,
    /// The response ended.
    Settled,
    /// A release undid the response and closed the incident.
    Released,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 3] = [Status::Open, Status::Settled, Status::Released];

    /// The name as it is stored.
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
    /// Raised by every decisive write; the next write has it as condition.
    pub version: u64,
    /// The number of the episode, from 1: how often the resource has needed a response.
    pub episode: u32,
    /// Its status.
    pub status: Status,
    /// ARN of the execution that holds or held it.
    pub execution: String,
    /// When the lease of an open claim expires.
    pub lease_until: Timestamp,
    /// What the execution does or did.
    pub action: Action,
    /// How it ended, once settled.
    pub outcome: Option<Outcome>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
    /// When a finding last took it or was attached to it.
    pub seen_at: Timestamp,
    /// How many findings were attached.
    pub updates: u64,
    /// The clock hour whose budget the episode was charged to, if it was.
    pub budget_hour: Option<String>,
}

/// The request of an execution for the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimRequest<'a> {
    /// ARN of the execution.
    pub execution: &'a str,
    /// The action that it would take.
    pub action: Action,
    /// Whether the resource was read and has drifted from its contained state.
    pub drifted: bool,
    /// Whether the resource could not be read, so that its state is unknown.
    pub unreadable: bool,
    /// The current time.
    pub now: Timestamp,
}

/// The result of the arbitration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The execution takes the claim: write this, on the condition that the stored version is unchanged.
    Take(Claim),
    /// The execution already holds the claim, which stays as it is.
    Held(Claim),
    /// The earlier response covers the finding: attach it to this claim.
    Duplicate(Claim),
    /// A weaker response is in progress: wait until it is settled.
    Busy(Claim),
}

/// How strong an action is: a finding that calls for a stronger action than the earlier one is no duplicate.
pub fn rank(action: Action) -> u8 {
    match action {
        Action::Ignore | Action::Record => 0,
        Action::Notify | Action::Observe => 1,
        Action::RequestApproval | Action::Escalate => 2,
        Action::Contain | Action::Remediate => 3,
    }
}

/// Arbitrates a request against the claim as it was read.
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
        // If containment no longer holds or cannot be verified, and the response may not contain again, a person decides.
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

/// What a settled response left in the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SettledEffect {
    /// The response is complete and in force.
    InForce,
    /// The response is missing or incomplete.
    Incomplete,
    /// The response changed nothing.
    Nothing,
}

/// A response without a recorded outcome counts as incomplete: another attempt is safe, none might not be.
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

/// Opens an episode. The version continues from the previous one, so that two executions cannot both open it.
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

/// Takes the claim again in the same episode.
fn retake(current: &Claim, request: ClaimRequest<'_>) -> Claim {
    Claim {
        updates: current.updates,
        budget_hour: current.budget_hour.clone(),
        ..open_episode(current.episode, current.version, request)
    }
}

/// The incident id of an episode: the id of the resource for the first one, followed by its number from the second on.
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

    /// The verdict in a word, and the episode.
    fn verdict(verdict: &Verdict) -> (&'static str, u32) {
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
            ("approval waits for observing", Some(claim(Open, Observe, None, MINUTE)), RequestApproval, ("busy", 2)),
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
            ("contained, then notify", settled(Contain, Outcome::Contained, 90 * DAY), Notify, ("duplicate", 2)),
            ("remediated", settled(Contain, Outcome::Remediated, MINUTE), Contain, ("duplicate", 2)),
            ("failed", settled(Contain, Outcome::Failed, MINUTE), Contain, ("take", 2)),
            ("failed, then notify", settled(Contain, Outcome::Failed, MINUTE), Notify, ("duplicate", 2)),
            ("partial", settled(Contain, Outcome::PartiallyContained, 2 * DAY), Contain, ("take", 2)),
            ("partial, then notify", settled(Contain, Outcome::PartiallyContained, 2 * DAY), Notify, ("duplicate", 2)),
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
            ("notified, then suspected", settled(Notify, Outcome::Notified, MINUTE), RequestApproval, ("take", 2)),
            ("notified, then confirmed", settled(Notify, Outcome::Notified, MINUTE), Contain, ("take", 2)),
            ("notified twice", settled(Notify, Outcome::Notified, DAY - 1), Notify, ("duplicate", 2)),
            ("notified a day ago", settled(Notify, Outcome::Notified, DAY), Notify, ("take", 3)),
            ("notified a day ago, then confirmed", settled(Notify, Outcome::Notified, DAY), Contain, ("take", 3)),
            ("observed", settled(Observe, Outcome::Observed, MINUTE), Notify, ("duplicate", 2)),
            ("observed, and the mode changed", settled(Observe, Outcome::Observed, MINUTE), Contain, ("take", 2)),
            ("not found", settled(Contain, Outcome::NotFound, MINUTE), Contain, ("duplicate", 2)),
            ("not found a day ago", settled(Contain, Outcome::NotFound, DAY), Contain, ("take", 3)),
            ("released", Some(claim(Released, Contain, Some(Outcome::Released), MINUTE)), Notify, ("take", 3)),
            ("no outcome recorded", Some(claim(Settled, Contain, None, MINUTE)), Contain, ("take", 2)),
        ];
        for (name, current, action, expected) in table {
            assert_eq!(verdict(&arbitrate(current.as_ref(), request("second", action))), expected, "{name}");
        }
    }

    #[test]
    fn what_was_contained_and_undone_is_contained_again() {
        let contained = claim(Status::Settled, Action::Contain, Some(Outcome::Contained), 60);
        let drifted = |action| ClaimRequest { drifted: true, ..request("second", action) };
        assert_eq!(verdict(&arbitrate(Some(&contained), drifted(Action::Contain))), ("take", 2));
        assert_eq!(verdict(&arbitrate(Some(&contained), drifted(Action::Notify))), ("duplicate", 2));
        assert_eq!(verdict(&arbitrate(Some(&contained), drifted(Action::Escalate))), ("take", 2));
        let unreadable = ClaimRequest { unreadable: true, ..request("second", Action::Escalate) };
        assert_eq!(verdict(&arbitrate(Some(&contained), unreadable)), ("take", 2));
        assert_eq!(verdict(&arbitrate(Some(&contained), request("second", Action::Escalate))), ("duplicate", 2));
    }

    #[test]
    fn updates_keep_an_episode_going() {
        let mut notified = claim(Status::Settled, Action::Notify, Some(Outcome::Notified), 3 * QUIET_SECONDS);
        notified.seen_at = Timestamp::from_unix_seconds(NOW - 60);
        assert_eq!(verdict(&arbitrate(Some(&notified), request("second", Action::Notify))), ("duplicate", 2));
    }

    #[test]
    fn an_execution_keeps_what_it_holds() {
        let held = claim(Status::Open, Action::Contain, None, 2 * LEASE_SECONDS);
        assert_eq!(arbitrate(Some(&held), request("first", Action::Contain)), Verdict::Held(held.clone()));
        // It asked for more before a budget lowered it, or for less since: the record says what it does.
        assert_eq!(verdict(&arbitrate(Some(&held), request("first", Action::RequestApproval))), ("take", 2));
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
