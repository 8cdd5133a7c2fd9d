//! The semantics of event patterns, case by case and as properties.

#![expect(clippy::unwrap_used, reason = "a test")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Mismatch, Pattern, Problem};

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(pattern).unwrap().matches(event)
}

#[test]
fn values_match_by_type() {
    for (wanted, value, expected) in [
        (json!("a"), json!("a"), true),
        (json!("a"), json!("A"), false),
        (json!("5"), json!(5), false),
        (json!(5), json!("5"), false),
        (json!(5), json!(5.0), true),
        (json!(300), json!(3.0e2), true),
        (json!(123_456_789_012_u64), json!(123_456_789_012_u64), true),
        (json!(123_456_789_012_u64), json!(123_456_789_013_u64), false),
        (json!(true), json!(true), true),
        (json!(true), json!("true"), false),
        (json!(null), json!(null), true),
        (json!(null), json!(""), false),
        (json!(""), json!(""), true),
        (json!("2001:db8::1"), json!("2001:0db8::0001"), true),
        (json!("a"), json!(["b", "a"]), true),
        (json!("a"), json!([["b"], ["a"]]), true),
        (json!("a"), json!([]), false),
        (json!({"exactly": "a"}), json!("a"), true),
        (json!({"prefix": "ab"}), json!("abc"), true),
        (json!({"prefix": "ab"}), json!("ABc"), false),
        (json!({"prefix": ""}), json!("x"), true),
        (json!({"prefix": ""}), json!(5), false),
        (json!({"prefix": {"equals-ignore-case": "aB"}}), json!("Abc"), true),
        (json!({"suffix": "bc"}), json!("abc"), true),
        (json!({"suffix": "bc"}), json!("abcd"), false),
        (json!({"suffix": {"equals-ignore-case": "BC"}}), json!("abc"), true),
        (json!({"equals-ignore-case": "ÄB"}), json!("äb"), true),
        (json!({"equals-ignore-case": "ab"}), json!("abc"), false),
        (json!({"wildcard": "a*c"}), json!("abbc"), true),
        (json!({"wildcard": "*"}), json!(1), false),
        (json!({"cidr": "10.0.0.0/24"}), json!("10.0.0.33"), true),
        (json!({"cidr": "10.0.0.0/24"}), json!("10.0.1.33"), false),
        (json!({"numeric": ["=", 3.018e2]}), json!(301.8), true),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(5), true),
        (json!({"numeric": [">", 0, "<=", 5]}), json!(0), false),
        (json!({"numeric": [">=", 0, "<", 5]}), json!(5), false),
        (json!({"numeric": ["<", 5]}), json!("4"), false),
        (json!({"numeric": [">", 5]}), json!(6e9), false),
        (json!({"exists": true}), json!(null), true),
        (json!({"exists": true}), json!({"x": 1}), false),
        (json!({"exists": true}), json!([]), false),
        (json!({"exists": false}), json!({"x": 1}), true),
        (json!({"exists": false}), json!(0), false),
        (json!({"anything-but": "a"}), json!("b"), true),
        (json!({"anything-but": "a"}), json!("a"), false),
        (json!({"anything-but": "a"}), json!(1), true),
        (json!({"anything-but": 1}), json!("1"), true),
        (json!({"anything-but": 1}), json!(1.0), false),
        (json!({"anything-but": ["a", "b"]}), json!("b"), false),
        (json!({"anything-but": ["a", "b"]}), json!(["a", "c"]), true),
        (json!({"anything-but": {"prefix": "a"}}), json!("ab"), false),
        (json!({"anything-but": {"prefix": ["a", "b"]}}), json!("bc"), false),
        (json!({"anything-but": {"suffix": "a"}}), json!("ab"), true),
        (json!({"anything-but": {"equals-ignore-case": ["A"]}}), json!("a"), false),
        (json!({"anything-but": {"wildcard": "*/lib/*"}}), json!("x/lib/y"), false),
        (json!({"anything-but": {"wildcard": ["*a", "b*"]}}), json!("c"), true),
    ] {
        assert_eq!(matches(&json!({"f": [wanted]}), &json!({"f": value})), expected, "{wanted} {value}");
        let nested = matches(&json!({"d": {"f": ["no", wanted]}}), &json!({"d": {"f": value, "g": 1}}));
        assert_eq!(nested, expected, "nested {wanted} {value}");
    }
}

