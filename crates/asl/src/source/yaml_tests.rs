use serde_json::json;

use super::super::{Stage, read};
use super::*;

fn value(text: &str) -> serde_json::Value {
    match read(text, Stage::Substituted) {
        Ok(document) => document.to_value(),
        Err(error) => json!(error.to_string()),
    }
}

fn check(text: &str, error: &str) {
    let found = read(text, Stage::Substituted).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(found, Err(error.to_owned()), "{text}");
}

#[test]
fn reads_what_a_definition_has() {
    let text = "\
%YAML 1.1
---
Comment: >-
  folded
  text
StartAt: \"A\\u00e4\"
States: # a comment
  Aä:
    Type: Wait
    Seconds: 10
    Next: 'B: #1'
  'B: #1': {Type: Task, Parameters: {a.$: $.b, c: [1, -2.5, true, null, ~, 0x10]}, End: true}
  No: &unused
    Type: Succeed
...
";
    assert_eq!(
        value(text),
        json!({"Comment": "folded text", "StartAt": "Aä", "States": {
            "Aä": {"Type": "Wait", "Seconds": 10, "Next": "B: #1"},
            "B: #1": {"Type": "Task", "Parameters": {"a.$": "$.b", "c": [1, -2.5, true, null, null, 16]}, "End": true},
            "No": {"Type": "Succeed"},
        }})
    );
    assert_eq!(value("!!map\na: !!str 5\nb: !!int 5\n"), json!({"a": "5", "b": 5}));
    assert_eq!(value("a:\n- |\n  x\n  y\n-\n"), json!({"a": ["x\ny\n", null]}));
}

#[test]
fn keeps_the_offset_of_keys_and_values() -> Result<(), SourceError> {
    for text in ["Ä: x\r\nStates:\r\n  '😀': {b: ü, c: 1}\r\n", "\u{feff}Ä: x\nStates:\n  '😀': {b: ü, c: 1}\n"]
    {
        let document = read(text, Stage::Authored)?;
        let line_and_column = |at: usize| (document.position(at).line, document.position(at).column);
        let states = document.root().as_object().and_then(|root| root.get("States"));
        assert_eq!(states.map(|states| line_and_column(states.at)), Some((2, 1)));
        let state = states.and_then(|states| states.value.as_object()?.get("😀"));
        assert_eq!(state.map(|state| line_and_column(state.at)), Some((3, 3)));
        let last = state.and_then(|state| state.value.as_object()?.get("c"));
        assert_eq!(last.map(|last| line_and_column(last.at)), Some((3, 15)));
        assert_eq!(last.map(|last| line_and_column(last.value.at)), Some((3, 18)));
    }
    Ok(())
}

#[test]
fn refuses_what_could_surprise() {
    check(
        "a: 1\nb:\n  c: 1\n  c: 2\n",
        "the key `c` appears twice in its mapping; the first is in line 3 at line 4, column 3",
    );
    let alias = "aliases are not supported, because CloudFormation reads them as text; write the value out";
    check("a: &x {Type: Pass}\nb: *x\n", &format!("{alias} at line 2, column 4"));
    let merge = "merge keys (`<<`) are not supported, because CloudFormation does not merge; write the fields out";
    check("a: {}\nb:\n  <<: {c: 1}\n", &format!("{merge} at line 3, column 3"));
    let documents = "there is more than one document, and CloudFormation reads only the first";
    check("a: 1\n---\nb: 1\n", &format!("{documents} at line 2, column 1"));
    check("? [a]\n: 1\n", "a key must be text at line 1, column 3");
    check("a: !Sub x\n", "the tag `!Sub` has no meaning in a definition at line 1, column 4");
    check("a: !GetAtt [F, Arn]\n", "the tag `!GetAtt` has no meaning in a definition at line 1, column 4");
    check("a: !!int x\n", "the value does not fit its tag `!!int` at line 1, column 4");
    let ambiguous = "`On` means different things in YAML 1.1, which CloudFormation reads, and 1.2; put it into quotes";
    check("StartAt: On\n", &format!("{ambiguous} at line 1, column 10"));
    check("a: b: c\n", "not YAML: mapping values are not allowed in this context at line 1, column 5");
    check("a:\n\tb: 1\n", "not YAML: tabs disallowed within this context (block indentation) at line 2, column 2");
    check("# nothing\n", "the text is empty at line 1, column 1");
}

