use indexmap::IndexMap;
use jsonata_core::ast::AstNode;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError, EvaluatorOptions};
use jsonata_core::value::JValue;
use serde_json::Value;

use super::blame::{self, Calls};
use super::bound::{MAX_BYTES, MAX_ITEMS, size};
use super::convert::from_jsonata;
use super::err::{EvaluationError, Limit, Problem};
use super::expression::Expression;
use super::field::Field;
use super::functions::{self, Draws};
use super::lookup::{Found, Root};
use super::quick::Quick;
use crate::payload::{self, Payload};
use crate::time::Timestamp;

/// What an expression may refer to. Each value is asked for only when the expression mentions it.
pub(crate) trait Bindings {
    /// `$states.input`
    fn input(&mut self) -> JValue;
    /// `$states.result`
    fn result(&mut self) -> Option<JValue>;
    /// `$states.errorOutput`
    fn error_output(&mut self) -> Option<JValue>;
    /// `$states.context`
    fn context(&mut self) -> JValue;
    /// A variable in scope.
    fn variable(&mut self, name: &str) -> Option<JValue>;
    /// What a lookup starts from, if it is there.
    fn payload(&mut self, root: &Root) -> Option<Payload>;
    /// The next number of the execution's random sequence.
    fn random(&mut self) -> u64;
    /// The virtual time.
    fn now(&self) -> Timestamp;
    /// Counts bytes of values of a template; false when they are more than a state may put together.
    fn spend(&mut self, bytes: usize) -> bool;
}

/// Levels that the evaluation of an expression may nest: Step Functions was measured to take 100 and to refuse one more
/// (floci-io/floci#2737).
const MAX_DEPTH: usize = 100;

/// The value of an expression; `field` is named in an error. A whole payload is shared rather than copied.
pub(crate) fn evaluate<'f>(
    expression: &Expression,
    bindings: &mut dyn Bindings,
    field: impl Into<Field<'f>>,
) -> Result<Payload, EvaluationError> {
    let field = field.into();
    if expression.nesting > MAX_DEPTH {
        return Err(EvaluationError::new(expression, field, Problem::Limit(Limit::Depth)));
    }
    match &expression.quick {
        Some(Quick::Lookup(lookup)) => {
            if let Some(payload) = bindings.payload(&lookup.root) {
                if lookup.fields.is_empty() {
                    return Ok(payload);
                }
                match lookup.find(&payload) {
                    Found::Value(value) => return Ok(Payload::new(value.clone())),
                    Found::Nothing => return Err(EvaluationError::new(expression, field, Problem::Undefined)),
                    Found::Unknown => {}
                }
            }
        }
        Some(quick) => {
            if let Some(value) = quick.value(bindings) {
                return Ok(Payload::new(value));
            }
        }
        None => {}
    }
    run(expression, bindings, field).map(Payload::new)
}

/// The same, by the interpreter of the language.
fn run(expression: &Expression, bindings: &mut dyn Bindings, field: Field<'_>) -> Result<Value, EvaluationError> {
    run_on(expression, bindings, field, &JValue::Undefined)
}

/// The same with a context item, `$`, which the expressions of Step Functions do not have.
pub(super) fn run_on(
    expression: &Expression,
    bindings: &mut dyn Bindings,
    field: Field<'_>,
    item: &JValue,
) -> Result<Value, EvaluationError> {
    let error = |problem| EvaluationError::new(expression, field, problem);
    let ast = match &expression.written {
        Some(written) if super::bound::names().any(|name| bindings.variable(name).is_some()) => written,
        _ => &expression.ast,
    };
    let mut draws = Draws::default();
    let value = interpret(expression, ast, bindings, item, &mut draws, None).map_err(|failure| {
        let mut message = failure.message().to_owned();
        if blame::is_unclear(&message)
            && let Ok((noting, calls)) = expression.noting()
        {
            draws.rewind();
            let again = interpret(expression, &noting, bindings, item, &mut draws, Some(calls));
            if let Err(clear) = again {
                message = clear.message().to_owned();
            }
        }
        error(Problem::of(&blame::named(&message, ast)))
    })?;
    if value.is_undefined() {
        return Err(error(Problem::Undefined));
    }
    if size(&value, MAX_BYTES).is_none() {
        return Err(error(Problem::Limit(Limit::Memory)));
    }
    from_jsonata(&value, payload::MAX_DEPTH).ok_or_else(|| error(Problem::Unsupported))
}

fn interpret(
    expression: &Expression,
    ast: &AstNode,
    bindings: &mut dyn Bindings,
    item: &JValue,
    draws: &mut Draws,
    calls: Option<Calls>,
) -> Result<JValue, EvaluatorError> {
    let mut context = Context::new();
    bind(&mut context, expression, bindings);
    let options = EvaluatorOptions {
        max_stack_depth: Some(MAX_DEPTH + expression.added_nesting),
        max_sequence_length: Some(MAX_ITEMS),
        ..EvaluatorOptions::default()
    };
    let mut evaluator = Evaluator::with_options(context, options);
    functions::register(&mut evaluator, expression, bindings, draws, calls.is_some())?;
    if let Some(calls) = calls {
        calls.register(&mut evaluator)?;
    }
    evaluator.evaluate(ast, item)
}

