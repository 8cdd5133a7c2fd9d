//! `scenario.json`: the purpose of a fixture, its setup and what is expected of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use account::{Fault, FaultKind};
use incident::Outcome;
use incident::decision::Action;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::account_document;
use crate::driver::FunctionFault;

/// A scenario: its purpose, its setup, what is expected. Unknown fields are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of this form: 1.
    pub schema: u32,
    /// What the scenario shows, in one sentence.
    pub docs: String,
    /// Template parameters other than the replay's defaults.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The events, where there are several on one account; `event.json` is one of them.
    #[serde(default)]
    pub events: Vec<PlannedEvent>,
    /// Items of the incident table when the first event arrives: plain JSON, in which a list of texts stands for a set
    /// and an object for its JSON text.
    #[serde(default, rename = "records")]
    pub table_items: Vec<Map<String, Value>>,
    /// Whether the kill switch is engaged when the first event arrives.
    #[serde(default)]
    pub kill_switch: bool,
    /// Faults of calls.
    #[serde(default)]
    pub faults: Vec<PlannedFault>,
    /// Faults of invocations of functions.
    #[serde(default)]
    pub function_faults: Vec<FunctionFault>,
    /// The expected result, written by hand.
    pub expect: Expectations,
}

/// One of several events on one account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedEvent {
    /// Name of the file beside `event.json`, or `event.json` itself.
    pub file: String,
    /// Virtual seconds after the first event.
    #[serde(default)]
    pub after_seconds: u64,
}

/// A fault at the n-th matching call.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFault {
    /// Only calls of this function; any when absent.
    #[serde(default)]
    pub function: Option<String>,
    /// Service and operation: `ec2:CreateSnapshots`.
    pub call: String,
    /// The first matching call that is hit, from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many matching calls in a row are hit.
    #[serde(default = "one")]
    pub times: u32,
    /// What happens to it.
    pub kind: FaultKind,
}

fn one() -> u32 {
    1
}

impl PlannedFault {
    /// The fault in the terms of the simulated account; `None` when `call` is not `service:Operation`.
    pub fn to_fault(&self) -> Option<Fault> {
        let (service, operation) = self.call.split_once(':')?;
        Some(Fault {
            service: service.to_owned(),
            operation: operation.to_owned(),
            function: self.function.clone(),
            occurrence: self.nth,
            times: self.times,
            kind: self.kind,
        })
    }
}

/// The expected result of a replay. An absent field is not checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    /// Logical name of the rule that matches.
    #[serde(default)]
    pub rule: Option<String>,
    /// The playbook; null when no rule may match.
    #[serde(default, deserialize_with = "given")]
    pub playbook: Option<Option<String>>,
    /// The decision about the first incident.
    #[serde(default)]
    pub decision: Option<Action>,
    /// The terminal outcome; of several events the worst.
    pub outcome: Outcome,
    /// The outcome of each event, where there are several.
    #[serde(default)]
    pub outcomes: Vec<Outcome>,
    /// The outcome of each incident of the first event, by the id of the resource, where it makes several.
    #[serde(default)]
    pub incidents: BTreeMap<String, Outcome>,
    /// The status of each execution that another one starts, by playbook, in the order of their start.
    #[serde(default)]
    pub started: BTreeMap<String, Vec<String>>,
    /// Final groups by interface; `isolation` stands for the isolation group of the interface's VPC.
    #[serde(default)]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Final rule ids by security group, in any order.
    #[serde(default)]
    pub rules: BTreeMap<String, Vec<String>>,
    /// Calls (`ec2:CreateSnapshots`) that must be made.
    #[serde(default)]
    pub must_call: Vec<String>,
    /// Calls that must not be made.
    #[serde(default)]
    pub must_not_call: Vec<String>,
    /// Calls that must be made and succeed, the first of each after the first of the one before it. A name may begin
    /// with the function that makes the call: `quarantine-instance/dynamodb:PutItem`.
    #[serde(default)]
    pub calls_in_order: Vec<String>,
    /// What the account answers afterwards.
    #[serde(default)]
    pub account: Vec<Reading>,
    /// Items of the incident table afterwards: the given fields of each must be there.
    #[serde(default)]
    pub table: Vec<Map<String, Value>>,
    /// Chains of calls of a function that must come after one another: the last of each before the first of the next.
    #[serde(default)]
    pub order: BTreeMap<String, Vec<Vec<String>>>,
    /// Controls that are read back from the account beside groups and rules, by name (`disable-termination i-…`), and
    /// whether they hold.
    #[serde(default)]
    pub holds: BTreeMap<String, bool>,
    /// Keys of before-images that must exist, without `before-image#`.
    #[serde(default)]
    pub before_images_of: Vec<String>,
    /// How many snapshot sets of the incident exist afterwards.
    #[serde(default)]
    pub snapshot_sets: Option<usize>,
    /// How many snapshots of the incident are locked in governance mode afterwards, copies included.
    #[serde(default)]
    pub locked: Option<usize>,
    /// How many complete copies under the key for evidence exist afterwards.
    #[serde(default)]
    pub copies: Option<usize>,
    /// Texts, each of which some entry of the custody manifest contains, its key or its body.
    #[serde(default)]
    pub custody: Vec<String>,
    /// How many before-images exist afterwards.
    #[serde(default)]
    pub before_images: Option<usize>,
    /// The groups that the before-image of each interface holds.
    #[serde(default)]
    pub before_image_groups: BTreeMap<String, Vec<String>>,
    /// Texts, each of which some residual path contains.
    #[serde(default)]
    pub residual_paths: Vec<String>,
    /// How many notifications were published.
    #[serde(default)]
    pub notifications: Option<usize>,
    /// Texts, each of which some notification contains, subject or text.
    #[serde(default, rename = "told")]
    pub notification_texts: Vec<String>,
    /// Texts, each of which some gap contains.
    #[serde(default)]
    pub gaps: Vec<String>,
}

