//! Hostile definitions and inputs: they end in an error with a name, in bounded time and memory, and nothing panics.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use asl::{Action, Answer, Definition, Execution, Kind, Limits, Start, Status, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

type Checked = Result<(), Box<dyn Error>>;

fn start(definition: &Value, input: Value) -> Result<Execution, Box<dyn Error>> {
    let definition = Arc::new(Definition::parse(&definition.to_string())?);
    Ok(begin(&definition, input))
}

fn begin(definition: &Arc<Definition>, input: Value) -> Execution {
    Execution::start(Arc::clone(definition), start_of(input))
}

fn start_of(input: Value) -> Start {
    Start {
        execution_arn: "arn:aws:states:us-east-1:111111111111:execution:m:e".to_owned(),
        execution_name: "e".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:111111111111:stateMachine:m".to_owned(),
        state_machine_name: "m".to_owned(),
        role_arn: "arn:aws:iam::111111111111:role/r".to_owned(),
        input,
        started_at: Timestamp(0),
        kind: Kind::Standard,
        seed: 7,
        limits: Limits::default(),
    }
}

/// Runs a machine without tasks; gives the error name and the cause it ends with.
fn failure(definition: &Value, input: Value) -> Result<(String, String), Box<dyn Error>> {
    let begin = Instant::now();
    let mut execution = start(definition, input)?;
    execution.step(Timestamp(i64::MAX / 2));
    // Seconds, but for a machine that is busy with other tests.
    assert!(begin.elapsed() < Duration::from_secs(120), "it takes too long");
    let outcome = execution.outcome().ok_or("it has not ended")?;
    assert_eq!(outcome.status, Status::Failed, "{definition}: {outcome:?}");
    Ok((outcome.error.clone().unwrap_or_default(), outcome.cause.clone().unwrap_or_default()))
}

fn output_of(expression: &str) -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "A",
        "States": { "A": { "Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true } }
    })
}

fn looping(state: &Value) -> Value {
    json!({ "StartAt": "A", "States": { "A": state, "B": { "Type": "Choice", "Choices": [
        { "Variable": "$", "IsPresent": true, "Next": "A" } ], "Default": "C" }, "C": { "Type": "Succeed" } } })
}

#[test]
fn endless_loops_end_with_the_history() -> Checked {
    let machine = looping(&json!({ "Type": "Pass", "Next": "B" }));
    let mut execution = start(&machine, json!({}))?;
    execution.step(Timestamp(0));
    assert_eq!(execution.status(), Status::Failed);
    assert_eq!(execution.history().len(), Limits::default().history_events);
    let cause = execution.outcome().and_then(|outcome| outcome.cause.clone());
    assert_eq!(cause.as_deref(), Some("The execution reached the maximum number of history events (25000)."));
    Ok(())
}

#[test]
fn payloads_that_grow_end_at_the_limit() -> Checked {
    let doubling = looping(&json!({ "Type": "Pass", "Parameters": { "a.$": "$", "b.$": "$" }, "Next": "B" }));
    assert_eq!(failure(&doubling, json!("some text"))?.0, "States.DataLimitExceeded");
    let deepening = looping(&json!({ "Type": "Pass", "Parameters": { "a.$": "$" }, "Next": "B" }));
    assert_eq!(failure(&deepening, json!(1))?.0, "States.DataLimitExceeded");
    let variables = json!({
        "QueryLanguage": "JSONata", "StartAt": "A",
        "States": {
            "A": { "Type": "Pass", "Assign": { "x": "{% [$exists($x) ? $x : 1, $exists($x) ? $x : 1] %}" }, "Next": "B" },
            "B": { "Type": "Choice", "Choices": [{ "Condition": "{% true %}", "Next": "A" }], "Default": "C" },
            "C": { "Type": "Succeed" }
        }
    });
    assert_eq!(failure(&variables, json!(1))?.0, "States.DataLimitExceeded");
    Ok(())
}

