//! Definitions of our own, each with what is said of it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn diagnostics(definition: &Value, options: Options) -> Vec<String> {
    let lint = lint_with(&definition.to_string(), options);
    lint.diagnostics().into_iter().map(Diagnostic::in_exception).collect()
}

/// A definition that is fine but for what replaces parts of it.
fn refused(definition: Value, expected: &[&str]) {
    assert_eq!(diagnostics(&definition, Options::default()), expected, "{definition}");
}

fn accepted(definition: Value) {
    refused(definition, &[]);
}

/// A machine of this one state, which ends it.
fn machine(mut state: Value) -> Value {
    if let Some(state) = state.as_object_mut().filter(|state| !state.contains_key("Next")) {
        let ends = !matches!(state.get("Type").and_then(Value::as_str), Some("Choice" | "Succeed" | "Fail"));
        if ends {
            state.entry("End").or_insert(json!(true));
        }
    }
    json!({"StartAt": "S", "States": {"S": state}})
}

fn jsonata(state: Value) -> Value {
    let mut machine = machine(state);
    if let Some(machine) = machine.as_object_mut() {
        machine.insert("QueryLanguage".to_owned(), json!("JSONata"));
    }
    machine
}

fn pass_with(output: &str) -> Value {
    jsonata(json!({"Type": "Pass", "Output": format!("{{% {output} %}}")}))
}

fn task(more: Value) -> Value {
    let mut task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"},
        "TimeoutSeconds": 10,
    });
    if let (Some(task), Some(more)) = (task.as_object_mut(), more.as_object()) {
        task.extend(more.clone());
        task.retain(|_, value| !value.is_null());
    }
    task
}

fn inner() -> Value {
    json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "End": true}}})
}

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
fn keeps_the_query_languages_apart() {
    let path_only = |field: &str, place: &str| {
        format!(
            "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field '{field}' is only supported for the 'JSONPath' QueryLanguage at {place}"
        )
    };
    refused(jsonata(json!({"Type": "Pass", "InputPath": "nonsense"})), &[&path_only("InputPath", "/States/S")]);
    refused(
        jsonata(json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "S"}]})),
        &[&path_only("Variable", "/States/S/Choices[0]"), &path_only("IsNull", "/States/S/Choices[0]")],
    );
    refused(
        machine(json!({"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor":
            {"StartAt": "P", "States": {"P": {"Type": "Pass", "Output": 1, "End": true}}}})),
        &[
            "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage at /States/S/ItemProcessor/States/P",
        ],
    );
    refused(
        jsonata(json!({"Type": "Pass", "QueryLanguage": "JSONPath", "Output": {"v": "{% 1 %}"}})),
        &[
            "SCHEMA_VALIDATION_FAILED: 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/S",
        ],
    );
    refused(
        machine(json!({"Type": "Pass", "QueryLanguage": "jsonata", "InputPath": "$.a", "Output": 1})),
        &[
            &path_only("InputPath", "/States/S"),
            "SCHEMA_VALIDATION_FAILED: Value should be one of the following: [JSONPath, JSONata] at /States/S/QueryLanguage",
        ],
    );
    let mut processor = inner();
    processor["QueryLanguage"] = json!("JSONata");
    refused(
        machine(json!({"Type": "Map", "Iterator": processor})),
        &["SCHEMA_VALIDATION_FAILED: Field 'QueryLanguage' is not supported at /States/S/Iterator"],
    );
    accepted(jsonata(json!({"Type": "Wait", "Seconds": "{% $states.input.n %}"})));
}

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
fn checks_paths_and_templates() {
    refused(
        machine(json!({"Type": "Pass", "InputPath": "a"})),
        &["SCHEMA_VALIDATION_FAILED: Value must be a valid JSONPath. at /States/S/InputPath"],
    );
    refused(
        machine(json!({"Type": "Wait", "SecondsPath": "$$.Execution.Input.n"})),
        &["SCHEMA_VALIDATION_FAILED: Value is not a Reference Path at /States/S/SecondsPath"],
    );
    assert!(!lint(&machine(json!({"Type": "Pass", "ResultPath": "$.a[*]"})).to_string()).is_valid());
    let template = |value: Value| machine(json!({"Type": "Pass", "Parameters": {"a": [{"b.$": value}]}}));
    let words = "SCHEMA_VALIDATION_FAILED: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call at /States/S/Parameters/a[0]";
    for bad in [
        json!(1),
        json!("b"),
        json!("$$23"),
        json!("States.Nope()"),
        json!("States.Format('\\x')"),
        json!("States.UUID("),
    ] {
        refused(template(bad), &[words]);
    }
    for good in [
        "$",
        "$$",
        "$.detail-type",
        "$variable",
        "States.Format('{} \\' \\{', $.a)",
        "States.MathAdd(States.UUID(), 1)",
    ] {
        accepted(template(json!(good)));
    }
    accepted(machine(json!({"Type": "Pass", "Result": {"b.$": "b"}})));
}

