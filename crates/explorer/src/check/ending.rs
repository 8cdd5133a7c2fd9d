//! The end of a run.

use incident::Outcome;
use incident::contract::Conclusion;
use serde_json::Value;

use super::{Case, acts, listed, named, outcomes};

pub(super) fn acts_only_when_decided(case: &Case<'_>) -> Option<String> {
    if case.baseline.acts {
        return None;
    }
    let call = case.trial.first.calls.iter().find(|call| acts(case.trial, call))?;
    Some(format!("{} changes the account, which the run without this fault leaves alone", named(call)))
}

pub(super) fn transient_fault_harmless(case: &Case<'_>) -> Option<String> {
    match case.faults {
        [fault] if !fault.lasts() => {}
        _ => return None,
    }
    let ended = outcomes(&case.trial.first);
    let baselines = &case.baseline.outcomes;
    // An explored fault may replace one of the scenario: then one event may end as it does without those.
    let mixed =
        ended.iter().enumerate().all(|(at, outcome)| baselines.iter().any(|without| without.get(at) == Some(outcome)));
    if mixed || baselines.iter().any(|without| is_equal(&ended, without)) {
        return None;
    }
    let without = case.baseline.outcomes.iter().take(1).map(|outcomes| listed(outcomes)).collect::<String>();
    Some(format!("{} instead of {without}: {}", listed(&ended), reason(case)))
}

pub(super) fn lasting_fault_honest(case: &Case<'_>) -> Option<String> {
    let several = match case.faults {
        [] => return None,
        [fault] if !fault.lasts() => return None,
        [_] => false,
        _ => true,
    };
    let ended = outcomes(&case.trial.first);
    let is_reported = |outcome: &Outcome| outcome.needs_a_person() || *outcome == Outcome::Failed;
    let honest = case.baseline.outcomes.iter().any(|without| {
        let known = |outcome: &Outcome| without.contains(outcome) || without.len() > 1 && is_covered(*outcome);
        let missing = without.iter().any(|outcome| !is_covered(*outcome) && !ended.contains(outcome));
        ended.iter().all(|outcome| is_reported(outcome) || known(outcome))
            && (!missing || ended.iter().any(is_reported))
    });
    if honest {
        return None;
    }
    let without = case.baseline.outcomes.iter().take(1).map(|outcomes| listed(outcomes)).collect::<String>();
    let what = if several { "several faults" } else { "a fault that lasts" };
    Some(format!("{what} turn {without} into {}: {}", listed(&ended), reason(case)))
}

/// Whether outcomes are those of the run without the fault. Of several events any may come first and be acted on, which
/// covers the others.
fn is_equal(ended: &[Outcome], without: &[Outcome]) -> bool {
    if without.len() < 2 {
        return ended == without;
    }
    let within = |outcomes: &[Outcome], others: &[Outcome]| {
        outcomes.iter().all(|outcome| is_covered(*outcome) || others.contains(outcome))
    };
    ended.len() == without.len() && within(ended, without) && within(without, ended)
}

/// Whether an outcome says that another run has already responded.
fn is_covered(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Duplicate | Outcome::AlreadyCompliant)
}

fn reason<'a>(case: &Case<'a>) -> &'a str {
    case.trial.first.reports.first().map_or("", |report| report.reason.as_str())
}

pub(super) fn terminal_outcome(case: &Case<'_>) -> Option<String> {
    let deliveries = [(&case.trial.first, "the first run"), (&case.trial.again, "the second run")];
    for (delivery, which) in deliveries {
        let undriven = delivery.reports.iter().find(|report| report.playbook.is_some() && report.execution.is_none());
        if let Some(report) = undriven {
            return Some(format!("{which} did not end: {}", report.reason));
        }
        for execution in &delivery.executions {
            let error = execution.error.as_deref().unwrap_or_default();
            // A Fail state of a definition has an error name of its own.
            let said = execution.status == "FAILED" && !error.is_empty() && !error.starts_with("States.");
            let reported = execution.status == "SUCCEEDED"
                && (!execution.root || execution.output.as_ref().is_some_and(is_report));
            if !said && !reported {
                let playbook = &execution.playbook;
                return Some(format!("{playbook} ended {} {error} without a report in {which}", execution.status));
            }
        }
    }
    None
}

/// Whether the output is one that the output contract knows.
fn is_report(output: &Value) -> bool {
    Conclusion::read(output).is_some()
}

pub(super) fn nothing_unsupported(case: &Case<'_>) -> Option<String> {
    let reports = case.trial.first.reports.iter().chain(&case.trial.again.reports);
    reports.flat_map(|report| &report.tool_errors).next().cloned()
}