#[test]
fn histories_that_fill_the_memory_end() -> Checked {
    let machine =
        looping(&json!({ "Type": "Pass", "Parameters": { "big.$": "$.big", "id.$": "States.UUID()" }, "Next": "B" }));
    let (error, cause) = failure(&machine, json!({ "big": "x".repeat(250_000) }))?;
    assert_eq!(error, "States.Runtime");
    assert_eq!(cause, "The execution history takes more than 512 MiB of memory.");
    // What is passed on unchanged is kept once.
    let machine = looping(&json!({ "Type": "Pass", "Next": "B" }));
    let (_, cause) = failure(&machine, json!({ "big": "x".repeat(250_000) }))?;
    assert!(cause.contains("history events"), "{cause}");
    Ok(())
}

#[test]
fn endless_express_loops_end_with_the_memory() -> Checked {
    let definition = Arc::new(Definition::parse(&looping(&json!({ "Type": "Pass", "Next": "B" })).to_string())?);
    let start = Start { kind: Kind::Express, limits: Limits::of(Kind::Express), ..start_of(json!({})) };
    let mut execution = Execution::start(definition, start);
    execution.step(Timestamp(0));
    let cause = execution.outcome().and_then(|outcome| outcome.cause.clone());
    assert_eq!(cause.as_deref(), Some("The execution history takes more than 512 MiB of memory."));
    Ok(())
}

#[test]
fn expressions_without_end_are_errors() -> Checked {
    for expression in [
        "($f := function($x) { 1 + $f($x) }; $f(1))",
        "($f := function($x) { $f($x + 1) }; $f(1))",
        "$reduce([1..60], function($text) { $text & $text }, 'a')",
        "$reduce([1..60], function($text) { $join([$text, $text]) }, 'a')",
        "$reduce([1..200], function($text) { $base64encode($text) }, 'a')",
        "$reduce([1..60], function($list) { [$list, $list] }, 1)",
        "$string($reduce([1..60], function($list) { [$list, $list] }, 1))",
        "$reduce([1..60], function($list) { [$list, $list] }, 1) = $reduce([1..60], function($list) { [$list, $list] }, 1)",
        "$pad('a', 1000000000)",
        "'a' ~> $pad(-1000000000)",
        "$join($map([1..100000], $string), $pad('a', 100000))",
        "$replace($pad('a', 100000, 'a'), /a/, $pad('b', 100000))",
        "[1..100000000]",
        "$eval('1')",
        "$distinct([1..200000])",
        "($d := $distinct; $d([1..200000]))",
        "($p := $pad; $p('a', 1000000000))",
        "'a' ~> $pad(1000000000, 'b')",
        "$map([1000000000], $pad('a', ?))",
        "($r := $replace; $r($pad('a', 100000, 'a'), /a/, $pad('b', 100000)))",
        "$pad('a', 100000, 'a') ~> $replace(/a/, $pad('b', 100000))",
        "$map([1..100000], $string) ~> $join($pad('a', 100000))",
        "$formatInteger(1e14, 'I')",
        "1e14 ~> $formatInteger('i')",
        "$formatNumber(1, $pad('#', 100000, '#,'))",
        "$range(1, 1000000, 1)",
        "$range(1, 10, 0)",
        "$partition([1, 2], 0)",
        "function($x) { $x }",
    ] {
        let (error, cause) = failure(&output_of(expression), json!({}))?;
        assert_eq!(error, "States.QueryEvaluationError", "{expression}: {cause}");
        assert!(cause.contains("specified for the field 'Output'"), "{expression}: {cause}");
    }
    Ok(())
}

#[test]
fn catastrophic_regular_expressions_are_not() -> Checked {
    let text = "a".repeat(100_000);
    let machine = output_of("$match($states.input, /(a+)+$/)[0].index");
    let mut execution = start(&machine, json!(text))?;
    execution.step(Timestamp(0));
    assert_eq!(execution.status(), Status::Succeeded);
    let machine = json!({ "StartAt": "A", "States": { "A": {
        "Type": "Pass", "Parameters": { "x.$": "$.list[?(@.text =~ /(a+)+b/)]" }, "End": true } } });
    let mut execution = start(&machine, json!({ "list": [{ "text": text }] }))?;
    execution.step(Timestamp(0));
    assert_eq!(execution.outcome().and_then(|outcome| outcome.output.clone()), Some(json!({ "x": [] })));
    Ok(())
}

