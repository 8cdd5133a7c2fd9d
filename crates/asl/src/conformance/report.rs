use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value, json};

use super::case::Case;
use super::run::RunResult;
use crate::compare::{first_difference, same, same_multiset, without_metadata};

/// What agrees with the recording; `None` where the case does not record it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// The status, and the output or the error name.
    pub outcome: Option<bool>,
    /// The outcome and the cause.
    pub cause: Option<bool>,
    /// The sequence of event types.
    pub types: Option<bool>,
    /// Every event with all details.
    pub full: Option<bool>,
}

/// The comparison of a result with the recording.
#[derive(Debug, Clone)]
pub struct Report {
    /// The name of the case.
    pub name: String,
    /// Its group.
    pub group: String,
    /// What agrees.
    pub measures: Measures,
    /// The first difference, as a sentence.
    pub difference: Option<String>,
    /// The result of the engine.
    pub ran: RunResult,
}

/// Events that are missing in recordings without the order of the events of branches.
const LOST: [&str; 2] = ["ParallelStateSucceeded", "ParallelStateFailed"];

impl Report {
    /// Compares what the engine did with what was recorded.
    #[must_use]
    pub fn new(case: &Case, ran: RunResult) -> Report {
        let expect = &case.expect;
        let field = |name: &str| expect.get(name).cloned().unwrap_or_default();
        let actual = json!({ "status": ran.status, "output": ran.output, "error": ran.error });
        let expected = json!({ "status": field("status"), "output": field("output"), "error": field("error") });
        let mut difference = first_difference(&without_metadata(&expected), &without_metadata(&actual), "$");
        let outcome = difference.is_none();
        let cause = outcome && same(&field("cause"), &json!(ran.cause));
        if outcome && !cause {
            difference = first_difference(&field("cause"), &json!(ran.cause), "$.cause");
        }
        let mut measures = Measures { outcome: Some(outcome), cause: Some(cause), types: None, full: None };
        if let Some(events) = expect.get("events").and_then(Value::as_array) {
            let unordered = expect.get("unordered") == Some(&Value::Bool(true));
            let expected: Vec<Value> = events.iter().map(without_metadata).collect();
            let actual: Vec<Value> = ran.events.iter().map(without_metadata).collect();
            let (types, full, events_difference) =
                if unordered { compare_unordered(&expected, &actual) } else { compare_ordered(&expected, &actual) };
            measures.types = Some(types);
            measures.full = Some(full);
            difference = difference.or(events_difference);
        }
        Report { name: case.name.clone(), group: case.group.clone(), measures, difference, ran }
    }

    /// The report as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Measures { outcome, cause, types, full } = self.measures;
        let ran = &self.ran;
        json!({
            "name": self.name, "group": self.group, "outcome": outcome, "cause": cause, "types": types, "full": full,
            "run": { "status": ran.status, "output": ran.output, "error": ran.error, "cause": ran.cause, "events": ran.events },
        })
    }
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().filter_map(|event| event.get("type").and_then(Value::as_str)).collect()
}

fn compare_ordered(expected: &[Value], actual: &[Value]) -> (bool, bool, Option<String>) {
    let difference = first_difference(&json!(expected), &json!(actual), "events");
    (types(expected) == types(actual), difference.is_none(), difference)
}

fn compare_unordered(expected: &[Value], actual: &[Value]) -> (bool, bool, Option<String>) {
    let view = |events: &[Value]| -> Vec<Value> {
        let kept = events
            .iter()
            .filter(|event| !event.get("type").and_then(Value::as_str).is_some_and(|name| LOST.contains(&name)));
        let strip = |event: &Value| -> Value {
            let fields =
                event.as_object().into_iter().flatten().filter(|(key, _)| !matches!(key.as_str(), "id" | "prev"));
            Value::Object(fields.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
        };
        kept.map(strip).collect()
    };
    let (expected, actual) = (view(expected), view(actual));
    let (mut expected_types, mut actual_types) = (types(&expected), types(&actual));
    expected_types.sort_unstable();
    actual_types.sort_unstable();
    let full = same_multiset(&expected, &actual);
    let difference = (!full).then(|| "events: the events of the branches differ".to_owned());
    (expected_types == actual_types, full, difference)
}

/// The passed and the counted cases, by group and measure.
#[derive(Debug, Clone, Default)]
pub struct Totals(BTreeMap<String, [(usize, usize); 4]>);

/// The measures in their order.
const MEASURES: [&str; 4] = ["outcome", "cause", "types", "full"];

impl Totals {
    /// Counts a report.
    pub fn add(&mut self, report: &Report) {
        let Measures { outcome, cause, types, full } = report.measures;
        self.count(&report.group, [outcome, cause, types, full]);
    }

    /// Counts a case that could not be run.
    pub fn add_refused(&mut self, case: &Case) {
        let has_events = case.expect.get("events").is_some_and(Value::is_array);
        let events = has_events.then_some(false);
        self.count(&case.group, [Some(false), Some(false), events, events]);
    }

    fn count(&mut self, group: &str, measures: [Option<bool>; 4]) {
        let counts = self.0.entry(group.to_owned()).or_default();
        for (count, measure) in counts.iter_mut().zip(measures) {
            if let Some(passed) = measure {
                count.0 += usize::from(passed);
                count.1 += 1;
            }
        }
    }

    /// The passed and the counted cases of a group for a measure: `outcome`, `cause`, `types` or `full`.
    #[must_use]
    pub fn get(&self, group: &str, measure: &str) -> Option<(usize, usize)> {
        let at = MEASURES.iter().position(|name| *name == measure)?;
        self.0.get(group)?.get(at).copied()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<16} {:>12} {:>12} {:>12} {:>12}", "group", "outcome", "cause", "types", "full")?;
        for (group, counts) in &self.0 {
            write!(f, "{group:<16}")?;
            for (passed, all) in counts {
                write!(f, " {:>12}", format!("{passed}/{all}"))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
