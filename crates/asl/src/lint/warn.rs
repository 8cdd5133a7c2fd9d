//! What Step Functions accepts, and whoever responds to an incident regrets.

use std::collections::BTreeSet;

use super::check::{Checker, Scope};
use super::fields::Language;
use super::place::Place;
use super::rule::{self, Rule};
use crate::source::{Member, Node, Object};

/// Errors that are the same the next time: a retry only wastes the time until somebody looks.
static PERMANENT: &[&str] = &[
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.IntrinsicFailure",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
];

/// `States.Runtime` is neither caught nor retried, even when it is named.
const NEVER_MATCHED: &str = "States.Runtime";

impl Checker<'_, '_> {
    /// Warns of a state.
    pub(super) fn warnings(
        &mut self,
        kind: &str,
        state: &Object<'_>,
        place: &Place<'_>,
        member: &Member<'_>,
        scope: Scope<'_>,
    ) {
        match kind {
            "Task" => self.timeouts(state, place, member),
            "Map" => self.distributed_fields(state, place),
            "Choice" if state.get("Default").is_none() && !always_matches(state, scope) => {
                let message = format!(
                    "the choice `{}` has no `Default`: input that no rule matches fails with States.NoChoiceMatched",
                    member.name
                );
                self.report.warn(&rule::CHOICE_DEFAULT, place, member.at, message);
            }
            _ => {}
        }
        if let Some(retry) = state.get("Retry") {
            let here = place.field("Retry");
            self.shadowed(&retry.value, &here, &rule::UNREACHABLE_RETRY, "retrier");
            self.permanent(&retry.value, &here);
        }
        if let Some(catch) = state.get("Catch") {
            self.shadowed(&catch.value, &place.field("Catch"), &rule::UNREACHABLE_CATCH, "catcher");
        }
    }

    fn timeouts(&mut self, state: &Object<'_>, place: &Place<'_>, member: &Member<'_>) {
        let timeout = state.get("TimeoutSeconds");
        if timeout.is_none() && state.get("TimeoutSecondsPath").is_none() {
            let message = format!("the task `{}` has no timeout: it can wait for up to a year", member.name);
            self.report.warn(&rule::TASK_TIMEOUT, place, member.at, message);
        }
        let heartbeat = state.get("HeartbeatSeconds");
        if let (Some(timeout), Some(heartbeat)) = (timeout, heartbeat)
            && let (Some(most), Some(between)) = (timeout.value.as_f64(), heartbeat.value.as_f64())
            && between >= most
        {
            let message = format!("a heartbeat of {between} s is never missed within a timeout of {most} s");
            self.report.warn(&rule::HEARTBEAT, &place.field("HeartbeatSeconds"), heartbeat.value.at, message);
        }
    }

    /// Warns of a retrier or a catcher all of whose errors an earlier one takes.
    fn shadowed(&mut self, list: &Node<'_>, place: &Place<'_>, rule: &'static Rule, kind: &str) {
        let mut taken: BTreeSet<&str> = BTreeSet::from([NEVER_MATCHED]);
        for (index, item) in list.as_array().unwrap_or_default().iter().enumerate() {
            let names = error_names(item);
            if !names.is_empty() && names.iter().all(|(name, _)| covers(&taken, name)) {
                let all: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
                let never = names.iter().all(|(name, _)| *name == NEVER_MATCHED);
                let reason = if never { "Step Functions never lets it match" } else { "an earlier one takes it" };
                let message = format!("this {kind} is never reached: it names {}, and {reason}", all.join(", "));
                self.report.warn(rule, &place.item(index), item.at, message);
            }
            taken.extend(names.into_iter().map(|(name, _)| name));
        }
    }

    /// Warns of retriers that retry what cannot succeed.
    fn permanent(&mut self, list: &Node<'_>, place: &Place<'_>) {
        for (index, item) in list.as_array().unwrap_or_default().iter().enumerate() {
            let attempts =
                item.as_object().and_then(|item| item.get("MaxAttempts")).and_then(|most| most.value.as_f64());
            if attempts == Some(0.0) {
                continue;
            }
            let item_place = place.item(index);
            let here = item_place.field("ErrorEquals");
            for (name, node) in error_names(item) {
                if PERMANENT.contains(&name) {
                    let message = format!("`{name}` is the same at the next attempt: retrying it wastes time");
                    self.report.warn(&rule::RETRY_PERMANENT, &here, node.at, message);
                } else if matches!(name, "States.ALL" | "States.TaskFailed") {
                    let message = format!("`{name}` retries errors that stay, too; name those that can pass");
                    self.report.warn(&rule::RETRY_EVERYTHING, &here, node.at, message);
                }
            }
        }
    }
}

/// The error names of a retrier or a catcher.
fn error_names<'n, 't>(item: &'n Node<'t>) -> Vec<(&'n str, &'n Node<'t>)> {
    let names = item.as_object().and_then(|item| item.get("ErrorEquals")).and_then(|names| names.value.as_array());
    names.unwrap_or_default().iter().filter_map(|node| node.as_str().map(|name| (name, node))).collect()
}

/// Whether names taken by earlier items leave nothing of a name. `States.TaskFailed` stands for all but timeouts.
fn covers(taken: &BTreeSet<&str>, name: &str) -> bool {
    let timeout =
        matches!(name, "States.Timeout" | "States.HeartbeatTimeout" | "States.ALL" | "States.DataLimitExceeded");
    taken.contains(name)
        || taken.contains("States.ALL") && name != "States.DataLimitExceeded"
        || taken.contains("States.TaskFailed") && !timeout
        || taken.contains("States.Timeout") && name == "States.HeartbeatTimeout"
}

/// Whether a rule of a JSONata choice is always true, so that nothing is left for a default.
fn always_matches(choice: &Object<'_>, scope: Scope<'_>) -> bool {
    let rules = choice.get("Choices").and_then(|choices| choices.value.as_array()).unwrap_or_default();
    scope.language == Language::Jsonata
        && rules.iter().filter_map(Node::as_object).any(|rule| {
            rule.get("Condition").is_some_and(|condition| {
                condition.value.as_bool() == Some(true)
                    || condition.value.as_str().is_some_and(|text| {
                        text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")).map(str::trim) == Some("true")
                    })
            })
        })
}
