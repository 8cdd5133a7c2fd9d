//! The distributed mode of Map states, and `Label`.

use super::check::{Checker, Scope};
use super::fields;
use super::location::Location;
use super::report::{AwsError, aws_code};
use super::{Kind, rule};
use crate::source::{Node, Object};

/// Fields that have an effect in the distributed mode only.
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
    pub(super) fn processor_config(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(config) = self.object(node, location) else { return };
        self.check_object(&fields::PROCESSOR_CONFIG, config, location, node.at, scope);
        let mode = config.get("Mode");
        let execution_type = config.get("ExecutionType");
        match (mode.and_then(|mode| mode.value.as_str()), execution_type) {
            (Some("DISTRIBUTED"), None) => self.required(&["ExecutionType"], config, location, node.at),
            (Some("INLINE"), Some(member)) => {
                let aws_error = AwsError::schema("Field 'ExecutionType' is not supported", location);
                let message = "a Map state in inline mode has no `ExecutionType`";
                self.report.error(
                    &rule::UNKNOWN_FIELD,
                    &location.field("ExecutionType"),
                    member.at,
                    message,
                    aws_error,
                );
            }
            (None, Some(member)) if mode.is_none() => {
                let message = "`ExecutionType` has no effect without `\"Mode\": \"DISTRIBUTED\"`";
                self.report.warn(&rule::DISTRIBUTED_ONLY, &location.field("ExecutionType"), member.at, message);
            }
            _ => {}
        }
        if let Some(mode) = mode.filter(|mode| mode.value.as_str() == Some("DISTRIBUTED") && self.within_express(scope))
        {
            let here = location.field("Mode");
            let words = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
            let message = "an Express state machine cannot have a Map state in distributed mode";
            self.report.error(&rule::EXPRESS, &here, mode.value.at, message, AwsError::schema(words, &here));
        }
    }

    fn within_express(&self, scope: Scope<'_>) -> bool {
        self.options.kind == Kind::Express && scope.kind == Kind::Express
    }

    /// Checks the `Resource` of an `ItemReader`.
    pub(super) fn reader(&mut self, node: &Node<'_>, location: &Location<'_>) {
        self.s3_action(&["getObject", "listObjectsV2"], node, location);
    }

    /// Checks the `Resource` of a `ResultWriter`.
    pub(super) fn writer(&mut self, node: &Node<'_>, location: &Location<'_>) {
        self.s3_action(&["putObject"], node, location);
    }

    fn s3_action(&mut self, actions: &[&str], node: &Node<'_>, location: &Location<'_>) {
        let Some(resource) = self.string(node, location) else { return };
        let action =
            resource.strip_prefix("arn:").and_then(|rest| rest.split_once(":states:::s3:")).map(|(_, action)| action);
        if !action.is_some_and(|action| actions.contains(&action)) {
            let aws_error = AwsError::schema("The field 'Resource' does not match any of the allowed values", location);
            let message =
                format!("`{resource}` is not `arn:aws:states:::s3:{}`", actions.join("` or `arn:aws:states:::s3:"));
            self.report.error(&rule::RESOURCE, location, node.at, message, aws_error);
        }
    }

    /// Checks `ReaderConfig`.
    pub(super) fn reader_config(&mut self, node: &Node<'_>, location: &Location<'_>, scope: Scope<'_>) {
        let Some(config) = self.object(node, location) else { return };
        self.check_object(&fields::READER_CONFIG, config, location, node.at, scope);
        let text = |name: &str| config.get(name).and_then(|member| member.value.as_str());
        let header = config.get("CSVHeaderLocation");
        match (text("InputType"), header) {
            (Some("CSV"), None) => {
                let aws_error = AwsError::schema("The field 'CSVHeaderLocation' is required", location);
                let message = "a CSV reader needs `CSVHeaderLocation`";
                self.report.error(&rule::MISSING_FIELD, location, node.at, message, aws_error);
            }
            (Some("JSON"), Some(member)) => {
                let aws_error = AwsError::schema("Field 'CSVHeaderLocation' is not supported", location);
                let message = "a JSON reader has no `CSVHeaderLocation`";
                self.report.error(
                    &rule::UNKNOWN_FIELD,
                    &location.field("CSVHeaderLocation"),
                    member.at,
                    message,
                    aws_error,
                );
            }
            _ => {}
        }
        if text("CSVHeaderLocation") == Some("GIVEN") {
            self.required(&["CSVHeaders"], config, location, node.at);
        }
    }

    /// Checks `Label`, which becomes part of the ARN of a Map Run.
    pub(super) fn label(&mut self, node: &Node<'_>, location: &Location<'_>) {
        let Some(label) = self.string(node, location) else { return };
        let aws_error = AwsError::unworded(aws_code::LABEL, location);
        if label.is_empty() {
            self.report.error(&rule::LABEL, location, node.at, "the label is empty", aws_error);
        } else if let Some(bad) = label.chars().find(|&c| is_forbidden(c)) {
            let message = format!("a label cannot contain `{}`", bad.escape_default());
            self.report.error(&rule::LABEL, location, node.at, message, aws_error);
        } else if label.chars().count() > 40 {
            let words =
                format!("Invalid Label name: Label '{label}' exceeds the 40-character limit allowed by the service");
            let aws_error = AwsError::known(aws_code::LABEL, words, location);
            self.report.error(&rule::LABEL, location, node.at, "the label is longer than 40 characters", aws_error);
        } else if let Some(first) = self.labels.get(label) {
            let message = format!("the label `{label}` is used already, in line {}", self.report.line(*first));
            let aws_error =
                AwsError::known(aws_code::DUPLICATE_LABEL, format!("Duplicate Label name: {label}"), location);
            self.report.error(&rule::LABEL, location, node.at, message, aws_error);
        } else {
            self.labels.insert(label.to_owned(), node.at);
        }
    }

    /// Warns of fields of the distributed mode in a Map state in inline mode, where Step Functions accepts and ignores them
    /// (Step Functions developer guide, "Using Map state in Inline mode").
    pub(super) fn distributed_fields(&mut self, map: &Object<'_>, location: &Location<'_>) {
        let processor = map.get("ItemProcessor").or_else(|| map.get("Iterator"));
        let config = processor.and_then(|processor| processor.value.as_object()).and_then(|p| p.get("ProcessorConfig"));
        let mode = config.and_then(|config| config.value.as_object()).and_then(|config| config.get("Mode"));
        if mode.is_some_and(|mode| mode.value.as_str() == Some("DISTRIBUTED") || self.is_open(&mode.value)) {
            return;
        }
        for name in DISTRIBUTED {
            if let Some(member) = map.get(name) {
                let message = format!("`{name}` has no effect without `\"Mode\": \"DISTRIBUTED\"`");
                self.report.warn(&rule::DISTRIBUTED_ONLY, &location.field(name), member.at, message);
            }
        }
    }
}

/// Whether a label cannot contain a character: white space, wildcards, brackets, special and control characters (Step
/// Functions developer guide, "Using Map state in Distributed mode").
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
