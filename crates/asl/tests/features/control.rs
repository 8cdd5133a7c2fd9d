//! States, tasks, maps, workflows.

use serde_json::{Value, json};

use crate::errors;
use crate::proof::{
    Feature, does_without, fails, feature, gives, lacking, only, only_jsonata, records, times_out, two,
};

pub(crate) const LAMBDA: &str = "arn:aws:states:::lambda:invoke";

pub(crate) fn extended(mut state: Value, fields: Value) -> Value {
    if let (Value::Object(state), Value::Object(fields)) = (&mut state, fields) {
        state.extend(fields);
    }
    state
}

/// A state that calls the function `f`.
pub(crate) fn invoke(fields: Value) -> Value {
    let state =
        json!({ "Type": "Task", "Resource": LAMBDA, "Parameters": { "FunctionName": "f" }, "ResultPath": "$.r" });
    extended(state, fields)
}

pub(crate) fn states() -> Vec<Feature> {
    let wait = |fields: Value| {
        two(
            extended(json!({ "Type": "Wait" }), fields),
            json!({ "Type": "Pass", "Parameters": { "at.$": "$$.State.EnteredTime" } }),
        )
    };
    let at = |text: &str| json!({ "at": text });
    vec![
        feature(
            "`StartAt`, `Next`, `End`, `Comment`, `Version`",
            vec![gives(
                extended(
                    two(json!({ "Type": "Pass", "Comment": "c" }), json!({ "Type": "Pass", "Result": 1 })),
                    json!({ "Version": "1.0", "Comment": "c" }),
                ),
                json!({}),
                json!(1),
            )],
        ),
        feature(
            "`TimeoutSeconds` of a state machine",
            vec![times_out(
                extended(only(json!({ "Type": "Wait", "Seconds": 10 })), json!({ "TimeoutSeconds": 5 })),
                json!({}),
            )],
        ),
        feature("Pass", vec![gives(only(json!({ "Type": "Pass" })), json!(1), json!(1))]),
        feature(
            "Succeed",
            vec![
                gives(only(json!({ "Type": "Succeed" })), json!(1), json!(1)),
                gives(
                    only_jsonata(json!({ "Type": "Succeed", "Output": "{% $states.input + 1 %}" })),
                    json!(1),
                    json!(2),
                ),
            ],
        ),
        feature(
            "Fail with `Error`, `Cause`, `ErrorPath`, `CausePath`",
            vec![
                fails(only(json!({ "Type": "Fail", "Error": "E", "Cause": "c" })), json!({}), "E"),
                fails(
                    only(json!({ "Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c" })),
                    json!({ "e": "E", "c": "c" }),
                    "E",
                ),
                records(
                    only(json!({ "Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)" })),
                    json!({ "e": "E", "c": "c" }),
                    "ExecutionFailed",
                    "cause",
                    json!("c!"),
                ),
                fails(only_jsonata(json!({ "Type": "Fail", "Error": "{% 'E' & 'F' %}" })), json!({}), "EF"),
            ],
        ),
        feature(
            "Wait with `Seconds`, `SecondsPath`, `Timestamp`, `TimestampPath`",
            vec![
                gives(wait(json!({ "Seconds": 90 })), json!({}), at("2025-01-01T12:01:30.000Z")),
                gives(wait(json!({ "SecondsPath": "$.s" })), json!({ "s": 2 }), at("2025-01-01T12:00:02.000Z")),
                gives(wait(json!({ "Timestamp": "2025-01-02T00:00:00Z" })), json!({}), at("2025-01-02T00:00:00.000Z")),
                gives(
                    wait(json!({ "TimestampPath": "$.t" })),
                    json!({ "t": "2025-01-03T01:00:00+01:00" }),
                    at("2025-01-03T00:00:00.000Z"),
                ),
                gives(
                    wait(json!({ "QueryLanguage": "JSONata", "Seconds": "{% $states.input.s * 2 %}" })),
                    json!({ "s": 2 }),
                    at("2025-01-01T12:00:04.000Z"),
                ),
            ],
        ),
        feature(
            "Choice with `Choices` and `Default`",
            vec![
                gives(
                    json!({ "StartAt": "S", "States": {
                    "S": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Assign": { "v": 3 }, "Next": "V" }], "Default": "T" },
                    "V": { "Type": "Pass", "Parameters": { "v.$": "$v" }, "End": true }, "T": { "Type": "Succeed" } } }),
                    json!({ "a": 1 }),
                    json!({ "v": 3 }),
                ),
                fails(
                    json!({ "StartAt": "S", "States": { "S": { "Type": "Choice", "Choices": [{ "Variable": "$.a", "IsPresent": true, "Next": "T" }] }, "T": { "Type": "Succeed" } } }),
                    json!({}),
                    "States.Runtime",
                ),
            ],
        ),
        feature(
            "Parallel with `Branches`, at any nesting",
            vec![
                gives(
                    only(
                        json!({ "Type": "Parallel", "Parameters": { "n": 1 }, "ResultSelector": { "all.$": "$" }, "Branches": [
                    { "StartAt": "A", "States": { "A": { "Type": "Wait", "Seconds": 5, "End": true } } },
                    only(json!({ "Type": "Parallel", "Branches": [{ "StartAt": "B", "States": { "B": { "Type": "Pass", "Result": 2, "End": true } } }] })).as_object().map(|branch| {
                        // State names differ throughout a definition.
                        Value::Object(branch.clone()).to_string().replace("\"S\"", "\"P\"").parse::<Value>().unwrap_or_default()
                    })
                ] }),
                    ),
                    json!({}),
                    json!({ "all": [{ "n": 1 }, [2]] }),
                ),
                fails(only(json!({ "Type": "Parallel", "Branches": [errors::fail("E")] })), json!({}), "E"),
            ],
        ),
    ]
}

