//! `cordon asl run` and `cordon asl test`, from their arguments to their exit codes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests: a panic is a failure")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cordon::Streams;
use libtest_mimic::Trial;
use serde_json::{Value, json};

/// The tests of this module.
pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 10] = [
        ("a_run_prints_status_output_and_events", a_run_prints_status_output_and_events),
        ("a_run_that_does_not_succeed_is_a_no", a_run_that_does_not_succeed_is_a_no),
        ("functions_behave_as_mocked", functions_behave_as_mocked),
        ("bad_input_is_told_with_its_place", bad_input_is_told_with_its_place),
        ("what_is_too_large_or_not_for_a_terminal_is_refused", what_is_too_large_or_not_for_a_terminal_is_refused),
        ("the_history_limit_is_an_option", the_history_limit_is_an_option),
        ("executions_are_judged_by_four_measures", executions_are_judged_by_four_measures),
        ("definitions_are_judged_by_their_verdict_and_words", definitions_are_judged_by_their_verdict_and_words),
        ("what_cannot_be_run_is_no_pass", what_cannot_be_run_is_no_pass),
        ("a_folder_has_totals_and_bad_files_a_line", a_folder_has_totals_and_bad_files_a_line),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(format!("asl::{name}"), move || {
            test();
            Ok(())
        })
    };
    tests.into_iter().map(trial).collect()
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("cordon-asl-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn json(&self, name: &str, value: &Value) -> PathBuf {
        self.file(name, &format!("{value:#}"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Ended {
    code: u8,
    out: String,
    err: String,
}

fn cordon(arguments: &[&str], paths: &[(&str, &Path)]) -> Ended {
    let mut words: Vec<OsString> = ["cordon", "asl"].iter().chain(arguments).map(OsString::from).collect();
    for (flag, path) in paths {
        words.extend([*flag].into_iter().filter(|flag| !flag.is_empty()).map(OsString::from));
        words.push(path.into());
    }
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, color: false, progress: false };
    let code = cordon::run(words, &mut streams);
    Ended { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn task(fields: &Value) -> Value {
    let mut state = json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 60,
        "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true});
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({"StartAt": "Send", "States": {"Send": state}})
}

fn a_run_prints_status_output_and_events() {
    let folder = Folder::new("run");
    let definition = folder.json("definition.json", &task(&json!({"ResultPath": "$.sent"})));
    let input = folder.json("input.json", &json!({"a": 1}));
    let mocks = folder.json("mocks.json", &json!({"Send": [{"result": {"MessageId": "7"}}]}));
    let paths = [("--definition", definition.as_path()), ("--input", &input), ("--mocks", &mocks)];
    let ended = cordon(&["run", "--format", "json"], &paths);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let run: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(run["status"], "SUCCEEDED");
    assert_eq!(run["output"], json!({"a": 1, "sent": {"MessageId": "7"}}));
    assert_eq!((&run["error"], &run["cause"]), (&Value::Null, &Value::Null));
    let types: Vec<&str> =
        run["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, expected);
    let human = cordon(&["run"], &paths);
    assert_eq!(human.code, 0);
    assert!(human.out.contains("SUCCEEDED after 0.020 seconds: 1 transitions, 7 events"), "{}", human.out);
    assert!(human.out.contains("TaskSucceeded"), "{}", human.out);
}

fn a_run_that_does_not_succeed_is_a_no() {
    let folder = Folder::new("no");
    let retrying = json!({"Retry": [{"ErrorEquals": ["Sqs.Busy"], "IntervalSeconds": 3}]});
    let cases = [
        (json!({}), json!({"Send": [{"error": "Sqs.Busy", "cause": "why"}]}), "FAILED", "Sqs.Busy", ""),
        (retrying, json!({"Send": [{"error": "Sqs.Busy"}, {"error": "Sqs.Gone"}]}), "FAILED", "Sqs.Gone", ""),
        (json!({}), json!({"Send": [{"timedOut": true}]}), "FAILED", "States.Timeout", ""),
        (json!({}), json!({}), "FAILED", "States.Timeout", "no mocked attempt is left"),
    ];
    for (fields, mocks, status, error, said) in cases {
        let definition = folder.json("definition.json", &task(&fields));
        let mocks = folder.json("mocks.json", &mocks);
        let ended = cordon(&["run", "--format", "json"], &[("--definition", &definition), ("--mocks", &mocks)]);
        let run: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!((ended.code, &run["status"], &run["error"]), (2, &json!(status), &json!(error)), "{}", ended.err);
        assert!(ended.err.contains(said), "{}", ended.err);
    }
    let mut endless = task(&json!({}));
    endless["States"]["Send"].as_object_mut().unwrap().remove("TimeoutSeconds");
    let ended = cordon(&["run"], &[("--definition", &folder.json("definition.json", &endless))]);
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("the execution ends only after a year"), "{}", ended.err);
    assert!(ended.out.contains("RUNNING"), "{}", ended.out);
}

fn functions_behave_as_mocked() {
    let folder = Folder::new("functions");
    let definition = folder.json(
        "definition.json",
        &json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:echo:live", "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "raise"},
            "Catch": [{"ErrorEquals": ["Odd"], "ResultPath": "$.caught", "Next": "C"}], "End": true},
        "C": {"Type": "Succeed"}}}),
    );
    let mocks = folder.json(
        "mocks.json",
        &json!({"lambda": {
        "echo": {"kind": "sleep", "seconds": 5, "then": {"kind": "echo"}},
        "raise": {"kind": "fail", "errorType": "Odd", "errorMessage": "m"}}}),
    );
    let ended = cordon(&["run", "--format", "json"], &[("--definition", &definition), ("--mocks", &mocks)]);
    let run: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.code, &run["output"]["caught"]["Error"]), (0, &json!("Odd")), "{}", ended.err);
    let without = cordon(&["run", "--format", "json"], &[("--definition", &definition)]);
    assert!(without.err.contains("is not mocked, so it does not exist"), "{}", without.err);
    assert!(without.out.contains("Lambda.ResourceNotFoundException"));
}

