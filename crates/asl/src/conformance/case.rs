use serde_json::{Map, Value};

use crate::execution::Kind;
use crate::mocks::{Mocks, MocksError};
use crate::time::Timestamp;

/// A recorded case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// The group it belongs to.
    pub group: String,
    /// The text of the definition.
    pub definition: String,
    /// The input of the execution.
    pub input: Value,
    /// Standard or Express.
    pub kind: Kind,
    /// The name of the machine.
    pub machine_name: String,
    /// The name of the execution.
    pub execution_name: String,
    /// The role.
    pub role_arn: String,
    /// When the execution starts.
    pub now: Timestamp,
    /// The results of tasks.
    pub mocks: Mocks,
    /// What Step Functions did: status, output, error, cause, events.
    pub expect: Value,
}

/// Why a JSON value is not a case.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// A field is missing or of the wrong type.
    #[error("the case has no usable field `{0}`")]
    Field(&'static str),
    /// The text of the input is not JSON.
    #[error("the input is not JSON: {0}")]
    Input(String),
    /// The mocks cannot be read.
    #[error("{0}")]
    Mocks(#[from] MocksError),
}

/// When the execution of a case without `now` starts, in milliseconds since the Unix epoch: 2025-01-01T12:00:00Z.
/// No such case depends on the time.
const START: i64 = 1_735_732_800_000;

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// A required field is missing or has the wrong type, or `now` is not a timestamp.
    pub fn parse(value: &Value) -> Result<Case, CaseError> {
        let text = |name: &'static str| value.get(name).and_then(Value::as_str);
        let required = |name: &'static str| text(name).map(str::to_owned).ok_or(CaseError::Field(name));
        let definition = match (text("definition_text"), value.get("definition")) {
            (Some(text), _) => text.to_owned(),
            (None, Some(definition)) => definition.to_string(),
            (None, None) => return Err(CaseError::Field("definition")),
        };
        let input = match (value.get("input"), text("input_text")) {
            (Some(input), _) => input.clone(),
            (None, Some(text)) => {
                serde_json::from_str(text).map_err(|failure| CaseError::Input(failure.to_string()))?
            }
            (None, None) => Value::Object(Map::new()),
        };
        Ok(Case {
            name: required("name")?,
            group: required("group")?,
            definition,
            input,
            kind: if text("type") == Some("EXPRESS") { Kind::Express } else { Kind::Standard },
            machine_name: text("state_machine_name").unwrap_or("machine").to_owned(),
            execution_name: text("execution_name").unwrap_or("execution").to_owned(),
            role_arn: text("role_arn").unwrap_or("arn:aws:iam::111111111111:role/machine").to_owned(),
            now: match text("now") {
                Some(now) => Timestamp::parse(now).map_err(|_| CaseError::Field("now"))?,
                None => Timestamp(START),
            },
            mocks: Mocks::of_case(value)?,
            expect: value.get("expect").cloned().ok_or(CaseError::Field("expect"))?,
        })
    }
}
