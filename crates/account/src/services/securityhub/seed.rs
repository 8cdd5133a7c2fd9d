//! Reading `account.json`: findings, by `get-findings`.

use serde_json::{Map, Value};

use super::finding::State;
use crate::protocol::Params;
use crate::service::{Context, SeedError};

/// Reads the output of one command. A finding needs `Id` and `ProductArn`; what every finding has and is left out gets a
/// default: account and Region of the file, `Workflow` `NEW`, `RecordState` `ACTIVE`.
pub(super) fn seed(
    state: &mut State,
    context: &mut Context<'_>,
    command: &str,
    mut document: Params,
) -> Result<(), SeedError> {
    if command != "get-findings" {
        return Err(SeedError::unknown_command("securityhub", command));
    }
    let findings = match document.take_value("Findings") {
        Some(Value::Array(findings)) => findings,
        _ => return Err(SeedError::malformed("Findings", "expected a list of findings")),
    };
    for (index, finding) in findings.into_iter().enumerate() {
        let place = format!("Findings[{index}]");
        let Value::Object(mut finding) = finding else {
            return Err(SeedError::malformed(place, "expected a finding, an object"));
        };
        let identifier = (text(&finding, "Id", &place)?, text(&finding, "ProductArn", &place)?);
        let defaults = [
            ("SchemaVersion", Value::from("2018-10-08")),
            ("AwsAccountId", context.account.into()),
            ("Region", context.region.into()),
            ("Workflow", serde_json::json!({ "Status": "NEW" })),
            ("RecordState", "ACTIVE".into()),
        ];
        for (name, value) in defaults {
            finding.entry(name).or_insert(value);
        }
        state.store(identifier, finding);
    }
    Ok(())
}

fn text(finding: &Map<String, Value>, name: &str, place: &str) -> Result<String, SeedError> {
    match finding.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        _ => Err(SeedError::malformed(format!("{place}.{name}"), "expected a text that is not empty")),
    }
}
