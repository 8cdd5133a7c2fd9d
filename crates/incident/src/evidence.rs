//! Custody of evidence: what was kept, when, by whom, under which request, and what is missing.

use serde::{Deserialize, Serialize};

use crate::{Control, Incident};

/// One entry of the custody manifest of an incident. It is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyEntry {
    /// [`crate::SCHEMA`] of the writer.
    pub schema: u32,
    /// What was kept: `console-output`, `lock snap-…`, `copy snap-…`.
    pub what: String,
    /// When it was kept, UTC, RFC 3339.
    pub at: String,
    /// The request id of the API call that made it, as CloudTrail has it; absent where no call of ours made it.
    pub request_id: Option<String>,
    /// ARN of the role session that made the call.
    pub role: String,
    /// SHA-256 of the content in hexadecimal digits, where there is content.
    pub sha256: Option<String>,
    /// What was read of it afterwards, one line.
    pub detail: String,
    /// What is missing of it, in sentences.
    pub gaps: Vec<String>,
}

impl CustodyEntry {
    /// Sort key of the entry in the incident table.
    pub fn sort_key(&self) -> String {
        format!("evidence#{}", self.what)
    }
}

/// What people are told when evidence is missing after everything was tried: a follow-up to the report of the incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceReport {
    /// [`crate::SCHEMA`] of the writer.
    pub schema: u32,
    /// The incident.
    pub incident: Incident,
    /// Each piece of evidence and how it stands.
    pub controls: Vec<Control>,
    /// What is missing, in sentences.
    pub gaps: Vec<String>,
}