fn bad_input_is_told_with_its_place() {
    let folder = Folder::new("bad");
    let good = folder.json("good.json", &task(&json!({})));
    let refused = folder.json("refused.json", &task(&json!({"Next": "Nowhere", "Heartbeat": 1})));
    let ended = cordon(&["run"], &[("--definition", &refused)]);
    assert_eq!((ended.code, ended.out.as_str()), (3, ""));
    assert_eq!(ended.err.lines().count(), 3, "{}", ended.err);
    assert!(
        ended.err.lines().all(|line| line.contains("refused.json:") && line.contains(": error: ")),
        "{}",
        ended.err
    );
    let distributed = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    let open = task(&json!({"Resource": "${Queue}"}));
    let cases: [(&Path, Option<PathBuf>, Option<PathBuf>, &str); 8] = [
        (&folder.0.join("none.json"), None, None, "none.json: cannot be read"),
        (&folder.json("distributed.json", &distributed), None, None, "are not supported"),
        (&folder.json("open.json", &open), None, None, "--parameter Queue=…"),
        (&good, Some(folder.file("i.json", "{\"a\":\n1 2}")), None, "i.json:2:3: not JSON"),
        (&good, None, Some(folder.json("m1.json", &json!([]))), "at /: expected an object"),
        (&good, None, Some(folder.json("m2.json", &json!({"Send": {}}))), "at /Send: expected a list of attempts"),
        (
            &good,
            None,
            Some(folder.json("m3.json", &json!({"Send": [{"result": 1, "error": "E"}]}))),
            "at /Send/0: an attempt has either",
        ),
        (
            &good,
            None,
            Some(folder.json("m4.json", &json!({"lambda": {"f": {"kind": "sing"}}}))),
            "at /lambda/f/kind: unknown behavior `sing`",
        ),
    ];
    for (definition, input, mocks, said) in cases {
        let mut paths = vec![("--definition", definition)];
        paths.extend(input.as_deref().map(|path| ("--input", path)));
        paths.extend(mocks.as_deref().map(|path| ("--mocks", path)));
        let ended = cordon(&["run"], &paths);
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{said}");
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    let named = cordon(
        &["run", "--parameter", "Queue=arn:aws:states:::sqs:sendMessage", "--name", "n"],
        &[("--definition", &folder.0.join("open.json"))],
    );
    assert_eq!(named.code, 2, "{}", named.err);
    assert_eq!(cordon(&["run", "--name", "a b"], &[("--definition", &good)]).code, 3);
}

fn what_is_too_large_or_not_for_a_terminal_is_refused() {
    let folder = Folder::new("large");
    let good = folder.json("good.json", &task(&json!({})));
    let long = folder.file("long.json", &format!("\"{}\"", "x".repeat(17 << 20)));
    let input = folder.json("input.json", &json!("x".repeat(262_143)));
    for (option, path, said) in [
        ("--definition", &long, "longer than 16777216 bytes"),
        ("--mocks", &long, "longer than 16777216 bytes"),
        ("--input", &long, "longer than 16777216 bytes"),
        ("--input", &input, "an input has at most 262144 bytes, this has 262145"),
    ] {
        let definition = ("--definition", good.as_path());
        let paths =
            if option == "--definition" { vec![(option, path.as_path())] } else { vec![definition, (option, path)] };
        let ended = cordon(&["run"], &paths);
        assert_eq!((ended.code, ended.out.as_str()), (3, ""), "{said}");
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
    }
    let stdin = Path::new("-");
    let ended = cordon(&["run"], &[("--definition", stdin), ("--input", stdin)]);
    assert_eq!(ended.code, 3);
    assert!(ended.err.contains("only one of the files can be standard input"), "{}", ended.err);
    let painted = folder.json("painted.json", &task(&json!({"Next": "\u{1b}[2J\u{202e}gone"})));
    let ended = cordon(&["run"], &[("--definition", &painted)]);
    assert_eq!(ended.code, 3);
    assert!(!ended.err.contains(['\u{1b}', '\u{202e}']), "{:?}", ended.err);
    assert_eq!(cordon(&["run", "--history-limit", "1"], &[("--definition", &good)]).code, 3);
}

fn the_history_limit_is_an_option() {
    let folder = Folder::new("limit");
    let definition = folder.json("d.json", &json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {
        "Type": "Choice", "Choices": [{"Variable": "$", "IsPresent": true, "Next": "A"}], "Default": "C"}, "C": {"Type": "Succeed"}}}));
    let ended = cordon(&["run", "--format", "json", "--history-limit", "50"], &[("--definition", &definition)]);
    let run: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.code, run["events"].as_array().unwrap().len()), (2, 50));
}

