#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::{Value, json};

use super::*;
use crate::services::dynamodb::attribute::{Item, read_item, write_item};

fn item(value: Value) -> Item {
    read_item(&value).unwrap()
}

fn placeholders() -> Placeholders {
    let names = [("#s", "Status"), ("#d", "with.dot")].map(|(key, name)| (key.to_owned(), name.to_owned()));
    let values = item(json!({
        ":s": {"S": "open"}, ":o": {"S": "op"}, ":n": {"N": "5"}, ":m": {"N": "10"}, ":b": {"BOOL": true},
        ":l": {"L": [{"S": "z"}]}, ":ss": {"SS": ["a", "x"]}, ":t": {"S": "N"}, ":bad": {"S": "TEXT"}
    }));
    Placeholders::new(names.into(), values).unwrap()
}

fn sample() -> Item {
    item(json!({
        "pk": {"S": "i-1"}, "Status": {"S": "open"}, "with.dot": {"S": "dotted"}, "num": {"N": "7"},
        "deep": {"M": {"list_": {"L": [{"S": "zero"}, {"M": {"x": {"N": "1"}}}, {"S": "two"}]}}},
        "tags": {"SS": ["a", "b"]}, "l": {"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]}
    }))
}

fn test(expression: &str) -> bool {
    holds(&condition(expression, &mut placeholders()).unwrap(), &sample())
}

fn refused(expression: &str) -> String {
    condition(expression, &mut placeholders()).unwrap_err().to_string()
}

#[test]
fn conditions_hold_as_dynamodb_says() {
    for (expression, expected) in [
        ("#s = :s", true),
        (":s = #s", true),
        ("#s <> :s", false),
        ("absent = :s", false),
        ("absent <> :s", true),
        ("num > :n AND num < :m", true),
        ("num BETWEEN :n AND :m", true),
        ("num < :s", false),
        ("num = :n OR num IN (:n, :m)", false),
        ("NOT num = :n", true),
        ("NOT (num = :n OR #s = :s)", false),
        ("num = :n and #s = :s or num > :n", true),
        ("attribute_exists(deep.list_[1].x)", true),
        ("attribute_exists(deep.list_[3])", false),
        ("attribute_not_exists(pk)", false),
        ("attribute_not_exists(absent)", true),
        ("attribute_type(num, :t)", true),
        ("begins_with(#s, :o)", true),
        ("begins_with(num, :o)", false),
        ("contains(#s, :o)", true),
        ("contains(tags, :s)", false),
        ("contains(l, :s)", false),
        ("size(l) < :n", true),
        ("size(num) < :n", false),
        ("#d = :s", false),
        ("attribute_exists(#d)", true),
        ("(num > :n)", true),
        ("(num > :n) AND (num < :m)", true),
    ] {
        assert_eq!(test(expression), expected, "{expression}");
    }
}

#[test]
fn malformed_conditions_are_refused_in_dynamodbs_words() {
    for (expression, message) in [
        ("", "The expression can not be empty;"),
        ("   ", "Syntax error; token: \"<EOF>\", near: \"   \""),
        ("num =", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("num = = :n", "Syntax error; token: \"=\", near: \"= = :n\""),
        ("num & :n", "Syntax error; token: \"&\", near: \"num & :\""),
        ("status = :s", "Attribute name is a reserved keyword; reserved keyword: status"),
        ("#x = :s", "An expression attribute name used in the document path is not defined; attribute name: #x"),
        ("num = :x", "An expression attribute value used in expression is not defined; attribute value: :x"),
        ("((num = :n))", "The expression has redundant parentheses;"),
        ("frobnicate(num)", "Invalid function name; function: frobnicate"),
        (
            "attribute_exists(:s)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "begins_with(num)",
            "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1",
        ),
        (
            "begins_with(num, :n)",
            "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
        ),
        (
            "attribute_type(num, :bad)",
            "Invalid attribute type name found; type: TEXT, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "num = num",
            "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [num]",
        ),
        ("num < :b", "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
        (
            "num BETWEEN :m AND :n",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:5}",
        ),
        (
            "num BETWEEN :s AND :n",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:open}, upper bound operand: AttributeValue: {N:5}",
        ),
        (
            "num = contains(l, :s)",
            "The function is not allowed to be used this way in an expression; function: contains",
        ),
        ("size(l)", "The function is not allowed to be used this way in an expression; function: size"),
    ] {
        assert_eq!(refused(expression), message, "{expression}");
    }
}

#[test]
fn no_expression_exhausts_the_stack() {
    assert!(refused(&format!("{}num = :n", "NOT ".repeat(900))).contains("nested too deeply"));
    let alternating = format!("{}num = :n{}", "NOT (".repeat(500), ")".repeat(500));
    assert!(refused(&alternating).contains("nested too deeply"));
    let parenthesised = format!("{}num = :n{}", "(".repeat(1500), ")".repeat(1500));
    assert!(refused(&parenthesised).contains("redundant parentheses"));
    assert!(refused(&vec!["num=:n"; 400].join(" OR ")).contains("too many operators"));
    assert!(refused(&"x".repeat(5000)).contains("expression size: 5000"));
    let lists = format!("SET a = {}l{}", "list_append(".repeat(300), ", l)".repeat(300));
    assert!(update(&lists, &mut placeholders()).is_err());
    for garbage in ["[", "a[", "a[b]", "a.", "a..b", "#", ":", "a = 'x'", "ü = :n", "a[99999999999999999999999] = :n"]
    {
        // Whatever it is, it is answered.
        let _ = condition(garbage, &mut placeholders()).map(|parsed| holds(&parsed, &sample()));
    }
}

fn updated(expression: &str) -> Result<Value, String> {
    let update = update(expression, &mut placeholders()).map_err(|error| error.to_string())?;
    apply(&update, &sample()).map(|item| write_item(&item)).map_err(|error| error.to_string())
}

fn attribute_after(expression: &str, name: &str) -> Value {
    updated(expression).unwrap().get(name).cloned().unwrap_or_default()
}

#[test]
fn updates_change_what_they_name() {
    let cases = [
        ("SET a = :n", "a", json!({"N": "5"})),
        ("SET num = num + :n", "num", json!({"N": "12"})),
        ("SET num = :n - num", "num", json!({"N": "-2"})),
        ("SET hits = if_not_exists(hits, :n) + :n", "hits", json!({"N": "10"})),
        ("SET num = if_not_exists(num, :n)", "num", json!({"N": "7"})),
        ("SET l = list_append(l, :l)", "l", json!({"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}, {"S": "z"}]})),
        ("SET l[1] = :s, l[9] = :n", "l", json!({"L": [{"S": "a"}, {"S": "open"}, {"S": "c"}, {"N": "5"}]})),
        (
            "SET deep.y = #s",
            "deep",
            json!({"M": {"list_": {"L": [{"S": "zero"}, {"M": {"x": {"N": "1"}}}, {"S": "two"}]}, "y": {"S": "open"}}}),
        ),
        ("ADD num :n", "num", json!({"N": "12"})),
        ("ADD fresh :n", "fresh", json!({"N": "5"})),
        ("ADD tags :ss", "tags", json!({"SS": ["a", "b", "x"]})),
        ("DELETE tags :ss", "tags", json!({"SS": ["b"]})),
        ("REMOVE l[0], l[2]", "l", json!({"L": [{"S": "b"}]})),
        ("REMOVE num", "num", Value::Null),
        ("SET a = num, num = :n", "a", json!({"N": "7"})),
        ("remove num set a = :n", "a", json!({"N": "5"})),
    ];
    for (expression, name, expected) in cases {
        assert_eq!(attribute_after(expression, name), expected, "{expression}");
    }
}

#[test]
fn a_set_that_becomes_empty_goes_away() {
    let update = update("DELETE tags :ss", &mut placeholders()).unwrap();
    let after = apply(&update, &item(json!({"tags": {"SS": ["a"]}}))).unwrap();
    assert!(after.is_empty());
}

#[test]
fn impossible_updates_are_refused_in_dynamodbs_words() {
    for (expression, message) in [
        ("SET a = absent", "The provided expression refers to an attribute that does not exist in the item"),
        ("SET a = #s + :n", "An operand in the update expression has an incorrect data type"),
        ("SET absent.x = :n", "The document path provided in the update expression is invalid for update"),
        ("SET num.x = :n", "The document path provided in the update expression is invalid for update"),
        ("REMOVE absent.x", "The document path provided in the update expression is invalid for update"),
        ("ADD tags :n", "An operand in the update expression has an incorrect data type"),
        (
            "ADD num :s",
            "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
        ),
        (
            "DELETE num :n",
            "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND",
        ),
        ("SET a = :n SET b = :n", "The \"SET\" section can only be used once in an update expression;"),
        (
            "SET a = :n REMOVE a.b",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
        ),
        (
            "SET a.b = :n, a[0] = :n",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]",
        ),
        (
            "SET a = list_append(:n, l)",
            "Incorrect operand type for operator or function; operator or function: list_append, operand type: N",
        ),
        (
            "SET a = if_not_exists(:n, :n)",
            "Operator or function requires a document path; operator or function: if_not_exists",
        ),
        ("SET a :n", "Syntax error; token: \":n\", near: \"a :n\""),
        ("FROB a = :n", "Syntax error; token: \"FROB\", near: \"FROB a\""),
    ] {
        assert_eq!(updated(expression).unwrap_err(), message, "{expression}");
    }
}

#[test]
fn projections_keep_the_nesting() {
    let paths = projection("pk, deep.list_[1].x, deep.list_[2], absent, l[7], #s", &mut placeholders()).unwrap();
    assert_eq!(
        write_item(&project(&paths, &sample())),
        json!({
            "Status": {"S": "open"},
            "deep": {"M": {"list_": {"L": [{"M": {"x": {"N": "1"}}}, {"S": "two"}]}}},
            "pk": {"S": "i-1"}
        })
    );
    assert!(projection("deep, deep.list_", &mut placeholders()).is_err());
    assert!(projection("pk,", &mut placeholders()).is_err());
}

#[test]
fn unused_placeholders_are_refused() {
    let mut all = placeholders();
    condition("#s = :s", &mut all).unwrap();
    let message = all.finish().unwrap_err().message;
    assert_eq!(message, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#d}");
}

#[test]
fn key_conditions_are_equality_and_one_range() {
    let keys = |expression: &str| {
        key_condition(&condition(expression, &mut placeholders()).unwrap()).map_err(|error| error.message)
    };
    assert_eq!(keys("pk = :s AND :n < sk").unwrap().len(), 2);
    assert!(matches!(keys(":n < sk").unwrap().first(), Some(KeyCondition { range: Range::Greater(_), .. })));
    assert_eq!(keys("((pk = :s) AND begins_with(sk, :o))").unwrap().len(), 2);
    for (expression, message) in [
        ("pk <> :s", "Invalid operator used in KeyConditionExpression: <>"),
        ("pk = :s OR sk = :n", "Invalid operator used in KeyConditionExpression: OR"),
        ("pk = :s AND pk = :o", "KeyConditionExpressions must only contain one condition per key"),
        ("deep.x = :s", "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("pk = sk", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
    ] {
        assert_eq!(keys(expression).unwrap_err(), message, "{expression}");
    }
}

#[test]
fn any_sequence_of_tokens_is_answered() {
    let words = [
        "pk",
        "num",
        "deep",
        "#s",
        "#x",
        ":n",
        ":s",
        ":l",
        ":ss",
        "(",
        ")",
        "[",
        "]",
        "0",
        "1",
        ".",
        ",",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "AND",
        "OR",
        "NOT",
        "BETWEEN",
        "IN",
        "SET",
        "REMOVE",
        "ADD",
        "DELETE",
        "size",
        "contains",
        "begins_with",
        "attribute_exists",
        "if_not_exists",
        "list_append",
        "attribute_type",
        "\u{e9}",
        "'",
    ];
    let mut ids = crate::Ids::new(11);
    let mut parsed = 0;
    for _ in 0..5_000 {
        let draws = ids.hex(40);
        let picks: Vec<usize> =
            (0..draws.len() / 2).filter_map(|i| usize::from_str_radix(draws.get(2 * i..2 * i + 2)?, 16).ok()).collect();
        let length = 1 + picks.first().unwrap() % 12;
        let expression = picks
            .iter()
            .take(length)
            .filter_map(|pick| words.get(pick % words.len()))
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        if let Ok(condition) = condition(&expression, &mut placeholders()) {
            parsed += 1;
            // Two truth values, and no third.
            let not = Condition::Not(Box::new(condition.clone()));
            assert_ne!(holds(&condition, &sample()), holds(&not, &sample()), "{expression}");
            let _ = key_condition(&condition);
        }
        if let Ok(update) = update(&expression, &mut placeholders()) {
            parsed += 1;
            let _ = apply(&update, &sample());
        }
        if let Ok(paths) = projection(&expression, &mut placeholders()) {
            parsed += 1;
            let projected = project(&paths, &sample());
            assert_eq!(project(&paths, &sample()), projected);
        }
    }
    assert!(parsed > 25, "only {parsed} sequences meant anything");
}
