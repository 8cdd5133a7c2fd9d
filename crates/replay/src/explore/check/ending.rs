//! How a run ends.

use incident::Outcome;

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
    if case.baseline.outcomes.contains(&ended) {
        return None;
    }
    let without = case.baseline.outcomes.first().map(|outcomes| listed(outcomes)).unwrap_or_default();
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
    let honest = case.baseline.outcomes.iter().any(|without| {
        let pairs = ended.iter().zip(without);
        without.len() == ended.len()
            && pairs.into_iter().all(|(is, was)| is == was || is.needs_a_person() || *is == Outcome::Failed)
    });
    // An event that made several incidents may make one, escalated, when it cannot be read.
    let escalated = ended.iter().all(|outcome| *outcome == Outcome::Escalated);
    if honest || escalated {
        return None;
    }
    let without = case.baseline.outcomes.first().map(|outcomes| listed(outcomes)).unwrap_or_default();
    let what = if several { "several faults" } else { "a fault that lasts" };
    Some(format!("{what} turn {without} into {}: {}", listed(&ended), reason(case)))
}

fn reason<'a>(case: &Case<'a>) -> &'a str {
    case.trial.first.records.first().map_or("", |record| record.reason.as_str())
}

pub(super) fn terminal_outcome(case: &Case<'_>) -> Option<String> {
    let deliveries = [(&case.trial.first, "the first run"), (&case.trial.again, "the second run")];
    for (delivery, which) in deliveries {
        let undriven = delivery.records.iter().find(|record| record.playbook.is_some() && record.execution.is_none());
        if let Some(record) = undriven {
            return Some(format!("{which} did not end: {}", record.reason));
        }
        for execution in &delivery.executions {
            let error = execution.error.as_deref().unwrap_or_default();
            // A Fail state of a definition has a name of its own.
            let said = execution.status == "FAILED" && !error.is_empty() && !error.starts_with("States.");
            let reported = execution.status == "SUCCEEDED"
                && (!execution.root || execution.output.as_ref().is_some_and(|output| output.get("outcome").is_some()));
            if !said && !reported {
                let playbook = &execution.playbook;
                return Some(format!("{playbook} ended {} {error} without a report in {which}", execution.status));
            }
        }
    }
    None
}

pub(super) fn nothing_unsupported(case: &Case<'_>) -> Option<String> {
    let records = case.trial.first.records.iter().chain(&case.trial.again.records);
    records.flat_map(|record| &record.tool_errors).next().cloned()
}
