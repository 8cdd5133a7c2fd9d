//! What the engine does beyond single states: time, tasks, branches, errors, determinism.

use std::error::Error;
use std::sync::Arc;

use asl::{Action, Answer, Definition, Execution, Kind, Limits, Start, Status, TaskId, TaskRequest, Timestamp};
use serde_json::{Value, json};

type Checked = Result<(), Box<dyn Error>>;

const LAMBDA: &str = "arn:aws:lambda:us-east-1:111111111111:function:f";
const SEND: &str = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
const ACTIVITY: &str = "arn:aws:states:us-east-1:111111111111:activity:a";

/// An execution with what its steps asked for.
struct Run {
    execution: Execution,
    tasks: Vec<TaskRequest>,
    cancelled: Vec<TaskId>,
    wake: Option<Timestamp>,
}

impl Run {
    fn of(definition: &Value, input: Value) -> Result<Run, Box<dyn Error>> {
        Run::seeded(definition, input, 1)
    }

    fn seeded(definition: &Value, input: Value, seed: u64) -> Result<Run, Box<dyn Error>> {
        let definition = Arc::new(Definition::parse(&definition.to_string())?);
        let start = Start {
            execution_arn: "arn:aws:states:us-east-1:111111111111:execution:m:e".to_owned(),
            execution_name: "e".to_owned(),
            state_machine_arn: "arn:aws:states:us-east-1:111111111111:stateMachine:m".to_owned(),
            state_machine_name: "m".to_owned(),
            role_arn: "arn:aws:iam::111111111111:role/r".to_owned(),
            input,
            started_at: Timestamp(0),
            kind: Kind::Standard,
            seed,
            limits: Limits::default(),
        };
        let mut run = Run {
            execution: Execution::start(definition, start),
            tasks: Vec::new(),
            cancelled: Vec::new(),
            wake: None,
        };
        run.step(0);
        Ok(run)
    }

    fn step(&mut self, seconds: i64) {
        self.wake = None;
        for action in self.execution.step(Timestamp(seconds * 1000)) {
            match action {
                Action::Schedule(request) => self.tasks.push(*request),
                Action::Cancel(id) => self.cancelled.push(id),
                Action::WakeAt(at) => self.wake = Some(at),
            }
        }
    }

    fn answer(&mut self, index: usize, answer: Answer, seconds: i64) -> bool {
        let id = self.tasks.get(index).map(|task| task.id);
        let known = id.is_some_and(|id| self.execution.deliver(id, answer, Timestamp(seconds * 1000)));
        self.step(seconds);
        known
    }

    fn types(&self) -> Vec<String> {
        self.execution.history().iter().map(|event| event.details.event_type().into_owned()).collect()
    }

    fn output(&self) -> Option<Value> {
        self.execution.outcome().and_then(|outcome| outcome.output.clone())
    }

    fn error(&self) -> Option<String> {
        self.execution.outcome().and_then(|outcome| outcome.error.clone())
    }

    fn seconds(&self) -> Option<i64> {
        self.wake.map(|at| at.0 / 1000)
    }
}

fn task(fields: Value) -> Value {
    let mut state = json!({ "Type": "Task", "Resource": LAMBDA, "End": true });
    if let (Value::Object(state), Value::Object(fields)) = (&mut state, fields) {
        state.extend(fields);
    }
    let mut machine = json!({ "StartAt": "T", "States": { "T": state } });
    // A state that nothing leads to would be refused.
    if state.get("Catch").is_some()
        && let Some(Value::Object(states)) = machine.get_mut("States")
    {
        states.insert("Caught".to_owned(), json!({ "Type": "Pass", "End": true }));
    }
    machine
}

fn fails(name: &str) -> Answer {
    Answer::Failed { error: name.to_owned(), cause: Some("why".to_owned()) }
}

#[test]
fn retries_wait_longer_and_longer() -> Checked {
    let machine = task(json!({ "Retry": [
        { "ErrorEquals": ["Other"], "MaxAttempts": 9 },
        { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4, "MaxDelaySeconds": 20 }
    ] }));
    let mut run = Run::of(&machine, json!({}))?;
    let mut now = 0;
    for (attempt, delay) in [2, 6, 18, 20].into_iter().enumerate() {
        assert!(run.answer(attempt, fails("Boom"), now));
        assert_eq!(run.seconds(), Some(now + delay));
        now += delay;
        run.step(now);
        assert_eq!(run.tasks.get(attempt + 1).map(|task| task.attempt as usize), Some(attempt + 1));
    }
    run.answer(4, fails("Boom"), now);
    assert_eq!(run.error().as_deref(), Some("Boom"));
    assert_eq!(run.execution.transitions(), 5);
    Ok(())
}

