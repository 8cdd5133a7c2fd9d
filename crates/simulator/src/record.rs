//! What a replay says of one event, in the form of `--format json`.

use incident::{Control, Outcome};
use serde::Serialize;
use serde_json::Value;

/// Where the event comes from.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct SourceRecord {
    /// Path as given; `-` for standard input.
    pub path: String,
    /// Line in JSON Lines.
    pub line: Option<u64>,
}

/// The finding in one line. Fields are null where the event does not tell.
#[derive(Debug, Clone, Serialize, PartialEq, Default)]
pub struct FindingRecord {
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
pub struct IncidentRecord {
    /// Incident id.
    pub id: Option<String>,
    /// `{kind, id}`.
    pub resource: Value,
    /// What was decided.
    pub decision: Option<String>,
    /// Why.
    pub reasons: Vec<String>,
    /// How it ended, as it was read back.
    pub outcome: Outcome,
    /// Each control.
    pub controls: Vec<Control>,
    /// What could not be done.
    pub gaps: Vec<String>,
    /// Ways that stay open.
    pub residual_paths: Vec<String>,
}

/// One call of the account.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct CallRecord {
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

/// One step of the execution: a state entered or retried.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct StepRecord {
    /// Virtual seconds since the start.
    pub at: f64,
    /// Name of the state.
    pub state: String,
    /// Virtual seconds it took; null when it never ended.
    pub seconds: Option<f64>,
    /// What came of it, in words.
    pub result: String,
}

/// An interface or security group as it was read back from the account after the execution.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ReadBack {
    /// Resource id.
    pub resource: String,
    /// What was read, in words.
    pub state: String,
    /// Whether it is isolated or compliant; null where that is not the question.
    pub holds: Option<bool>,
}

/// A published message.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct NotificationRecord {
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
pub struct BeforeImageRecord {
    /// Sort key: `before-image#eni-…`.
    pub record: String,
    /// The prior state.
    pub body: Value,
}

/// A permission of a role that took part, and whether a call needed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRecord {
    /// Role ARN or session ARN.
    pub role: String,
    /// Statement and action.
    pub permission: String,
    /// Whether some call needed it.
    pub used: bool,
}

/// An edge of a definition that an execution took.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EdgeRecord {
    /// Playbook.
    pub playbook: String,
    /// Version of its definition.
    pub version: String,
    /// The place of the edge in the document.
    pub edge: String,
}

/// Expectations of a scenario.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ExpectationsRecord {
    /// Whether all are met.
    pub met: bool,
    /// Each difference, in a sentence.
    pub differences: Vec<String>,
}

/// The execution as Step Functions tells it.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct ExecutionRecord {
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
pub struct RunRecord {
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

/// What a replay says of one event. Fields that do not apply are null.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct Record {
    /// Where the event comes from.
    pub source: SourceRecord,
    /// The finding.
    pub finding: FindingRecord,
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
    pub incidents: Vec<IncidentRecord>,
    /// What the finding did not tell and replay made up.
    pub assumed: Vec<String>,
    /// Every call, in order.
    pub calls: Vec<CallRecord>,
    /// Every state entered or retried.
    pub steps: Vec<StepRecord>,
    /// What was read back from the account afterwards.
    pub read_back: Vec<ReadBack>,
    /// What a release would restore.
    pub before_images: Vec<BeforeImageRecord>,
    /// States entered or retried by the execution that the event started.
    pub transitions: Option<u64>,
    /// Functions invoked by it.
    pub invocations: Option<usize>,
    /// From the start to containment read back; null when nothing was contained.
    pub virtual_seconds_to_containment: Option<f64>,
    /// Virtual seconds of the execution that the event started.
    pub virtual_seconds: Option<f64>,
    /// Messages published.
    pub notifications: Vec<NotificationRecord>,
    /// Against the scenario's expectations; null without a scenario.
    pub expectations: Option<ExpectationsRecord>,
    /// The execution that the event started.
    pub execution: Option<ExecutionRecord>,
    /// Every execution that took part.
    pub executions: Vec<RunRecord>,
    /// The permissions of the roles that took part; not part of the output.
    #[serde(skip)]
    pub permissions: Vec<PermissionRecord>,
    /// The edges that the executions took; not part of the output.
    #[serde(skip)]
    pub edges: Vec<EdgeRecord>,
    /// Planned faults that no call met; not part of the output.
    #[serde(skip)]
    pub unmet_faults: Vec<String>,
    /// Faults of the tool itself: what is not simulated.
    pub tool_errors: Vec<String>,
}

impl Record {
    /// A record that says only where it comes from and how it ends.
    pub fn ended(source: SourceRecord, outcome: Outcome, reason: impl Into<String>) -> Record {
        Record {
            source,
            finding: FindingRecord::default(),
            rule: None,
            playbook: None,
            version: None,
            mode: None,
            outcome,
            reason: reason.into(),
            incidents: Vec::new(),
            assumed: Vec::new(),
            calls: Vec::new(),
            steps: Vec::new(),
            read_back: Vec::new(),
            before_images: Vec::new(),
            transitions: None,
            invocations: None,
            virtual_seconds_to_containment: None,
            virtual_seconds: None,
            notifications: Vec::new(),
            expectations: None,
            execution: None,
            executions: Vec::new(),
            permissions: Vec::new(),
            edges: Vec::new(),
            unmet_faults: Vec::new(),
            tool_errors: Vec::new(),
        }
    }

    /// What the command's exit code must be for this record alone.
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