pub(crate) fn maps() -> Vec<Feature> {
    let processor = |state: Value| json!({ "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "I", "States": { "I": extended(state, json!({ "End": true })) } });
    let pass = || processor(json!({ "Type": "Pass" }));
    let map = |fields: Value| extended(json!({ "Type": "Map" }), fields);
    // Three waits of ten seconds, one after the other or at the same time.
    let waiting = |fields: Value, entered: &str| {
        let state = extended(
            map(json!({ "ItemsPath": "$.l", "ItemProcessor": processor(json!({ "Type": "Wait", "Seconds": 10 })) })),
            fields,
        );
        let time = json!({ "Type": "Pass", "Parameters": { "at.$": "$$.State.EnteredTime" } });
        gives(two(state, time), json!({ "l": [1, 2, 3], "m": 1 }), json!({ "at": entered }))
    };
    let distributed = |fields: Value| {
        let processor =
            extended(pass(), json!({ "ProcessorConfig": { "Mode": "DISTRIBUTED", "ExecutionType": "STANDARD" } }));
        only(extended(map(json!({ "ItemProcessor": processor })), fields))
    };
    let read = json!({ "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": { "InputType": "JSON" }, "Parameters": { "Bucket": "b", "Key": "k" } });
    let write = json!({ "Resource": "arn:aws:states:::s3:putObject", "Parameters": { "Bucket": "b", "Prefix": "p" } });
    let lacks =
        |name: &str, missing: &'static str, fields: Value| lacking(name, missing, vec![distributed(fields.clone())]);
    vec![
        feature(
            "`ItemProcessor` with `Mode` `INLINE`, and its former name `Iterator`",
            vec![
                gives(only(map(json!({ "ItemProcessor": pass() }))), json!([1, 2]), json!([1, 2])),
                gives(
                    only(map(
                        json!({ "Iterator": { "StartAt": "I", "States": { "I": { "Type": "Pass", "End": true } } } }),
                    )),
                    json!([1]),
                    json!([1]),
                ),
            ],
        ),
        feature(
            "`ItemsPath` and `Items`",
            vec![
                gives(
                    only(map(json!({ "ItemsPath": "$.l", "ItemProcessor": pass() }))),
                    json!({ "l": [1] }),
                    json!([1]),
                ),
                gives(
                    only_jsonata(map(json!({ "Items": "{% $states.input.l %}", "ItemProcessor": pass() }))),
                    json!({ "l": [1, 2] }),
                    json!([1, 2]),
                ),
            ],
        ),
        feature(
            "`ItemSelector`, its former name `Parameters`, and `$$.Map.Item`",
            vec![
                gives(
                    only(map(
                        json!({ "ItemSelector": { "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index" }, "ItemProcessor": pass() }),
                    )),
                    json!(["a"]),
                    json!([{ "v": "a", "i": 0 }]),
                ),
                gives(
                    only(map(json!({ "Parameters": { "v.$": "$$.Map.Item.Value" }, "ItemProcessor": pass() }))),
                    json!(["a"]),
                    json!([{ "v": "a" }]),
                ),
            ],
        ),
        feature(
            "`MaxConcurrency` and `MaxConcurrencyPath`",
            vec![
                waiting(json!({}), "2025-01-01T12:00:10.000Z"),
                waiting(json!({ "MaxConcurrency": 1 }), "2025-01-01T12:00:30.000Z"),
                waiting(json!({ "MaxConcurrency": 2 }), "2025-01-01T12:00:20.000Z"),
                waiting(json!({ "MaxConcurrencyPath": "$.m" }), "2025-01-01T12:00:30.000Z"),
            ],
        ),
        feature(
            "An error of an iteration ends the Map state",
            vec![fails(
                only(map(
                    json!({ "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Fail", "Error": "E" } } } }),
                )),
                json!([1]),
                "E",
            )],
        ),
        feature(
            "Fields of the distributed mode in a Map state in inline mode: no effect, as in Step Functions, and a warning",
            vec![
                does_without(
                    only(map(
                        json!({ "ToleratedFailureCount": 1, "ToleratedFailurePercentage": 5, "Label": "l", "ItemProcessor": pass() }),
                    )),
                    json!([1]),
                    json!([1]),
                    &["ToleratedFailureCount", "ToleratedFailurePercentage", "Label"],
                ),
                does_without(
                    only(map(json!({ "ToleratedFailureCountPath": "$.c", "ToleratedFailurePercentagePath": "$.p",
                        "ItemsPath": "$.l", "ItemProcessor": pass() }))),
                    json!({ "l": [1], "c": 1, "p": 5 }),
                    json!([1]),
                    &["ToleratedFailureCountPath", "ToleratedFailurePercentagePath"],
                ),
                fails(
                    only(map(json!({ "ToleratedFailureCount": 1, "ItemProcessor": {
                        "StartAt": "I", "States": { "I": { "Type": "Fail", "Error": "E" } } } }))),
                    json!([1]),
                    "E",
                ),
            ],
        ),
        lacks("`Mode` `DISTRIBUTED`, `ExecutionType`", "Map Runs and their children", json!({})),
        lacks("`ItemReader`", "reading items from S3", json!({ "ItemReader": read })),
        lacks("`ItemBatcher`", "batches", json!({ "ItemBatcher": { "MaxItemsPerBatch": 2 } })),
        lacks("`ResultWriter`", "writing results to S3", json!({ "ResultWriter": write })),
        lacks("`Label`", "part of Map Runs", json!({ "Label": "l" })),
        lacks(
            "`ToleratedFailureCount`, `ToleratedFailureCountPath`",
            "part of Map Runs",
            json!({ "ToleratedFailureCount": 1 }),
        ),
        lacks(
            "`ToleratedFailurePercentage`, `ToleratedFailurePercentagePath`",
            "part of Map Runs",
            json!({ "ToleratedFailurePercentage": 1 }),
        ),
    ]
}

