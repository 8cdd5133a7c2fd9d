//! The second delivery of the same event.

use account::sns::Published;

use super::{Case, acts, named, outcomes};
use simulator::report::ReplayReport;

pub(super) fn changes_nothing(case: &Case<'_>) -> Option<String> {
    let ended = outcomes(&case.trial.first);
    // People were notified of incomplete evidence, which the second run may complete.
    let follow_up = |message: &Published| {
        message.attributes.get("key").is_some_and(|key| key.value.contains("/evidence-incomplete"))
    };
    let is_incomplete = case.trial.first.published.iter().any(follow_up);
    if is_incomplete || ended.iter().any(|outcome| outcome.needs_a_person()) {
        return None;
    }
    if case.trial.first.after.state == case.trial.again.after.state {
        return None;
    }
    let calls: Vec<String> =
        case.trial.again.calls.iter().filter(|call| acts(case.trial, call)).map(|call| named(call)).collect();
    // Without a call, time has changed something: an Auto Scaling group may have replaced an instance.
    if calls.is_empty() {
        return None;
    }
    Some(format!("the second run changes the account: {}", calls.join(", ")))
}

pub(super) fn not_worse(case: &Case<'_>) -> Option<String> {
    let first = with(&case.trial.first.reports, true);
    let again = with(&case.trial.again.reports, false);
    let newly = again.iter().find(|resource| first.contains(resource));
    newly.map(|resource| format!("{resource} was closed after the first run and is open after the second"))
}

/// The resources whose controls hold, or do not.
fn with(reports: &[ReplayReport], holds: bool) -> Vec<&str> {
    let read = reports.iter().flat_map(|report| &report.read_back);
    read.filter(|read| read.holds == Some(holds)).map(|read| read.resource.as_str()).collect()
}