/// What a read of the account answers after the replay.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Service and operation: `autoscaling:DescribeAutoScalingInstances`.
    pub call: String,
    /// Its parameters.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// Whether it is read in the account and Region of the stack, instead of those of the resource.
    #[serde(default)]
    pub home: bool,
    /// The value at each JSON pointer of the answer; null where there must be none.
    pub finds: BTreeMap<String, Value>,
}

/// Distinguishes `"playbook": null` from no `playbook` at all.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// The files beside an event: its scenario and its account, where there are any.
#[derive(Debug, Default)]
pub struct Surrounding {
    /// The other events of the scenario: where they are, and when they arrive; `event.json` itself is among them.
    pub events: Vec<(PathBuf, Duration)>,
    /// `scenario.json`.
    pub scenario: Option<Scenario>,
    /// The whole account, from `account.json` or `account.patch.json`.
    pub account: Option<Value>,
}

/// Reads the files beside an event file named `event.json`.
///
/// # Errors
/// One sentence with the file and the place.
pub fn beside(event: &Path) -> Result<Surrounding, String> {
    if event.file_name().is_none_or(|name| name != "event.json") {
        return Ok(Surrounding::default());
    }
    let folder = event.parent().unwrap_or_else(|| Path::new("."));
    let scenario: Option<Scenario> = read(&folder.join("scenario.json"))?;
    if let Some(scenario) = &scenario {
        let place = folder.join("scenario.json").display().to_string();
        if scenario.schema != 1 {
            return Err(format!("{place}: schema {} is not known; this version reads schema 1", scenario.schema));
        }
        let counts = scenario.faults.iter().map(|fault| (fault.nth, fault.times));
        let of_functions = scenario.function_faults.iter().map(|fault| (fault.nth, fault.times));
        if counts.chain(of_functions).any(|(nth, times)| nth == 0 || times == 0) {
            return Err(format!("{place}: nth and times of a fault count from 1"));
        }
        if let Some(fault) = scenario.faults.iter().find(|fault| fault.to_fault().is_none()) {
            return Err(format!("{place}: `{}` is not a call such as ec2:CreateSnapshots", fault.call));
        }
        let expected = &scenario.expect;
        let read = expected.account.iter().map(|reading| &reading.call);
        let calls =
            expected.must_call.iter().chain(&expected.must_not_call).chain(&expected.calls_in_order).chain(read);
        if let Some(call) = calls.into_iter().find(|call| !is_call(call)) {
            return Err(format!("{place}: `{call}` is not a call such as ec2:CreateSnapshots"));
        }
        check_events(scenario).map_err(|problem| format!("{place}: {problem}"))?;
    }
    let planned = scenario.iter().flat_map(|scenario| &scenario.events);
    let events = planned.map(|event| (folder.join(&event.file), Duration::from_secs(event.after_seconds))).collect();
    let account = account_document::beside_event(folder).map_err(|error| error.to_string())?;
    Ok(Surrounding { events, scenario, account })
}

/// The longest that an event may come after the first: a year, as long as a Standard execution can take.
const MOST_SECONDS: u64 = 365 * 24 * 3600;

/// Whether a text has the form of a call, perhaps with the function that makes it.
fn is_call(text: &str) -> bool {
    let call = text.split_once('/').map_or(text, |(_, call)| call);
    call.split_once(':').is_some_and(|(service, operation)| {
        !service.is_empty()
            && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && operation.starts_with(|first: char| first.is_ascii_uppercase())
            && operation.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Several events name files of the folder, `event.json` among them, and each has its outcome.
fn check_events(scenario: &Scenario) -> Result<(), String> {
    let events = &scenario.events;
    if let Some(event) = events.iter().find(|event| Path::new(&event.file).components().count() != 1) {
        return Err(format!("`{}` is not the name of a file beside event.json", event.file));
    }
    if let Some(event) = events.iter().find(|event| event.after_seconds > MOST_SECONDS) {
        return Err(format!("{} comes after {} seconds: at most {MOST_SECONDS}", event.file, event.after_seconds));
    }
    if !events.is_empty() && !events.iter().any(|event| event.file == "event.json") {
        return Err("event.json is not among the events".to_owned());
    }
    if scenario.expect.outcomes.len() != events.len() {
        return Err(format!("{} events and {} outcomes", events.len(), scenario.expect.outcomes.len()));
    }
    Ok(())
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, String> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{}: {error}", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: cannot be read: {error}", path.display())),
    }
}
