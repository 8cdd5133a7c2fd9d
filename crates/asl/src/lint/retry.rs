//! The error names of `Retry` and `Catch`.

use super::check::Checker;
use super::location::Location;
use super::report::AwsError;
use super::rule;
use crate::source::Node;

/// The error names that the States Language reserves (specification, appendix A), and those that Step Functions adds
/// (developer guide, "Handling errors").
static RESERVED: &[&str] = &[
    "States.ALL",
    "States.BranchFailed",
    "States.DataLimitExceeded",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.StatusCode",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.ParameterPathFailure",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    "States.Runtime",
    "States.TaskFailed",
    "States.Timeout",
];

impl Checker<'_, '_> {
    /// Checks `ErrorEquals`.
    pub(super) fn error_names(&mut self, node: &Node<'_>, location: &Location<'_>) {
        for (index, item) in self.items(true, node, location).iter().enumerate() {
            let location = location.item(index);
            let Some(name) = self.string(item, &location) else { continue };
            let http = name.strip_prefix("States.Http.StatusCode.").is_some();
            if name.starts_with("States.") && !http && !RESERVED.contains(&name) {
                let message = format!("Step Functions has no error named `{name}`");
                self.report.warn(&rule::UNKNOWN_ERROR, &location, item.at, message);
            }
        }
    }

    /// Reports `States.ALL` beside other names, or before the last retrier or catcher.
    pub(super) fn wildcards_last(&mut self, list: &Node<'_>, location: &Location<'_>) {
        let items = list.as_array().unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let names = item.as_object().and_then(|item| item.get("ErrorEquals"));
            let Some(names) = names.and_then(|names| names.value.as_array()) else { continue };
            let Some(wildcard) = names.iter().find(|name| name.as_str() == Some("States.ALL")) else { continue };
            let message = match (names.len(), index + 1 == items.len()) {
                (1, true) => continue,
                (1, false) => {
                    "`States.ALL` matches every error, so that later items are never used; it must be in the last item"
                }
                _ => "`States.ALL` must be the only name in its list",
            };
            let item_location = location.item(index);
            let here = item_location.field("ErrorEquals");
            let aws_error = AwsError::schema("States.ALL must appear alone and at end of list", &here);
            self.report.error(&rule::ERROR_NAMES, &here, wildcard.at, message, aws_error);
        }
    }
}