pub(crate) fn tasks() -> Vec<Feature> {
    let echo = json!({ "kind": "echo" });
    let call = |resource: &str, parameters: Value, fields: Value| {
        only(extended(json!({ "Type": "Task", "Resource": resource, "Parameters": parameters }), fields))
    };
    let one = |result: Value| json!([{ "submitted": { "id": 1 }, "result": result }]);
    let start = "arn:aws:states:::states:startExecution";
    let machine = json!({ "StateMachineArn": "arn:aws:states:us-east-1:111111111111:stateMachine:n", "Input": {} });
    let credentials = json!({ "Credentials": { "RoleArn": "arn:aws:iam::222222222222:role/r" } });
    let role = json!({ "roleArn": "arn:aws:iam::222222222222:role/r" });
    vec![
        feature(
            "A Lambda function by its ARN",
            vec![
                gives(
                    only(json!({ "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f" })),
                    json!({ "a": 1 }),
                    json!({ "a": 1 }),
                )
                .function(echo.clone()),
            ],
        ),
        feature(
            "`lambda:invoke`",
            vec![
                gives(
                    call(
                        LAMBDA,
                        json!({ "FunctionName": "f", "Payload.$": "$" }),
                        json!({ "OutputPath": "$.Payload" }),
                    ),
                    json!({ "a": 1 }),
                    json!({ "a": 1 }),
                )
                .function(echo),
            ],
        ),
        feature(
            "Optimized integrations, such as `sqs:sendMessage`, and SDK integrations, such as `aws-sdk:s3:getObject`",
            vec![
                gives(
                    call("arn:aws:states:::sqs:sendMessage", json!({ "QueueUrl": "q", "MessageBody": "m" }), json!({})),
                    json!({}),
                    json!(1),
                )
                .attempts(one(json!(1))),
                gives(
                    call("arn:aws:states:::aws-sdk:s3:getObject", json!({ "Bucket": "b", "Key": "k" }), json!({})),
                    json!({}),
                    json!(1),
                )
                .attempts(one(json!(1))),
            ],
        ),
        feature(
            "`.sync` and `.sync:2`: wait for the end of a job",
            vec![
                gives(call(&format!("{start}.sync"), machine.clone(), json!({})), json!({}), json!(1))
                    .attempts(one(json!(1))),
                gives(call(&format!("{start}.sync:2"), machine.clone(), json!({})), json!({}), json!(1))
                    .attempts(one(json!(1))),
            ],
        ),
        feature(
            "Nested executions with `states:startExecution`",
            vec![gives(call(start, machine, json!({})), json!({}), json!(1)).attempts(one(json!(1)))],
        ),
        feature(
            "`.waitForTaskToken` and `$$.Task.Token`",
            vec![
                gives(
                    call(
                        "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                        json!({ "QueueUrl": "q", "MessageBody": { "token.$": "$$.Task.Token" } }),
                        json!({}),
                    ),
                    json!({}),
                    json!(1),
                )
                .attempts(one(json!(1))),
            ],
        ),
        feature(
            "Activities",
            vec![
                gives(
                    only(json!({ "Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:a" })),
                    json!({}),
                    json!(1),
                )
                .attempts(json!([{ "workerName": "w", "result": 1 }])),
            ],
        ),
        feature(
            "`TimeoutSeconds` and `TimeoutSecondsPath`",
            vec![
                fails(only(invoke(json!({ "TimeoutSeconds": 2 }))), json!({}), "States.Timeout").attempts(json!([{}])),
                fails(only(invoke(json!({ "TimeoutSecondsPath": "$.t" }))), json!({ "t": 2 }), "States.Timeout")
                    .attempts(json!([{}])),
            ],
        ),
        feature(
            "`HeartbeatSeconds` and `HeartbeatSecondsPath`",
            vec![
                fails(only(invoke(json!({ "TimeoutSeconds": 9, "HeartbeatSeconds": 2 }))), json!({}), "States.Timeout")
                    .attempts(json!([{}])),
                fails(
                    only(invoke(json!({ "TimeoutSeconds": 9, "HeartbeatSecondsPath": "$.h" }))),
                    json!({ "h": 2 }),
                    "States.Timeout",
                )
                .attempts(json!([{}])),
            ],
        ),
        feature(
            "`Credentials`",
            vec![
                records(only(invoke(credentials)), json!({}), "TaskScheduled", "taskCredentials", role)
                    .attempts(one(json!(1))),
            ],
        ),
    ]
}

