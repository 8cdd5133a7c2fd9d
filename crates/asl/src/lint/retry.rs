//! The error names of retriers and catchers.

use super::check::Checker;
use super::place::Place;
use super::report::Wording;
use super::rule;
use crate::source::Node;

/// The error names that the States Language reserves, and Step Functions' own beside them.
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
    pub(super) fn error_names(&mut self, node: &Node<'_>, place: &Place<'_>) {
        for (index, item) in self.items(true, node, place).iter().enumerate() {
            let place = place.item(index);
            let Some(name) = self.string(item, &place) else { continue };
            let http = name.strip_prefix("States.Http.StatusCode.").is_some();
            if name.starts_with("States.") && !http && !RESERVED.contains(&name) {
                let message = format!("Step Functions raises no error `{name}`");
                self.report.warn(&rule::UNKNOWN_ERROR, &place, item.at, message);
            }
        }
    }

    /// Demands that `States.ALL` stands alone and in the last of the retriers or catchers.
    pub(super) fn wildcards_last(&mut self, list: &Node<'_>, place: &Place<'_>) {
        let items = list.as_array().unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let names = item.as_object().and_then(|item| item.get("ErrorEquals"));
            let Some(names) = names.and_then(|names| names.value.as_array()) else { continue };
            let Some(wildcard) = names.iter().find(|name| name.as_str() == Some("States.ALL")) else { continue };
            let message = match (names.len(), index + 1 == items.len()) {
                (1, true) => continue,
                (1, false) => "`States.ALL` catches what the following items name; it must be in the last one",
                _ => "`States.ALL` must be alone in its list",
            };
            let item_place = place.item(index);
            let here = item_place.field("ErrorEquals");
            let wording = Wording::schema("States.ALL must appear alone and at end of list", &here);
            self.report.error(&rule::ERROR_NAMES, &here, wildcard.at, message, wording);
        }
    }
}
