//! Query languages: their fields, paths, templates, expressions, variables.

use super::*;

#[test]
fn keeps_the_query_languages_apart() {
    let path_only = |field: &str, location: &str| {
        format!(
            "SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field '{field}' is only supported for the 'JSONPath' QueryLanguage at {location}"
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
fn checks_paths_and_templates() {
    refused(
        machine(json!({"Type": "Pass", "InputPath": "a"})),
        &["SCHEMA_VALIDATION_FAILED: Value must be a valid JSONPath. at /States/S/InputPath"],
    );
    refused(
        machine(json!({"Type": "Map", "MaxConcurrencyPath": "$$.Execution.Input.n", "ItemProcessor": inner()})),
        &["SCHEMA_VALIDATION_FAILED: Value is not a Reference Path at /States/S/MaxConcurrencyPath"],
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
