//! Everything in a finding is attacker-controlled: a corpus of hostile texts in every field that reaches a person or a
//! system is inert in the subject, the message, the chat schema, the ticket and the note in Security Hub.

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::{Value, json};

use super::recorder::Recorder;
use super::scene::Scene;
use crate::support::{Checked, ensure, equal, json_file, root, some, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("wire::injection::the_corpus_is_inert_wherever_a_finding_is_told", inert),
        trial("wire::injection::what_acts_is_found", what_acts_is_found),
    ]
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    payloads: Vec<Payload>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    name: String,
    text: String,
}

/// The fields of a finding that someone outside can write: by name, by title, by traffic, by what they run or upload.
const FIELDS: &[&str] = &[
    "/detail/type",
    "/detail/title",
    "/detail/description",
    "/detail/updatedAt",
    "/detail/service/action/dnsRequestAction/domain",
    "/detail/service/action/networkConnectionAction/remoteIpDetails/ipAddressV4",
    "/detail/service/runtimeDetails/process/executablePath",
    "/detail/service/runtimeDetails/process/executableSha256",
    "/detail/service/evidence/threatIntelligenceDetails/0/threatNames/0",
    "/detail/service/resourceRole",
];

/// By itself, for it makes the resource one that no playbook acts on.
const RESOURCE_TYPE: &str = "/detail/resource/resourceType";

/// What a step or a service said, and whose the resource is by its tags: not of the finding, and just as hostile.
const OTHER_PLACES: [&str; 6] =
    ["/owner", "/gaps/0", "/residual_paths/0", "/controls/0/name", "/controls/0/detail", "/decision/reasons/0"];

fn inert() -> Checked {
    let corpus: Corpus = serde_json::from_value(json_file(&root().join("tests/injection.json"))?)?;
    for fixture in ["guardduty/told-in-a-chat", "guardduty/ticket-opened"] {
        let scene = some(Scene::of(Path::new(fixture))?, fixture)?;
        let benign = told(&scene, &report(&scene, &scene.event)?, 0)?;
        let shape = keys(&benign);
        let mut number = 1;
        for payload in &corpus.payloads {
            for fields in [FIELDS, &[RESOURCE_TYPE]] {
                let mut event = scene.event.clone();
                for field in fields {
                    set(&mut event, field, json!(payload.text));
                }
                let Ok(report) = report(&scene, &event) else {
                    // Refused as no finding: the refusal is told like any other failure of triage.
                    continue;
                };
                number += 1;
                check(payload, &told(&scene, &report, number)?, &shape)?;
            }
            let mut report = report(&scene, &scene.event)?;
            for place in OTHER_PLACES {
                set(&mut report, place, json!(payload.text));
            }
            number += 1;
            check(payload, &told(&scene, &report, number)?, &shape)?;
        }
    }
    Ok(())
}

/// The report of an event: its own incident and decision, a control, a gap.
fn report(scene: &Scene, event: &Value) -> Checked<Value> {
    let triaged = Recorder::default().run(scene, "triage", json!({"execution": "e", "event": event}))?;
    let triaged = triaged.map_err(|name| format!("triage: {name}"))?;
    Ok(json!({
        "schema": 1, "outcome": "partially-contained", "incident": triaged.get("incident"), "decision": triaged.get("decision"),
        "owner": "Name web", "controls": [{"name": "isolate-interface eni-1", "state": "failed", "detail": "open"}],
        "gaps": ["a gap"], "residual_paths": ["a path"],
    }))
}

/// What people and systems are told of a report, each text with its place; every report is an incident of its own.
fn told(scene: &Scene, report: &Value, number: usize) -> Checked<Vec<(String, String)>> {
    let mut report = report.clone();
    set(&mut report, "/incident/id", json!(format!("inc-{number:012x}")));
    let before = scene.world.calls().len();
    let recorder = Recorder::default();
    for step in ["notify", "update-security-hub"] {
        let payload = json!({"execution": "arn:aws:states:x:1:execution:m:n", "report": report});
        // A finding whose identifiers were damaged is unknown to Security Hub: what was sent counts.
        drop(recorder.run(scene, step, payload)?);
    }
    let mut texts = Vec::new();
    for call in scene.world.calls().split_off(before) {
        let to_people = ["Publish", "CreateOpsItem", "BatchUpdateFindings"].contains(&call.operation.as_str());
        if to_people {
            collect(&call.operation, &call.parameters, &mut texts);
        }
    }
    Ok(texts)
}