#[test]
fn a_missing_field_matches_exists_false_alone() {
    for (wanted, expected) in [
        (json!({"exists": false}), true),
        (json!({"exists": true}), false),
        (json!({"anything-but": "a"}), false),
        (json!(null), false),
        (json!(""), false),
    ] {
        assert_eq!(matches(&json!({"f": [wanted]}), &json!({"g": 1})), expected, "{wanted}");
    }
    assert!(matches(&json!({"f": [{"exists": false}, "a"]}), &json!({"f": "a"})));
}

#[test]
fn dots_in_keys_are_steps() {
    assert!(matches(&json!({"detail": {"state": {"status": ["on"]}}}), &json!({"detail": {"state.status": "on"}})));
    assert!(matches(&json!({"detail.state": ["on"]}), &json!({"detail": {"state": "on"}})));
    assert!(!matches(&json!({"detail.state": ["on"]}), &json!({"detail": {"": {"state": "on"}}})));
    assert!(matches(&json!({"": {"a": [1]}}), &json!({".a": 1})));
}

/// Two songs with their writers, for the elements of nested arrays.
fn songs() -> Value {
    json!({
        "Year": 1966,
        "Genres": [{"Pop": true}, {"Classical": false}],
        "Songs": [
            {"Name": "one", "Writers": [{"First": "John", "Last": "L"}, {"First": "Paul", "Last": "M"}]},
            {"Name": "two", "Writers": [{"First": "Mick", "Last": "J"}, {"First": "Keith", "Last": "R"}]},
        ],
    })
}

#[test]
fn values_come_from_one_element_of_an_array() {
    for (pattern, expected) in [
        (json!({"Year": [1966], "Songs": {"Name": ["one"], "Writers": {"First": ["Paul"], "Last": ["M"]}}}), true),
        (json!({"Genres": {"Pop": [true]}, "Songs": {"Name": ["two"]}}), true),
        (json!({"Songs": {"Name": ["one"], "Writers": {"First": ["Mick"]}}}), false),
        (json!({"Songs": {"Writers": {"First": ["Mick"], "Last": ["M"]}}}), false),
        (json!({"Songs": {"Writers": {"First": ["Paul"], "Last": ["L"]}}}), false),
        (json!({"Genres": {"Pop": [true], "Classical": [false]}}), false),
        // The name is taken first, so that the writers of the other song are out of sight.
        (json!({"Songs": {"Name": ["one"], "Zero": [{"exists": false}]}}), true),
    ] {
        assert_eq!(matches(&pattern, &songs()), expected, "{pattern}");
    }
    let event = json!({"a": [{"x": 1, "z": 1}, {"x": 2}]});
    assert!(matches(&json!({"a": {"x": [2], "z": [{"exists": false}]}}), &event));
    assert!(!matches(&json!({"a": {"x": [1], "z": [{"exists": false}]}}), &event));
    let explained = Pattern::parse(&json!({"Songs": {"Writers": {"First": ["Mick"], "Last": ["M"]}}})).unwrap();
    let fields = vec!["Songs.Writers.First".to_owned(), "Songs.Writers.Last".to_owned()];
    assert_eq!(explained.explain(&songs()), Err(Mismatch::Elements { fields }));
}

#[test]
fn or_continues_what_stands_beside_it() {
    let pattern = json!({
        "source": ["s"],
        "$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}],
        "detail": {"$or": [{"e": [5]}, {"f": [6]}]},
    });
    for (event, expected) in [
        (json!({"source": "s", "a": 1, "detail": {"e": 5}}), true),
        (json!({"source": "s", "b": 2, "d": 4, "detail": {"f": 6}}), true),
        (json!({"source": "s", "b": 2, "detail": {"f": 6}}), false),
        (json!({"source": "s", "a": 1, "detail": {}}), false),
        (json!({"source": "t", "a": 1, "detail": {"e": 5}}), false),
    ] {
        assert_eq!(matches(&pattern, &event), expected, "{event}");
    }
}

