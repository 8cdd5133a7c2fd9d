//! Definitions with placeholders, and definitions in YAML.

use super::*;

/// The errors of a text, and the codes of its warnings.
fn problems(text: &str) -> (Vec<String>, Vec<&'static str>) {
    let lint = lint_for_engine(text, Options::default());
    let errors = lint.errors().map(|problem| format!("{} at {}", problem.message, problem.path)).collect();
    (errors, lint.warnings().map(|problem| problem.code).collect())
}

fn no_errors(text: &str) {
    assert_eq!(problems(text).0, Vec::<String>::new(), "{text}");
}

#[test]
fn a_placeholder_stands_for_any_value() {
    for state in [
        r#"{"Type": "Task", "Resource": "${triage_function_arn}", "TimeoutSeconds": ${Limit}, "End": true}"#,
        r#"{"Type": "Task", "Resource": "${a-b}", "TimeoutSeconds": "${Limit}", "End": ${IsEnd}}"#,
        r#"{"Type": "Task", "Resource": "arn:${P}:lambda:${R}:${A}:function:${F}", "TimeoutSeconds": 5, "End": true}"#,
        r#"{"Type": "Task", "Resource": "arn:${P}:states:::${Call}", "TimeoutSeconds": 5, "End": true}"#,
        r#"{"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke${Sync}", "TimeoutSeconds": 5, "End": true}"#,
        r#"{"Type": "Wait", "Seconds": 1${Zeros}, "End": true}"#,
        r#"{"Type": "Wait", "Timestamp": "${Day}T00:00:00Z", "End": true}"#,
        r#"{"Type": "Wait", "SecondsPath": "${Path}", "Comment": ${Comment}, "End": true}"#,
        r#"{"Type": "Pass", "Parameters": {"extra": ${Extra}, "a.$": "${Path}", "b.$": ${Path}}, "End": true}"#,
        r#"{"Type": "Pass", "Result": [${Items}], "ResultPath": "${Path}", "End": true}"#,
        r#"{"Type": "Pass", "Result": {"a.$": "${Path}"}, "Assign": {"${Name}": 1}, "End": true}"#,
        r#"{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% ${Expression} %}", "End": true}"#,
        r#"{"Type": "Pass", "QueryLanguage": "${Language}", "Output": "{% 1 %}", "End": true}"#,
        r#"{"Type": "${Type}", "Anything": 1}"#,
        r#"{"Type": "Pass", ${Transition}}"#,
        r#"{"Type": "Succeed", "${Field}": 1, ${Key}: 2}"#,
        r#"{"Type": "Fail", "Error": "${Error}", "Cause": "costs ${amount}"}"#,
        r#"{"Type": "Choice", "Choices": [{"Variable": "${V}", "NumericEquals": ${N}, "Next": "${T}"}], "Default": "Z"}"#,
        r#"{"Type": "Choice", "Choices": [{"Variable": "$.a", "BooleanEquals": "${B}", "Next": "S"}, ${Rule}], "Default": "Z"}"#,
        r#"{"Type": "Choice", "Choices": ${Rules}, "Default": "Z"}"#,
        r#"{"Type": "Map", "MaxConcurrency": ${Most}, "ItemProcessor": ${Processor}, "End": true}"#,
        r#"{"Type": "Map", "Label": "${Stage}/x", "ItemProcessor": {"ProcessorConfig": {"Mode": "${Mode}"}, "StartAt": "${I}", "States": {${States}}}, "End": true}"#,
        r#"{"Type": "Parallel", "Branches": [${Branch}], "Retry": [{"ErrorEquals": ["States.${X}"], "MaxAttempts": ${M}, "BackoffRate": ${B}, "JitterStrategy": "${J}"}], "End": true}"#,
        r#"{"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": ${Parameters}, "TimeoutSeconds": 5, "End": true}"#,
        r#"{"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {${Parameters}}, "TimeoutSeconds": 5, "End": true}"#,
        "${State}",
    ] {
        let end = if state.contains("\"Z\"") { r#", "Z": {"Type": "Succeed"}"# } else { "" };
        no_errors(&format!(r#"{{"StartAt": "S", "States": {{"S": {state}{end}}}}}"#));
    }
    for text in [
        "${Definition}",
        r#"{"StartAt": "${First}", "States": ${States}}"#,
        r#"{"StartAt": "AStart", "States": {"${Prefix}Start": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}"#,
        r#"{"StartAt": "A", "TimeoutSeconds": ${T}, "QueryLanguage": "${L}", "States": {"A": {"Type": "Wait", "Seconds": "{% 1 %}", "End": true}}}"#,
        r#"{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "${Where}"}, "B": {"Type": "Succeed"}}}"#,
        r#"{"StartAt": "A", ${Rest}}"#,
        "StartAt: W\nStates:\n  W: {Type: Wait, Seconds: ${Pause}, End: true}\n",
        "StartAt: W\nStates:\n  W:\n    Type: Task\n    Resource: ${Arn}\n    TimeoutSeconds: ${Limit}0\n    End: true\n",
    ] {
        no_errors(text);
    }
}

/// What no placeholder decides is checked as ever.
#[test]
fn what_stands_beside_a_placeholder_is_checked() {
    let resource = |resource: &str, more: &str| {
        let task = format!(r#"{{"Type": "Task", "Resource": "{resource}", "TimeoutSeconds": 5{more}, "End": true}}"#);
        problems(&format!(r#"{{"StartAt": "S", "States": {{"S": {task}}}}}"#)).0
    };
    assert_eq!(
        resource("arn:${Partition}:states:::sns:publish", r#", "Parameters": {"TopicArn": "${Topic}"}"#),
        ["`sns:publish` requires `Message` at /States/S/Parameters"]
    );
    assert_eq!(
        resource("arn:${Partition}:states:::lambda:invoke.sync", r#", "Parameters": {"FunctionName": "${F}"}"#),
        ["the integration `lambda` does not support `.sync` at /States/S/Resource"]
    );
    assert_eq!(
        resource("${Arn}", r#", "Nxt": "${X}""#),
        ["this object has no field `Nxt` at /States/S"].map(|said| said.replace("/States/S", "/States/S/Nxt"))
    );
    assert_eq!(
        problems(r#"{"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": "{Pause}", "End": true}}}"#).0,
        ["expected an integer at /States/S/Seconds"]
    );
}

#[test]
fn quotes_make_a_placeholder_a_string() {
    let text = r#"{"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": "${Pause}", "End": true}}}"#;
    assert_eq!(problems(text), (Vec::new(), vec!["quoted-placeholder"]));
    let lint = lint(text);
    let said = lint.warnings().next().map(|problem| (problem.message.as_str(), problem.column));
    assert_eq!(said, Some(("`${Pause}` stays a string when its placeholder is replaced; expected an integer", 62)));
    let unquoted = text.replace("\"${Pause}\"", "${Pause}");
    assert_eq!(problems(&unquoted), (Vec::new(), Vec::new()));
}

/// Once CloudFormation has replaced what it knows, what is left is text.
#[test]
fn a_placeholder_that_is_left_is_text() {
    let options = Options { stage: Stage::Substituted, ..Options::default() };
    let errors =
        |text: &str| lint_with(text, options).errors().map(|problem| problem.message.clone()).collect::<Vec<_>>();
    let machine = |state: &str| format!(r#"{{"StartAt": "S", "States": {{"S": {state}}}}}"#);
    assert_eq!(errors(&machine(r#"{"Type": "Pass", "Result": "costs ${amount}", "End": true}"#)), Vec::<String>::new());
    assert_eq!(errors(&machine(r#"{"Type": "Task", "Resource": "${Arn}", "End": true}"#)), ["`${Arn}` is not an ARN"]);
    assert_eq!(
        errors(&machine(r#"{"Type": "Wait", "Seconds": ${Pause}, "End": true}"#)),
        ["unexpected `$`, expected a value"].map(|_| "unknown word `$`, expected a value")
    );
    assert!(crate::Definition::parse(&machine(r#"{"Type": "Wait", "Seconds": ${Pause}, "End": true}"#)).is_err());
}

#[test]
fn problems_point_into_the_yaml_text() {
    let text =
        "# a comment\nStartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: 'B'\n  C:\n    Type: Succeed\n    Nxt: x\n";
    let lint = lint(text);
    let found: Vec<_> = lint.errors().map(|p| (p.code, p.path.as_str(), p.line, p.column)).collect();
    assert_eq!(
        found,
        [
            ("unknown-field", "/States/C/Nxt", 9, 5),
            ("missing-state", "/States/A/Next", 6, 11),
            ("unreachable-state", "/States/C", 7, 3)
        ]
    );
    let twice = super::lint("StartAt: A\nStates:\n  A: {Type: Succeed}\n  A: {Type: Succeed}\n");
    let found: Vec<_> = twice.errors().map(|p| (p.code, p.line, p.column)).collect();
    assert_eq!(found, [("yaml", 4, 3)]);
    assert!(crate::Definition::parse("StartAt: A\nStates:\n  A: {Type: Succeed}\n").is_ok());
    let request = Options { stage: Stage::Request, ..Options::default() };
    assert!(!lint_with("StartAt: A\nStates:\n  A: {Type: Succeed}\n", request).is_valid());
}
