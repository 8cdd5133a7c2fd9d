use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::filter::invalid;
use super::finding::{Identifier, State};
use crate::base::ServiceError;
use crate::protocol::Params;
use crate::service::{Context, RequiredPermission, WRITE_LATENCY};

/// The most findings of one call.
///
/// Source: Security Hub API Reference, "BatchUpdateFindings".
const MAX_FINDINGS: usize = 100;
/// The largest finding, in bytes.
const MAX_SIZE: usize = 240 * 1024;

/// Limits of the AWS Security Finding Format. A value beyond them leaves the findings unprocessed.
///
/// Source: Security Hub User Guide, "Optional top-level ASFF attributes".
const MAX_NOTE: usize = 512;
const MAX_FIELDS: usize = 50;
const MAX_FIELD_KEY: usize = 128;
const MAX_FIELD_VALUE: usize = 1024;
const MAX_TYPES: usize = 50;
const MAX_RELATED: usize = 10;

/// Why a finding was not updated. Codes and texts: API Reference, "BatchUpdateFindingsUnprocessedFinding".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unprocessed {
    NotFound,
    Concurrent,
    Duplicated,
    TooLarge,
    InvalidInput,
}

impl Unprocessed {
    fn code_and_message(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => ("FindingNotFound", "Finding Not Found"),
            Self::Concurrent => ("ConcurrentUpdateError", "Concurrent finding updates detected"),
            Self::Duplicated => ("DuplicatedFindingIdentifier", "Finding Identifier is duplicated"),
            Self::TooLarge => ("FindingSizeExceeded", "Finding size exceeded 240 KB"),
            Self::InvalidInput => ("InvalidInput", "Invalid Input"),
        }
    }
}

/// The hub, with the fields that the call would write as `securityhub:ASFFSyntaxPath`.
pub(super) fn permissions(_state: &State, context: &Context<'_>, params: &Params) -> Vec<RequiredPermission> {
    let mut permission =
        RequiredPermission::new("securityhub:BatchUpdateFindings", context.arn("securityhub", "hub/default"));
    for name in params.names() {
        match params.peek(name.as_str()) {
            Some(Value::Object(members)) if name != "UserDefinedFields" => {
                for (member, value) in members {
                    if let Some(text) = value.as_str() {
                        permission = permission.key(format!("securityhub:ASFFSyntaxPath/{name}.{member}"), text);
                    }
                }
            }
            Some(Value::String(text)) => {
                permission = permission.key(format!("securityhub:ASFFSyntaxPath/{name}"), text)
            }
            _ => {}
        }
    }
    vec![permission]
}

/// Updates findings. An answer with status 200 says in `UnprocessedFindings` which ones were not.
///
/// A finding is busy for the time that the call takes: a second update meanwhile is a concurrent one.
pub(super) fn batch_update_findings(
    state: &mut State,
    context: &mut Context<'_>,
    mut params: Params,
) -> Result<Value, ServiceError> {
    let mut identifiers: Vec<Identifier> = Vec::new();
    let mut known = true;
    for mut given in params.take_list("FindingIdentifiers")? {
        identifiers.push((given.require_string("Id")?, given.require_string("ProductArn")?));
        known &= given.names().is_empty();
    }
    let changes = changes(&mut params, context, &mut known)?;
    // A parameter that is not simulated must not have an effect.
    if !known || !params.names().is_empty() {
        return Ok(Value::Null);
    }
    if identifiers.is_empty() || identifiers.len() > MAX_FINDINGS {
        return Err(invalid("FindingIdentifiers", "must have from 1 to 100 findings"));
    }
    if identifiers.iter().any(|(id, product)| id.trim().is_empty() || product.trim().is_empty()) {
        return Err(invalid("FindingIdentifiers", "must have a non-empty Id and ProductArn"));
    }
    if changes.is_empty() {
        return Err(invalid("BatchUpdateFindingsRequest", "must have at least one field to update"));
    }
    let fits = fits(&changes);
    let mut times: BTreeMap<Identifier, usize> = BTreeMap::new();
    for identifier in &identifiers {
        *times.entry(identifier.clone()).or_default() += 1;
    }
    let (mut processed, mut unprocessed) = (Vec::new(), Vec::new());
    for identifier in identifiers {
        let repeated = times.get(&identifier).is_some_and(|times| *times > 1);
        let result = if repeated {
            Err(Unprocessed::Duplicated)
        } else if !fits {
            Err(Unprocessed::InvalidInput)
        } else {
            apply(state, context, &identifier, &changes)
        };
        let shown = json!({ "Id": identifier.0, "ProductArn": identifier.1 });
        match result {
            Ok(()) => processed.push(shown),
            Err(why) => {
                let (code, message) = why.code_and_message();
                unprocessed.push(json!({
                    "FindingIdentifier": shown, "ErrorCode": code, "ErrorMessage": message
                }));
            }
        }
    }
    Ok(json!({ "ProcessedFindings": processed, "UnprocessedFindings": unprocessed }))
}