fn case(name: &str, api: &str, fields: &Value) -> Value {
    let mut case = json!({"name": name, "group": "own", "api": api, "type": "STANDARD", "input": {},
        "definition": {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": true}}}});
    case.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    case
}

/// What `test --format json` says of one case, with its exit code.
fn judged(folder: &Folder, case: &Value) -> (u8, Value) {
    let path = folder.json("case.json", case);
    let ended = cordon(&["test", "--format", "json"], &[("", &path)]);
    assert_eq!(ended.err, "");
    (ended.code, serde_json::from_str(&ended.out).unwrap())
}

fn measures(verdict: &Value) -> [Option<bool>; 4] {
    ["outcome", "cause", "types", "full"].map(|name| verdict[name].as_bool())
}

fn executions_are_judged_by_four_measures() {
    let folder = Folder::new("executions");
    let expect = |output: i64, events: Value| json!({"expect": {"status": "SUCCEEDED", "output": output, "error": null, "cause": null, "events": events}});
    let events = json!([
        {"id": 1, "prev": 0, "type": "ExecutionStarted", "input": {}},
        {"id": 2, "prev": 0, "type": "PassStateEntered", "name": "P", "input": {}},
        {"id": 3, "prev": 2, "type": "PassStateExited", "name": "P", "output": 1},
        {"id": 4, "prev": 3, "type": "ExecutionSucceeded", "output": 1}
    ]);
    let (code, verdict) = judged(&folder, &case("a", "StartExecution", &expect(1, events.clone())));
    assert_eq!((code, measures(&verdict)), (0, [Some(true); 4]));
    assert_eq!((&verdict["name"], &verdict["group"], &verdict["run"]["events"]), (&json!("a"), &json!("own"), &events));
    let (code, verdict) = judged(&folder, &case("b", "StartExecution", &expect(1, Value::Null)));
    assert_eq!((code, measures(&verdict)), (0, [Some(true), Some(true), None, None]));
    let (code, verdict) = judged(&folder, &case("c", "StartExecution", &expect(2, events.clone())));
    assert_eq!((code, measures(&verdict)), (2, [Some(false), Some(false), Some(true), Some(true)]));
    let mut other = events;
    other[2]["name"] = json!("Q");
    let (code, verdict) = judged(&folder, &case("d", "StartExecution", &expect(1, other)));
    assert_eq!((code, measures(&verdict)), (2, [Some(true), Some(true), Some(true), Some(false)]));
    assert!(verdict["difference"].as_str().unwrap().contains("events[2].name"), "{verdict}");
}

fn definitions_are_judged_by_their_verdict_and_words() {
    let folder = Folder::new("definitions");
    let broken = json!({"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "Q"}}});
    let lint = asl::lint::lint(&broken.to_string());
    let words = lint.create_state_machine_error().unwrap();
    let refused = |message: &str| json!({"definition": broken, "expect": {"valid": false, "error": "InvalidDefinition", "message": message}});
    let api = "CreateStateMachine";
    let (code, verdict) = judged(&folder, &case("a", api, &refused(&words)));
    assert_eq!((code, measures(&verdict)), (0, [Some(true), Some(true), None, None]));
    assert_eq!(verdict["run"]["message"], json!(words));
    assert_eq!(verdict["run"]["valid"], json!(false));
    assert!(verdict["run"]["problems"][0]["line"].is_u64(), "{verdict}");
    let (code, verdict) = judged(&folder, &case("b", api, &refused("other words")));
    assert_eq!((code, measures(&verdict)), (2, [Some(true), Some(false), None, None]));
    let mut elsewhere = case("c", api, &refused("other words"));
    elsewhere["recorded_from"] = json!("localstack");
    assert_eq!(measures(&judged(&folder, &elsewhere).1), [Some(true), None, None, None]);
    let accepted = case("d", api, &json!({"expect": {"valid": false, "error": "InvalidDefinition"}}));
    assert_eq!(judged(&folder, &accepted).0, 2);
    let mut specification = case("e", api, &json!({"expect": {"valid": true, "problems": 1}}));
    specification.as_object_mut().unwrap().remove("api");
    let (code, verdict) = judged(&folder, &specification);
    assert_eq!((code, measures(&verdict)), (2, [Some(true), None, None, Some(false)]));
    let variables = case("f", "DescribeStateMachine", &json!({"expect": {"variableReferences": {"P": ["x"]}}}));
    assert_eq!(judged(&folder, &variables).0, 2);
}

fn what_cannot_be_run_is_no_pass() {
    let folder = Folder::new("none");
    let distributed = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}});
    let expect = json!({"definition": distributed, "expect": {"status": "SUCCEEDED", "output": []}});
    for case in [case("a", "StartExecution", &expect), case("b", "TestState", &json!({"expect": {"raised": false}}))] {
        let (code, verdict) = judged(&folder, &case);
        assert_eq!((code, measures(&verdict), &verdict["run"]), (2, [None; 4], &Value::Null));
        assert!(verdict["reason"].as_str().unwrap().contains("not"), "{verdict}");
    }
}

fn a_folder_has_totals_and_bad_files_a_line() {
    let folder = Folder::new("folder");
    std::fs::create_dir(folder.0.join("deeper")).unwrap();
    let fine = json!({"expect": {"status": "SUCCEEDED", "output": 1}});
    folder.json("deeper/fine.json", &case("fine", "StartExecution", &fine));
    folder.file("deeper/notes.txt", "no case");
    let ended = cordon(&["test"], &[("", &folder.0)]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("ok      own  fine"), "{}", ended.out);
    assert!(
        ended.out.lines().any(|line| line.split_whitespace().eq(["own", "1", "1/1", "1/1", "-", "-", "0"])),
        "{}",
        ended.out
    );
    for (text, said) in [
        ("{", "bad.json:1:1: not JSON"),
        ("[]", "bad.json: at /: expected an object"),
        ("{\"name\": \"n\", \"group\": \"g\"}", "bad.json: the case has no usable field `definition`"),
        (
            "{\"name\": \"n\", \"group\": \"g\", \"definition\": {}, \"expect\": {\"status\": \"FAILED\"}, \"mocks\": {\"S\": 1}}",
            "bad.json: at /mocks/S: expected a list of attempts",
        ),
        (
            "{\"name\": \"n\", \"group\": \"g\", \"definition\": {}, \"expect\": {}}",
            "at /expect/status: expected a text",
        ),
    ] {
        folder.file("bad.json", text);
        let ended = cordon(&["test"], &[("", &folder.0)]);
        assert_eq!((ended.code, ended.err.lines().count()), (3, 1), "{}", ended.err);
        assert!(ended.err.contains(said), "{said}: {}", ended.err);
        assert!(ended.out.contains("ok      own  fine"), "the others are judged all the same");
    }
    std::fs::create_dir(folder.0.join("empty")).unwrap();
    assert_eq!(cordon(&["test"], &[("", &folder.0.join("empty"))]).code, 3);
}
