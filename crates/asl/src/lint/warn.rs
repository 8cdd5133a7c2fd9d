//! Warnings: what Step Functions accepts, and what makes a response to an incident fail or wait.

use std::collections::BTreeSet;

use super::check::{Checker, Scope};
use super::location::Location;
use super::rule::{self, Rule};
use crate::source::{Member, Node, Object};

/// Permanent errors: a retry fails in the same way, and delays the response.
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

/// `States.Runtime` is neither caught nor retried, even by its name (Step Functions developer guide, "Handling errors").
const NEVER_MATCHED: &str = "States.Runtime";

impl Checker<'_, '_> {
    /// Adds the warnings about a state.
    pub(super) fn warnings(
        &mut self,
        kind: &str,
        state: &Object<'_>,
        location: &Location<'_>,
        member: &Member<'_>,
        scope: Scope<'_>,
    ) {
        match kind {
            "Task" => self.timeouts(state, location, member),
            "Map" => self.distributed_fields(state, location),
            "Choice"
                if state.get("Default").is_none() && !always_matches(state, scope) && !self.has_open_fields(state) =>
            {
                let message = format!(
                    "the Choice state `{}` has no `Default`: input that matches no rule fails with `States.NoChoiceMatched`",
                    member.name
                );
                self.report.warn(&rule::CHOICE_DEFAULT, location, member.at, message);
            }
            _ => {}
        }
        if let Some(retry) = state.get("Retry") {
            let here = location.field("Retry");
            self.shadowed(&retry.value, &here, &rule::UNREACHABLE_RETRY, "retrier");
            self.permanent(&retry.value, &here);
        }
        if let Some(catch) = state.get("Catch") {
            self.shadowed(&catch.value, &location.field("Catch"), &rule::UNREACHABLE_CATCH, "catcher");
        }
    }

    fn timeouts(&mut self, state: &Object<'_>, location: &Location<'_>, member: &Member<'_>) {
        let timeout = state.get("TimeoutSeconds");
        let missing = timeout.is_none() && state.get("TimeoutSecondsPath").is_none();
        if missing && !self.has_open_fields(state) {
            let message = format!("the Task state `{}` has no timeout: it can wait for up to a year", member.name);
            self.report.warn(&rule::TASK_TIMEOUT, location, member.at, message);
        }
        let heartbeat = state.get("HeartbeatSeconds");
        if let (Some(timeout), Some(heartbeat)) = (timeout, heartbeat)
            && let (Some(most), Some(between)) = (timeout.value.as_f64(), heartbeat.value.as_f64())
            && between >= most
        {
            let message = format!("the heartbeat of {between} s has no effect, because the timeout is {most} s");
            self.report.warn(&rule::HEARTBEAT, &location.field("HeartbeatSeconds"), heartbeat.value.at, message);
        }
    }

    /// Warns of a retrier or a catcher that is never used, because earlier ones match all its errors.
    fn shadowed(&mut self, list: &Node<'_>, location: &Location<'_>, rule: &'static Rule, kind: &str) {
        let mut taken: BTreeSet<&str> = BTreeSet::from([NEVER_MATCHED]);
        for (index, item) in list.as_array().unwrap_or_default().iter().enumerate() {
            let names = error_names(item);
            if !names.is_empty() && names.iter().all(|(name, _)| covers(&taken, name)) {
                let all: Vec<String> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
                let never = names.iter().all(|(name, _)| *name == NEVER_MATCHED);
                let reason = if never { "Step Functions never handles this error" } else { "an earlier one matches" };
                let message = format!("this {kind} is never used: it names {}, and {reason}", all.join(", "));
                self.report.warn(rule, &location.item(index), item.at, message);
            }
            taken.extend(names.into_iter().map(|(name, _)| name));
        }
    }

    /// Warns of retriers that retry permanent errors.
    fn permanent(&mut self, list: &Node<'_>, location: &Location<'_>) {
        for (index, item) in list.as_array().unwrap_or_default().iter().enumerate() {
            let attempts =
                item.as_object().and_then(|item| item.get("MaxAttempts")).and_then(|most| most.value.as_f64());
            if attempts == Some(0.0) {
                continue;
            }
            let item_location = location.item(index);
            let here = item_location.field("ErrorEquals");
            for (name, node) in error_names(item) {
                if PERMANENT.contains(&name) {
                    let message = format!("`{name}` is a permanent error: a retry fails in the same way");
                    self.report.warn(&rule::RETRY_PERMANENT, &here, node.at, message);
                } else if matches!(name, "States.ALL" | "States.TaskFailed") {
                    let message = format!("`{name}` retries permanent errors too; name the transient errors");
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

/// Whether the names of earlier items match every error that `name` matches. `States.TaskFailed` matches all but timeouts.
fn covers(taken: &BTreeSet<&str>, name: &str) -> bool {
    let timeout =
        matches!(name, "States.Timeout" | "States.HeartbeatTimeout" | "States.ALL" | "States.DataLimitExceeded");
    taken.contains(name)
        || taken.contains("States.ALL") && name != "States.DataLimitExceeded"
        || taken.contains("States.TaskFailed") && !timeout
        || taken.contains("States.Timeout") && name == "States.HeartbeatTimeout"
}

/// Whether a rule of a JSONata Choice state is always true, so that it needs no `Default`.
fn always_matches(choice: &Object<'_>, scope: Scope<'_>) -> bool {
    let rules = choice.get("Choices").and_then(|choices| choices.value.as_array()).unwrap_or_default();
    scope.is_jsonata()
        && rules.iter().filter_map(Node::as_object).any(|rule| {
            rule.get("Condition").is_some_and(|condition| {
                condition.value.as_bool() == Some(true)
                    || condition.value.as_str().is_some_and(|text| {
                        text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")).map(str::trim) == Some("true")
                    })
            })
        })
}
