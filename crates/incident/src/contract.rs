//! The output contract: what a program that watches an execution from outside (the simulator, a console) may read of it.
//!
//! Functions and definitions are free to pass each other anything else. What is listed here keeps its name and its form:
//!
//! | where | what | form |
//! |---|---|---|
//! | output of an execution | the report of one incident | [`Report`] |
//! | output of an execution | responses of their own were started, one for each resource | an object with the list `instances` |
//! | variable [`REPORT_VARIABLE`] | the report, before people are notified of it | [`Report`] |
//! | variables `decision`, `plan`, `outcome` | what a state found | [`Decision`](crate::Decision), a list of [`Control`](crate::Control)s, the name of an [`Outcome`](crate::Outcome) |
//! | input of a started response | the one resource that it is for | [`selected_resource`] |
//! | output of a function | the controls that it applied and read back | `controls`, a list of [`Control`](crate::Control)s |
//! | sort key `record` of the incident table | before-images and custody manifest | they begin with [`BEFORE_IMAGE_KEY`], [`EVIDENCE_KEY`] |
//! | tag `cordon:purpose` of a security group | what the group is for | [`PURPOSE_ISOLATION`], [`PURPOSE_FLUSH`] |

use serde_json::Value;

use crate::{Report, host};

/// The variable that holds the [`Report`] of an execution from the moment when it is complete.
pub const REPORT_VARIABLE: &str = "report";

/// Beginning of the sort keys of before-images.
pub const BEFORE_IMAGE_KEY: &str = "before-image#";

/// Beginning of the sort keys of the custody manifest.
pub const EVIDENCE_KEY: &str = "evidence#";

/// Purpose of a group without rules that isolates interfaces.
pub const PURPOSE_ISOLATION: &str = "isolation";

/// Purpose of a group that is open for a moment while tracked connections are flushed.
pub const PURPOSE_FLUSH: &str = "flush";

/// What an execution concludes with.
#[derive(Debug, Clone, PartialEq)]
pub enum Conclusion {
    /// The report of one incident.
    Report(Box<Report>),
    /// It started a response for each of several resources; those have reports.
    Dispatched,
}

impl Conclusion {
    /// Reads the output of an execution; `None` when it keeps nothing of the contract.
    pub fn read(output: &Value) -> Option<Conclusion> {
        match serde_json::from_value(output.clone()) {
            Ok(report) => Some(Conclusion::Report(report)),
            Err(_) if output.get("instances").is_some_and(Value::is_array) => Some(Conclusion::Dispatched),
            Err(_) => None,
        }
    }
}

/// The resource that a response was started for by another one, from the input of its execution. No event of EventBridge
/// has the key `cordon`.
pub fn selected_resource(input: &Value) -> Option<&Value> {
    input.pointer("/cordon/resource")
}

/// What a state found, in words, from the variables that it assigns.
///
/// ```
/// let decision = serde_json::json!({"action": "contain"});
/// let found = incident::contract::finding_of_state(|name| (name == "decision").then_some(&decision));
/// assert_eq!(found.as_deref(), Some("decision contain"));
/// ```
pub fn finding_of_state<'v>(variable: impl Fn(&str) -> Option<&'v Value>) -> Option<String> {
    if let Some(action) = variable("decision").and_then(|decision| decision.get("action")) {
        return action.as_str().map(|action| format!("decision {action}"));
    }
    if let Some(plan) = variable("plan").and_then(Value::as_array) {
        return Some(format!("a plan of {} controls", plan.len()));
    }
    variable("outcome").and_then(Value::as_str).map(str::to_owned)
}

/// Whether the output of a function reports on the isolation of a network interface.
pub fn reports_isolation(output: &Value) -> bool {
    let controls = output.get("controls").and_then(Value::as_array).into_iter().flatten();
    let mut names = controls.filter_map(|control| control.get("name").and_then(Value::as_str));
    names.any(|name| name.starts_with(host::ISOLATE))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_output_is_a_report_or_dispatches() {
        let report = Report::escalated("no answer");
        let output = serde_json::to_value(&report).unwrap_or_default();
        assert_eq!(Conclusion::read(&output), Some(Conclusion::Report(Box::new(report))));
        assert_eq!(Conclusion::read(&json!({"schema": 1, "instances": ["i-1"]})), Some(Conclusion::Dispatched));
        assert_eq!(Conclusion::read(&json!({"outcome": "contained"})), None);
    }

    #[test]
    fn keys_begin_as_they_are_written() {
        let image = crate::BeforeImage::RolePolicy {
            role_name: "r".to_owned(),
            role_id: "AROA".to_owned(),
            policy_name: "p".to_owned(),
            document: None,
        };
        assert!(image.sort_key().starts_with(BEFORE_IMAGE_KEY));
    }

    #[test]
    fn only_isolation_is_reported_as_isolation() {
        let control = |name: &str| json!({"controls": [{"name": name, "state": "done", "detail": ""}]});
        assert!(reports_isolation(&control("isolate-interface eni-1")));
        assert!(!reports_isolation(&control("deny-sessions i-1")));
        assert!(!reports_isolation(&json!(null)));
    }
}