fn apply(
    state: &mut State,
    context: &Context<'_>,
    identifier: &Identifier,
    changes: &Map<String, Value>,
) -> Result<(), Unprocessed> {
    let finding = state.finding_mut(identifier).ok_or(Unprocessed::NotFound)?;
    if finding.busy_until.is_some_and(|end| context.now < end) {
        return Err(Unprocessed::Concurrent);
    }
    let mut document = finding.document.clone();
    for (name, value) in changes {
        match (document.get_mut(name), value) {
            // What of a severity is not given stays as it was; every other field is replaced.
            (Some(Value::Object(current)), Value::Object(given)) if name == "Severity" => {
                current.extend(given.clone());
            }
            _ => {
                document.insert(name.clone(), value.clone());
            }
        }
    }
    if serde_json::to_vec(&document).map_or(usize::MAX, |bytes| bytes.len()) > MAX_SIZE {
        return Err(Unprocessed::TooLarge);
    }
    finding.document = document;
    finding.busy_until = Some(context.now.after(WRITE_LATENCY));
    Ok(())
}

/// Reads the fields to write, in the form in which findings have them.
fn changes(params: &mut Params, context: &Context<'_>, known: &mut bool) -> Result<Map<String, Value>, ServiceError> {
    let mut changes = Map::new();
    if let Some(mut note) = params.take_params("Note")? {
        let text = filled(note.require_string("Text")?, "Note.Text")?;
        let by = filled(note.require_string("UpdatedBy")?, "Note.UpdatedBy")?;
        *known &= note.names().is_empty();
        let note = json!({ "Text": text, "UpdatedBy": by, "UpdatedAt": context.now.iso_millis() });
        changes.insert("Note".to_owned(), note);
    }
    if let Some(mut workflow) = params.take_params("Workflow")? {
        let words = ["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"];
        if let Some(status) = workflow.take_string("Status")? {
            let status = one_of(status, &words, "Workflow.Status")?;
            changes.insert("Workflow".to_owned(), json!({ "Status": status }));
        }
        *known &= workflow.names().is_empty();
    }
    if let Some(severity) = params.take_params("Severity")? {
        let severity = severity_of(severity, known)?;
        changes.insert("Severity".to_owned(), severity.into());
    }
    if let Some(state) = params.take_string("VerificationState")? {
        let words = ["UNKNOWN", "TRUE_POSITIVE", "FALSE_POSITIVE", "BENIGN_POSITIVE"];
        changes.insert("VerificationState".to_owned(), one_of(state, &words, "VerificationState")?.into());
    }
    for name in ["Confidence", "Criticality"] {
        if let Some(score) = params.take_integer(name)? {
            changes.insert(name.to_owned(), hundred(score, name)?.into());
        }
    }
    if params.has("Types") {
        changes.insert("Types".to_owned(), params.take_strings("Types")?.into());
    }
    if params.has("UserDefinedFields") {
        let mut fields = Map::new();
        for (key, value) in params.take_map("UserDefinedFields")? {
            filled(key.clone(), "UserDefinedFields")?;
            fields.insert(key, filled(value, "UserDefinedFields")?.into());
        }
        changes.insert("UserDefinedFields".to_owned(), fields.into());
    }
    if params.has("RelatedFindings") {
        let mut related = Vec::new();
        for mut given in params.take_list("RelatedFindings")? {
            related.push(json!({
                "ProductArn": given.require_string("ProductArn")?, "Id": given.require_string("Id")?
            }));
            *known &= given.names().is_empty();
        }
        changes.insert("RelatedFindings".to_owned(), related.into());
    }
    Ok(changes)
}

