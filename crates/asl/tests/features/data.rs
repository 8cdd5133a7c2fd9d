//! Data: fields, paths, intrinsic functions, expressions, variables.

use serde_json::{Value, json};

use crate::proof::{Feature, Proof, fails, feature, gives, only, only_jsonata, two};

fn pass(fields: Value) -> Value {
    let mut state = json!({ "Type": "Pass" });
    if let (Value::Object(state), Value::Object(fields)) = (&mut state, fields) {
        state.extend(fields);
    }
    only(state)
}

/// A path or a call of an intrinsic function in a payload template.
fn template(text: &str) -> Value {
    pass(json!({ "Parameters": { "x.$": text } }))
}

fn value_of(text: &str, input: Value, value: Value) -> Proof {
    gives(template(text), input, json!({ "x": value }))
}

/// An expression.
fn expression(text: &str) -> Value {
    only_jsonata(json!({ "Type": "Pass", "Output": format!("{{% {text} %}}") }))
}

fn result_of(text: &str, input: Value, value: Value) -> Proof {
    gives(expression(text), input, value)
}

pub(crate) fn fields() -> Vec<Feature> {
    let task = |fields: Value| {
        let mut state = json!({ "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "FunctionName": "f", "Payload.$": "$" } });
        if let (Value::Object(state), Value::Object(fields)) = (&mut state, fields) {
            state.extend(fields);
        }
        only(state)
    };
    let echo = json!({ "kind": "echo" });
    vec![
        feature(
            "`InputPath`",
            vec![
                gives(pass(json!({ "InputPath": "$.a" })), json!({ "a": { "b": 1 } }), json!({ "b": 1 })),
                gives(pass(json!({ "InputPath": null })), json!({ "a": 1 }), json!({})),
            ],
        ),
        feature("`OutputPath`", vec![gives(pass(json!({ "OutputPath": "$.a" })), json!({ "a": 1 }), json!(1))]),
        feature(
            "`Parameters`, with values, paths and intrinsic functions at any depth",
            vec![gives(
                pass(json!({ "Parameters": { "a": [{ "b.$": "$.n" }], "c.$": "States.MathAdd($.n, 1)", "d": "$.n" } })),
                json!({ "n": 1 }),
                json!({ "a": [{ "b": 1 }], "c": 2, "d": "$.n" }),
            )],
        ),
        feature(
            "`Result` and `ResultPath`",
            vec![
                gives(
                    pass(json!({ "Result": 7, "ResultPath": "$.x.y" })),
                    json!({ "a": 1 }),
                    json!({ "a": 1, "x": { "y": 7 } }),
                ),
                gives(pass(json!({ "Result": 7, "ResultPath": null })), json!({ "a": 1 }), json!({ "a": 1 })),
            ],
        ),
        feature(
            "`ResultSelector`",
            vec![
                gives(
                    task(json!({ "ResultSelector": { "p.$": "$.Payload" }, "ResultPath": "$.r" })),
                    json!({ "a": 1 }),
                    json!({ "a": 1, "r": { "p": { "a": 1 } } }),
                )
                .function(echo.clone()),
            ],
        ),
        feature(
            "`Arguments` and `Output`, with expressions at any depth",
            vec![
                gives(
                    only_jsonata(json!({
                        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                        "Arguments": { "FunctionName": "f", "Payload": { "twice": ["{% $states.input.n * 2 %}"] } },
                        "Output": { "got": "{% $states.result.Payload.twice %}" }
                    })),
                    json!({ "n": 2 }),
                    json!({ "got": [4] }),
                )
                .function(echo),
            ],
        ),
        feature(
            "`QueryLanguage` of a state machine and of a state",
            vec![gives(
                two(
                    json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Output": { "n": "{% 1 + 1 %}" } }),
                    json!({ "Type": "Pass", "Parameters": { "m.$": "$.n" } }),
                ),
                json!({}),
                json!({ "m": 2 }),
            )],
        ),
        feature(
            "`Assign` and variables, in both query languages",
            vec![
                gives(
                    two(
                        json!({ "Type": "Pass", "Assign": { "v.$": "$.a", "w": { "k": 1 } } }),
                        json!({ "Type": "Pass", "Parameters": { "x.$": "$v", "y.$": "$w.k" } }),
                    ),
                    json!({ "a": 5 }),
                    json!({ "x": 5, "y": 1 }),
                ),
                gives(
                    two(
                        json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Assign": { "v": "{% $states.input.a %}" } }),
                        json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $v + 1 %}" }),
                    ),
                    json!({ "a": 5 }),
                    json!(6),
                ),
            ],
        ),
        feature(
            "Variable scopes: a branch reads outer variables and assigns its own",
            vec![gives(
                two(
                    json!({ "Type": "Pass", "Assign": { "v": 1 } }),
                    json!({ "Type": "Parallel", "Branches": [{ "StartAt": "B", "States": {
                    "B": { "Type": "Pass", "Assign": { "w.$": "States.MathAdd($v, 1)" }, "Next": "C" },
                    "C": { "Type": "Pass", "Parameters": { "w.$": "$w" }, "End": true } } }] }),
                ),
                json!({}),
                json!([{ "w": 2 }]),
            )],
        ),
        feature(
            "The context object in both query languages",
            vec![
                gives(template("$$.Execution.Input.a"), json!({ "a": 1 }), json!({ "x": 1 })),
                gives(template("$$.State.Name"), json!({}), json!({ "x": "S" })),
                gives(template("$$.State.EnteredTime"), json!({}), json!({ "x": "2025-01-01T12:00:00.000Z" })),
                gives(template("$$.StateMachine.Name"), json!({}), json!({ "x": "machine" })),
                gives(template("$$.Execution.RedriveCount"), json!({}), json!({ "x": 0 })),
                result_of("$states.context.Execution.Name", json!({}), json!("execution")),
            ],
        ),
    ]
}

pub(crate) fn paths() -> Vec<Feature> {
    let store = || json!({ "a": { "b c": [1, 2, 3, 4] }, "list": [{ "p": 5, "q": "x" }, { "p": 15, "q": "y" }] });
    let path = |name: &str, text: &str, value: Value| feature(name, vec![value_of(text, store(), value)]);
    vec![
        path("Fields, as `$.a['b c']`", "$.a['b c']", json!([1, 2, 3, 4])),
        path("Indices, also from the end", "$.list[-1].q", json!("y")),
        path("Wildcards, `[*]` and `.*`", "$.list[*].p", json!([5, 15])),
        path("Recursive descent, `..`", "$..q", json!(["x", "y"])),
        path("Slices, `[1:3]`", "$.a['b c'][1:3]", json!([2, 3])),
        path("Unions, `[0,2]`", "$.a['b c'][0,2]", json!([1, 3])),
        path("Filters, `[?(@.p > 10)]`", "$.list[?(@.p > 10)].q", json!(["y"])),
        path("Functions at the end, as `.length()`", "$.list.length()", json!(2)),
        feature(
            "A path without a result is an error",
            vec![
                fails(template("$.none"), store(), "States.Runtime"),
                fails(pass(json!({ "InputPath": "$.none" })), store(), "States.Runtime"),
            ],
        ),
    ]
}

pub(crate) fn intrinsics() -> Vec<Feature> {
    let call = |name: &str, text: &str, value: Value| {
        feature(
            format!("`States.{name}`"),
            vec![value_of(text, json!({ "l": [1, 2, 2], "o": { "a": 1 }, "t": "{\"k\":1}", "n": 3 }), value)],
        )
    };
    vec![
        call("Format", "States.Format('{} of {}', $.n, 'x')", json!("3 of x")),
        call("StringToJson", "States.StringToJson($.t)", json!({ "k": 1 })),
        call("JsonToString", "States.JsonToString($.o)", json!("{\"a\":1}")),
        call("JsonMerge", "States.JsonMerge($.o, States.StringToJson($.t), false)", json!({ "a": 1, "k": 1 })),
        call("Array", "States.Array($.n, 'x', null, true)", json!([3, "x", null, true])),
        call("ArrayPartition", "States.ArrayPartition($.l, 2)", json!([[1, 2], [2]])),
        call("ArrayContains", "States.ArrayContains($.l, 2)", json!(true)),
        call("ArrayRange", "States.ArrayRange(1, 9, 4)", json!([1, 5, 9])),
        call("ArrayGetItem", "States.ArrayGetItem($.l, 0)", json!(1)),
        call("ArrayLength", "States.ArrayLength($.l)", json!(3)),
        call("ArrayUnique", "States.ArrayUnique($.l)", json!([1, 2])),
        call("Base64Encode", "States.Base64Encode('abc')", json!("YWJj")),
        call("Base64Decode", "States.Base64Decode('YWJj')", json!("abc")),
        call("Hash", "States.Hash('abc', 'SHA-1')", json!("a9993e364706816aba3e25717850c26c9cd0d89d")),
        feature("`States.MathRandom`, from the seed", vec![value_of("States.MathRandom(7, 8)", json!({}), json!(7))]),
        call("MathAdd", "States.MathAdd($.n, -1)", json!(2)),
        call("StringSplit", "States.StringSplit('a,b', ',')", json!(["a", "b"])),
        feature(
            "`States.UUID`, from the seed",
            vec![value_of("States.ArrayLength(States.StringSplit(States.UUID(), '-'))", json!({}), json!(5))],
        ),
        feature(
            "Nested calls",
            vec![value_of("States.Format('{}', States.ArrayLength(States.Array(1, 2)))", json!({}), json!("2"))],
        ),
        feature(
            "A call that fails is an error",
            vec![fails(template("States.StringToJson('{')"), json!({}), "States.IntrinsicFailure")],
        ),
    ]
}

pub(crate) fn jsonata() -> Vec<Feature> {
    let catching = only_jsonata(
        json!({ "Type": "Parallel", "Branches": [{ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "E", "Cause": "c" } } }],
        "Catch": [{ "ErrorEquals": ["E"], "Output": "{% $states.errorOutput %}", "Next": "T" }], "Next": "T" }),
    );
    let mut caught = catching;
    if let Some(Value::Object(states)) = caught.get_mut("States") {
        states.insert("T".to_owned(), json!({ "Type": "Succeed" }));
    }
    vec![
        feature(
            "Operators, functions, lambdas, and the functions of JSONata itself",
            vec![
                result_of("$sum($map($states.input.l, function($v) { $v * 2 }))", json!({ "l": [1, 2] }), json!(6)),
                result_of(
                    "$states.input.l[q = 'y'].p",
                    json!({ "l": [{ "q": "x", "p": 1 }, { "q": "y", "p": 2 }] }),
                    json!(2),
                ),
                result_of("$uppercase('a') & $join(['b', 'c'], '-')", json!({}), json!("Ab-c")),
                result_of("$states.input ~> $keys", json!({ "a": 1, "b": 2 }), json!(["a", "b"])),
            ],
        ),
        feature(
            "`$states.input`, `$states.context`",
            vec![
                result_of("$states.input.a", json!({ "a": 1 }), json!(1)),
                result_of("$states.context.State.Name", json!({}), json!("S")),
            ],
        ),
        feature(
            "`$states.errorOutput` in a Catch",
            vec![gives(caught, json!({}), json!({ "Error": "E", "Cause": "c" }))],
        ),
        feature("`$partition`", vec![result_of("$partition([1, 2, 3], 2)", json!({}), json!([[1, 2], [3]]))]),
        feature("`$range`", vec![result_of("$range(1, 9, 4)", json!({}), json!([1, 5, 9]))]),
        feature(
            "`$hash`",
            vec![result_of("$hash('abc', 'SHA-1')", json!({}), json!("a9993e364706816aba3e25717850c26c9cd0d89d"))],
        ),
        feature(
            "`$random`, with the seed of the execution or one of its own",
            vec![
                result_of("$random() < 1", json!({}), json!(true)),
                result_of("$random(3) = $random(3)", json!({}), json!(true)),
            ],
        ),
        feature("`$uuid`, from the seed", vec![result_of("$length($uuid())", json!({}), json!(36))]),
        feature("`$parse`", vec![result_of("$parse('{\"a\": [1]}').a", json!({}), json!([1]))]),
        feature(
            "`$now` and `$millis`, in virtual time",
            vec![
                result_of("$now()", json!({}), json!("2025-01-01T12:00:00.000Z")),
                result_of("$millis()", json!({}), json!(1_735_732_800_000_i64)),
            ],
        ),
        feature(
            "`$eval` is an error, as in Step Functions",
            vec![fails(expression("$eval('1')"), json!({}), "States.QueryEvaluationError")],
        ),
        feature(
            "Numbers that are not finite are strings: `[1/0]` gives `[\"Infinity\"]`",
            vec![result_of("[1/0]", json!({}), json!(["Infinity"]))],
        ),
        feature(
            "Limits on depth and memory as measured; on steps instead of time",
            vec![
                fails(expression("$sum([1..873783])"), json!({}), "States.QueryEvaluationError"),
                fails(expression("($f := function() { $f() }; $f())"), json!({}), "States.QueryEvaluationError"),
            ],
        ),
        feature(
            "An expression that fails or has no result is an error",
            vec![
                fails(expression("$states.input.none"), json!({}), "States.QueryEvaluationError"),
                fails(expression("1 + 'a'"), json!({}), "States.QueryEvaluationError"),
            ],
        ),
    ]
}