/// Every text of a value with its place; a text that is a JSON document is taken apart too.
fn collect(place: &str, value: &Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => collect(&format!("{place}(json)"), &inner, texts),
            _ => texts.push((place.to_owned(), text.clone())),
        },
        Value::Array(items) => {
            for item in items {
                collect(&format!("{place}[]"), item, texts);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                collect(&format!("{place}.{key}"), value, texts);
            }
        }
        _ => {}
    }
}

/// Identifiers that services look up as they are: they are compared, and shown by nobody.
fn is_identifier(place: &str) -> bool {
    place.contains("FindingIdentifiers")
}

fn keys(texts: &[(String, String)]) -> BTreeSet<String> {
    texts.iter().map(|(place, _)| place.clone()).collect()
}

fn check(payload: &Payload, texts: &[(String, String)], shape: &BTreeSet<String>) -> Checked {
    let what = |place: &str| format!("`{}`, told in {place}", payload.name);
    // A text that breaks out of its quotes makes places that were not there.
    let strange: Vec<String> = keys(texts).difference(shape).cloned().collect();
    ensure(strange.is_empty(), format!("{}: new places {strange:?}", what("anything")))?;
    ensure(texts.iter().any(|(place, _)| place.starts_with("Publish")), what("nothing at all"))?;
    for (place, text) in texts.iter().filter(|(place, _)| !is_identifier(place)) {
        let found = acting(place, text);
        equal(found, None, format!("{}: {text:?}", what(place)))?;
    }
    Ok(())
}

/// What of a text would act on whoever shows it, or `None`.
fn acting(place: &str, text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let one_line = !place.ends_with(".Message") && !place.ends_with(".Description") && !place.ends_with(".description");
    let forbidden_characters = |c: char| {
        let control = c.is_control() && (one_line || c != '\n');
        let hidden = matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{200b}'..='\u{200f}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}')
            || matches!(c, '\u{feff}' | '\u{ffa0}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}');
        control || hidden || matches!(c, '<' | '>' | '`')
    };
    if let Some(c) = text.chars().find(|c| forbidden_characters(*c)) {
        return Some(format!("the character {c:?}"));
    }
    let texts = ["://", "](", "][", "javascript:a", "mailto:a", "evil.example", "example.net", "198.51.100"];
    if let Some(found) = texts.iter().find(|found| lower.contains(**found)) {
        return Some(format!("`{found}`"));
    }
    let words = || lower.split(|c: char| c.is_whitespace() || c == '(' || c == '"' || c == '\'');
    if let Some(word) = words().find(|word| word.starts_with('@')) {
        return Some(format!("the mention {word}"));
    }
    let starts = ["bcc:", "subject:", "next     nothing", "key      inc-000000000000"];
    if let Some(line) = lower.lines().find(|line| starts.iter().any(|start| line.starts_with(start))) {
        return Some(format!("the line {line:?}"));
    }
    // In a chat an ampersand begins an entity.
    let in_chat = place.contains("(json)") && place.starts_with("Publish");
    let entity = |rest: &str| !rest.starts_with("amp;");
    if in_chat && text.split('&').skip(1).any(entity) {
        return Some("an entity".to_owned());
    }
    if in_chat && words().any(|word| word.len() > 1 && matches!(word.chars().next(), Some('*' | '~'))) {
        return Some("emphasis".to_owned());
    }
    None
}

/// The check itself finds what it is for.
fn what_acts_is_found() -> Checked {
    for text in
        ["<!here>", "a\u{202e}b", "see https://a", "[a](b)", "to @here", "evil.example.net", "a\nBcc: b", "`id`"]
    {
        ensure(acting("Publish.Message", text).is_some(), format!("{text:?} is not found"))?;
    }
    ensure(acting("Publish.Message(json).content.title", "&lt;").is_some(), "an entity in a chat is not found")?;
    ensure(acting("Publish.Subject", "a\nb").is_some(), "a line break in a subject is not found")?;
    equal(acting("Publish.Message", "fine: instance i-1 (Backdoor:EC2/X)\nNext  look"), None, "a harmless text")
}

/// Sets the value at a pointer, making what is not there.
fn set(value: &mut Value, pointer: &str, to: Value) {
    let mut at = value;
    for key in pointer.split('/').skip(1) {
        at = match key.parse::<usize>() {
            Ok(index) => {
                if !at.is_array() {
                    *at = json!([]);
                }
                let Some(items) = at.as_array_mut() else { return };
                while items.len() <= index {
                    items.push(Value::Null);
                }
                let Some(item) = items.get_mut(index) else { return };
                item
            }
            Err(_) => {
                if !at.is_object() {
                    *at = json!({});
                }
                let Some(fields) = at.as_object_mut() else { return };
                fields.entry(key).or_insert(Value::Null)
            }
        };
    }
    *at = to;
}
