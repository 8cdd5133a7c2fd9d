//! Features, and the small definitions that prove what the engine does with them.

use std::error::Error;

use asl::conformance::{self, Case};
use asl::{Definition, Kind, lint};
use serde_json::{Value, json};

/// A feature of the language.
pub(crate) struct Feature {
    pub(crate) name: String,
    /// Definitions with their expected results.
    pub(crate) works: Vec<Proof>,
    /// Definitions that are refused, because the feature is not supported.
    pub(crate) refused: Vec<Value>,
    /// What is missing, in a few words.
    pub(crate) missing: &'static str,
}

/// The support of a feature, as its proofs show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Full,
    None,
}

/// A definition and its expected result.
pub(crate) struct Proof {
    definition: Value,
    input: Value,
    kind: Kind,
    mocks: Value,
    functions: Value,
    expected: Expected,
}

enum Expected {
    Output(Value),
    /// The execution fails with an error of that name.
    Error(&'static str),
    /// The machine's own timeout.
    TimedOut,
    /// The output, and the linter warns of each of these fields under that code.
    Warned(Value, &'static str, &'static [&'static str]),
    /// An event of that type has that detail.
    Detail(&'static str, &'static str, Value),
}

/// A supported feature.
pub(crate) fn feature(name: impl Into<String>, works: Vec<Proof>) -> Feature {
    Feature { name: name.into(), works, refused: Vec::new(), missing: "" }
}

/// A feature that is not supported: definitions with it are refused.
pub(crate) fn lacking(name: &str, missing: &'static str, refused: Vec<Value>) -> Feature {
    Feature { name: name.to_owned(), works: Vec::new(), refused, missing }
}

/// A state machine with one state `S`.
pub(crate) fn only(state: Value) -> Value {
    let mut state = state;
    if let Value::Object(fields) = &mut state
        && !matches!(fields.get("Type").and_then(Value::as_str), Some("Choice" | "Fail" | "Succeed"))
        && !fields.contains_key("Next")
    {
        fields.insert("End".to_owned(), json!(true));
    }
    json!({ "StartAt": "S", "States": { "S": state } })
}

/// The same in JSONata.
pub(crate) fn only_jsonata(state: Value) -> Value {
    let mut machine = only(state);
    if let Value::Object(fields) = &mut machine {
        fields.insert("QueryLanguage".to_owned(), json!("JSONata"));
    }
    machine
}

/// A state machine with a state `S` and a second state `T`.
pub(crate) fn two(first: Value, second: Value) -> Value {
    let mut machine = only(first);
    let mut second = second;
    if let Value::Object(fields) = &mut second
        && !matches!(fields.get("Type").and_then(Value::as_str), Some("Fail" | "Succeed"))
    {
        fields.insert("End".to_owned(), json!(true));
    }
    if let Some(Value::Object(states)) = machine.get_mut("States") {
        if let Some(Value::Object(first)) = states.get_mut("S")
            && first.remove("End").is_some()
        {
            first.insert("Next".to_owned(), json!("T"));
        }
        states.insert("T".to_owned(), second);
    }
    machine
}

/// Runs and returns that output.
pub(crate) fn gives(definition: Value, input: Value, output: Value) -> Proof {
    Proof::new(definition, input, Expected::Output(output))
}

/// Fails with that error.
pub(crate) fn fails(definition: Value, input: Value, error: &'static str) -> Proof {
    Proof::new(definition, input, Expected::Error(error))
}

/// Ends with the machine's timeout.
pub(crate) fn times_out(definition: Value, input: Value) -> Proof {
    Proof::new(definition, input, Expected::TimedOut)
}

/// Runs and returns that output, and the linter warns that each of these fields has no effect.
pub(crate) fn does_without(definition: Value, input: Value, output: Value, fields: &'static [&'static str]) -> Proof {
    Proof::new(definition, input, Expected::Warned(output, "distributed-only", fields))
}

/// Has an event of that type with that detail.
pub(crate) fn records(
    definition: Value,
    input: Value,
    event: &'static str,
    detail: &'static str,
    value: Value,
) -> Proof {
    Proof::new(definition, input, Expected::Detail(event, detail, value))
}

impl Proof {
    fn new(definition: Value, input: Value, expected: Expected) -> Proof {
        Proof { definition, input, kind: Kind::Standard, mocks: json!({}), functions: json!({}), expected }
    }

    /// With attempts of the task of state `S`.
    pub(crate) fn attempts(mut self, attempts: Value) -> Proof {
        self.mocks = json!({ "S": attempts });
        self
    }

    /// With the function `f` that behaves like that.
    pub(crate) fn function(mut self, behavior: Value) -> Proof {
        self.functions = json!({ "f": behavior });
        self
    }

    pub(crate) fn express(mut self) -> Proof {
        self.kind = Kind::Express;
        self
    }

    pub(crate) fn definition(&self) -> &Value {
        &self.definition
    }

    /// The difference from what is expected.
    pub(crate) fn check(&self) -> Result<(), Box<dyn Error>> {
        let kind = if self.kind == Kind::Express { "EXPRESS" } else { "STANDARD" };
        let case = Case::parse(&json!({
            "name": "proof", "group": "features", "definition": self.definition, "input": self.input, "type": kind,
            "mocks": self.mocks, "lambda": self.functions, "expect": {},
        }))?;
        let ran = conformance::run(&case).map_err(|error| format!("{}: {error}", self.definition))?;
        let as_expected = match &self.expected {
            Expected::Output(output) => ran.status == "SUCCEEDED" && ran.output.as_ref() == Some(output),
            Expected::Warned(output, code, fields) => {
                let lint = lint::lint(&self.definition.to_string());
                let warned = |field: &&str| {
                    let at = |problem: &lint::Problem| problem.path.ends_with(&format!("/{field}"));
                    lint.warnings().any(|problem| problem.code == *code && at(problem))
                };
                ran.status == "SUCCEEDED" && ran.output.as_ref() == Some(output) && fields.iter().all(warned)
            }
            Expected::Error(error) => ran.status == "FAILED" && ran.error.as_deref() == Some(error),
            Expected::TimedOut => ran.status == "TIMED_OUT",
            Expected::Detail(kind, detail, value) => ran
                .events
                .iter()
                .any(|event| event.get("type") == Some(&json!(kind)) && event.get(*detail) == Some(value)),
        };
        if as_expected {
            return Ok(());
        }
        let (status, output, error, cause) = (ran.status, ran.output, ran.error, ran.cause);
        Err(format!("{}: {status}, output {output:?}, error {error:?}, cause {cause:?}", self.definition).into())
    }
}

impl Feature {
    pub(crate) fn extent(&self) -> Extent {
        if self.works.is_empty() { Extent::None } else { Extent::Full }
    }

    /// The difference from what the page says.
    pub(crate) fn check(&self) -> Result<(), Box<dyn Error>> {
        if self.works.is_empty() && self.refused.is_empty() {
            return Err("nothing works, and nothing is refused".into());
        }
        if (self.extent() == Extent::Full) != self.missing.is_empty() {
            return Err("what is missing has words, and a definition that shows it".into());
        }
        self.works.iter().try_for_each(Proof::check)?;
        let accepted = self.refused.iter().find(|definition| Definition::parse(&definition.to_string()).is_ok());
        accepted.map_or(Ok(()), |definition| Err(format!("{definition}: it is not refused").into()))
    }
}
