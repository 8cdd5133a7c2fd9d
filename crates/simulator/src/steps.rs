//! The steps of an execution in words, from its history.

use std::collections::BTreeMap;

use asl::{EventDetails, HistoryEvent};

use crate::driver::{Ended, to_account};
use crate::record::StepRecord;

/// Each state entered, in order, with what came of it.
pub fn of(ended: &Ended) -> Vec<StepRecord> {
    let seconds =
        |event: &HistoryEvent| to_account(event.timestamp).since(ended.started_at).as_millis() as f64 / 1000.0;
    let mut steps: Vec<StepRecord> = Vec::new();
    // Which step an event belongs to: its own, or that of the event it follows.
    let mut step_of: BTreeMap<u64, usize> = BTreeMap::new();
    for event in ended.execution.history() {
        let before = step_of.get(&event.previous_event_id).copied();
        if let EventDetails::StateEntered { name, .. } = &event.details {
            if let Some(choice) = before.and_then(|index| steps.get_mut(index)).filter(|step| step.result == CHOSEN) {
                choice.result = format!("→ {name}");
            }
            steps.push(StepRecord {
                at: seconds(event),
                state: name.to_string(),
                seconds: None,
                result: String::new(),
            });
            step_of.insert(event.id, steps.len() - 1);
            continue;
        }
        let own = match &event.details {
            // The exit of a Parallel or Map follows the end of a branch.
            EventDetails::StateExited { name, .. } => {
                steps.iter().rposition(|step| step.state == name.as_ref() && step.seconds.is_none())
            }
            _ => None,
        };
        let Some(index) = own.or(before) else { continue };
        step_of.insert(event.id, index);
        let Some(step) = steps.get_mut(index) else { continue };
        match &event.details {
            EventDetails::StateExited { state_type, assigned, .. } => {
                step.seconds = Some(((seconds(event) - step.at) * 1000.0).round() / 1000.0);
                if step.result.is_empty() {
                    step.result = match assigned.as_deref().and_then(telling) {
                        Some(told) => told,
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
                step.result =
                    if step.result.is_empty() { error.to_owned() } else { format!("{}, {error}", step.result) };
            }
            EventDetails::TaskSucceeded { .. } | EventDetails::LambdaFunctionSucceeded { .. }
                if !step.result.is_empty() =>
            {
                step.result = format!("ok after {}", step.result);
            }
            _ => {}
        }
    }
    steps
}

/// Until the next state is known.
const CHOSEN: &str = "→";

/// The variables that tell a person what a state found.
fn telling(assigned: &asl::history::Assigned) -> Option<String> {
    let value = |name: &str| assigned.iter().find(|(found, _)| found.as_ref() == name).map(|(_, value)| value.value());
    if let Some(decision) = value("decision").and_then(|decision| decision.get("action")) {
        return decision.as_str().map(|action| format!("decision {action}"));
    }
    if let Some(plan) = value("plan").and_then(|plan| plan.as_array()) {
        return Some(format!("a plan of {} controls", plan.len()));
    }
    value("outcome").and_then(|outcome| outcome.as_str()).map(str::to_owned)
}
