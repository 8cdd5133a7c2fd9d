//! The same event once more, after the first run.

use account::sns::Published;

use super::{Case, acts, named, outcomes};
use simulator::record::Record;

pub(super) fn changes_nothing(case: &Case<'_>) -> Option<String> {
    let ended = outcomes(&case.trial.first);
    // Evidence that is incomplete was told too, and may be completed.
    let follow_up = |message: &Published| {
        message.attributes.get("key").is_some_and(|key| key.value.contains("/evidence-incomplete"))
    };
    let is_told = case.trial.first.published.iter().any(follow_up);
    if is_told || ended.iter().any(|outcome| outcome.needs_a_person()) {
        return None;
    }
    if case.trial.first.after.state == case.trial.again.after.state {
        return None;
    }
    let calls: Vec<String> =
        case.trial.again.calls.iter().filter(|call| acts(case.trial, call)).map(|call| named(call)).collect();
    // Without a call it is time that changed something, such as a group that replaced an instance.
    if calls.is_empty() {
        return None;
    }
    Some(format!("the second run changes the account: {}", calls.join(", ")))
}

pub(super) fn not_worse(case: &Case<'_>) -> Option<String> {
    let first = with(&case.trial.first.records, true);
    let again = with(&case.trial.again.records, false);
    let newly = again.iter().find(|resource| first.contains(resource));
    newly.map(|resource| format!("{resource} was closed after the first run and is open after the second"))
}

/// The resources that hold, or do not.
fn with(records: &[Record], holds: bool) -> Vec<&str> {
    let read = records.iter().flat_map(|record| &record.read_back);
    read.filter(|read| read.holds == Some(holds)).map(|read| read.resource.as_str()).collect()
}