#[test]
fn checks_expressions() {
    for (expression, words) in [
        ("a[1,2)", "Expected \"]\", got \",\""),
        ("\"unterminated", "String literal must be terminated by a matching quote"),
        ("1 +", "Unexpected end of expression"),
        ("{\"a\":}", "The symbol \"}\" cannot be used as a unary operator"),
        ("$x :=", "Unexpected end of expression"),
        ("$match(\"a\", /abc", "No terminating / in regular expression"),
        ("", "Unexpected end of expression"),
    ] {
        refused(pass_with(expression), &[&format!("INVALID_JSONATA_EXPRESSION: {words} at /States/S/Output")]);
    }
    let top = |name: &str| {
        format!(
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' at the top level is not supported. at /States/S/Output"
        )
    };
    refused(pass_with("phone[0].number"), &[&top("phone")]);
    refused(pass_with("$"), &[&top("$")]);
    refused(pass_with("$map($states.input.a, function($x) { b })"), &[&top("b")]);
    refused(pass_with("{aaa: 1} & [bbb]"), &[&top("aaa"), &top("bbb")]);
    refused(
        pass_with("$$"),
        &["UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/S/Output"],
    );
    refused(
        pass_with("$states.errorOutput.Cause"),
        &["UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist. at /States/S/Output"],
    );
    refused(
        jsonata(json!({"Type": "Pass", "Output": {"a": ["{% 1"]}})),
        &["SCHEMA_VALIDATION_FAILED: JSONata string must start with {% and end with %} at /States/S/Output/a[0]"],
    );
    for good in [
        "$states.input.a[b = $.c]^(d).{e: f}",
        "$states.input.(a & $)",
        "($f := function($n) { $n + 1 }; $f($x))",
        "$states.input ~> |a|{b: c}|",
        "$count($states.input.a[$v])",
    ] {
        accepted(pass_with(good));
    }
    let catching = task(json!({
        "Parameters": null, "Arguments": {"FunctionName": "{% $f %}"},
        "Catch": [{"ErrorEquals": ["e"], "Next": "S", "Output": "{% $states.errorOutput %}", "Assign": {"e": "{% $states.errorOutput.Error %}"}}],
    }));
    accepted(jsonata(catching));
}

