//! What people are told.

use std::collections::BTreeMap;

use account::sns::Published;
use incident::Outcome;

use super::Case;
use simulator::record::{IncidentRecord, Record};

/// A message that says how an incident ended.
struct Told<'a> {
    incident: &'a str,
    outcome: Outcome,
}

/// Reads the key of a message: `<incident id>/<outcome>`, an attribute or, in a message that no function wrote, in the
/// text.
fn told_by(message: &Published) -> Option<Told<'_>> {
    const LABEL: &str = "Key: ";
    let key = match message.attributes.get("key") {
        Some(attribute) => attribute.value.as_str(),
        None => message.message.rfind(LABEL).and_then(|at| message.message.get(at + LABEL.len()..))?,
    };
    let (incident, rest) = key.split_once('/')?;
    let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(rest.len());
    let outcome = rest.get(..end)?;
    let outcome = Outcome::ALL.into_iter().find(|known| known.name() == outcome)?;
    Some(Told { incident, outcome })
}

/// What stands for the incident of an event that could not be triaged.
const NO_INCIDENT: &str = "no-incident";

/// Whether a message is about an incident: an episode adds a number to the id.
fn is_about(told: &Told<'_>, incident: &IncidentRecord) -> bool {
    told.incident.starts_with(NO_INCIDENT)
        || incident.id.as_deref().is_some_and(|id| told.incident == id || told.incident.starts_with(&format!("{id}-")))
}

/// Whether the execution failed, which the watchdog rule tells.
fn failed(record: &Record) -> bool {
    record.execution.as_ref().is_some_and(|execution| execution.status != "SUCCEEDED")
}

pub(super) fn told(case: &Case<'_>) -> Option<String> {
    let messages: Vec<Told<'_>> = case.trial.first.published.iter().filter_map(told_by).collect();
    for record in case.trial.first.records.iter().filter(|record| !failed(record)) {
        for incident in &record.incidents {
            let is_told = messages.iter().any(|told| told.outcome == incident.outcome && is_about(told, incident));
            if !is_quiet(incident.outcome) && !is_told {
                return Some(format!("the outcome {} is told nowhere", incident.outcome));
            }
        }
    }
    None
}

/// Whether an outcome is for nobody, or for whoever reads the records.
fn is_quiet(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Duplicate | Outcome::Ignored | Outcome::Recorded | Outcome::Unmatched | Outcome::Invalid)
}

pub(super) fn truth(case: &Case<'_>) -> Option<String> {
    for delivery in [&case.trial.first, &case.trial.again] {
        let messages: Vec<Told<'_>> = delivery.published.iter().filter_map(told_by).collect();
        let ended: Vec<(&Record, &IncidentRecord)> = delivery
            .records
            .iter()
            .flat_map(|record| record.incidents.iter().map(move |incident| (record, incident)))
            .collect();
        for told in &messages {
            // Several events may be about one incident, and each ends in its own way.
            let about: Vec<_> = ended.iter().filter(|(_, incident)| is_about(told, incident)).collect();
            let is_true = |(record, incident): &&&(&Record, &IncidentRecord)| {
                told.outcome == incident.outcome || failed(record) && incident.outcome == Outcome::Escalated
            };
            // A contradiction between claim and account makes the outcome of the record `failed`.
            if let Some((record, incident)) = about.first()
                && !about.iter().any(|one| is_true(&one))
            {
                return Some(format!(
                    "{} was told, read back is {}: {}",
                    told.outcome, incident.outcome, record.reason
                ));
            }
        }
    }
    None
}

pub(super) fn one_text_per_key(case: &Case<'_>) -> Option<String> {
    let mut texts: BTreeMap<&str, (&Option<String>, &str)> = BTreeMap::new();
    for message in case.trial.first.published.iter().chain(&case.trial.again.published) {
        let Some(key) = message.attributes.get("key") else { continue };
        let text = (&message.subject, message.message.as_str());
        let known = texts.entry(&key.value).or_insert(text);
        if *known != text {
            return Some(format!("two texts have the key {}: {}", key.value, first_difference(known.1, text.1)));
        }
    }
    None
}

fn first_difference(one: &str, other: &str) -> String {
    let differing = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    match differing {
        Some((one, other)) => format!("`{}` and `{}`", one.trim(), other.trim()),
        None => "one is longer".to_owned(),
    }
}
