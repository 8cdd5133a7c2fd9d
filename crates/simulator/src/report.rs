//! The report of a replay: the result of one event, in the form of `--format json`. Fields may be added; renaming one
//! breaks the contract of the command.

use incident::decision::Action;
use incident::{Control, Outcome};
use serde::Serialize;
use serde_json::Value;

use crate::InternalError;
use crate::case::{Disposition, RoutedEvent, Unstarted};
use crate::report_builder;
use crate::verified::{EventResult, VerifiedEvent};

/// Where the event comes from.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct SourceReport {
    /// Path as given; `-` for standard input.
    pub path: String,
    /// Line in JSON Lines.
    pub line: Option<u64>,
}

/// The finding in one line. Fields are null where the event does not say.
#[derive(Debug, Clone, Serialize, PartialEq, Default)]
pub struct FindingReport {
    /// Finding id.
    pub id: Option<String>,
    /// Finding type or rule name.
    #[serde(rename = "type")]
    pub finding_type: Option<String>,
    /// 1.0 to 10.0.
    pub severity: Option<f64>,
    /// Account of the resource.
    pub account: Option<String>,
    /// Region of the resource.
    pub region: Option<String>,
}

/// One incident of the event.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct IncidentReport {
    /// Incident id.
    pub id: Option<String>,
    /// `{kind, id}`.
    pub resource: Value,
    /// What was decided.
    pub decision: Option<Action>,
    /// Why.
    pub reasons: Vec<String>,
    /// How it ended, as it was read back.
    pub outcome: Outcome,
    /// Each control.
    pub controls: Vec<Control>,
    /// What could not be done.
    pub gaps: Vec<String>,
    /// Ways into or out of the resource that stay open, however well containment went.
    pub residual_paths: Vec<String>,
}

/// One call of the account.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct CallReport {
    /// Service name.
    pub service: String,
    /// Operation name.
    pub operation: String,
    /// Function, or playbook for an integration.
    pub function: String,
    /// Error code of the answer; `no answer` when it was lost.
    pub error: Option<String>,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// Account it went to.
    pub account: String,
    /// Region it went to.
    pub region: String,
    /// Virtual seconds since the start.
    pub at: f64,
}

/// A state that was entered or retried.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct StateReport {
    /// Virtual seconds since the start.
    pub at: f64,
    /// Name of the state.
    pub state: String,
    /// Virtual seconds it took; null when it never ended.
    pub seconds: Option<f64>,
    /// Its result, in words.
    pub result: String,
}

/// An interface or security group as it was read back from the account after the execution.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ReadBackReport {
    /// Resource id.
    pub resource: String,
    /// What was read, in words.
    pub state: String,
    /// Whether it is isolated or compliant; null where that is not the question.
    pub holds: Option<bool>,
}

/// A published message.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct NotificationReport {
    /// Topic ARN.
    pub topic: String,
    /// Key attribute, null for a last-resort message.
    pub key: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Text.
    pub message: String,
}

/// A before-image as it is in the incident table.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct BeforeImageReport {
    /// Sort key: `before-image#eni-…`.
    pub record: String,
    /// The prior state.
    pub body: Value,
}

/// A permission of a role that took part, and whether a call needed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionReport {
    /// Role ARN or session ARN.
    pub role: String,
    /// Statement and action.
    pub permission: String,
    /// Whether some call needed it.
    pub used: bool,
}

/// An edge of a definition that an execution took.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EdgeReport {
    /// Playbook.
    pub playbook: String,
    /// Version of its definition.
    pub version: String,
    /// The place of the edge in the document.
    pub edge: String,
}

/// Expectations of a scenario.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ExpectationsReport {
    /// Whether all are met.
    pub met: bool,
    /// Each difference, in a sentence.
    pub differences: Vec<String>,
}

/// The execution as Step Functions describes it.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ExecutionReport {
    /// `SUCCEEDED`, `FAILED`, …
    pub status: String,
    /// Error name.
    pub error: Option<String>,
    /// Cause.
    pub cause: Option<String>,
    /// Output.
    pub output: Option<Value>,
}

