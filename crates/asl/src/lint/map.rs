//! The distributed mode of Map states, and labels.

use super::check::{Checker, Scope};
use super::fields;
use super::place::Place;
use super::report::{Wording, aws_code};
use super::{Kind, rule};
use crate::source::{Node, Object};

/// Fields that only the distributed mode uses.
const DISTRIBUTED: [&str; 8] = [
    "ItemReader",
    "ItemBatcher",
    "ResultWriter",
    "Label",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
];

impl Checker<'_, '_> {
    /// Checks `ProcessorConfig`.
    pub(super) fn processor_config(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(config) = self.object(node, place) else { return };
        self.against(&fields::PROCESSOR_CONFIG, config, place, node.at, scope);
        let mode = config.get("Mode");
        let execution_type = config.get("ExecutionType");
        match (mode.and_then(|mode| mode.value.as_str()), execution_type) {
            (Some("DISTRIBUTED"), None) => self.required(&["ExecutionType"], config, place, node.at),
            (Some("INLINE"), Some(member)) => {
                let wording = Wording::schema("Field 'ExecutionType' is not supported", place);
                let message = "an inline map has no `ExecutionType`";
                self.report.error(&rule::UNKNOWN_FIELD, &place.field("ExecutionType"), member.at, message, wording);
            }
            (None, Some(member)) if mode.is_none() => {
                let message = "`ExecutionType` has no effect without the distributed mode";
                self.report.warn(&rule::DISTRIBUTED_ONLY, &place.field("ExecutionType"), member.at, message);
            }
            _ => {}
        }
        if let Some(mode) = mode.filter(|mode| mode.value.as_str() == Some("DISTRIBUTED") && self.within_express(scope))
        {
            let here = place.field("Mode");
            let words = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
            let message = "an Express state machine cannot run a distributed map";
            self.report.error(&rule::EXPRESS, &here, mode.value.at, message, Wording::schema(words, &here));
        }
    }

    fn within_express(&self, scope: Scope<'_>) -> bool {
        self.options.kind == Kind::Express && scope.kind == Kind::Express
    }

    /// Checks the `Resource` of an `ItemReader`.
    pub(super) fn reader(&mut self, node: &Node<'_>, place: &Place<'_>) {
        self.s3_action(&["getObject", "listObjectsV2"], node, place);
    }

    /// Checks the `Resource` of a `ResultWriter`.
    pub(super) fn writer(&mut self, node: &Node<'_>, place: &Place<'_>) {
        self.s3_action(&["putObject"], node, place);
    }

    fn s3_action(&mut self, actions: &[&str], node: &Node<'_>, place: &Place<'_>) {
        let Some(resource) = self.string(node, place) else { return };
        let action =
            resource.strip_prefix("arn:").and_then(|rest| rest.split_once(":states:::s3:")).map(|(_, action)| action);
        if !action.is_some_and(|action| actions.contains(&action)) {
            let wording = Wording::schema("The field 'Resource' does not match any of the allowed values", place);
            let message = format!("`{resource}` is not arn:aws:states:::s3:{}", actions.join(" or s3:"));
            self.report.error(&rule::RESOURCE, place, node.at, message, wording);
        }
    }

    /// Checks `ReaderConfig`.
    pub(super) fn reader_config(&mut self, node: &Node<'_>, place: &Place<'_>, scope: Scope<'_>) {
        let Some(config) = self.object(node, place) else { return };
        self.against(&fields::READER_CONFIG, config, place, node.at, scope);
        let text = |name: &str| config.get(name).and_then(|member| member.value.as_str());
        let header = config.get("CSVHeaderLocation");
        match (text("InputType"), header) {
            (Some("CSV"), None) => {
                let wording = Wording::schema("The field 'CSVHeaderLocation' is required", place);
                let message = "a CSV reader needs `CSVHeaderLocation`";
                self.report.error(&rule::MISSING_FIELD, place, node.at, message, wording);
            }
            (Some("JSON"), Some(member)) => {
                let wording = Wording::schema("Field 'CSVHeaderLocation' is not supported", place);
                let message = "a JSON reader has no `CSVHeaderLocation`";
                self.report.error(&rule::UNKNOWN_FIELD, &place.field("CSVHeaderLocation"), member.at, message, wording);
            }
            _ => {}
        }
        if text("CSVHeaderLocation") == Some("GIVEN") {
            self.required(&["CSVHeaders"], config, place, node.at);
        }
    }

    /// Checks `Label`, which becomes part of an execution's ARN.
    pub(super) fn label(&mut self, node: &Node<'_>, place: &Place<'_>) {
        let Some(label) = self.string(node, place) else { return };
        let wording = Wording::unknown(aws_code::LABEL, place);
        if label.is_empty() {
            self.report.error(&rule::LABEL, place, node.at, "the label is empty", wording);
        } else if let Some(bad) = label.chars().find(|&c| is_forbidden(c)) {
            let message = format!("a label cannot hold {}", bad.escape_default());
            self.report.error(&rule::LABEL, place, node.at, message, wording);
        } else if label.chars().count() > 40 {
            let words =
                format!("Invalid Label name: Label '{label}' exceeds the 40-character limit allowed by the service");
            let wording = Wording::known(aws_code::LABEL, words, place);
            self.report.error(&rule::LABEL, place, node.at, "the label is longer than 40 characters", wording);
        } else if let Some(first) = self.labels.get(label) {
            let message = format!("there is a map of this label already, in line {}", self.report.line(*first));
            let wording = Wording::known(aws_code::DUPLICATE_LABEL, format!("Duplicate Label name: {label}"), place);
            self.report.error(&rule::LABEL, place, node.at, message, wording);
        } else {
            self.labels.insert(label.to_owned(), node.at);
        }
    }

    /// Warns of the distributed mode's fields in a map of the other mode, where Step Functions takes them and does nothing
    /// with them (Step Functions developer guide, "Inline mode": the fields of that mode).
    pub(super) fn distributed_fields(&mut self, map: &Object<'_>, place: &Place<'_>) {
        let processor = map.get("ItemProcessor").or_else(|| map.get("Iterator"));
        let config = processor.and_then(|processor| processor.value.as_object()).and_then(|p| p.get("ProcessorConfig"));
        let mode = config.and_then(|config| config.value.as_object()).and_then(|config| config.get("Mode"));
        if mode.and_then(|mode| mode.value.as_str()) == Some("DISTRIBUTED") {
            return;
        }
        for name in DISTRIBUTED {
            if let Some(member) = map.get(name) {
                let message = format!("`{name}` has no effect without the distributed mode");
                self.report.warn(&rule::DISTRIBUTED_ONLY, &place.field(name), member.at, message);
            }
        }
    }
}

/// White space, wildcards, brackets, special and control characters, as the developer guide lists them.
fn is_forbidden(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "?*<>{}[]:;,\\|^~$#%&`\"/".contains(c)
}

#[cfg(test)]
mod tests {
    use super::is_forbidden;

    #[test]
    fn labels_take_letters_digits_and_a_few_marks() {
        assert!("Az09-_.+=@!'()ä".chars().all(|c| !is_forbidden(c)));
        assert!(" \t\u{0}\u{7f}\u{9f}?*<>{}[]:;,\\|^~$#%&`\"/".chars().all(is_forbidden));
    }
}
