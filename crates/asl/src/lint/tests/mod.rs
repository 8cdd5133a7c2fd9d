//! Definitions of our own, each with what is said of it.

mod languages;
mod placeholders;
mod properties;
mod schema;
mod tasks;
mod transitions;
mod warnings;

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