/// An execution that took part: the one that the event started, then those that it started.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct RunReport {
    /// Playbook.
    pub playbook: String,
    /// Name of the execution.
    pub name: String,
    /// `SUCCEEDED`, `FAILED`, …
    pub status: String,
    /// States entered or retried.
    pub transitions: u64,
    /// Functions invoked.
    pub invocations: usize,
    /// Virtual seconds from its start to its end.
    pub virtual_seconds: f64,
}

/// The report of one event. Fields that do not apply are null or empty. It is built once, when the event is verified and
/// compared with its expectations.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ReplayReport {
    /// Where the event comes from.
    pub source: SourceReport,
    /// The finding.
    pub finding: FindingReport,
    /// Logical name of the rule that matched.
    pub rule: Option<String>,
    /// Playbook it started.
    pub playbook: Option<String>,
    /// Version of the definition.
    pub version: Option<String>,
    /// Mode it was decided under; the template's where nothing was decided.
    pub mode: Option<String>,
    /// The worst outcome of its incidents.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub reason: String,
    /// The incidents.
    pub incidents: Vec<IncidentReport>,
    /// What the finding does not say and the replay assumed.
    pub assumed: Vec<String>,
    /// Every call, in order.
    pub calls: Vec<CallReport>,
    /// Every state entered or retried.
    #[serde(rename = "steps")]
    pub states: Vec<StateReport>,
    /// What was read back from the account afterwards.
    pub read_back: Vec<ReadBackReport>,
    /// What a release would restore.
    pub before_images: Vec<BeforeImageReport>,
    /// States entered or retried by the execution that the event started.
    pub transitions: Option<u64>,
    /// Functions invoked by it.
    pub invocations: Option<usize>,
    /// From the start to containment read back; null when nothing was contained.
    pub virtual_seconds_to_containment: Option<f64>,
    /// Virtual seconds of the execution that the event started.
    pub virtual_seconds: Option<f64>,
    /// Messages published.
    pub notifications: Vec<NotificationReport>,
    /// Against the scenario's expectations; null without a scenario.
    pub expectations: Option<ExpectationsReport>,
    /// The execution that the event started.
    pub execution: Option<ExecutionReport>,
    /// Every execution that took part.
    pub executions: Vec<RunReport>,
    /// The permissions of the roles that took part; not part of the output.
    #[serde(skip)]
    pub permissions: Vec<PermissionReport>,
    /// The edges that the executions took; not part of the output.
    #[serde(skip)]
    pub edges: Vec<EdgeReport>,
    /// Planned faults that no call or invocation was hit by; not part of the output.
    #[serde(skip)]
    pub unmet_faults: Vec<String>,
    /// Failures of the tool itself: what is not simulated, and internal errors by name.
    pub tool_errors: Vec<String>,
}

impl ReplayReport {
    /// The report of an event whose replay was ended by a defect of the tool.
    pub fn of_failure(source: &ingest::Source, error: &InternalError) -> ReplayReport {
        let event = RoutedEvent {
            source: SourceReport { path: source.path.clone(), line: source.line },
            finding: FindingReport::default(),
            assumed: Vec::new(),
            disposition: Disposition::StartsNothing(Unstarted::Failed(error.clone())),
        };
        let unstarted = Unstarted::Failed(error.clone());
        report_builder::build(VerifiedEvent { event: &event, result: EventResult::Unstarted(&unstarted) }, None)
    }

    /// What the command's exit code must be for this report alone.
    pub fn exit_code(&self) -> u8 {
        if !self.tool_errors.is_empty() {
            return 1;
        }
        match &self.expectations {
            Some(expectations) if expectations.met => 0,
            _ if self.outcome == Outcome::Invalid => 3,
            Some(_) => 2,
            None if self.outcome.needs_a_person() => 2,
            None => 0,
        }
    }
}