#[test]
fn jitter_comes_from_the_seed() -> Checked {
    let machine = task(
        json!({ "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 1000, "JitterStrategy": "FULL" }] }),
    );
    let delay = |seed| -> Result<Option<Timestamp>, Box<dyn Error>> {
        let mut run = Run::seeded(&machine, json!({}), seed)?;
        run.answer(0, fails("Boom"), 0);
        Ok(run.wake)
    };
    assert_eq!(delay(1)?, delay(1)?);
    let delays = (0..20).map(delay).collect::<Result<Vec<_>, _>>()?;
    assert!(delays.iter().all(|delay| delay.is_some_and(|at| at <= Timestamp(1_000_000))));
    assert!(delays.windows(2).any(|pair| pair.first() != pair.last()));
    Ok(())
}

#[test]
fn a_task_times_out_and_late_answers_are_ignored() -> Checked {
    let machine =
        task(json!({ "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "Caught" }] }));
    let mut run = Run::of(&machine, json!({}))?;
    assert_eq!(run.seconds(), Some(5));
    run.step(5);
    assert_eq!(run.output(), Some(json!({ "Error": "States.Timeout", "Cause": "" })));
    assert_eq!(run.cancelled.len(), 1);
    assert!(!run.answer(0, Answer::Succeeded(json!(1)), 6));
    // An answer that comes with a timeout that was due before it comes too late.
    let mut run = Run::of(&machine, json!({}))?;
    assert!(!run.answer(0, Answer::Succeeded(json!(1)), 7));
    assert_eq!(run.output(), Some(json!({ "Error": "States.Timeout", "Cause": "" })));
    let times: Vec<i64> = run.execution.history().iter().map(|event| event.timestamp.0).collect();
    assert_eq!(times.last(), Some(&5000));
    Ok(())
}

#[test]
fn heartbeats_keep_a_task_alive() -> Checked {
    let fields = json!({ "Resource": SEND, "HeartbeatSeconds": 10, "TimeoutSeconds": 100, "Parameters": { "MessageBody.$": "$$.Task.Token", "QueueUrl": "q" },
        "Catch": [{ "ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Caught" }] });
    let mut run = Run::of(&task(fields), json!({}))?;
    let request = run.tasks.first().ok_or("a task")?;
    assert_eq!(request.parameters.get("MessageBody").and_then(Value::as_str), request.task_token.as_deref());
    assert!(request.task_token.is_some());
    assert!(run.answer(0, Answer::Submitted(json!({ "MessageId": "m" })), 3));
    assert_eq!(run.seconds(), Some(13));
    assert!(run.answer(0, Answer::Heartbeat, 12));
    assert_eq!(run.seconds(), Some(22));
    run.step(22);
    assert_eq!(run.execution.status(), Status::Succeeded);
    assert!(run.types().contains(&"TaskTimedOut".to_owned()));
    Ok(())
}

#[test]
fn the_clock_of_an_activity_starts_with_its_worker() -> Checked {
    let mut run = Run::of(&task(json!({ "Resource": ACTIVITY, "TimeoutSeconds": 5 })), json!({}))?;
    assert_eq!(run.seconds(), None);
    assert!(run.answer(0, Answer::StartedBy("w".to_owned()), 50));
    assert_eq!(run.seconds(), Some(55));
    run.step(55);
    assert_eq!(run.error().as_deref(), Some("States.Timeout"));
    Ok(())
}

#[test]
fn the_machine_times_out() -> Checked {
    let mut machine = task(json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }] }));
    if let Value::Object(fields) = &mut machine {
        fields.insert("TimeoutSeconds".to_owned(), json!(30));
    }
    let mut run = Run::of(&machine, json!({}))?;
    run.step(40);
    assert_eq!(run.execution.status(), Status::TimedOut);
    assert_eq!(run.error(), None);
    assert_eq!(run.cancelled.len(), 1);
    let last = run.execution.history().last().map(asl::HistoryEvent::to_flat);
    assert_eq!(last, Some(json!({ "id": 4, "prev": 0, "type": "ExecutionTimedOut", "error": "States.Timeout" })));
    Ok(())
}

#[test]
fn stopping_cancels_what_runs() -> Checked {
    let mut run = Run::of(&task(json!({})), json!({}))?;
    run.execution.stop(Some("Why".to_owned()), None, Timestamp(1000));
    run.step(1);
    assert_eq!(run.execution.status(), Status::Aborted);
    assert_eq!(run.cancelled.len(), 1);
    assert!(!run.answer(0, Answer::Succeeded(json!(1)), 2));
    Ok(())
}

#[test]
fn a_branch_that_fails_ends_the_others() -> Checked {
    let branch = |name: &str| json!({ "StartAt": name, "States": { (name): { "Type": "Task", "Resource": LAMBDA, "End": true } } });
    let waits = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 100, "End": true } } });
    let machine = json!({ "StartAt": "P", "States": {
        "P": { "Type": "Parallel", "Branches": [branch("A"), branch("B"), waits], "End": true,
            "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.e", "Next": "C" }] },
        "C": { "Type": "Pass", "End": true } } });
    let mut run = Run::of(&machine, json!({ "x": 1 }))?;
    assert!(run.answer(1, fails("Boom"), 2));
    assert_eq!(run.cancelled, run.tasks.first().map(|task| vec![task.id]).unwrap_or_default());
    assert_eq!(run.output(), Some(json!({ "x": 1, "e": { "Error": "Boom", "Cause": "why" } })));
    let tail: Vec<String> = run.types().into_iter().skip_while(|name| name != "LambdaFunctionFailed").collect();
    assert_eq!(
        tail,
        [
            "LambdaFunctionFailed",
            "TaskStateAborted",
            "TaskStateAborted",
            "WaitStateAborted",
            "ParallelStateFailed",
            "ParallelStateExited",
            "PassStateEntered",
            "PassStateExited",
            "ExecutionSucceeded"
        ]
    );
    Ok(())
}