#[test]
fn a_text_that_is_meant_as_json_is_judged_as_json() {
    check("{\"a\": 1", "the text ends too early, expected `,` or `}` at line 1, column 8");
    check("not a definition", "unknown word `not`, expected a value at line 1, column 1");
    check(" {\n\"a\": 1,}", "unexpected `}`, expected a property name in double quotes at line 2, column 8");
    assert_eq!(value("{a: 1,}"), json!({"a": 1}));
    assert!(read("{a: 1}", Stage::Request).is_err() && read("a: 1", Stage::Request).is_err());
}

#[test]
fn hostile_texts_are_refused_in_time() {
    let laughs: String = (1..30).map(|n| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1)).collect();
    check(
        &format!("a0: &a0 [x]\n{laughs}"),
        "aliases are not supported, because CloudFormation reads them as text; write the value out at line 2, column 10",
    );
    check(&"- ".repeat(100_000), "nested deeper than 200 levels at line 1, column 401");
    let indented: String = (0..300).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    check(&indented, "nested deeper than 200 levels at line 201, column 201");
    check(
        &format!("a: {}", "x".repeat(MAX_YAML_BYTES)),
        "a YAML definition has at most 1048576 bytes at line 1, column 1",
    );
    for text in ["a: [".repeat(100_000), "a: {".repeat(100_000), "? ".repeat(100_000), "'".repeat(100_000)] {
        assert!(read(&text, Stage::Authored).is_err());
    }
    let many: String = (0..100_000).map(|n| format!("k{n}: 1\n")).collect();
    assert!(read(&many, Stage::Authored).is_ok());
}

#[test]
fn a_placeholder_stands_for_any_value() -> Result<(), SourceError> {
    let text = "\
Seconds: ${Pause}
flow: {a: ${A}, b: [${B: #}, x${C}], ${Key}: 1}
text: arn:${Partition}:states:::sns:publish
quoted: \"${D}\"
block: |
  ${E}
";
    let document = read(text, Stage::Authored)?;
    let flow = json!({"a": "${A}", "b": ["${B: #}", "x${C}"], "${Key}": 1});
    let expected = json!({"Seconds": "${Pause}", "flow": flow, "text": "arn:${Partition}:states:::sns:publish",
        "quoted": "${D}", "block": "${E}\n"});
    assert_eq!(document.to_value(), expected);
    let root = document.root().as_object().cloned().unwrap_or_default();
    let is_placeholder = |name: &str| root.get(name).map(|found| matches!(found.value.value, Value::Placeholder(_)));
    for (name, expected) in [("Seconds", true), ("text", false), ("quoted", false), ("block", false)] {
        assert_eq!(is_placeholder(name), Some(expected), "{name}");
    }
    let position = root.get("text").map(|text| document.position(text.value.at));
    assert_eq!(position.map(|position| (position.line, position.column)), Some((3, 7)));
    assert!(read("flow: {a: ${A}}", Stage::Substituted).is_err(), "what is left is text, and no YAML");
    Ok(())
}

proptest::proptest! {
    #[test]
    fn never_panics(text in "\\PC*") {
        let _ = read(&text, Stage::Authored);
    }

    #[test]
    fn never_panics_on_what_looks_like_yaml(text in "[\\[\\]{}:,\"'&*!|>%@#?$ab0.\\- \n\täü😀-]{0,48}") {
        if let Ok(document) = read(&text, Stage::Authored) {
            assert!(document.position(document.root().at).line >= 1);
        }
    }

    /// JSON is YAML: read as YAML, it is the same.
    #[test]
    fn reads_json_as_json_does(value in any_json()) {
        let text = value.to_string();
        if let Ok(document) = parse(&text, false) {
            proptest::prop_assert_eq!(document.to_value(), value);
        } else {
            // a key twice cannot be, nor more depth than the strategy gives
            proptest::prop_assert!(text.contains("\\u"), "{}", text);
        }
    }
}

fn any_json() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i32>().prop_map(|value| json!(value)),
        "[ -~äü😀\n]{0,12}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
            prop::collection::btree_map("[ -~ä]{0,8}", inner, 0..4).prop_map(|fields| json!(fields)),
        ]
    })
}