pub(crate) fn workflows() -> Vec<Feature> {
    let endless = json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "B" }, "B": {
        "Type": "Choice", "Choices": [{ "Variable": "$", "IsPresent": true, "Next": "A" }], "Default": "C" }, "C": { "Type": "Succeed" } } });
    let wait = |seconds: u32| json!({ "Type": "Wait", "Seconds": seconds });
    // Four events for each time.
    let counting = |times: u32| {
        json!({ "StartAt": "A", "States": {
            "A": { "Type": "Pass", "Parameters": { "i.$": "States.MathAdd($.i, 1)" }, "Next": "B" },
            "B": { "Type": "Choice", "Choices": [{ "Variable": "$.i", "NumericLessThan": times, "Next": "A" }], "Default": "C" },
            "C": { "Type": "Succeed" } } })
    };
    vec![
        feature(
            "Standard workflows, with at most 25,000 events",
            vec![records(
                endless,
                json!({}),
                "ExecutionFailed",
                "cause",
                json!("The execution reached the maximum number of history events (25000)."),
            )],
        ),
        feature(
            "Standard workflows end after a year, Express workflows after five minutes",
            vec![
                gives(two(wait(31_535_000), wait(1)), json!({}), json!({})),
                times_out(two(wait(31_535_000), wait(1001)), json!({})),
                times_out(extended(only(wait(31_536_001)), json!({ "TimeoutSeconds": 99_999_999 })), json!({})),
                gives(only(wait(299)), json!({}), json!({})).express(),
                times_out(only(wait(301)), json!({})).express(),
            ],
        ),
        feature(
            "Express workflows, without a limit on events",
            vec![
                gives(only(json!({ "Type": "Pass", "Result": 1 })), json!({}), json!(1)).express(),
                gives(counting(20_000), json!({ "i": 0 }), json!({ "i": 20_000 })).express(),
            ],
        ),
        feature(
            "Payloads of at most 262,144 bytes",
            vec![fails(
                json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Parameters": { "a.$": "$", "b.$": "$" }, "Next": "B" }, "B": {
                "Type": "Choice", "Choices": [{ "Variable": "$", "IsPresent": true, "Next": "A" }], "Default": "C" }, "C": { "Type": "Succeed" } } }),
                json!("text"),
                "States.DataLimitExceeded",
            )],
        ),
    ]
}
