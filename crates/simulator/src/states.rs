//! The states of an execution with their results in words, from its history.

use std::collections::BTreeMap;

use asl::{EventDetails, HistoryEvent};

use incident::contract;

use crate::driver::{FinishedExecution, to_account};
use crate::report::StateReport;

/// Each state entered, in order, with its result.
pub(crate) fn of(ended: &FinishedExecution) -> Vec<StateReport> {
    let seconds =
        |event: &HistoryEvent| to_account(event.timestamp).since(ended.started_at).as_millis() as f64 / 1000.0;
    let mut states: Vec<StateReport> = Vec::new();
    // The state that an event belongs to: its own, or that of the event it follows.
    let mut state_of: BTreeMap<u64, usize> = BTreeMap::new();
    for event in ended.execution.history() {
        let before = state_of.get(&event.previous_event_id).copied();
        if let EventDetails::StateEntered { name, .. } = &event.details {
            if let Some(choice) = before.and_then(|index| states.get_mut(index)).filter(|state| state.result == CHOSEN)
            {
                choice.result = format!("→ {name}");
            }
            state_of.insert(event.id, states.len());
            states.push(StateReport {
                at: seconds(event),
                state: name.to_string(),
                seconds: None,
                result: String::new(),
            });
            continue;
        }
        let own = match &event.details {
            // The exit of a Parallel or Map follows the end of a branch.
            EventDetails::StateExited { name, .. } => {
                states.iter().rposition(|state| state.state == name.as_ref() && state.seconds.is_none())
            }
            _ => None,
        };
        // Events of the execution itself, such as its start, belong to no state.
        let Some((index, state)) = own.or(before).and_then(|index| Some((index, states.get_mut(index)?))) else {
            continue;
        };
        state_of.insert(event.id, index);
        match &event.details {
            EventDetails::StateExited { state_type, assigned, .. } => {
                state.seconds = Some(((seconds(event) - state.at) * 1000.0).round() / 1000.0);
                if state.result.is_empty() {
                    state.result = match assigned.as_deref().and_then(finding) {
                        Some(found) => found,
                        None if *state_type == asl::history::StateType::Choice => CHOSEN.to_owned(),
                        None => "ok".to_owned(),
                    };
                }
            }
            EventDetails::TaskFailed(_, failure)
            | EventDetails::TaskTimedOut(_, failure)
            | EventDetails::TaskStartFailed(_, failure)
            | EventDetails::LambdaFunctionFailed(failure)
            | EventDetails::LambdaFunctionTimedOut(failure) => {
                let error = failure.error.as_deref().unwrap_or("an error");
                state.result =
                    if state.result.is_empty() { error.to_owned() } else { format!("{}, {error}", state.result) };
            }
            EventDetails::TaskSucceeded { .. } | EventDetails::LambdaFunctionSucceeded { .. }
                if !state.result.is_empty() =>
            {
                state.result = format!("ok after {}", state.result);
            }
            _ => {}
        }
    }
    states
}

/// Result of a Choice until the next state is known.
const CHOSEN: &str = "→";

/// What the state found, from the variables that it assigned.
fn finding(assigned: &asl::history::Assigned) -> Option<String> {
    contract::finding_of_state(|name| {
        assigned.iter().find(|(found, _)| found.as_ref() == name).map(|(_, value)| value.value())
    })
}