#[test]
fn a_map_keeps_to_its_concurrency() -> Checked {
    let machine = json!({ "StartAt": "M", "States": { "M": { "Type": "Map", "MaxConcurrency": 2, "End": true,
        "ItemSelector": { "i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value" },
        "ItemProcessor": { "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": LAMBDA, "End": true } } } } } });
    let mut run = Run::of(&machine, json!(["a", "b", "c"]))?;
    assert_eq!(run.tasks.len(), 2);
    assert!(run.answer(1, Answer::Succeeded(json!("B")), 1));
    assert_eq!(run.tasks.get(2).map(|task| task.parameters.clone()), Some(json!({ "i": 2, "v": "c" })));
    run.answer(2, Answer::Succeeded(json!("C")), 2);
    run.answer(0, Answer::Succeeded(json!("A")), 3);
    assert_eq!(run.output(), Some(json!(["A", "B", "C"])));
    Ok(())
}

#[test]
fn variables_of_a_branch_stay_there() -> Checked {
    let machine = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": { "Type": "Pass", "Assign": { "x": 1 }, "Next": "P" },
        "P": { "Type": "Parallel", "Next": "B", "Branches": [{ "StartAt": "I", "States": {
            "I": { "Type": "Pass", "Assign": { "y": "{% $x + 1 %}" }, "Next": "J" },
            "J": { "Type": "Pass", "Output": "{% $x + $y %}", "End": true } } }] },
        "B": { "Type": "Pass", "Output": { "result": "{% $states.input[0] %}", "y": "{% $exists($y) %}" }, "End": true } } });
    let run = Run::of(&machine, json!({}))?;
    assert_eq!(run.output(), Some(json!({ "result": 3, "y": false })));
    Ok(())
}

#[test]
fn timers_fire_at_their_own_time() -> Checked {
    let machine = json!({ "StartAt": "A", "States": {
        "A": { "Type": "Wait", "Seconds": 10, "Next": "B" }, "B": { "Type": "Wait", "Seconds": 20, "End": true } } });
    let mut run = Run::of(&machine, json!({}))?;
    run.step(1000);
    let times: Vec<i64> = run.execution.history().iter().map(|event| event.timestamp.0 / 1000).collect();
    assert_eq!(times, [0, 0, 10, 10, 30, 30]);
    Ok(())
}

