//! The custody of evidence: what was preserved, when, by which role, under which request id, and what is missing.

use serde::{Deserialize, Serialize};

use crate::{Control, Incident};

/// An entry of the custody manifest of an incident. It is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyEntry {
    /// [`crate::SCHEMA`] of the writer.
    pub schema: u32,
    /// What was preserved: `console-output`, `lock snap-…`, `copy snap-…`.
    pub what: String,
    /// When it was preserved, UTC, RFC 3339.
    pub at: String,
    /// Request id of the API call that made it, as in CloudTrail; absent when Cordon did not make it.
    pub request_id: Option<String>,
    /// ARN of the role session that made the call.
    pub role: String,
    /// SHA-256 of the content in hexadecimal digits, if there is content.
    pub sha256: Option<String>,
    /// What was read back, one line.
    pub detail: String,
    /// Which parts are missing, in sentences.
    pub gaps: Vec<String>,
}

impl CustodyEntry {
    /// Sort key of the entry in the incident table.
    pub fn sort_key(&self) -> String {
        format!("evidence#{}", self.what)
    }
}

/// The follow-up to the report of an incident when evidence is still missing after every attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceReport {
    /// [`crate::SCHEMA`] of the writer.
    pub schema: u32,
    /// The incident.
    pub incident: Incident,
    /// Each piece of evidence and its state.
    pub controls: Vec<Control>,
    /// What is missing, in sentences.
    pub gaps: Vec<String>,
}