fn severity_of(mut given: Params, known: &mut bool) -> Result<Map<String, Value>, ServiceError> {
    let mut severity = Map::new();
    if let Some(product) = given.take_number("Product")? {
        severity.insert("Product".to_owned(), product.into());
    }
    let normalized =
        given.take_integer("Normalized")?.map(|score| hundred(score, "Severity.Normalized")).transpose()?;
    let words = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"];
    let label = given.take_string("Label")?.map(|label| one_of(label, &words, "Severity.Label")).transpose()?;
    *known &= given.names().is_empty();
    if let Some(score) = normalized {
        severity.insert("Normalized".to_owned(), score.into());
    }
    // A label alone sets the lowest score of its band, a score alone sets its label.
    match (label, normalized) {
        (Some(label), score) => {
            if score.is_none() {
                let lowest = match label.as_str() {
                    "INFORMATIONAL" => 0,
                    "LOW" => 1,
                    "MEDIUM" => 40,
                    "HIGH" => 70,
                    _ => 90,
                };
                severity.insert("Normalized".to_owned(), lowest.into());
            }
            severity.insert("Label".to_owned(), label.into());
        }
        (None, Some(score)) => {
            let label = match score {
                0 => "INFORMATIONAL",
                1..=39 => "LOW",
                40..=69 => "MEDIUM",
                70..=89 => "HIGH",
                _ => "CRITICAL",
            };
            severity.insert("Label".to_owned(), label.into());
        }
        (None, None) => {}
    }
    Ok(severity)
}

/// Whether the values are within the limits of the finding format.
fn fits(changes: &Map<String, Value>) -> bool {
    let length = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let note = changes.get("Note").and_then(Value::as_object);
    let note_fits = note.is_none_or(|note| {
        ["Text", "UpdatedBy"].iter().all(|name| note.get(*name).is_none_or(|text| length(text) <= MAX_NOTE))
    });
    let fields = changes.get("UserDefinedFields").and_then(Value::as_object);
    let fields_fit = fields.is_none_or(|fields| {
        fields.len() <= MAX_FIELDS
            && fields
                .iter()
                .all(|(key, value)| key.chars().count() <= MAX_FIELD_KEY && length(value) <= MAX_FIELD_VALUE)
    });
    let within =
        |name: &str, bound: usize| changes.get(name).and_then(Value::as_array).is_none_or(|list| list.len() <= bound);
    note_fits && fields_fit && within("Types", MAX_TYPES) && within("RelatedFindings", MAX_RELATED)
}

fn one_of(given: String, words: &[&str], parameter: &str) -> Result<String, ServiceError> {
    if words.contains(&given.as_str()) {
        return Ok(given);
    }
    Err(invalid(parameter, &format!("`{given}` is none of {}", words.join(", "))))
}

fn hundred(score: i64, parameter: &str) -> Result<i64, ServiceError> {
    if (0..=100).contains(&score) { Ok(score) } else { Err(invalid(parameter, "must be from 0 to 100")) }
}

fn filled(text: String, parameter: &str) -> Result<String, ServiceError> {
    if text.trim().is_empty() { Err(invalid(parameter, "must not be empty")) } else { Ok(text) }
}