#[test]
fn huge_numbers_have_names() -> Checked {
    let wait = json!({ "StartAt": "A", "States": { "A": { "Type": "Wait", "SecondsPath": "$.s", "End": true } } });
    for seconds in [json!(u64::MAX), json!(1e300), json!(-1), json!("1"), json!(null)] {
        assert_eq!(failure(&wait, json!({ "s": seconds }))?.0, "States.Runtime");
    }
    let call = |call: &str| json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Parameters": { "x.$": call }, "End": true } } });
    for text in [
        "States.MathAdd($.big, $.big)",
        "States.ArrayRange(0, $.big, 1)",
        "States.ArrayRange(0, 10, 0)",
        "States.MathRandom($.low, $.big)",
        "States.ArrayGetItem($.list, $.big)",
        "States.ArrayPartition($.list, $.low)",
    ] {
        let input = json!({ "big": i64::MAX, "low": i64::MIN, "list": [1] });
        assert_eq!(failure(&call(text), input)?.0, "States.IntrinsicFailure", "{text}");
    }
    Ok(())
}

#[test]
fn definitions_that_nest_too_deeply_are_refused() {
    let mut condition = json!({ "Variable": "$", "IsPresent": true });
    let mut machine = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } });
    for depth in 0..60 {
        condition = json!({ "Not": condition });
        machine = json!({ "StartAt": format!("S{depth}"), "States": { (format!("S{depth}")): {
            "Type": "Parallel", "Branches": [machine], "End": true } } });
    }
    assert!(Definition::parse(&machine.to_string()).is_err());
    for text in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        format!("\"{}", "\\u0000".repeat(10_000)),
        "1e999999".to_owned(),
    ] {
        assert!(Definition::parse(&text).is_err());
    }
    let expression = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    assert!(Definition::parse(&output_of(&expression).to_string()).is_err());
    let path = format!("$.a{}", "[?(@.b)]".repeat(2000));
    let machine = json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "InputPath": path, "End": true } } });
    assert!(Definition::parse(&machine.to_string()).is_err() || start(&machine, json!({ "a": [] })).is_ok());
}

#[test]
fn descents_that_multiply_are_cut() -> Checked {
    let mut tree = json!({ "leaf": 1 });
    for _ in 0..12 {
        tree = json!({ "a": tree, "b": tree });
    }
    let machine = json!({ "StartAt": "A", "States": { "A": {
        "Type": "Pass", "Parameters": { "x.$": "$..a..a..a..a..a..a" }, "End": true } } });
    let (error, _) = failure(&machine, tree)?;
    assert!(matches!(error.as_str(), "States.Runtime" | "States.DataLimitExceeded"), "{error}");
    Ok(())
}

/// Any JSON value, of a depth and size that a payload may have.
#[test]
fn paths_with_too_many_steps_are_refused() -> Checked {
    let pass =
        |path: String| json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "InputPath": path, "End": true } } });
    // Filters of an object stay at the object, so that the data does not bound the depth.
    for step in [".a", "[?(@.a)]", "..a", "[0]", "['a']"] {
        let text = pass(format!("${}", step.repeat(100_000))).to_string();
        let refused = Definition::parse(&text).err().ok_or(step)?;
        let told: Vec<&str> = refused.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(told.iter().all(|message| message.len() < 2000), "{step}: a message repeats the path");
        let mut execution = start(&pass(format!("${}", step.repeat(400))), json!({ "a": 1 }))?;
        execution.step(Timestamp(0));
        assert!(execution.outcome().is_some(), "{step}");
    }
    Ok(())
}

