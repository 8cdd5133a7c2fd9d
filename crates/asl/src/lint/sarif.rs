//! Problems as SARIF 2.1.0, the format in which code hosts and editors take the findings of a static analysis.

use serde_json::{Value, json};

use super::{Lint, RULES, Severity};

/// A log of one run over files, each given by its path or URI and its result.
///
/// Paths become relative URIs: separators are slashes, and characters that a URI cannot have are percent-encoded. Columns
/// count characters (`columnKind` is `unicodeCodePoints`).
pub fn sarif(files: &[(String, Lint)]) -> Value {
    let rules: Vec<Value> =
        RULES.iter().map(|rule| json!({"id": rule.code, "shortDescription": {"text": rule.summary}})).collect();
    let results: Vec<Value> =
        files.iter().flat_map(|(file, lint)| lint.problems.iter().map(move |problem| result(file, problem))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "cordon lint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(file: &str, problem: &super::Problem) -> Value {
    let mut properties = serde_json::Map::new();
    if let Some(aws) = &problem.aws {
        properties.insert("aws".to_owned(), json!(aws));
    }
    json!({
        "ruleId": problem.code,
        "ruleIndex": RULES.iter().position(|rule| rule.code == problem.code),
        "level": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        "message": {"text": problem.message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(file)},
                "region": {"startLine": problem.line, "startColumn": problem.column},
            },
            "logicalLocations": [{"fullyQualifiedName": problem.path}],
        }],
        "properties": properties,
    })
}

/// A path as a relative URI.
fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b':' => {
                uri.push(char::from(byte))
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test: a missing field is null")]
mod tests {
    use super::*;
    use crate::lint::lint;

    #[test]
    fn gives_the_location_of_each_problem() {
        let files =
            [("a b/ä.asl.json".to_owned(), lint("{\n \"StartAt\": 1}")), ("fine.json".to_owned(), Lint::default())];
        let log = sarif(&files);
        let results = log.pointer("/runs/0/results").and_then(Value::as_array).cloned().unwrap_or_default();
        assert_eq!(results.len(), 2, "{log:#}");
        let typed = results.iter().find(|result| result["ruleId"] == "type").cloned().unwrap_or_default();
        assert_eq!(typed["level"], "error");
        let location = &typed["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b/%C3%A4.asl.json");
        assert_eq!(location["region"], json!({"startLine": 2, "startColumn": 13}));
        assert_eq!(typed["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "/StartAt");
        let rule =
            typed["ruleIndex"].as_u64().and_then(|index| log.pointer(&format!("/runs/0/tool/driver/rules/{index}/id")));
        assert_eq!(rule, Some(&json!("type")));
    }
}
