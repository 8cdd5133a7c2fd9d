use std::borrow::Cow;

use super::ConditionKeys;
use super::condition;
use super::pattern::{Pattern, Reach};
use super::policy::{Effect, Policy, Selection, Statement};

/// One authorization question of a call. A call may ask several: `ec2:CreateSnapshots` is asked for the instance,
/// for each volume and for the snapshots to be.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The action: `ec2:CreateSnapshots`. Compared without regard to case.
    pub action: &'a str,
    /// The ARN of the resource, or `*` for an action that takes no resource.
    pub resource: &'a str,
    /// The condition keys the call carries, with their values.
    pub keys: &'a dyn ConditionKeys,
}

/// The answer to a [`Request`], with the name of the statement that gave it (its `Sid`, or `#` and its position).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows the call and none denies it.
    Allowed {
        /// The first statement that allows.
        statement: String,
    },
    /// A statement denies the call.
    ExplicitlyDenied {
        /// The first statement that denies.
        statement: String,
    },
    /// No statement matches.
    ImplicitlyDenied,
}

impl Decision {
    /// Whether the call may go on.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// A [`Decision`] with the statement itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict<'a> {
    Allowed(&'a Statement),
    ExplicitlyDenied(&'a Statement),
    ImplicitlyDenied,
}

/// Decides `request` against `policy`.
pub fn evaluate(policy: &Policy, request: &Request<'_>) -> Decision {
    match decide(policy, request) {
        Verdict::Allowed(statement) => Decision::Allowed { statement: statement.name.clone() },
        Verdict::ExplicitlyDenied(statement) => Decision::ExplicitlyDenied { statement: statement.name.clone() },
        Verdict::ImplicitlyDenied => Decision::ImplicitlyDenied,
    }
}

/// Decides `request` against `policy`.
pub(crate) fn decide<'a>(policy: &'a Policy, request: &Request<'_>) -> Verdict<'a> {
    if let Some(statement) = deciding(policy, request, Effect::Deny) {
        return Verdict::ExplicitlyDenied(statement);
    }
    deciding(policy, request, Effect::Allow).map_or(Verdict::ImplicitlyDenied, Verdict::Allowed)
}

/// The first statement of `effect` that matches.
fn deciding<'a>(policy: &'a Policy, request: &Request<'_>, effect: Effect) -> Option<&'a Statement> {
    policy.statements.iter().find(|statement| statement.effect == effect && applies(statement, request))
}

/// The text under which `statement` lists the action of `request`.
pub(super) fn listed_as<'a>(statement: &'a Statement, request: &Request<'_>) -> Option<Cow<'a, str>> {
    match &statement.actions {
        Selection::Listed(patterns) => {
            patterns.iter().find(|pattern| action_matches(pattern, request)).map(|pattern| pattern.text().into())
        }
        Selection::AllBut(_) => statement.actions.names().into_iter().next().map(Cow::Owned),
    }
}

fn applies(statement: &Statement, request: &Request<'_>) -> bool {
    selects(&statement.actions, |pattern| action_matches(pattern, request))
        && selects(&statement.resources, |pattern| {
            pattern.matches(request.resource, Reach::Resource, false, request.keys)
        })
        && statement.conditions.iter().all(|condition| condition::holds(condition, request.keys))
}

fn action_matches(pattern: &Pattern, request: &Request<'_>) -> bool {
    pattern.matches(request.action, Reach::Text, true, request.keys)
}

fn selects(selection: &Selection, matches: impl Fn(&Pattern) -> bool) -> bool {
    match selection {
        Selection::Listed(patterns) => patterns.iter().any(matches),
        Selection::AllBut(patterns) => !patterns.iter().any(matches),
    }
}