#[test]
fn what_put_rule_refuses_is_refused_with_its_path() {
    for (pattern, path, expected) in [
        (json!([1]), "", "an event pattern must be an object"),
        (json!({}), "", "an empty object"),
        (json!({"a": {}}), "a", "an empty object"),
        (json!({"a": []}), "a", "an empty array"),
        (json!({"a": "b"}), "a", "must be an object or an array"),
        (json!({"a": {"b": 1}}), "a.b", "must be an object or an array"),
        (json!({"a": [[1]]}), "a[0]", "a value must be"),
        (json!({"a": [1, {"x": 2}]}), "a[1].x", "`x` is no operator here"),
        (json!({"a": [{}]}), "a[0]", "an empty object"),
        (json!({"a": [{"prefix": "b", "suffix": "c"}]}), "a[0]", "an operator must be the only key"),
        (json!({"a": [{"prefix": 3}]}), "a[0].prefix", "`prefix` takes"),
        (json!({"a": [{"prefix": {"suffix": "a"}}]}), "a[0].prefix", "`suffix` is no operator here"),
        (json!({"a": [{"suffix": [1]}]}), "a[0].suffix", "`suffix` takes"),
        (json!({"a": [{"exactly": 33}]}), "a[0].exactly", "`exactly` takes"),
        (json!({"a": [{"equals-ignore-case": ["abc"]}]}), "a[0].equals-ignore-case", "takes a string"),
        (json!({"a": [{"wildcard": 5}]}), "a[0].wildcard", "takes a string"),
        (json!({"a": [{"wildcard": "a**"}]}), "a[0].wildcard", "two asterisks"),
        (json!({"a": [{"wildcard": "a\\b"}]}), "a[0].wildcard", "a backslash"),
        (json!({"a": [{"cidr": "foo"}]}), "a[0].cidr", "`foo` is no CIDR block"),
        (json!({"a": [{"exists": "true"}]}), "a[0].exists", "true or false"),
        (json!({"a": [{"anything-but": null}]}), "a[0].anything-but", "`anything-but` takes"),
        (json!({"a": [{"anything-but": true}]}), "a[0].anything-but", "`anything-but` takes"),
        (json!({"a": [{"anything-but": []}]}), "a[0].anything-but", "an empty array"),
        (json!({"a": [{"anything-but": ["a", 1]}]}), "a[0].anything-but", "`anything-but` takes"),
        (json!({"a": [{"anything-but": 1e12}]}), "a[0].anything-but", "the number must lie"),
        (json!({"a": [{"anything-but": {"prefix": ""}}]}), "a[0].anything-but.prefix", "not empty"),
        (json!({"a": [{"anything-but": {"prefix": 27}}]}), "a[0].anything-but.prefix", "strings"),
        (
            json!({"a": [{"anything-but": {"numeric": ["=", 1]}}]}),
            "a[0].anything-but.numeric",
            "`numeric` is no operator",
        ),
        (json!({"a": [{"numeric": ["=", true]}]}), "a[0].numeric", "a number"),
        (json!({"a": [{"numeric": ["="]}]}), "a[0].numeric", "`numeric` takes"),
        (json!({"a": [{"numeric": ["=", 2.0e22]}]}), "a[0].numeric", "the number must lie"),
        (json!({"a": [{"numeric": ["<>", 1]}]}), "a[0].numeric", "`<>` is no operator"),
        (json!({"a": [{"numeric": ["<", 1, ">", 0]}]}), "a[0].numeric", "`numeric` takes"),
        (json!({"a": [{"numeric": [">", 1, "<", 1]}]}), "a[0].numeric", "the bottom of a range"),
        (json!({"a": [{"numeric": [">", 1, "<", 30, false]}]}), "a[0].numeric", "`numeric` takes"),
        (json!({"$or": {"a": [1]}}), "$or", "at least two objects"),
        (json!({"$or": [{"a": [1]}]}), "$or", "at least two objects"),
        (json!({"d": {"$or": [{"a": [1]}, 5]}}), "d.$or[1]", "at least two objects"),
        (json!({"$or": [{"a": [1]}, {"prefix": ["b"]}]}), "$or[1].prefix", "cannot be a field within `$or`"),
        (json!({"a": {"b": [1]}, "a.b": [2]}), "a.b", "stands in the pattern twice"),
        (json!({"a": ["x".repeat(2_100)]}), "", "more than the 2048"),
    ] {
        let error = Pattern::parse(&pattern).unwrap_err();
        assert_eq!(error.path, path, "{pattern}: {error}");
        assert!(error.to_string().contains(expected), "{pattern}: {error}");
    }
    let pairs = |count: usize| (0..count).map(|n| (format!("f{n}"), json!({"$or": [{"a": [1]}, {"b": [1]}]})));
    assert!(Pattern::parse(&Value::Object(pairs(9).collect())).is_ok());
    let error = Pattern::parse(&Value::Object(pairs(10).collect())).unwrap_err();
    assert_eq!(error.problem, Problem::TooManyCombinations { limit: 1_000 });
    let deep = (0..110).fold(json!(["a"]), |inner, _| json!({ "a": inner }));
    assert_eq!(Pattern::parse(&deep).unwrap_err().problem, Problem::TooDeep);
}