#[test]
fn large_values_that_are_asked_for_often_end_in_an_error() -> Checked {
    let input = json!("x".repeat(250_000));
    let many = |value: &str| (0..20_000).map(|at| (format!("f{at}.$"), json!(value))).collect::<Value>();
    let calls = format!("States.Array($.a{})", ",$.a".repeat(100_000));
    let formats = format!("States.Format('{}'{})", "{}".repeat(100_000), ",$.a".repeat(100_000));
    let within = json!({ "a": input });
    for (parameters, input) in [
        (many("$"), &input),
        (many("$.a"), &within),
        (json!({ "a.$": calls }), &within),
        (json!({ "a.$": formats }), &within),
    ] {
        let machine =
            json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Parameters": parameters, "End": true } } });
        assert_eq!(failure(&machine, input.clone())?.0, "States.DataLimitExceeded");
    }
    let output: Value = (0..20_000).map(|at| (format!("f{at}"), json!("{% $states.input %}"))).collect();
    let machine = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": { "A": { "Type": "Pass", "Output": output, "End": true } } });
    assert_eq!(failure(&machine, input)?.0, "States.QueryEvaluationError");
    Ok(())
}

#[test]
fn a_history_without_a_place_for_an_event_is_no_success() -> Checked {
    let definition = Arc::new(Definition::parse(&output_of("1").to_string())?);
    for (events, status) in [(2, Status::Failed), (3, Status::Failed), (4, Status::Succeeded)] {
        let limits = Limits { history_events: events, ..Limits::default() };
        let mut execution = Execution::start(Arc::clone(&definition), Start { limits, ..start_of(json!({})) });
        execution.step(Timestamp(0));
        assert_eq!((execution.status(), execution.history().len()), (status, events));
    }
    Ok(())
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("2024-01-01T00:00:00Z")),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec(("[a-d]", inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        Just(".a".to_owned()),
        Just(".b".to_owned()),
        Just("['c']".to_owned()),
        Just("[0]".to_owned()),
        Just("[-1]".to_owned()),
        Just("[*]".to_owned()),
        Just("[1:]".to_owned()),
        Just("..d".to_owned()),
        Just("[?(@.a > 1)]".to_owned()),
    ];
    (prop_oneof![Just("$"), Just("$$"), Just("$v")], prop::collection::vec(step, 0..4))
        .prop_map(|(root, steps)| root.to_owned() + &steps.concat())
}

/// A state between others, with fields that may or may not find what they look for.
fn any_state() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_path().prop_map(|path| json!({ "Type": "Pass", "InputPath": path })),
        any_path().prop_map(|path| json!({ "Type": "Pass", "Parameters": { "a.$": path, "b": 1 }, "ResultPath": "$.b" })),
        any_path().prop_map(|path| json!({ "Type": "Pass", "Assign": { "v.$": path } })),
        (0_u32..5).prop_map(|seconds| json!({ "Type": "Wait", "Seconds": seconds })),
        "\\$(\\.[abc]){0,3}".prop_map(|path| json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": { "FunctionName": "f", "Payload.$": path },
            "TimeoutSeconds": 3, "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "JitterStrategy": "FULL" }],
            "Catch": [{ "ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "End" }]
        })),
        "\\$(\\.[abc]){0,3}".prop_map(|path| json!({
            "Type": "Map", "ItemsPath": path, "MaxConcurrency": 2, "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "End" }],
            "ItemProcessor": { "StartAt": "I", "States": { "I": { "Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": true } } }
        })),
        Just(json!({
            "Type": "Parallel", "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "End" }],
            "Branches": [
                { "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 2, "End": true } } },
                { "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                    "HeartbeatSeconds": 1, "Parameters": { "QueueUrl": "q", "MessageBody": { "t.$": "$$.Task.Token" } }, "End": true } } }
            ]
        })),
    ]
}

fn machine(states: Vec<Value>) -> Value {
    let mut all = serde_json::Map::new();
    let count = states.len();
    for (at, mut state) in states.into_iter().enumerate() {
        let text = state.to_string().replace("\"StartAt\":\"", &format!("\"StartAt\":\"N{at}"));
        let text = ["I", "W", "T"]
            .iter()
            .fold(text, |text, name| text.replace(&format!("\"{name}\":{{"), &format!("\"N{at}{name}\":{{")));
        if let Ok(renamed) = serde_json::from_str(&text) {
            state = renamed;
        }
        if let Value::Object(fields) = &mut state {
            let next = if at + 1 == count { "End".to_owned() } else { format!("S{}", at + 1) };
            fields.insert("Next".to_owned(), json!(next));
        }
        all.insert(format!("S{at}"), state);
    }
    all.insert("End".to_owned(), json!({ "Type": "Succeed" }));
    json!({ "StartAt": "S0", "States": all })
}

