use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::base::Timestamp;

/// What AWS Security Hub holds in one Region of one account.
#[derive(Debug, Clone, Default, Hash)]
pub struct State {
    findings: BTreeMap<Identifier, Finding>,
}

/// What identifies a finding: its `Id` and its `ProductArn`.
pub(super) type Identifier = (String, String);

/// A stored finding.
#[derive(Debug, Clone, PartialEq, Hash)]
pub struct Finding {
    /// The finding in the AWS Security Finding Format.
    pub document: Map<String, Value>,
    /// Until when an update of the finding is being processed; another one meanwhile is refused.
    pub(super) busy_until: Option<Timestamp>,
}

impl State {
    /// Stores a finding, or replaces the one with the same `Id` and `ProductArn`.
    pub(super) fn store(&mut self, identifier: Identifier, document: Map<String, Value>) {
        self.findings.insert(identifier, Finding { document, busy_until: None });
    }

    /// All findings in the order of their identifiers.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.values()
    }

    /// The finding of an `Id` and a `ProductArn`.
    pub fn finding(&self, id: &str, product_arn: &str) -> Option<&Finding> {
        self.findings.get(&(id.to_owned(), product_arn.to_owned()))
    }

    pub(super) fn finding_mut(&mut self, identifier: &Identifier) -> Option<&mut Finding> {
        self.findings.get_mut(identifier)
    }

    /// Findings with their identifiers, in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&Identifier, &Finding)> {
        self.findings.iter()
    }
}

impl Finding {
    /// A text of the document, by a JSON pointer: `/Workflow/Status`.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        let mut steps = pointer.trim_start_matches('/').split('/');
        let first = self.document.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))?.as_str()
    }
}
