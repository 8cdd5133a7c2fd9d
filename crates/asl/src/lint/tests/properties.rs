//! What holds for any input: no panic, and bounded output.

use proptest::prelude::*;

use super::*;

/// However much is wrong, what is said of it stays within bounds.
#[test]
fn says_no_more_than_a_person_reads() {
    let fields: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("f{n}"), json!(n))).collect();
    let lint = lint(&json!({"StartAt": "S", "States": {"n".repeat(500_000): fields}}).to_string());
    let size: usize = lint.problems.iter().map(|problem| problem.path.len() + problem.message.len()).sum();
    assert!(!lint.is_valid() && lint.errors().count() <= report::MOST && size < 2_000_000, "{size}");
    assert!(!super::lint(&" ".repeat(MAX_CHARACTERS + 1)).is_valid());
}

/// As deep as a text may be: the walk's own stack suffices.
#[test]
fn walks_as_deep_as_a_text_may_be() {
    let deep = |levels: usize, leaf: Value, wrap: fn(usize, Value) -> Value| {
        (0..levels).fold(leaf, |value, level| wrap(level, value))
    };
    let rule = deep(95, json!({"Variable": "$.a", "IsNull": true}), |_, rule| json!({"And": [rule]}));
    let map = deep(45, json!({"Type": "Pass", "End": true}), |level, state| {
        let name = format!("S{level}");
        json!({"Type": "Map", "ItemProcessor": {"StartAt": name, "States": {name.as_str(): state}}, "End": true})
    });
    let template = deep(190, json!({"a.$": 1}), |_, value| json!([value]));
    for state in [
        json!({"Type": "Choice", "Choices": [rule]}),
        map,
        json!({"Type": "Pass", "Parameters": template, "End": true}),
        json!({"Type": "Pass", "QueryLanguage": "JSONata", "Output": template, "End": true}),
    ] {
        for rules in [Rules::Service, Rules::Fragment] {
            let text = machine(state.clone()).to_string();
            let lint = lint_with(&text, Options { kind: Kind::Standard, rules, ..Options::default() });
            assert!(lint.problems.iter().all(|problem| problem.code != "json"), "{:?}", lint.problems);
        }
    }
}

/// Any JSON value.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "Type",
        "Pass",
        "Task",
        "Choice",
        "Map",
        "Parallel",
        "Wait",
        "Fail",
        "States",
        "StartAt",
        "S",
        "$.a",
        "$$",
        "{% $a %}",
        "{%",
        "States.Format('{}', $.a)",
        "JSONata",
        "JSONPath",
        "States.ALL",
        "arn:aws:states:::sqs:sendMessage",
        "2024-01-01T00:00:00Z",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.clone().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        let fields: Vec<&'static str> = fields::all_names().chain(["S", "a.$", "And", "Not"]).collect();
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(fields), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_on_text(text in "\\PC{0,64}") {
        lint(&text);
    }

    #[test]
    fn never_panics_on_json(value in any_json(), express: bool, specification: bool) {
        let kind = if express { Kind::Express } else { Kind::Standard };
        let rules = if specification { Rules::Specification } else { Rules::Service };
        lint_with(&json!({"StartAt": "S", "States": {"S": value}}).to_string(), Options { kind, rules, ..Options::default() });
        lint_with(&value.to_string(), Options { kind, rules, ..Options::default() });
    }

    #[test]
    fn never_panics_on_states_of_a_known_type(
        kind in prop::sample::select(fields::state_types().collect::<Vec<_>>()),
        fields in prop::collection::vec((prop::sample::select(fields::all_names().collect::<Vec<_>>()), any_json()), 0..12),
        jsonata: bool,
    ) {
        let mut state: serde_json::Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        state.insert("Type".to_owned(), json!(kind));
        state.insert("QueryLanguage".to_owned(), json!(if jsonata { "JSONata" } else { "JSONPath" }));
        let lint = lint(&json!({"StartAt": "S", "States": {"S": state}}).to_string());
        prop_assert_eq!(lint.is_valid(), lint.create_state_machine_error().is_none());
        prop_assert!(lint.problems.iter().all(|problem| problem.line == 1 && problem.column >= 1));
    }

    #[test]
    fn never_panics_on_expressions_and_paths(text in "[$%.a-z0-9\\[\\](){}'\"\\\\,*?@:=&|~^#<>/ !-]{0,24}") {
        lint(&pass_with(&text).to_string());
        let parameters = json!({"a.$": text, "b.$": format!("$.{text}"), "c.$": format!("States.Format({text})")});
        lint(&machine(json!({"Type": "Pass", "InputPath": text, "Parameters": parameters})).to_string());
    }
}