#[test]
fn checks_variables() {
    let assign = |name: &str| jsonata(json!({"Type": "Pass", "Assign": {name: 1}}));
    refused(
        assign("states"),
        &["RESERVED_VARIABLE_NAME: Cannot assign to reserved variable '$states'. at /States/S/Assign/states"],
    );
    refused(
        assign("a-b"),
        &[
            "INVALID_VARIABLE_NAME: Invalid variable name 'a-b': the variable name contains invalid characters. at /States/S/Assign/a-b",
        ],
    );
    accepted(machine(json!({"Type": "Pass", "Assign": {"a.$": "$.a", "b_1": {"x-y": 1}}})));
    let references = |state: Value| lint(&machine(state).to_string()).variable_references;
    let listed =
        |names: &[&str]| BTreeMap::from([("S".to_owned(), names.iter().map(|name| (*name).to_owned()).collect())]);
    assert_eq!(
        references(json!({"Type": "Pass", "Parameters": {"a.$": "States.Array($b, States.Array($a))"}})),
        listed(&["a", "b"])
    );
    let output = "{% ($local := $a; $map([1], function($p) { $p + $local + $b })[$c]) %}";
    assert_eq!(
        references(json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": output})),
        listed(&["a", "b", "c"])
    );
}

#[test]
fn checks_tasks() {
    refused(
        machine(task(json!({"Resource": "function"}))),
        &["SCHEMA_VALIDATION_FAILED: Value is not a valid resource ARN at /States/S/Resource"],
    );
    refused(
        machine(task(json!({"Parameters": null}))),
        &[
            "SCHEMA_VALIDATION_FAILED: Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke at /States/S",
        ],
    );
    refused(
        machine(task(json!({"Parameters": {"Payload.$": "$"}}))),
        &["SCHEMA_VALIDATION_FAILED: The field 'FunctionName' is required but was missing at /States/S/Parameters"],
    );
    refused(
        machine(task(json!({"Credentials": {}}))),
        &["SCHEMA_VALIDATION_FAILED: The field 'RoleArn' is required but was missing at /States/S/Credentials"],
    );
    refused(
        machine(task(json!({"Resource": "arn:aws:states:::lambda:invoke.sync"}))),
        &[
            "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::lambda:invoke.sync is not recognized at /States/S/Resource",
        ],
    );
    let activity = json!({"Resource": "arn:aws:states:us-east-1:1:activity:a", "Credentials": {"RoleArn": "r"}, "Parameters": null});
    refused(
        machine(task(activity)),
        &["SCHEMA_VALIDATION_FAILED: The field 'Credentials' is not supported for activities at /States/S/Credentials"],
    );
    accepted(machine(task(
        json!({"Resource": "arn:aws-us-gov:lambda:us-gov-west-1:1:function:f:live", "Parameters": null}),
    )));
}

#[test]
fn checks_express_machines() {
    let express = Options { kind: Kind::Express, rules: Rules::Service };
    let said = |state: Value| diagnostics(&machine(state), express);
    assert_eq!(
        said(task(
            json!({"Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": "a"}})
        )),
        [
            "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.sync:2' service integration  at /States/S/Resource",
        ]
    );
    assert_eq!(
        said(task(json!({"Resource": "arn:aws:states:us-east-1:1:activity:a"}))),
        ["SCHEMA_VALIDATION_FAILED: Express state machine does not support Activity ARN at /States/S/Resource",]
    );
    let mut processor = inner();
    processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    assert_eq!(
        said(json!({"Type": "Map", "ItemProcessor": processor})),
        [
            "SCHEMA_VALIDATION_FAILED: The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/S/ItemProcessor/ProcessorConfig/Mode",
        ]
    );
    // the children of a distributed map may be Express where the machine is not
    let waiting = task(json!({"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "Parameters": {"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}}));
    let child = |kind: &str| {
        let config = json!({"Mode": "DISTRIBUTED", "ExecutionType": kind});
        machine(
            json!({"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, "StartAt": "T", "States": {"T": waiting}}}),
        )
    };
    accepted(child("STANDARD"));
    assert!(!lint(&child("EXPRESS").to_string()).is_valid());
}

#[test]
fn checks_distributed_maps() {
    let map = |more: Value| {
        let mut processor = inner();
        processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
        let mut map = json!({"Type": "Map", "ItemProcessor": processor});
        if let (Some(map), Some(more)) = (map.as_object_mut(), more.as_object()) {
            map.extend(more.clone());
        }
        machine(map)
    };
    let reader = |config: Value| {
        map(
            json!({"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": {}}}),
        )
    };
    refused(
        reader(json!({"InputType": "CSV"})),
        &["SCHEMA_VALIDATION_FAILED: The field 'CSVHeaderLocation' is required at /States/S/ItemReader/ReaderConfig"],
    );
    refused(
        reader(json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"})),
        &["SCHEMA_VALIDATION_FAILED: These fields are required: [CSVHeaders] at /States/S/ItemReader/ReaderConfig"],
    );
    refused(
        reader(json!({"InputType": "JSON", "MaxItems": 100_000_001})),
        &["SCHEMA_VALIDATION_FAILED: Maximum value is 100000000 at /States/S/ItemReader/ReaderConfig/MaxItems"],
    );
    refused(
        map(json!({"ItemReader": {"Resource": "arn:aws:states:::s3:deleteObject"}})),
        &[
            "SCHEMA_VALIDATION_FAILED: The field 'Resource' does not match any of the allowed values at /States/S/ItemReader/Resource",
        ],
    );
    refused(
        map(json!({"ToleratedFailurePercentage": 101, "ItemBatcher": {"MaxItemsPerBatch": -1}})),
        &[
            "SCHEMA_VALIDATION_FAILED: Maximum value is 100.0 at /States/S/ToleratedFailurePercentage",
            "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/S/ItemBatcher/MaxItemsPerBatch",
        ],
    );
    let mut processor = inner();
    processor["ProcessorConfig"] = json!({"Mode": "INLINE", "ExecutionType": "STANDARD"});
    refused(
        machine(json!({"Type": "Map", "ItemProcessor": processor})),
        &[
            "SCHEMA_VALIDATION_FAILED: Field 'ExecutionType' is not supported at /States/S/ItemProcessor/ProcessorConfig",
        ],
    );
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

fn warned(definition: &Value) -> Vec<(&'static str, String)> {
    let lint = lint(&definition.to_string());
    assert!(lint.is_valid(), "{:?}", lint.problems);
    lint.warnings().map(|problem| (problem.code, problem.path.clone())).collect()
}

fn warns(definition: Value, expected: &[(&str, &str)]) {
    let expected: Vec<(&str, String)> = expected.iter().map(|(code, path)| (*code, (*path).to_owned())).collect();
    assert_eq!(warned(&definition), expected, "{definition}");
}

#[test]
fn warns_of_what_a_responder_regrets() {
    warns(machine(task(json!({"TimeoutSeconds": null}))), &[("task-timeout", "/States/S")]);
    warns(machine(task(json!({"HeartbeatSeconds": 10}))), &[("heartbeat", "/States/S/HeartbeatSeconds")]);
    let retry = |names: Value| machine(task(json!({"Retry": [{"ErrorEquals": names}]})));
    warns(retry(json!(["Lambda.TooManyRequestsException"])), &[]);
    warns(retry(json!(["States.Permissions"])), &[("retry-permanent", "/States/S/Retry[0]/ErrorEquals")]);
    warns(retry(json!(["States.TaskFailed"])), &[("retry-everything", "/States/S/Retry[0]/ErrorEquals")]);
    warns(retry(json!(["States.Runtime"])), &[("unreachable-retry", "/States/S/Retry[0]")]);
    warns(machine(task(json!({"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]}))), &[]);
    let catch = |lists: &[&[&str]]| {
        let catchers: Vec<Value> = lists.iter().map(|names| json!({"ErrorEquals": names, "Next": "S"})).collect();
        machine(task(json!({"Catch": catchers})))
    };
    warns(catch(&[&["States.TaskFailed"], &["Custom"]]), &[("unreachable-catch", "/States/S/Catch[1]")]);
    warns(catch(&[&["States.TaskFailed"], &["States.Timeout"], &["States.ALL"]]), &[]);
    warns(catch(&[&["A", "B"], &["B", "C"], &["A", "C"]]), &[("unreachable-catch", "/States/S/Catch[2]")]);
    warns(catch(&[&["States.Nope"]]), &[("unknown-error", "/States/S/Catch[0]/ErrorEquals[0]")]);
    let choice = |more: Value| {
        let mut choice = json!({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "E"}]});
        if let (Some(choice), Some(more)) = (choice.as_object_mut(), more.as_object()) {
            choice.extend(more.clone());
        }
        json!({"StartAt": "S", "States": {"S": choice, "E": {"Type": "Succeed"}}})
    };
    warns(choice(json!({})), &[("choice-default", "/States/S")]);
    warns(choice(json!({"Default": "E"})), &[]);
    warns(choice(json!({"QueryLanguage": "JSONata", "Choices": [{"Condition": "{% true %}", "Next": "E"}]})), &[]);
}

#[test]
fn warns_of_what_is_not_what_it_looks_like() {
    warns(
        machine(json!({"Type": "Pass", "Parameters": {"a": "$.a", "b": ["States.UUID()"], "c": "$5"}})),
        &[("literal-path", "/States/S/Parameters/a"), ("literal-path", "/States/S/Parameters/b[0]")],
    );
    warns(machine(json!({"Type": "Fail", "Cause": "$.cause"})), &[("literal-path", "/States/S/Cause")]);
    warns(
        machine(json!({"Type": "Pass", "Parameters": {"a": "{% 1 %}"}})),
        &[("literal-path", "/States/S/Parameters/a")],
    );
    warns(
        machine(json!({"Type": "Pass", "Result": {"a": {"b.$": "$.b"}}})),
        &[("static-result", "/States/S/Result/a/b.$")],
    );
    warns(
        machine(json!({"Type": "Map", "ItemProcessor": inner(), "Label": "l"})),
        &[("distributed-only", "/States/S/Label")],
    );
    warns(
        machine(json!({"Type": "Pass", "Parameters": {"a.$": "States.Hash('a')"}})),
        &[("intrinsic-arguments", "/States/S/Parameters/a.$")],
    );
    warns(
        machine(task(json!({"Resource": "arn:aws:states:::ec2:stop"}))),
        &[("unknown-integration", "/States/S/Resource")],
    );
    warns(pass_with("$states.inputs"), &[("states-field", "/States/S/Output")]);
    let text = r#"{"StartAt": "S", "Comment": "a", "States": {"S": {"Type": "Pass", "Comment": "a", "Comment": "b", "End": true}}}"#;
    assert_eq!(
        lint(text).warnings().map(|p| (p.code, p.line, p.column)).collect::<Vec<_>>(),
        [("repeated-field", 1, 83)]
    );
}

#[test]
fn gives_each_problem_its_place() {
    let lint = lint(
        "{\n  \"StartAt\": \"Gone\",\n  \"States\": {\n    \"S\": {\"Type\": \"Wait\", \"Seconds\": -1, \"Foo\": 1, \"End\": true}\n  }\n}",
    );
    let places: Vec<(&str, usize, usize)> = lint.errors().map(|p| (p.path.as_str(), p.line, p.column)).collect();
    assert_eq!(
        places,
        [("/States/S/Foo", 4, 42), ("/States/S/Seconds", 4, 38), ("/StartAt", 2, 14), ("/States/S", 4, 5)]
    );
}

#[test]
fn follows_the_specification_where_the_service_differs() {
    let specification = Options { kind: Kind::Standard, rules: Rules::Specification };
    let valid = |state: Value| lint_with(&machine(state).to_string(), specification).is_valid();
    assert!(valid(json!({"Type": "Task", "Resource": "foo:bar"})));
    assert!(!valid(json!({"Type": "Task", "Resource": "foo"})));
    assert!(!valid(json!({"Type": "Wait", "Seconds": 0})));
    let endless = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}});
    assert!(!valid(json!({"Type": "Map", "ItemProcessor": endless})));
    warns(
        machine(json!({"Type": "Map", "ItemProcessor": endless})),
        &[("nested-terminal", "/States/S/ItemProcessor/States")],
    );
}

/// A thousand states take milliseconds: the time must not grow with the square of their number.
#[test]
fn takes_time_in_proportion_to_the_number_of_states() {
    let definition = |count: usize| {
        let state = |n: usize| {
            let parameters =
                json!({"FunctionName": "f", "Payload": {"a.$": "$.a.b[0]", "c.$": "States.Format('{}', $.d)"}});
            (format!("State {n}"), task(json!({"Next": format!("State {}", n + 1), "Parameters": parameters})))
        };
        let mut states: serde_json::Map<String, Value> = (0..count).map(state).collect();
        states.insert(format!("State {count}"), json!({"Type": "Succeed"}));
        json!({"StartAt": "State 0", "States": states}).to_string()
    };
    let (small, large) = (definition(250), definition(4_000));
    let time = |text: &str| {
        let start = std::time::Instant::now();
        assert!(lint(text).is_valid());
        start.elapsed()
    };
    time(&small);
    let (small, large) = (time(&small), time(&large));
    assert!(large < small * 16 * 5, "{small:?} for 250 states, {large:?} for 4,000");
}

/// Any JSON value.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "Type",
        "Pass",
        "Task",
        "Choice",
        "Map",
        "Parallel",
        "Wait",
        "Fail",
        "States",
        "StartAt",
        "S",
        "$.a",
        "$$",
        "{% $a %}",
        "{%",
        "States.Format('{}', $.a)",
        "JSONata",
        "JSONPath",
        "States.ALL",
        "arn:aws:states:::sqs:sendMessage",
        "2024-01-01T00:00:00Z",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        let fields: Vec<&'static str> = fields::all_names().chain(["S", "a.$", "And", "Not"]).collect();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(fields), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_on_text(text in "\\PC{0,64}") {
        lint(&text);
    }

    #[test]
    fn never_panics_on_json(value in any_json(), express: bool, specification: bool) {
        let kind = if express { Kind::Express } else { Kind::Standard };
        let rules = if specification { Rules::Specification } else { Rules::Service };
        lint_with(&json!({"StartAt": "S", "States": {"S": value}}).to_string(), Options { kind, rules });
        lint_with(&value.to_string(), Options { kind, rules });
    }

    #[test]
    fn never_panics_on_states_of_a_known_type(
        kind in prop::sample::select(fields::state_types().collect::<Vec<_>>()),
        fields in prop::collection::vec((prop::sample::select(fields::all_names().collect::<Vec<_>>()), any_json()), 0..12),
        jsonata: bool,
    ) {
        let mut state: serde_json::Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        state.insert("Type".to_owned(), json!(kind));
        state.insert("QueryLanguage".to_owned(), json!(if jsonata { "JSONata" } else { "JSONPath" }));
        let lint = lint(&json!({"StartAt": "S", "States": {"S": state}}).to_string());
        prop_assert_eq!(lint.is_valid(), lint.create_state_machine_error().is_none());
        prop_assert!(lint.problems.iter().all(|problem| problem.line == 1 && problem.column >= 1));
    }

    #[test]
    fn never_panics_on_expressions_and_paths(text in "[$%.a-z0-9\\[\\](){}'\"\\\\,*?@:=&|~^#<>/ !-]{0,24}") {
        lint(&pass_with(&text).to_string());
        let parameters = json!({"a.$": text, "b.$": format!("$.{text}"), "c.$": format!("States.Format({text})")});
        lint(&machine(json!({"Type": "Pass", "InputPath": text, "Parameters": parameters})).to_string());
    }
}