fn bind(context: &mut Context, expression: &Expression, bindings: &mut dyn Bindings) {
    for name in expression.names() {
        if name == "states" {
            let mut states = IndexMap::new();
            let used = expression.states;
            if used.input {
                states.insert("input".to_owned(), bindings.input());
            }
            if used.result
                && let Some(result) = bindings.result()
            {
                states.insert("result".to_owned(), result);
            }
            if used.error_output
                && let Some(output) = bindings.error_output()
            {
                states.insert("errorOutput".to_owned(), output);
            }
            if used.context {
                states.insert("context".to_owned(), bindings.context());
            }
            context.bind("states".to_owned(), JValue::object(states));
        } else if let Some(value) = bindings.variable(name) {
            context.bind(name.to_owned(), value);
        }
    }
}

/// The name of a value's type, as messages use it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl EvaluationError {
    pub(super) fn new(expression: &Expression, field: Field<'_>, problem: Problem) -> EvaluationError {
        EvaluationError { expression: expression.source().to_owned(), field: field.to_string(), problem }
    }

    /// The error of an expression whose value has the wrong type.
    pub(crate) fn unexpected<'f>(
        expression: &Expression,
        field: impl Into<Field<'f>>,
        expected: &'static str,
        value: &Value,
    ) -> EvaluationError {
        let problem = Problem::Unexpected { expected, found: type_name(value), value: value.to_string() };
        EvaluationError::new(expression, field.into(), problem)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test")]
mod tests {
    use super::*;
    use crate::jsonata::to_jsonata;
    use serde_json::json;

    struct Fixed(Payload);

    impl Bindings for Fixed {
        fn input(&mut self) -> JValue {
            to_jsonata(&self.0)
        }
        fn result(&mut self) -> Option<JValue> {
            None
        }
        fn error_output(&mut self) -> Option<JValue> {
            None
        }
        fn context(&mut self) -> JValue {
            JValue::Null
        }
        fn variable(&mut self, name: &str) -> Option<JValue> {
            (name == "v").then(|| to_jsonata(&self.0))
        }
        fn payload(&mut self, root: &Root) -> Option<Payload> {
            match root {
                Root::Input => Some(self.0.clone()),
                Root::Variable(name) if name == "v" => Some(self.0.clone()),
                _ => None,
            }
        }
        fn random(&mut self) -> u64 {
            1
        }
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }
        fn spend(&mut self, _: usize) -> bool {
            true
        }
    }

    #[test]
    fn lookups_give_what_the_interpreter_gives() {
        let inputs = [
            json!({ "a": { "b": [1, [2]], "c": null, "d": {} } }),
            json!({ "a": [{ "b": 1 }, { "b": [2, 3] }] }),
            json!({ "a": [[{ "b": 1 }]] }),
            json!({ "a": [] }),
            json!({ "a": { "b": [] } }),
            json!({ "a": { "b": [[1]] } }),
            json!({ "a": "text" }),
            json!([{ "a": { "b": 1 } }]),
            json!([]),
            json!(null),
            json!("text"),
        ];
        for source in
            ["$states.input", "$states.input.a", "$states.input.a.b", "$states.input.a.`c`", "$v", "$v.a.d", "$w"]
        {
            let expression = Expression::parse(source).unwrap();
            assert!(matches!(expression.quick, Some(Quick::Lookup(_))), "{source}");
            for input in &inputs {
                let mut bindings = Fixed(Payload::new(input.clone()));
                let quick = evaluate(&expression, &mut bindings, "F").map(Payload::into_value);
                assert_eq!(quick, run(&expression, &mut bindings, "F".into()), "{source} of {input}");
            }
        }
    }

    #[test]
    fn quick_values_are_those_of_the_interpreter() {
        let operands = [
            "1",
            "-2",
            "0",
            "0.1",
            "1e308",
            "9007199254740993",
            "'a'",
            "'1'",
            "''",
            "true",
            "false",
            "null",
            "$v.n",
            "$v.m",
            "$v.s",
            "$v.t",
            "$v.x",
            "$v.l",
            "$v.e",
            "$w",
            "$states.input.n",
            "(2 * 3)",
            "-$v.n",
        ];
        let operators = ["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "and", "or", "&"];
        let input = Payload::new(json!({ "n": 7, "m": -2.5, "s": "text", "t": true, "x": null, "l": [3], "e": [] }));
        let mut quickly = 0;
        let mut check = |source: &str| {
            let expression = Expression::parse(source).unwrap();
            let Some(quick) = &expression.quick else { panic!("{source}") };
            let mut bindings = Fixed(input.clone());
            let found = evaluate(&expression, &mut bindings, "F").map(Payload::into_value);
            assert_eq!(found, run(&expression, &mut bindings, "F".into()), "{source}");
            quickly += usize::from(quick.value(&mut bindings).is_some());
        };
        for left in operands {
            for right in operands {
                for operator in operators {
                    check(&format!("{left} {operator} {right}"));
                }
                check(&format!("{left} ? {right} : {left} = {right}"));
            }
            check(&format!("-({left})"));
        }
        assert!(quickly > 1500, "{quickly}");
    }

    #[test]
    fn other_expressions_are_not_lookups() {
        for source in [
            "$states",
            "$states.context.Map",
            "$states.input.a[0]",
            "$states.input.*",
            "$",
            "$$",
            "$v.(a)",
            "a.b",
            "$states.input.%",
        ] {
            let quick = Expression::parse(source).map(|expression| expression.quick.is_some());
            assert!(!quick.unwrap_or(false), "{source}");
        }
    }
}