/// Drives an execution with answers drawn from a list, by turns.
fn run_with_mocks(definition: &Arc<Definition>, input: &Value, answers: &[u8]) -> Execution {
    let mut execution = begin(definition, input.clone());
    let mut now = Timestamp(0);
    let mut draw = answers.iter().copied().cycle();
    for _ in 0..200 {
        let mut wake = None;
        let mut tasks = Vec::new();
        for action in execution.step(now) {
            match action {
                Action::Schedule(request) => tasks.push(request.id),
                Action::WakeAt(at) => wake = Some(at),
                Action::Cancel(_) => {}
            }
        }
        if execution.outcome().is_some() {
            break;
        }
        for task in tasks {
            let answer = match draw.next().unwrap_or(0) % 8 {
                0 => Answer::Started,
                1 => Answer::Heartbeat,
                2 => Answer::Submitted(json!({})),
                3 => Answer::Succeeded(input.clone()),
                4 => Answer::Failed { error: "Boom".to_owned(), cause: None },
                5 => Answer::TimedOut,
                6 => Answer::StartFailed { error: "Lambda.Unknown".to_owned(), cause: Some("why".to_owned()) },
                _ => Answer::FailedUnnamed { cause: None },
            };
            execution.deliver(task, answer, now);
        }
        match wake {
            Some(at) => now = now.max(at),
            None => now = now.plus_seconds(1),
        }
    }
    execution
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC{0,200}") {
        let _ = Definition::parse(&text);
    }

    #[test]
    fn any_path_and_call_is_parsed_or_refused(text in "\\$[\\.\\[\\]a-c0-9'\"?@()*:,=<> -]{0,30}", call in "States\\.(Format|Array|MathAdd|JsonMerge|Hash)\\([$'a-c,.0-9{}\\\\ ()-]{0,20}\\)", input in any_json()) {
        for query in [text, call] {
            let machine = json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Parameters": { "x.$": query }, "End": true } } });
            if let Ok(definition) = Definition::parse(&machine.to_string()) {
                let mut execution = begin(&Arc::new(definition), input.clone());
                execution.step(Timestamp(0));
                prop_assert!(execution.outcome().is_some());
            }
        }
    }

    #[test]
    fn any_expression_is_parsed_or_refused(text in "[$a-c0-9.\\[\\]{}()+*&=<>?:,'\" -]{0,24}", input in any_json()) {
        if let Ok(definition) = Definition::parse(&output_of(&text).to_string()) {
            let mut execution = begin(&Arc::new(definition), input);
            execution.step(Timestamp(0));
            prop_assert!(execution.outcome().is_some());
        }
    }

    /// Whatever the states find and the tasks answer: the history is well formed, and the same again for the same seed.
    #[test]
    fn histories_are_well_formed_and_repeatable(states in prop::collection::vec(any_state(), 1..5), input in any_json(), answers in prop::collection::vec(any::<u8>(), 1..12)) {
        let definition = Definition::parse(&machine(states).to_string());
        let definition = Arc::new(definition.map_err(|error| TestCaseError::fail(error.to_string()))?);
        let execution = run_with_mocks(&definition, &input, &answers);
        for (at, event) in execution.history().iter().enumerate() {
            prop_assert_eq!(event.id, at as u64 + 1);
            prop_assert!(event.previous_event_id < event.id);
        }
        let times: Vec<_> = execution.history().iter().map(|event| event.timestamp).collect();
        prop_assert!(times.is_sorted());
        let ends = execution.history().iter().filter(|event| event.details.event_type().starts_with("Execution")).count();
        prop_assert_eq!(ends, 1 + usize::from(execution.outcome().is_some()));
        let again = run_with_mocks(&definition, &input, &answers);
        prop_assert_eq!(execution.history(), again.history());
    }
}
