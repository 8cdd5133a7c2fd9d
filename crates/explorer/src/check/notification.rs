//! Notifications.

use std::collections::BTreeMap;

use account::sns::Published;
use incident::Outcome;

use super::Case;
use simulator::report::{IncidentReport, ReplayReport};

/// A notification of the outcome of an incident.
struct Announcement<'a> {
    incident: &'a str,
    outcome: Outcome,
}

/// Reads the key of a message: `<incident id>/<outcome>`, an attribute or, in a message that no function wrote, in the
/// text.
fn announcement(message: &Published) -> Option<Announcement<'_>> {
    const LABEL: &str = "Key: ";
    let key = match message.attributes.get("key") {
        Some(attribute) => attribute.value.as_str(),
        None => message.message.rfind(LABEL).and_then(|at| message.message.get(at + LABEL.len()..))?,
    };
    let (incident, rest) = key.split_once('/')?;
    let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(rest.len());
    let outcome = rest.get(..end)?;
    let outcome = Outcome::ALL.into_iter().find(|known| known.name() == outcome)?;
    Some(Announcement { incident, outcome })
}

/// Stands for the incident of an event that could not be triaged.
const NO_INCIDENT: &str = "no-incident";

/// Whether a message is about an incident: an episode adds a number to the id.
fn is_about(told: &Announcement<'_>, incident: &IncidentReport) -> bool {
    told.incident.starts_with(NO_INCIDENT)
        || incident.id.as_deref().is_some_and(|id| told.incident == id || told.incident.starts_with(&format!("{id}-")))
}

/// Whether the execution failed: the watchdog rule notifies of that.
fn failed(report: &ReplayReport) -> bool {
    report.execution.as_ref().is_some_and(|execution| execution.status != "SUCCEEDED")
}

pub(super) fn told(case: &Case<'_>) -> Option<String> {
    let messages: Vec<Announcement<'_>> = case.trial.first.published.iter().filter_map(announcement).collect();
    for report in case.trial.first.reports.iter().filter(|report| !failed(report)) {
        for incident in &report.incidents {
            let is_announced = messages.iter().any(|told| told.outcome == incident.outcome && is_about(told, incident));
            if !is_quiet(incident.outcome) && !is_announced {
                return Some(format!("the outcome {} is told nowhere", incident.outcome));
            }
        }
    }
    None
}

/// Whether nobody is notified of an outcome.
fn is_quiet(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Duplicate | Outcome::Ignored | Outcome::Recorded | Outcome::Unmatched | Outcome::Invalid)
}

pub(super) fn truth(case: &Case<'_>) -> Option<String> {
    for delivery in [&case.trial.first, &case.trial.again] {
        let messages: Vec<Announcement<'_>> = delivery.published.iter().filter_map(announcement).collect();
        let ended: Vec<(&ReplayReport, &IncidentReport)> = delivery
            .reports
            .iter()
            .flat_map(|report| report.incidents.iter().map(move |incident| (report, incident)))
            .collect();
        for told in &messages {
            // Several events may be about one incident, and each ends in its own way.
            let about: Vec<_> = ended.iter().filter(|(_, incident)| is_about(told, incident)).collect();
            let is_true = |(report, incident): &&&(&ReplayReport, &IncidentReport)| {
                told.outcome == incident.outcome || failed(report) && incident.outcome == Outcome::Escalated
            };
            // A contradiction between claim and account makes the outcome of the record `failed`.
            if let Some((report, incident)) = about.first()
                && !about.iter().any(|one| is_true(&one))
            {
                return Some(format!(
                    "{} was told, read back is {}: {}",
                    told.outcome, incident.outcome, report.reason
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
