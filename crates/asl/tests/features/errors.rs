//! Errors, `Retry` and `Catch`.

use serde_json::{Value, json};

use crate::control::{LAMBDA, extended, invoke};
use crate::proof::{Feature, Proof, fails, feature, gives, only, two};

pub(crate) fn features() -> Vec<Feature> {
    let catching =
        |state: Value, name: &str| extended(state, json!({ "Catch": [{ "ErrorEquals": [name], "Next": "T" }] }));
    let parallel = |state: Value| json!({ "Type": "Parallel", "Branches": [{ "StartAt": "B", "States": { "B": extended(state, json!({ "End": true })) } }] });
    let error_name = || json!({ "Type": "Pass", "Parameters": { "error.$": "$.Error" } });
    // Caught by its name, the error is raised by that name.
    let named = |name: &'static str, failing: Value, attempts: Value| {
        let machine = two(catching(failing, name), error_name());
        feature(format!("`{name}`"), vec![gives(machine, json!({}), json!({ "error": name })).attempts(attempts)])
    };
    let failing_call = json!({ "Type": "Pass", "Parameters": { "x.$": "States.StringToJson('{')" } });
    let failing_expression =
        json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.none %}" });
    let large = json!({ "kind": "repeat", "char": "x", "count": 300_000 });
    vec![
        feature("`Retry` with `ErrorEquals`, `IntervalSeconds`, `BackoffRate`", vec![
            retried(json!({}), 2, "2025-01-01T12:00:03.060Z"),
            retried(json!({ "IntervalSeconds": 5 }), 1, "2025-01-01T12:00:05.040Z"),
            retried(json!({ "IntervalSeconds": 2, "BackoffRate": 3 }), 2, "2025-01-01T12:00:08.060Z"),
        ]),
        feature("`MaxDelaySeconds`", vec![retried(json!({ "IntervalSeconds": 4, "BackoffRate": 10, "MaxDelaySeconds": 6 }), 2, "2025-01-01T12:00:10.060Z")]),
        feature("`MaxAttempts`", vec![
            fails(only(invoke(json!({ "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 1 }] }))), json!({}), "E")
                .attempts(json!([{ "error": "E" }, { "error": "E" }, { "result": {} }])),
            fails(only(invoke(json!({ "Retry": [{ "ErrorEquals": ["E"], "MaxAttempts": 0 }] }))), json!({}), "E")
                .attempts(json!([{ "error": "E" }, { "result": {} }])),
        ]),
        feature("`JitterStrategy`, from the seed", vec![gives(
            only(invoke(json!({ "Retry": [{ "ErrorEquals": ["E"], "JitterStrategy": "FULL" }] }))),
            json!({}),
            json!({ "r": 1 }),
        )
        .attempts(json!([{ "error": "E" }, { "result": 1 }]))]),
        feature("`Retry` of Parallel and Map", vec![gives(
            json!({ "StartAt": "P", "States": { "P": { "Type": "Parallel", "Retry": [{ "ErrorEquals": ["E"] }], "End": true,
                "Branches": [only(invoke(json!({ "ResultPath": "$" })))] } } }),
            json!({}),
            json!([1]),
        )
        .attempts(json!([{ "error": "E" }, { "result": 1 }]))]),
        feature("`Catch` with `ErrorEquals`, `ResultPath`, `Next`", vec![gives(
            two(
                invoke(json!({ "Catch": [{ "ErrorEquals": ["Other"], "Next": "T" }, { "ErrorEquals": ["E"], "ResultPath": "$.e", "Next": "T" }] })),
                json!({ "Type": "Succeed" }),
            ),
            json!({ "a": 1 }),
            json!({ "a": 1, "e": { "Error": "E", "Cause": "c" } }),
        )
        .attempts(json!([{ "error": "E", "cause": "c" }]))]),
        feature("`Catch` with `Output` and `Assign`", vec![gives(
            two(
                json!({ "Type": "Task", "QueryLanguage": "JSONata", "Resource": LAMBDA, "Arguments": { "FunctionName": "f" },
                    "Catch": [{ "ErrorEquals": ["E"], "Output": "{% $states.errorOutput.Cause %}", "Assign": { "v": "{% $states.errorOutput.Error %}" }, "Next": "T" }] }),
                json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input & $v %}" }),
            ),
            json!({}),
            json!("cE"),
        )
        .attempts(json!([{ "error": "E", "cause": "c" }]))]),
        feature("`States.ALL`", vec![gives(caught(parallel_of(fail("E")), "States.ALL"), json!({}), json!({ "Error": "E", "Cause": "c" }))]),
        feature("`States.TaskFailed` matches every error of a task but a timeout", vec![
            gives(caught(invoke(json!({})), "States.TaskFailed"), json!({}), json!({ "Error": "E", "Cause": "c" })).attempts(json!([{ "error": "E", "cause": "c" }])),
            fails(caught(invoke(json!({ "TimeoutSeconds": 1 })), "States.TaskFailed"), json!({}), "States.Timeout").attempts(json!([{}])),
        ]),
        named("States.Timeout", invoke(json!({ "TimeoutSeconds": 1 })), json!([{}])),
        feature("`States.HeartbeatTimeout` matches a missing heartbeat", vec![gives(
            two(
                catching(invoke(json!({ "TimeoutSeconds": 9, "HeartbeatSeconds": 1 })), "States.HeartbeatTimeout"),
                json!({ "Type": "Pass", "Parameters": { "error.$": "$.Error" } }),
            ),
            json!({}),
            json!({ "error": "States.Timeout" }),
        )
        .attempts(json!([{}]))]),
        named("States.IntrinsicFailure", parallel(failing_call), json!([])),
        feature("`States.ResultPathMatchFailure`", vec![gives(
            two(
                catching(
                    parallel(json!({ "Type": "Pass", "Result": 1, "ResultPath": "$.a" })),
                    "States.ResultPathMatchFailure",
                ),
                error_name(),
            ),
            json!(1),
            json!({ "error": "States.ResultPathMatchFailure" }),
        )]),
        named("States.QueryEvaluationError", parallel(failing_expression), json!([])),
        feature("`States.DataLimitExceeded`", vec![
            fails(only(json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f" })), json!({}), "States.DataLimitExceeded").function(large),
        ]),
        feature("`States.Runtime` cannot be caught", vec![fails(
            two(
                json!({ "Type": "Parallel", "Branches": [{ "StartAt": "B", "States": { "B": { "Type": "Pass", "InputPath": "$.none", "End": true } } }],
                    "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "T" }] }),
                json!({ "Type": "Succeed" }),
            ),
            json!({}),
            "States.Runtime",
        )]),
        named("States.Permissions", invoke(json!({})), json!([{ "error": "States.Permissions" }])),
    ]
}

/// When the state after `S` is entered, in seconds since the start: `S` fails with `E` that many times, then succeeds.
fn retried(retrier: Value, failures: usize, entered: &str) -> Proof {
    let mut attempts = vec![json!({ "error": "E" }); failures];
    attempts.push(json!({ "result": {} }));
    let time = json!({ "Type": "Pass", "Parameters": { "at.$": "$$.State.EnteredTime" } });
    let machine = two(invoke(json!({ "Retry": [extended(json!({ "ErrorEquals": ["E"] }), retrier)] })), time);
    gives(machine, json!({}), json!({ "at": entered })).attempts(json!(attempts))
}

/// A catcher with that name catches the error of a state and returns its error output.
fn caught(state: Value, name: &str) -> Value {
    two(extended(state, json!({ "Catch": [{ "ErrorEquals": [name], "Next": "T" }] })), json!({ "Type": "Succeed" }))
}

pub(crate) fn fail(error: &str) -> Value {
    json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": error, "Cause": "c" } } })
}

fn parallel_of(branch: Value) -> Value {
    json!({ "Type": "Parallel", "Branches": [branch] })
}
