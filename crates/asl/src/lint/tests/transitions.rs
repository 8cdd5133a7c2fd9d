//! Transitions, names, and the location of each problem.

use super::*;

#[test]
fn follows_transitions() {
    let pass = |next: &str| json!({"Type": "Pass", "Next": next});
    refused(
        json!({"StartAt": "A", "States": {"A": pass("B"), "B": pass("A"), "C": pass("A")}}),
        &["MISSING_END_STATE: Workflow has no terminal state at null"],
    );
    refused(
        json!({"StartAt": "A", "States": {"A": pass("B"), "B": pass("A"), "C": {"Type": "Succeed"}}}),
        &["MISSING_TRANSITION_TARGET: State \"C\" is not reachable. at /States/C"],
    );
    refused(
        json!({"StartAt": "A", "States": {"A": pass("Nope")}}),
        &[
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nope at /States/A/Next",
            "MISSING_END_STATE: Workflow has no terminal state at null",
        ],
    );
    refused(
        json!({"StartAt": "Nope", "States": {"A": {"Type": "Succeed"}}}),
        &[
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nope at /StartAt",
            "MISSING_TRANSITION_TARGET: State \"A\" is not reachable. at /States/A",
        ],
    );
    refused(
        json!({"StartAt": "A", "States": {
            "A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": true, "Next": "Ghost"}], "Default": "Gone"},
            "E": {"Type": "Fail"},
        }}),
        &[
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/A/Choices[0]/Next",
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone at /States/A/Default",
            "MISSING_TRANSITION_TARGET: State \"E\" is not reachable. at /States/E",
        ],
    );
    let catching = task(json!({"Catch": [{"ErrorEquals": ["e"], "Next": "Ghost"}]}));
    refused(machine(catching), &["MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/S/Catch[0]/Next"]);
    refused(
        machine(json!({"Type": "Parallel", "Branches": [{"StartAt": "I", "States": {
            "I": {"Type": "Pass", "Next": "S"}, "G": {"Type": "Succeed"}}}]})),
        &[
            "MISSING_TRANSITION_TARGET: Missing 'Next' target: S at /States/S/Branches[0]/States/I/Next",
            "MISSING_TRANSITION_TARGET: State \"G\" is not reachable. at /States/S/Branches[0]/States/G",
        ],
    );
    // the schema comes first: transitions of what is wrong anyway are not followed
    refused(
        json!({"States": {"A": pass("Nope")}}),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /"],
    );
}

#[test]
fn checks_the_names_of_states_and_labels() {
    let long = "n".repeat(81);
    refused(
        json!({"StartAt": long, "States": {long.as_str(): {"Type": "Succeed"}}}),
        &[&format!(
            "INVALID_STATE_NAME: Invalid State name: State '{long}' exceeds the 80-character limit allowed by the service at /States/{long}"
        )],
    );
    accepted(json!({"StartAt": "ä".repeat(80), "States": {"ä".repeat(80): {"Type": "Succeed"}}}));
    let mut same = inner();
    same["StartAt"] = json!("S");
    same["States"] = json!({"S": {"Type": "Pass", "End": true}});
    refused(
        machine(json!({"Type": "Map", "ItemProcessor": same})),
        &["DUPLICATE_STATE_NAME: Duplicate State name: S at /States/S/ItemProcessor/States/S"],
    );
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Succeed"}}}"#;
    assert_eq!(
        lint(text).create_state_machine_error().as_deref(),
        Some("Invalid State Machine Definition: 'DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A'"),
    );
    for bad in ["", "a b", "a$", "\u{85}"] {
        let lint = lint(&machine(json!({"Type": "Map", "Label": bad, "ItemProcessor": inner()})).to_string());
        assert_eq!(lint.errors().map(|problem| problem.code).collect::<Vec<_>>(), ["label"], "{bad:?}");
    }
    let label = "l".repeat(41);
    refused(
        machine(json!({"Type": "Map", "Label": label, "ItemProcessor": inner()})),
        &[&format!(
            "INVALID_LABEL_NAME: Invalid Label name: Label '{label}' exceeds the 40-character limit allowed by the service at /States/S/Label"
        )],
    );
}

#[test]
fn gives_each_problem_its_location() {
    let lint = lint(
        "{\n  \"StartAt\": \"Gone\",\n  \"States\": {\n    \"S\": {\"Type\": \"Wait\", \"Seconds\": -1, \"Foo\": 1, \"End\": true}\n  }\n}",
    );
    let places: Vec<(&str, usize, usize)> = lint.errors().map(|p| (p.path.as_str(), p.line, p.column)).collect();
    assert_eq!(
        places,
        [("/States/S/Foo", 4, 42), ("/States/S/Seconds", 4, 38), ("/StartAt", 2, 14), ("/States/S", 4, 5)]
    );
}
