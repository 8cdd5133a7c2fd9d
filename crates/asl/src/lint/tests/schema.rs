//! Fields, types, ranges, rules of choices, error names; text that is not JSON.

use super::*;

#[test]
fn demands_and_refuses_fields() {
    refused(json!({}), &["SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"]);
    refused(json!([]), &["SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /"]);
    refused(
        machine(json!({"Type": "Pass", "TimeoutSeconds": 5, "startAt": 1})),
        &[
            "SCHEMA_VALIDATION_FAILED: Field 'TimeoutSeconds' is not supported at /States/S",
            "SCHEMA_VALIDATION_FAILED: Field 'startAt' is not supported at /States/S",
        ],
    );
    refused(
        machine(json!({"Type": "Choice"})),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [Choices] at /States/S"],
    );
    refused(
        machine(json!({"Comment": ""})),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [Type] at /States/S"],
    );
    refused(
        machine(json!({"Type": "Wait"})),
        &[
            "SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S",
        ],
    );
    refused(
        machine(json!({"Type": "Wait", "Seconds": 1, "SecondsPath": "$.a"})),
        &[
            "SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/S",
        ],
    );
    refused(
        machine(json!({"Type": "Pass", "End": false})),
        &[
            "SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [Next, End] at /States/S",
        ],
    );
    refused(
        machine(json!({"Type": "Fail", "Error": "e", "ErrorPath": "$.e"})),
        &[
            "SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Error, ErrorPath] at /States/S",
        ],
    );
    accepted(
        json!({"Comment": "c", "Version": "1.0", "TimeoutSeconds": 0, "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}),
    );
}

#[test]
fn checks_types_and_ranges() {
    refused(
        machine(task(json!({"TimeoutSeconds": 0}))),
        &["SCHEMA_VALIDATION_FAILED: Minimum value is 1 at /States/S/TimeoutSeconds"],
    );
    refused(
        machine(task(json!({"TimeoutSeconds": 100_000_000}))),
        &["SCHEMA_VALIDATION_FAILED: Maximum value is 99999999 at /States/S/TimeoutSeconds"],
    );
    refused(
        machine(task(json!({"TimeoutSeconds": "5"}))),
        &["SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /States/S/TimeoutSeconds"],
    );
    refused(
        machine(json!({"Type": "Wait", "Timestamp": "2024-01-01"})),
        &["SCHEMA_VALIDATION_FAILED: String does not match RFC3339 timestamp at /States/S/Timestamp"],
    );
    refused(
        machine(task(
            json!({"Retry": [{"ErrorEquals": ["e"], "BackoffRate": 0.5, "JitterStrategy": "SOME", "MaxAttempts": -1}]}),
        )),
        &[
            "SCHEMA_VALIDATION_FAILED: Minimum value is 1.0 at /States/S/Retry[0]/BackoffRate",
            "SCHEMA_VALIDATION_FAILED: Value should be one of the following: [NONE, FULL] at /States/S/Retry[0]/JitterStrategy",
            "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/S/Retry[0]/MaxAttempts",
        ],
    );
    refused(
        json!({"QueryLanguage": 5, "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}),
        &["SCHEMA_VALIDATION_FAILED: Expected value of type [STRING] at /QueryLanguage"],
    );
    accepted(machine(
        json!({"Type": "Map", "MaxConcurrency": 9_223_372_036_854_775_807_i64, "ItemProcessor": inner()}),
    ));
}

#[test]
fn checks_choice_rules() {
    let choice = |rule: Value| {
        json!({"StartAt": "S", "States": {
            "S": {"Type": "Choice", "Choices": [rule], "Default": "E"}, "E": {"Type": "Succeed"}}})
    };
    let kinds = "SCHEMA_VALIDATION_FAILED: The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/S/Choices[0]";
    refused(choice(json!({"Next": "E"})), &[kinds]);
    refused(
        choice(json!({"Variable": "$.a", "IsNull": true, "Not": {"Variable": "$.a", "IsNull": true}, "Next": "E"})),
        &[kinds],
    );
    refused(
        choice(json!({"Variable": "$.a", "IsNull": true})),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/S/Choices[0]"],
    );
    refused(
        choice(json!({"And": [{"Variable": "$.a", "IsNull": true, "Next": "E"}], "Next": "E"})),
        &["SCHEMA_VALIDATION_FAILED: Field 'Next' is not supported at /States/S/Choices[0]/And[0]"],
    );
    refused(
        choice(json!({"Variable": "a", "IsNull": true, "Next": "E"})),
        &[
            "SCHEMA_VALIDATION_FAILED: Value is not a Reference Path: Reference path didn't start with '$' at /States/S/Choices[0]/Variable",
        ],
    );
    refused(
        choice(json!({"Variable": "$.a", "IsNull": 1, "Next": "E"})),
        &["SCHEMA_VALIDATION_FAILED: Expected value of type [BOOLEAN] at /States/S/Choices[0]/IsNull"],
    );
    refused(
        machine(json!({"Type": "Choice", "Choices": []})),
        &["SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/S/Choices"],
    );
    for rule in [
        json!({"Variable": "$.a", "Next": "E"}),
        json!({"Variable": "$.a", "IsNull": true, "IsString": true, "Next": "E"}),
        json!({"Not": {"Variable": "$.a", "IsNull": true}, "IsString": true, "Next": "E"}),
    ] {
        assert!(!lint(&choice(rule.clone()).to_string()).is_valid(), "{rule}");
    }
    accepted(choice(
        json!({"Or": [{"Not": {"Variable": "$$.Execution.Name", "StringMatches": "a*"}}], "Comment": "c", "Next": "E"}),
    ));
}

#[test]
fn checks_error_names() {
    let catch = |names: Value| json!({"ErrorEquals": names, "Next": "S"});
    let all =
        "SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and at end of list at /States/S/Catch[0]/ErrorEquals";
    refused(machine(task(json!({"Catch": [catch(json!(["States.ALL", "e"]))]}))), &[all]);
    refused(machine(task(json!({"Catch": [catch(json!(["States.ALL"])), catch(json!(["e"]))]}))), &[all]);
    refused(
        machine(task(json!({"Catch": [catch(json!([]))]}))),
        &["SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/S/Catch[0]/ErrorEquals"],
    );
    refused(
        machine(task(json!({"Catch": [{}]}))),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [ErrorEquals, Next] at /States/S/Catch[0]"],
    );
    accepted(machine(task(json!({"Retry": [], "Catch": []}))));
}

#[test]
fn says_of_text_that_is_not_json_what_jackson_says() {
    let said = |text: &str| lint(text).create_state_machine_error().unwrap_or_default();
    assert_eq!(
        said("{\"StartAt\": \"A\",}"),
        "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Unexpected character ('}' (code 125)): was expecting \
         double-quote to start field name\n at [Source: (String)\"{\"StartAt\": \"A\",}\"; line: 1, column: 18] at \
         [Source: (String)\"{\"StartAt\": \"A\",}\"; line: 1, column: 18]'",
    );
    assert!(said(&format!("{{{}x", " ".repeat(600))).contains("[truncated 102 chars]; line: 1, column: 603]"));
    let lint = lint("{\"a\": tru}");
    assert_eq!(lint.problems.first().map(|problem| (problem.line, problem.column, problem.code)), Some((1, 7, "json")));
    assert!(!super::lint("").is_valid() && !super::lint("{} {}").is_valid());
}