#[test]
fn explanations_name_the_field_and_what_is_wanted() {
    let pattern = Pattern::parse(&json!({
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", 4, "<", 7]}], "type": [{"anything-but": {"prefix": "Recon"}}]},
    }))
    .unwrap();
    let explain = |event: &Value| pattern.explain(event).map_or_else(|why| why.to_string(), |()| "matches".to_owned());
    assert_eq!(
        explain(
            &json!({"source": "aws.config", "detail-type": "GuardDuty Finding", "detail": {"severity": 8, "type": "x"}})
        ),
        "`source` is \"aws.config\", the rule wants \"aws.guardduty\"; `detail.severity` is 8, the rule wants a number >= 4 \
         and < 7"
    );
    assert_eq!(
        explain(&json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"severity": 5}})),
        "`detail.type` is missing, the rule wants anything but text that starts with \"Recon\""
    );
    assert_eq!(explain(&json!([])), "the event is no object");
    let many = json!({"source": ["a", "b", "c", "d\n", "e"], "detail-type": "GuardDuty Finding", "detail": {"severity": 4, "type": ""}});
    assert_eq!(explain(&many), "`source` is \"a\", \"b\", \"c\" and 2 more, the rule wants \"aws.guardduty\"");
    let long = json!({"source": "\u{1}".repeat(500), "detail-type": "GuardDuty Finding", "detail": {"severity": 4, "type": ""}});
    assert!(explain(&long).len() < 700);
}

#[test]
fn large_arrays_do_not_make_it_slow() {
    // Each field matches in many elements, but never all three in one; each array alone would do.
    let elements: Vec<Value> =
        (0..2_000).map(|n| if n % 2 == 0 { json!({"x": 1, "y": 0}) } else { json!({"x": 0, "y": 1}) }).collect();
    let event = json!({"a": elements, "b": elements, "c": elements});
    let both = json!({"x": [1], "y": [1]});
    assert!(!matches(&json!({"a": {"x": [1]}, "b": {"x": [1]}, "c": both}), &event));
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-9..9_i64).prop_map(Value::from),
        "[ab*\\\\.]{0,3}".prop_map(Value::from),
    ]
}

fn event() -> impl Strategy<Value = Value> {
    let leaf = scalar();
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
    .prop_map(|value| match value {
        Value::Object(_) => value,
        other => json!({ "a": other }),
    })
}

/// Anything that looks like a pattern, valid or not.
fn pattern() -> impl Strategy<Value = Value> {
    let operand = prop_oneof![scalar(), prop::collection::vec(scalar(), 0..3).prop_map(Value::from)];
    let name = prop::sample::select(vec![
        "prefix",
        "suffix",
        "wildcard",
        "exists",
        "anything-but",
        "equals-ignore-case",
        "cidr",
        "numeric",
    ]);
    let value = prop_oneof![scalar(), (name, operand).prop_map(|(name, operand)| json!({ name: operand })),];
    let leaf = prop::collection::vec(value, 0..3).prop_map(Value::from);
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::btree_map(prop_oneof!["[abc]", Just("$or".to_owned())], inner, 0..3)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    })
}

