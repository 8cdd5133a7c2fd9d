//! InputEvent events of others: none crashes, none is misread. They are not part of the project.

use incident::Outcome;
use libtest_mimic::Trial;
use serde_json::Value;

use crate::scenarios::replay;
use crate::support::{Checked, ensure, failed, needing};

pub(crate) fn trials() -> Vec<Trial> {
    vec![needing("CORDON_FINDINGS", "findings::none_is_misread", |folder| {
        let replay = replay()?;
        let mut checked = 0;
        for input in ingest::find(&[folder.to_owned()]) {
            let mut result = Ok(());
            ingest::read(input, &mut |recorded| {
                let event = recorded.event.as_ref().ok().cloned().unwrap_or_default();
                let report = replay.event(recorded);
                result = check(&event, &report);
                result.is_ok()
            });
            result?;
            checked += 1;
        }
        ensure(checked > 0, format!("no event in {}", folder.display()))
    })]
}

/// What the event itself says must be what the record says: the account and Region of the detail, the instance only when
/// the resource is one, a sample never mutated, an archived finding ignored.
fn check(event: &Value, report: &simulator::ReplayReport) -> Checked {
    let place = &report.source.path;
    ensure(report.tool_errors.is_empty(), format!("{place}: {:?}", report.tool_errors))?;
    let text = |pointers: [&str; 2]| pointers.iter().find_map(|pointer| event.pointer(pointer).and_then(Value::as_str));
    let resource_type = text(["/detail/resource/resourceType", "/detail/Resource/ResourceType"]);
    let instance = text(["/detail/resource/instanceDetails/instanceId", "/detail/Resource/InstanceDetails/InstanceId"]);
    let is_guardduty = event.pointer("/source").and_then(Value::as_str) == Some("aws.guardduty");
    let identified = report
        .incidents
        .iter()
        .filter(|incident| incident.resource.get("kind").and_then(Value::as_str) == Some("instance"))
        .find_map(|incident| incident.resource.get("id").and_then(Value::as_str));
    if !is_guardduty || resource_type != Some("Instance") {
        return ensure(identified.is_none(), format!("{place}: identifies {identified:?}"));
    }
    ensure(identified == instance, format!("{place}: identifies {identified:?} instead of {instance:?}"))?;
    let account = text(["/detail/accountId", "/detail/AccountId"]);
    ensure(report.finding.account.as_deref() == account, format!("{place}: account {:?}", report.finding.account))?;
    let converted = event.pointer("/detail/Id").is_some();
    let said = report.assumed.iter().any(|assumed| assumed.contains("converted"));
    ensure(converted == said, format!("{place}: converted {converted}, said {said}"))?;
    let sample = event.to_string().contains("\\\"sample\\\":true")
        || event.pointer("/detail/service/additionalInfo/sample") == Some(&Value::Bool(true));
    let archived = ["/detail/service/archived", "/detail/Service/Archived"]
        .iter()
        .any(|pointer| event.pointer(pointer) == Some(&Value::Bool(true)));
    if archived {
        return ensure(report.outcome == Outcome::Ignored, format!("{place}: archived, and ends {}", report.outcome));
    }
    let mutating: Vec<&str> = report
        .calls
        .iter()
        .filter(|call| !call.read_only && !["sns", "dynamodb"].contains(&call.service.as_str()))
        .map(|call| call.operation.as_str())
        .collect();
    if sample && !(report.outcome == Outcome::Observed && mutating.is_empty()) {
        return failed(format!("{place}: a sample ends {} after {mutating:?}", report.outcome));
    }
    ensure(
        !matches!(report.outcome, Outcome::Failed | Outcome::Escalated | Outcome::Invalid | Outcome::Unmatched),
        format!("{place}: {} because {}", report.outcome, report.reason),
    )
}
