//! Warnings, and the rules of the specification.

use super::*;

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
fn follows_the_specification_where_the_service_differs() {
    let specification = Options { kind: Kind::Standard, rules: Rules::Specification, ..Options::default() };
    let valid = |state: Value| lint_with(&machine(state).to_string(), specification).is_valid();
    assert!(valid(json!({"Type": "Task", "Resource": "foo:bar"})));
    assert!(!valid(json!({"Type": "Task", "Resource": "foo"})));
    assert!(!valid(json!({"Type": "Wait", "Seconds": 0})));
    let both = json!({"Type": "Map", "ItemProcessor": inner(), "ItemSelector": {}, "Parameters": {}});
    assert!(!valid(both.clone()));
    warns(machine(both), &[("exclusive-fields", "/States/S/Parameters")]);
    let endless = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}});
    assert!(!valid(json!({"Type": "Map", "ItemProcessor": endless})));
    warns(
        machine(json!({"Type": "Map", "ItemProcessor": endless})),
        &[("nested-terminal", "/States/S/ItemProcessor/States")],
    );
}

#[test]
fn checks_parts_of_definitions() {
    let options = Options { kind: Kind::Standard, rules: Rules::Fragment, ..Options::default() };
    let said = |part: Value| lint_with(&part.to_string(), options).problems.len();
    assert_eq!(said(json!({"Type": "Pass", "Next": "Elsewhere"})), 0);
    assert_eq!(said(json!({"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["e"]}]})), 1);
    assert_eq!(said(json!([{"Type": "Pass", "Parameters": {"a.$": 1}}])), 1);
    assert_eq!(said(json!({"a": {"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}})), 2);
}