/// The values of the fields that a pattern could name, one for each leaf, with the elements of arrays kept apart.
fn leaves(value: &Value, name: &str, into: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, &if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, name, into)),
        scalar => into.push((name.to_owned(), scalar.clone())),
    }
}

proptest! {
    #[test]
    fn matching_and_explaining_agree(pattern in pattern(), event in event()) {
        if let Ok(pattern) = Pattern::parse(&pattern) {
            match pattern.explain(&event) {
                Ok(()) => prop_assert!(pattern.matches(&event)),
                Err(why) => {
                    prop_assert!(!pattern.matches(&event));
                    prop_assert!(!matches!(why, Mismatch::Fields(ref fields) if fields.is_empty()));
                    prop_assert!(!why.to_string().is_empty());
                }
            }
        }
    }

    #[test]
    fn each_leaf_matches_itself_and_its_negation_does_not(event in event()) {
        let mut found = Vec::new();
        leaves(&event, "", &mut found);
        for (name, value) in &found {
            let exact = json!({ name: [value] });
            let any = json!({ name: [{"exists": true}] });
            let absent = json!({ name: [{"exists": false}] });
            prop_assert!(matches(&exact, &event));
            prop_assert!(matches(&any, &event));
            prop_assert!(!matches(&absent, &event));
            if value.is_string() || value.is_number() {
                let only = found.iter().filter(|(other, _)| other == name).count() == 1;
                let but = json!({ name: [{"anything-but": value}] });
                prop_assert_eq!(matches(&but, &event) && only, false);
            }
        }
    }

    #[test]
    fn more_wanted_values_match_more(event in event(), first in scalar(), second in scalar()) {
        let one = json!({"a": [first]});
        let both = json!({"a": [second, first]});
        prop_assert!(!matches(&one, &event) || matches(&both, &event));
        let or = json!({"$or": [{"a": [first]}, {"a": [second]}]});
        prop_assert_eq!(matches(&both, &event), matches(&or, &event));
    }

    #[test]
    fn more_fields_match_less(event in event(), first in scalar(), second in scalar()) {
        let one = json!({"a": {"a": [first]}});
        let two = json!({"a": {"a": [first], "b": [second]}});
        prop_assert!(!matches(&two, &event) || matches(&one, &event));
    }

    #[test]
    fn array_consistency_is_that_of_the_elements(
        elements in prop::collection::vec((0..3_i64, 0..3_i64), 0..6), x in 0..3_i64, y in 0..3_i64,
    ) {
        let event = json!({"a": elements.iter().map(|(x, y)| json!({"x": x, "y": y})).collect::<Vec<_>>()});
        let pattern = json!({"a": {"x": [x], "y": [y]}});
        prop_assert_eq!(matches(&pattern, &event), elements.contains(&(x, y)));
    }

    #[test]
    fn wildcards_agree_with_a_plain_reading(text in "[ab]{0,6}", wildcard in "[ab*]{0,5}") {
        prop_assume!(!wildcard.contains("**"));
        fn covers(wildcard: &[u8], text: &[u8]) -> bool {
            match (wildcard, text) {
                ([], text) => text.is_empty(),
                ([b'*', rest @ ..], text) => (0..=text.len()).any(|skip| covers(rest, text.split_at(skip).1)),
                ([c, rest @ ..], [d, more @ ..]) => c == d && covers(rest, more),
                _ => false,
            }
        }
        let expected = covers(wildcard.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches(&json!({"f": [{"wildcard": wildcard}]}), &json!({"f": text})), expected);
    }

    #[test]
    fn ranges_agree_with_arithmetic(bottom in -50..50_i32, top in -50..50_i32, value in -60..60_i32) {
        prop_assume!(bottom < top);
        let tenth = |number: i32| f64::from(number) / 10.0;
        let pattern = json!({"f": [{"numeric": [">", tenth(bottom), "<=", tenth(top)]}]});
        prop_assert_eq!(matches(&pattern, &json!({"f": tenth(value)})), bottom < value && value <= top);
    }
}
