//! Reading mocks from JSON.

use serde_json::{Map, Value};
use thiserror::Error;

use super::{Attempt, Behavior, End, Mocks};

/// Why mocks cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at {place}: {problem}")]
pub struct MocksError {
    /// The location, such as `/Notify/0/result`.
    place: String,
    problem: MockProblem,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
enum MockProblem {
    #[error("expected {0}")]
    Expected(&'static str),
    #[error("unknown behavior `{0}`; the behaviors are `echo`, `return`, `fail`, `repeat`, `format` and `sleep`")]
    Kind(String),
    #[error("a function returns at most {MAX_TEXT} bytes")]
    TooLong,
    #[error("an attempt has either a `result` or an `error`")]
    Both,
    #[error("behaviors are nested more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// The most that a function returns when it is invoked synchronously (Lambda developer guide, "Quotas").
const MAX_TEXT: usize = 6 * 1024 * 1024;

/// The longest sleep in seconds: the largest number of seconds in the States Language.
const MAX_SECONDS: u64 = 99_999_999;

const MAX_DEPTH: usize = 8;

const ATTEMPT_FIELDS: [&str; 12] = [
    "request",
    "resource",
    "resourceType",
    "region",
    "timeoutInSeconds",
    "heartbeatInSeconds",
    "workerName",
    "submitted",
    "timedOut",
    "result",
    "error",
    "cause",
];

impl Mocks {
    /// Reads a file of mocks.
    ///
    /// # Errors
    /// The first value of the wrong type, and behaviors that are too deep or too long.
    pub fn parse(value: &Value) -> Result<Mocks, MocksError> {
        let mut mocks = Mocks::default();
        for (name, value) in object(value, "/")? {
            let place = format!("/{name}");
            // a state can have either name; its attempts are a list
            match (name.as_str(), value) {
                ("mocks", Value::Object(tasks)) => mocks.add_tasks(tasks, &place)?,
                ("lambda", Value::Object(functions)) => mocks.add_functions(functions, &place)?,
                _ => mocks.add_task(name, value, &place)?,
            }
        }
        Ok(mocks)
    }

    /// Reads the mocks of a recorded case.
    ///
    /// # Errors
    /// The first value of the wrong type, and behaviors that are too deep or too long.
    pub fn of_case(case: &Value) -> Result<Mocks, MocksError> {
        let mut mocks = Mocks::default();
        if let Some(tasks) = case.get("mocks").filter(|tasks| !tasks.is_null()) {
            mocks.add_tasks(object(tasks, "/mocks")?, "/mocks")?;
        }
        if let Some(functions) = case.get("lambda").filter(|functions| !functions.is_null()) {
            mocks.add_functions(object(functions, "/lambda")?, "/lambda")?;
        }
        Ok(mocks)
    }

    fn add_tasks(&mut self, tasks: &Map<String, Value>, place: &str) -> Result<(), MocksError> {
        tasks.iter().try_for_each(|(name, attempts)| self.add_task(name, attempts, &format!("{place}/{name}")))
    }

    fn add_task(&mut self, name: &str, attempts: &Value, place: &str) -> Result<(), MocksError> {
        let Value::Array(attempts) = attempts else { return Err(expected("a list of attempts", place)) };
        let mut read = Vec::new();
        for (at, attempt) in attempts.iter().enumerate() {
            read.push(self.attempt(attempt, &format!("{place}/{at}"))?);
        }
        self.tasks.insert(name.to_owned(), read);
        Ok(())
    }

    fn attempt(&mut self, attempt: &Value, place: &str) -> Result<Attempt, MocksError> {
        let fields = object(attempt, place)?;
        let unknown = fields.keys().filter(|name| !ATTEMPT_FIELDS.contains(&name.as_str()));
        self.unknown.extend(unknown.map(|name| format!("{place}/{name}")));
        let has = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
        let failed = has("error") || has("cause");
        let end = match fields.get("timedOut") {
            None | Some(Value::Null | Value::Bool(false)) => match fields.get("result") {
                Some(_) if failed => return Err(MocksError { place: place.to_owned(), problem: MockProblem::Both }),
                Some(result) => End::Succeeded(result.clone()),
                None if fields.contains_key("error") || fields.contains_key("cause") => {
                    End::Failed { error: text_of(fields.get("error")), cause: text_of(fields.get("cause")) }
                }
                None => End::Never,
            },
            Some(Value::Bool(true)) => End::TimedOut,
            Some(_) => return Err(expected("true or false", &format!("{place}/timedOut"))),
        };
        Ok(Attempt {
            request: fields.get("request").cloned(),
            worker: optional_text(fields, "workerName", place)?,
            submitted: fields.get("submitted").cloned(),
            end,
        })
    }

    fn add_functions(&mut self, functions: &Map<String, Value>, place: &str) -> Result<(), MocksError> {
        for (name, value) in functions {
            self.functions.insert(name.clone(), behavior(value, &format!("{place}/{name}"), 0)?);
        }
        Ok(())
    }
}

fn behavior(value: &Value, place: &str, depth: usize) -> Result<Behavior, MocksError> {
    let fields = object(value, place)?;
    let at = |name: &str| format!("{place}/{name}");
    let fault = |name: &str, problem| MocksError { place: at(name), problem };
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Ok(text.as_str()),
        _ => Err(expected("a string", &at(name))),
    };
    let count = |name: &str, most: u64| match fields.get(name).and_then(Value::as_u64) {
        Some(count) if count <= most => Ok(count),
        _ => Err(expected("a non-negative integer within the limit", &at(name))),
    };
    Ok(match text("kind")? {
        "echo" => Behavior::Echo,
        "return" => Behavior::Return(fields.get("value").cloned().unwrap_or_default()),
        "format" => Behavior::Format(text("template")?.to_owned()),
        "repeat" => {
            let (piece, count) = (text("char")?, count("count", MAX_TEXT as u64)?);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            if piece.len().saturating_mul(count) > MAX_TEXT {
                return Err(fault("count", MockProblem::TooLong));
            }
            Behavior::Return(Value::String(piece.repeat(count)))
        }
        "sleep" if depth >= MAX_DEPTH => return Err(fault("then", MockProblem::TooDeep)),
        "sleep" => {
            let then = match fields.get("then") {
                Some(then) => behavior(then, &at("then"), depth + 1)?,
                None => Behavior::Return(Value::Null),
            };
            Behavior::Sleep { seconds: count("seconds", MAX_SECONDS)?, then: Box::new(then) }
        }
        "fail" => Behavior::Fail {
            error_type: text("errorType")?.to_owned(),
            message: fields.get("errorMessage").cloned().unwrap_or_default(),
            stack_trace: fields.get("stackTrace").cloned().unwrap_or_else(|| Value::Array(Vec::new())),
        },
        other => return Err(fault("kind", MockProblem::Kind(other.to_owned()))),
    })
}

fn expected(what: &'static str, place: &str) -> MocksError {
    MocksError { place: place.to_owned(), problem: MockProblem::Expected(what) }
}

fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, MocksError> {
    value.as_object().ok_or_else(|| expected("an object", place))
}

fn optional_text(fields: &Map<String, Value>, name: &str, place: &str) -> Result<Option<String>, MocksError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(expected("a string", &format!("{place}/{name}"))),
    }
}

/// A string as it is, any other value as JSON: recorded cases have a cause that is JSON in parsed form.
fn text_of(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