#[test]
fn a_result_that_is_too_large_fails_its_task() -> Checked {
    let machine = task(json!({ "Catch": [{ "ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught" }] }));
    let mut run = Run::of(&machine, json!({}))?;
    run.answer(0, Answer::Succeeded(json!("x".repeat(262_143))), 1);
    let cause = format!(
        "The state/task '{LAMBDA}' returned a result with a size exceeding the maximum number of bytes service limit."
    );
    assert_eq!(run.output(), Some(json!({ "Error": "States.DataLimitExceeded", "Cause": cause })));
    let mut run = Run::of(&machine, json!({}))?;
    run.answer(0, Answer::Succeeded(json!("x".repeat(262_142))), 1);
    assert_eq!(run.execution.status(), Status::Succeeded);
    assert!(run.output().is_some_and(|output| output.is_string()));
    Ok(())
}

#[test]
fn runtime_errors_are_not_handled() -> Checked {
    let inner = json!({ "StartAt": "C", "States": {
        "C": { "Type": "Choice", "Choices": [{ "Variable": "$.no", "IsNull": true, "Next": "D" }], "Default": "D" }, "D": { "Type": "Succeed" } } });
    let machine = json!({ "StartAt": "P", "States": { "P": { "Type": "Parallel", "Branches": [inner], "End": true,
        "Retry": [{ "ErrorEquals": ["States.ALL"] }], "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "E" }] }, "E": { "Type": "Succeed" } } });
    let run = Run::of(&machine, json!({}))?;
    assert_eq!(run.error().as_deref(), Some("States.Runtime"));
    assert_eq!(
        run.types(),
        ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted", "ChoiceStateEntered", "ExecutionFailed"]
    );
    Ok(())
}

#[test]
fn a_catcher_that_fails_ends_the_state() -> Checked {
    let machine = json!({ "QueryLanguage": "JSONata", "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": LAMBDA, "End": true, "Catch": [
        { "ErrorEquals": ["Other"], "Next": "C" }, { "ErrorEquals": ["Boom"], "Output": { "x": "{% $nothing %}" }, "Next": "C" },
        { "ErrorEquals": ["States.ALL"], "Next": "C" }] }, "C": { "Type": "Succeed" } } });
    let mut run = Run::of(&machine, json!({}))?;
    run.answer(0, fails("Boom"), 1);
    assert_eq!(run.error().as_deref(), Some("States.QueryEvaluationError"));
    let event = run.execution.history().iter().rev().nth(1).map(asl::HistoryEvent::to_flat).ok_or("an event")?;
    assert_eq!(event.get("location"), Some(&json!("Catch[1]/Output/x")));
    Ok(())
}

#[test]
fn template_fields_may_point_past_the_end_of_an_array() -> Checked {
    let pass = |text: &str| json!({ "StartAt": "A", "States": { "A": { "Type": "Pass", "Parameters": { "x.$": text }, "End": true } } });
    assert_eq!(Run::of(&pass("$.list[5]"), json!({ "list": [1] }))?.output(), Some(json!({ "x": null })));
    assert_eq!(
        Run::of(&pass("States.Array($.list[5])"), json!({ "list": [1] }))?.error().as_deref(),
        Some("States.Runtime")
    );
    assert_eq!(Run::of(&pass("$.no"), json!({ "list": [1] }))?.error().as_deref(), Some("States.Runtime"));
    Ok(())
}

#[test]
fn functions_of_step_functions_are_there() -> Checked {
    let value = |expression: &str| -> Result<Option<Value>, Box<dyn Error>> {
        let machine = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": {
            "A": { "Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true } } });
        Ok(Run::of(&machine, json!({}))?.output())
    };
    assert_eq!(value("$hash('input data', 'SHA-1')")?, Some(json!("aaff4a450a104cd177d28d18d74485e8cae074b7")));
    assert_eq!(value("$partition([1..5], 2)")?, Some(json!([[1, 2], [3, 4], [5]])));
    assert_eq!(value("$range(9, 1, -4)")?, Some(json!([9, 5, 1])));
    assert_eq!(value("$parse('{\"a\": [1]}').a")?, Some(json!([1])));
    assert_eq!(value("$random(42) = $random(42)")?, Some(json!(true)));
    assert_eq!(value("($a := $random(); $b := $random(); $a != $b and $a >= 0 and $a < 1)")?, Some(json!(true)));
    assert_eq!(value("$length($uuid()) & ':' & $substring($uuid(), 14, 1)")?, Some(json!("36:4")));
    assert_eq!(value("$uuid()")?, value("$uuid()")?);
    assert_eq!(value("$now()")?, Some(json!("1970-01-01T00:00:00.000Z")));
    assert_eq!(value("$millis()")?, Some(json!(0)));
    Ok(())
}
