//! What Step Functions was measured to make of JSONata expressions, where it differs from JSONata or JSONata leaves it open.
//!
//! The measurements are those of the reports floci-io/floci#2662, #2667, #2676, #2736 and #2737.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

use asl::{Definition, Execution, Kind, Limits, Outcome, Start, Timestamp};
use serde_json::{Value, json};

type Checked = Result<(), Box<dyn Error>>;

fn machine(expression: &str) -> String {
    json!({ "QueryLanguage": "JSONata", "StartAt": "E", "States": {
        "E": { "Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true } } })
    .to_string()
}

fn evaluate(expression: &str) -> Result<Outcome, Box<dyn Error>> {
    let definition = Arc::new(Definition::parse(&machine(expression))?);
    let start = Start {
        execution_arn: "arn:aws:states:us-east-1:111122223333:execution:m:e".to_owned(),
        execution_name: "e".to_owned(),
        state_machine_arn: "arn:aws:states:us-east-1:111122223333:stateMachine:m".to_owned(),
        state_machine_name: "m".to_owned(),
        role_arn: "arn:aws:iam::111122223333:role/r".to_owned(),
        input: json!({}),
        started_at: Timestamp(0),
        kind: Kind::Standard,
        seed: 1,
        limits: Limits::default(),
    };
    let mut execution = Execution::start(definition, start);
    execution.step(Timestamp(0));
    Ok(execution.outcome().cloned().ok_or("the execution ends")?)
}

fn value(expression: &str) -> Result<Value, Box<dyn Error>> {
    let outcome = evaluate(expression)?;
    outcome.output.ok_or_else(|| format!("{expression}: {:?}", outcome.cause).into())
}

/// What the cause says after the expression and the field.
fn problem(expression: &str) -> Result<String, Box<dyn Error>> {
    let outcome = evaluate(expression)?;
    let cause = outcome.cause.ok_or_else(|| format!("{expression}: {:?}", outcome.output))?;
    let (_, problem) = cause.split_once("specified for the field 'Output' ").ok_or_else(|| cause.clone())?;
    Ok(problem.to_owned())
}

#[test]
fn numbers_without_a_form_in_json_are_texts() -> Checked {
    for (expression, expected) in [
        ("[1/0]", json!(["Infinity"])),
        ("1/0", json!("Infinity")),
        ("-1/0", json!("-Infinity")),
        ("0/0", json!("NaN")),
        ("{'k': 1/0}", json!({ "k": "Infinity" })),
        ("[[0/0], {'a': [-1/0]}]", json!([["NaN"], { "a": ["-Infinity"] }])),
        ("1e308 * 10", json!("Infinity")),
        ("[-1e308 * 10]", json!(["-Infinity"])),
        ("$parseInteger('abc', '0')", json!("NaN")),
    ] {
        assert_eq!(value(expression)?, expected, "{expression}");
    }
    Ok(())
}

#[test]
fn functions_of_step_functions_give_what_was_measured() -> Checked {
    for (expression, expected) in [
        ("$random(42)", json!(0.727_563_680_032_868_1)),
        ("$random(42.9)", json!(0.727_563_680_032_868_1)),
        ("$range(0, 6, 2)", json!([0, 2, 4, 6])),
        ("$range(-1.7, 2, 1)", json!([-1, 0, 1, 2])),
        ("$range(3, 3, 1)", json!(3)),
        ("$range(3, 1, -1)", json!([3, 2, 1])),
        ("$count($range(1, 200000, 1))", json!(200_000)),
        ("$count($range(1, 360145, 1))", json!(360_145)),
        ("$partition([1, 2, 3, 4], 2)", json!([[1, 2], [3, 4]])),
        ("$partition([1, 2, 3], 2.9)", json!([[1, 2], [3]])),
        ("$partition([1, 2, 3])", json!([[1, 2, 3]])),
        ("$hash('input', 'SHA-1')", json!("140f86aae51ab9e1cda9b4254fe98a74eb54c1a1")),
        ("$parse('{\"a\":1}').a", json!(1)),
        ("$exists($parse('null'))", json!(true)),
        ("$string(1e20)", json!("100000000000000000000")),
        ("$string(1e21)", json!("1e+21")),
    ] {
        assert_eq!(value(expression)?, expected, "{expression}");
    }
    let undefined = "returned nothing (undefined).";
    let signature = |index: u8, name: &str| {
        format!(
            "threw an error during evaluation. T0410: Argument {index} of function \"{name}\" does not match function signature"
        )
    };
    let coded = |text: &str| format!("threw an error during evaluation. {text}");
    for (expression, expected) in [
        ("$partition([1, 2], 0)", undefined.to_owned()),
        ("$partition([1, 2], -0.5)", undefined.to_owned()),
        ("$partition([], 2)", undefined.to_owned()),
        ("$range(1, 10)", undefined.to_owned()),
        ("$range(1, 10, 0)", undefined.to_owned()),
        ("$range(1, 10, -1)", undefined.to_owned()),
        ("$hash('a')", undefined.to_owned()),
        ("$parse()", undefined.to_owned()),
        ("$partition([1, 2], -1)", coded("D3137: Second argument must be zero or greater")),
        ("$partition('a', 1)", coded("T0412: Argument 1 of function \"partition\" must be an array of undefined")),
        ("$partition([1], 'a')", signature(2, "partition")),
        ("$partition([1], 1, 1)", signature(3, "partition")),
        ("$range('a', 1, 1)", signature(1, "range")),
        ("$range(1, 2, 3, 4)", signature(4, "range")),
        ("$hash(1, 'MD5')", signature(1, "hash")),
        ("$hash('a', 1)", signature(2, "hash")),
        (
            "$hash('a', 'sha-1')",
            coded("D3137: Hash algorithm 'sha-1' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"),
        ),
        ("$random('a')", signature(1, "random")),
        ("$uuid(1)", signature(1, "uuid")),
        ("$parse(1)", signature(1, "parse")),
        ("$parse('')", coded("D3137: Invalid JSON")),
        ("$parse('{} {}')", coded("D3137: Invalid JSON")),
        ("$parse('{\"a\":1,\"a\":2}')", coded("D3137: Invalid JSON")),
        ("$parse('1e999')", coded("D3137: Invalid JSON")),
        ("$eval('1')", coded("T1006: Attempted to invoke a non-function")),
    ] {
        assert_eq!(problem(expression)?, expected, "{expression}");
    }
    Ok(())
}

#[test]
fn operators_of_later_versions_are_refused() {
    for (expression, symbol) in [
        ("$states.input.a ?? 42", '?'),
        ("$states.input.a ?: 42", ':'),
        ("[1, {'k': (1 ?? 2)}]", '?'),
        ("function($x) { $x ?: 1 }(2)", ':'),
        ("$states.input.a[b ?? 1]", '?'),
    ] {
        let refused = Definition::parse(&machine(expression)).err().map(|error| error.to_string()).unwrap_or_default();
        let expected = format!("S0211: The symbol \"{symbol}\" cannot be used as a unary operator");
        assert!(refused.contains(&expected), "{expression}: {refused}");
    }
    assert!(Definition::parse(&machine("$states.input.a ? '??' : '?:'")).is_ok());
}

const MEMORY: &str =
    "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage";
const DEPTH: &str = "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function.  Consider rewriting as tail-recursive.";
const STEPS: &str = "threw an error during evaluation: Expression evaluation timeout: Check for infinite loop";

#[test]
fn memory_is_limited() -> Checked {
    let doubled = |times: u8| {
        format!("($p := function($s, $n) {{ $n = 0 ? $s : $p($s & $s, $n - 1) }}; $length($p('x', {times})))")
    };
    assert_eq!(value("[1..873782] ~> $count()")?, json!(873_782));
    assert_eq!(value(&doubled(22))?, json!(1 << 22));
    for expression in ["[1..873783] ~> $count()", "$sum([1..900000])", &doubled(23), "$range(1, 360146, 1)"] {
        assert_eq!(problem(expression)?, MEMORY, "{expression}");
    }
    Ok(())
}

/// Makes an expression of that many levels.
type Shape = fn(usize) -> String;

/// Each shape with the most levels that Step Functions takes.
#[test]
fn depth_is_limited() -> Checked {
    let shapes: [(&str, usize, Shape); 5] = [
        ("terms", 100, |terms| format!("1{}", "+1".repeat(terms - 1))),
        ("parentheses", 99, |levels| format!("{}1{}", "(".repeat(levels), ")".repeat(levels))),
        ("brackets", 99, |levels| format!("{}1{}", "[".repeat(levels), "]".repeat(levels))),
        ("applications", 99, |levels| format!("1{}", " ~> $string".repeat(levels))),
        ("calls", 31, |calls| format!("($f := function($n) {{ $n = 0 ? 0 : 1 + $f($n - 1) }}; $f({calls}))")),
    ];
    let mut wrong = String::new();
    for (shape, most, expression) in shapes {
        if let Err(error) = value(&expression(most)) {
            writeln!(wrong, "{most} {shape}: {error}")?;
        }
        match problem(&expression(most + 1)) {
            Ok(problem) if problem == DEPTH => {}
            other => writeln!(wrong, "{} {shape}: {other:?}", most + 1)?,
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    Ok(())
}

#[test]
fn steps_are_limited() -> Checked {
    for expression in [
        "($f := function($x) { $f($x + 1) }; $f(1))",
        "($f := function() { $g() }; $g := function() { $f() }; $f())",
        "$map([1..10000], function($x) { $map([1..10000], function($y) { $x + $y }) })",
        "$count([1..2000].([1..2000].($ + 1)))",
        "$count([1..10000][$count([1..10000][$ > 5]) > 0])",
        "$map([1..100000], function() { $sum([1..800000]) })",
        "$reduce([1..100000], function($list, $x) { $append($list, $x) })",
    ] {
        assert_eq!(problem(expression)?, STEPS, "{expression}");
    }
    assert_eq!(value("$sum($map([1..100000], function($x) { $x }))")?, json!(5_000_050_000_u64));
    assert_eq!(value("$count([1..500].([1..500][$ = 5]))")?, json!(500));
    Ok(())
}
